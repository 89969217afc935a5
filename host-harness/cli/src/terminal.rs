//! Terminal output: verdicts with a sign and in colour, long lines wrapped under their column.
//!
//! It takes lines that are clean already. The host [marks](mark) its own words, and [removes](unmarked) such marks from
//! what others say: a tool or a plugin adds nothing but text. In a pipe or a file, a line is its text alone.

use console::{Style, Term};

/// The characters around a marked word: noncharacters, for a program's internal use (The Unicode Standard, section
/// 23.7).
const MARKS: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// Marks a word of the host that reports a result. A terminal shows it with its sign and in its colour.
pub(crate) fn mark(word: &str) -> String {
    let [begin, end] = MARKS;
    format!("{begin}{word}{end}")
}

/// The text without marks.
pub(crate) fn unmarked(text: &str) -> String {
    text.replace(MARKS, "")
}

/// The narrowest terminal for which lines are wrapped, in columns.
const NARROWEST: usize = 40;

/// The tone of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Good,
    Bad,
    Doubtful,
    Idle,
}

const WORDS: [(&str, Tone); 17] = [
    ("succeeded", Tone::Good),
    ("ok", Tone::Good),
    ("failed", Tone::Bad),
    ("call failed", Tone::Bad),
    ("problem", Tone::Bad),
    ("FAILED", Tone::Bad),
    ("error", Tone::Bad),
    ("cancelled", Tone::Doubtful),
    ("unknown", Tone::Doubtful),
    ("timed out", Tone::Doubtful),
    ("interrupted", Tone::Doubtful),
    ("warning", Tone::Doubtful),
    ("unsettled", Tone::Doubtful),
    ("skipped", Tone::Idle),
    ("not run", Tone::Idle),
    ("waiting", Tone::Idle),
    ("pending", Tone::Idle),
];

impl Tone {
    fn of(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, tone)| *tone)
    }

    fn sign(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Bad => '✗',
            Self::Doubtful => '!',
            Self::Idle => '–',
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Good => Style::new().green(),
            Self::Bad => Style::new().red(),
            Self::Doubtful => Style::new().yellow(),
            Self::Idle => Style::new().dim(),
        }
    }
}

/// An output stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// True if verdicts have signs, as on a terminal.
    with_marks: bool,
    /// True if it shows colours, by `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` (<https://no-color.org>,
    /// <https://bixense.com/clicolors>).
    in_colour: bool,
    /// Its width in columns, if long lines are wrapped.
    width: Option<usize>,
}

impl Terminal {
    /// The stream of answers.
    pub(crate) fn stdout() -> Self {
        Self::of(&Term::stdout(), console::colors_enabled())
    }

    /// The stream of all else.
    pub(crate) fn stderr() -> Self {
        Self::of(&Term::stderr(), console::colors_enabled_stderr())
    }

    fn of(stream: &Term, in_colour: bool) -> Self {
        let width = stream.size_checked().map(|(_, columns)| usize::from(columns));
        Self { with_marks: stream.is_term(), in_colour, width: width.filter(|columns| *columns >= NARROWEST) }
    }

    /// Clean text, as this stream shows it.
    pub(crate) fn shown(self, text: &str) -> String {
        text.split('\n').map(|line| self.line(line)).collect::<Vec<_>>().join("\n")
    }

    fn line(self, line: &str) -> String {
        let [begin, end] = MARKS;
        let marked = line.split_once(begin).and_then(|(before, rest)| {
            let (word, after) = rest.split_once(end)?;
            Some((before, word, after, Tone::of(word)?))
        });
        let Some((before, word, after, tone)) = marked.filter(|_| self.with_marks || self.in_colour) else {
            return self.broken(&unmarked(line));
        };
        let word = format!("{} {word}", tone.sign());
        let mut broken = self.broken(&format!("{before}{word}{}", unmarked(after)));
        let place = before.len()..before.len() + word.len();
        // A word that wrapping moved or split is left unstyled.
        if self.in_colour && broken.get(place.clone()) == Some(&word) {
            let styled = tone.style().force_styling(true).apply_to(word).to_string();
            broken.replace_range(place, &styled);
        }
        broken
    }

    fn broken(self, line: &str) -> String {
        self.width.map_or_else(|| line.to_owned(), |width| broken(line, width))
    }
}

/// Wraps a line; its rest goes under the column where its last part begins.
fn broken(line: &str, width: usize) -> String {
    if console::measure_text_width(line) <= width {
        return line.to_owned();
    }
    let columns = line.match_indices("  ").map(|(at, _)| at).filter(|at| *at > 2 && *at < width / 2);
    let last =
        columns.last().map(|at| line[..at].chars().count() + line[at..].chars().take_while(|c| *c == ' ').count());
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let hang = " ".repeat(last.unwrap_or(indent + 4));
    let line = kept_together(line);
    // Links and ids are not broken at their hyphens.
    let options = textwrap::Options::new(width)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&line, options).join("\n").replace(GLUE, " ")
}

