//! How a line is shown on a terminal: verdicts with a mark and in colour, long lines broken under their column.
//!
//! It works on lines that are clean already, and by the host's own words at the places where only the host writes: what a tool
//! or a plugin says adds nothing but text. Elsewhere, in a pipe or a file, a line stays as it is.

use std::ops::Range;

use console::{Style, Term};

/// The narrowest terminal for which lines are broken, in columns.
const NARROWEST: usize = 40;

/// What a word says of how something went.
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
    fn mark(self) -> char {
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

/// A stream that text is printed on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// Whether verdicts have marks: where a person looks.
    with_marks: bool,
    /// Whether it shows colours, by `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` (<https://no-color.org>,
    /// <https://bixense.com/clicolors>).
    in_colour: bool,
    /// Its width in columns, where long lines are broken.
    width: Option<usize>,
}

impl Terminal {
    /// Where answers are printed.
    pub(crate) fn stdout() -> Self {
        Self::of(&Term::stdout(), console::colors_enabled())
    }

    /// Where all else is told. Its lines stand between bars that move, and are not broken.
    pub(crate) fn stderr() -> Self {
        Self { width: None, ..Self::of(&Term::stderr(), console::colors_enabled_stderr()) }
    }

    fn of(stream: &Term, in_colour: bool) -> Self {
        let width = stream.size_checked().map(|(_, columns)| usize::from(columns));
        Self { with_marks: stream.is_term(), in_colour, width: width.filter(|columns| *columns >= NARROWEST) }
    }

    /// Clean text, as it is shown there.
    pub(crate) fn shown(self, text: &str) -> String {
        text.split('\n').map(|line| self.line(line)).collect::<Vec<_>>().join("\n")
    }

    fn line(self, line: &str) -> String {
        let toned = toned(line);
        let mut marked = line.to_owned();
        if let Some((place, tone)) = &toned
            && (self.with_marks || self.in_colour)
        {
            let word = format!("{} {}", tone.mark(), &line[place.clone()]);
            marked.replace_range(place.clone(), &word);
        }
        let mut broken = match self.width {
            Some(width) => broken(&marked, width),
            None => marked,
        };
        if let Some((place, tone)) = toned
            && self.in_colour
        {
            let place = place.start..place.end + tone.mark().len_utf8() + 1;
            // A word that was broken in two stays as it is.
            if let Some(word) =
                broken.get(place.clone()).filter(|word| word.starts_with(tone.mark()) && !word.contains('\n'))
            {
                let styled = tone.style().force_styling(true).apply_to(word).to_string();
                broken.replace_range(place, &styled);
            }
        }
        broken
    }
}

/// The word of a line that says how something went, where the host has written it: at the beginning, after the name of a task or of a
/// step in a table, or after a run's heading.
fn toned(line: &str) -> Option<(Range<usize>, Tone)> {
    let heading =
        line.strip_prefix("run ").and_then(|rest| rest.split_once(' ')).filter(|(id, _)| id.parse::<u64>().is_ok());
    let starts = match line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
        // A row of a table: the name, then the word in a column of its own.
        Some(rest) => {
            let name = rest.find("  ")?;
            vec![2 + name + rest[name..].find(|c| c != ' ')?]
        }
        None if heading.is_some() => vec![line.rfind(": ")? + 2],
        None => [Some(0), line.find(": ").filter(|colon| !line[..*colon].contains(' ')).map(|colon| colon + 2)]
            .into_iter()
            .flatten()
            .collect(),
    };
    starts.into_iter().find_map(|start| {
        let found = WORDS.iter().find(|(word, _)| {
            let after = line[start..].strip_prefix(word);
            after.is_some_and(|after| after.is_empty() || after.starts_with([':', ' ']))
        });
        found.map(|(word, tone)| (start..start + word.len(), *tone))
    })
}

/// A line that fits, its rest under the column where its last part begins.
fn broken(line: &str, width: usize) -> String {
    if console::measure_text_width(line) <= width {
        return line.to_owned();
    }
    let columns = line.match_indices("  ").map(|(at, _)| at).filter(|at| *at > 2 && *at < width / 2);
    let last =
        columns.last().map(|at| line[..at].chars().count() + line[at..].chars().take_while(|c| *c == ' ').count());
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let hang = " ".repeat(last.unwrap_or(indent + 4));
    // Neither a link nor an id is broken at its hyphens.
    let options = textwrap::Options::new(width)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(line, options).join("\n")
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
            ("succeeded: source 7: all is well", "✓ succeeded: source 7", "\u{1b}[32m✓ succeeded\u{1b}[0m: source 7"),
            ("failed: no", "✗ failed: no", "\u{1b}[31m✗ failed\u{1b}[0m: no"),
            ("  orders  not run   Stitch", "  orders  – not run   Stitch", "  orders  \u{1b}[2m– not run\u{1b}[0m"),
            (
                "  tap     failed (exit code 1): no",
                "  tap     ✗ failed (exit",
                "  tap     \u{1b}[31m✗ failed\u{1b}[0m (exit",
            ),
            (
                "run 3 of nightly, begun 2026: unknown after 1s",
                "run 3 of nightly, begun 2026: ! unknown",
                "2026: \u{1b}[33m! unknown",
            ),
            ("orders: call failed: no", "orders: ✗ call failed: no", "orders: \u{1b}[31m✗ call failed\u{1b}[0m: no"),
            ("warning  not paused", "! warning  not", "\u{1b}[33m! warning\u{1b}[0m  not"),
        ] {
            assert_eq!(PLAIN.shown(line), line);
            assert!(DUMB.shown(line).starts_with(marked), "{}", DUMB.shown(line));
            assert!(FULL.shown(line).contains(coloured), "{:?}", FULL.shown(line));
        }
    }

    #[test]
    fn a_word_in_what_a_tool_says_has_no_colour() {
        for line in ["source 7: it failed: succeeded", "      succeeded", "source_id: 7", "a b: failed: c", "", "  "] {
            assert_eq!(FULL.shown(line), line);
        }
    }

    #[test]
    fn a_long_line_is_broken_under_its_last_column() {
        let line = "  customers  succeeded  Stitch  1s  source 120643: the extraction succeeded and more";
        let broken = DUMB.shown(line);
        let column = " ".repeat(2 + "customers  ✓ succeeded  ".chars().count());
        assert!(broken.lines().all(|line| console::measure_text_width(line) <= 60), "{broken}");
        assert!(broken.lines().skip(1).all(|line| line.starts_with(&column)), "{broken}");
        let wide = format!("succeeded: {}", "漢字 ".repeat(30));
        assert!(DUMB.shown(&wide).lines().all(|line| console::measure_text_width(line) <= 60));
    }

    #[test]
    fn a_link_is_never_broken() {
        let link = format!("logs: https://example.com/{}", "x".repeat(80));
        assert!(DUMB.shown(&link).contains(&"x".repeat(80)));
    }
}