/// A non-breaking blank: a noncharacter, too.
const GLUE: char = '\u{fdd2}';

/// Keeps commands in one piece, so that they can be copied: text in backticks, text in quotes after a blank, and a flag
/// with its value.
fn kept_together(line: &str) -> String {
    let (mut until, mut before) = (None, ' ');
    let mut kept = |c: char| {
        match until {
            Some(end) if c == end => until = None,
            None if c == '`' || (c == '\'' && before == ' ') => until = Some(c),
            _ => {}
        }
        before = c;
        if until.is_some() && c == ' ' { GLUE } else { c }
    };
    let line: String = line.chars().map(&mut kept).collect();
    let mut words = line.split(' ').peekable();
    let mut whole = String::with_capacity(line.len());
    while let Some(word) = words.next() {
        whole.push_str(word);
        if words.peek().is_some() {
            whole.push(if word.starts_with("--") { GLUE } else { ' ' });
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Terminal = Terminal { with_marks: false, in_colour: false, width: None };
    const DUMB: Terminal = Terminal { with_marks: true, in_colour: false, width: Some(60) };
    const FULL: Terminal = Terminal { with_marks: true, in_colour: true, width: Some(60) };

    #[test]
    fn a_verdict_has_a_mark_on_a_terminal_and_a_colour_where_that_is_wanted() {
        for (line, marked, coloured) in [
            ("<succeeded>: source 7: all is well", "✓ succeeded: source 7", "\u{1b}[32m✓ succeeded\u{1b}[0m: source 7"),
            ("<failed>: no", "✗ failed: no", "\u{1b}[31m✗ failed\u{1b}[0m: no"),
            ("  orders  <not run>   Stitch", "  orders  – not run   Stitch", "  orders  \u{1b}[2m– not run\u{1b}[0m"),
            (
                "  tap     <failed> (exit code 1): no",
                "  tap     ✗ failed (exit",
                "  tap     \u{1b}[31m✗ failed\u{1b}[0m (exit",
            ),
            (
                "run 3 of nightly, begun 2026: <unknown> after 1s",
                "run 3 of nightly, begun 2026: ! unknown",
                "2026: \u{1b}[33m! unknown",
            ),
            ("orders: <call failed>: no", "orders: ✗ call failed: no", "orders: \u{1b}[31m✗ call failed\u{1b}[0m: no"),
            ("<warning>  not paused", "! warning  not", "\u{1b}[33m! warning\u{1b}[0m  not"),
        ] {
            let [begin, end] = MARKS.map(String::from);
            let line = line.replace('<', &begin).replace('>', &end);
            assert_eq!(PLAIN.shown(&line), unmarked(&line));
            assert!(DUMB.shown(&line).starts_with(marked), "{}", DUMB.shown(&line));
            assert!(FULL.shown(&line).contains(coloured), "{:?}", FULL.shown(&line));
        }
    }

    #[test]
    fn a_word_that_is_not_marked_has_no_colour_wherever_it_stands() {
        for line in ["succeeded: x", "job_status: failed", "  tap  succeeded  failed", "run 3 of x: failed", "", "  "] {
            assert_eq!(FULL.shown(line), line);
        }
        // Nor is an unknown word, or half a mark.
        let [begin, end] = MARKS;
        for line in [mark("running"), format!("{begin}failed"), format!("{end}failed{begin}")] {
            assert_eq!(FULL.shown(&line), unmarked(&line));
        }
    }

    #[test]
    fn a_long_line_is_broken_under_its_last_column() {
        let word = mark("succeeded");
        let line = format!("  customers  {word}  Stitch  1s  source 120643: the extraction succeeded and more");
        let broken = DUMB.shown(&line);
        let column = " ".repeat(2 + "customers  ✓ succeeded  ".chars().count());
        assert!(broken.lines().all(|line| console::measure_text_width(line) <= 60), "{broken}");
        assert!(broken.lines().skip(1).all(|line| line.starts_with(&column)), "{broken}");
        let wide = format!("succeeded: {}", "漢字 ".repeat(30));
        assert!(DUMB.shown(&wide).lines().all(|line| console::measure_text_width(line) <= 60));
    }

    #[test]
    fn a_command_is_never_broken() {
        for command in ["`host-harness pipeline run nightly.toml`", "--allow 'POST https://host/v4/sources/7'"] {
            let line = format!("the plugin's request was not allowed there: to allow it, add {command} to its command");
            let shown = DUMB.shown(&line);
            assert!(shown.contains(command) && shown.lines().count() > 1, "{shown}");
        }
    }

    #[test]
    fn a_link_is_never_broken() {
        let link = format!("logs: https://example.com/{}", "x".repeat(80));
        assert!(DUMB.shown(&link).contains(&"x".repeat(80)));
    }
}
