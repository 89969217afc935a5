//! Unescaping of JSON, HTML and URLs, one character at a time.
//!
//! Servers write the same text in many ways: PHP escapes a slash (`\/`), Gson an equals sign (`\u003d`), .NET a plus
//! (`\u002B`), a template an ampersand (`&amp;`), and escapes may be nested.

/// The longest escape sequence that is undone, in bytes. Encoders write longer ones only with leading zeros.
pub(crate) const LONGEST: usize = 24;

/// The greatest depth of nested escapes of one character that are undone.
const DEPTH: usize = 3;

/// One decoded unit of a text, under one reading of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A byte, literal or percent-encoded.
    Byte(u8),
    /// A whole character.
    Char(char),
}

/// True if an escape sequence may begin with this byte.
pub(crate) fn may_begin(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&')
}

/// All readings of the text at a position, each with its end: literal, and with escapes undone.
pub(crate) fn readings(text: &[u8], at: usize) -> impl Iterator<Item = (Unit, usize)> {
    let escaped = (1..=DEPTH).filter(move |_| text.get(at).copied().is_some_and(may_begin));
    let escaped =
        escaped.filter_map(move |depth| read(text, at, depth).filter(|one| read(text, at, depth - 1) != Some(*one)));
    read(text, at, 0).into_iter().chain(character(text, at)).chain(escaped)
}

/// The reading at a position with at most `depth` nested escapes undone.
fn read(text: &[u8], at: usize, depth: usize) -> Option<(Unit, usize)> {
    let plain = *text.get(at)?;
    let Some(inner) = depth.checked_sub(1).filter(|_| may_begin(plain)) else {
        return Some((Unit::Byte(plain), at + 1));
    };
    let (unit, next) = read(text, at, inner)?;
    let mut rest = Rest { text, at: next, depth: inner };
    let undone = match ascii(unit) {
        Some(b'\\') => backslash(&mut rest),
        Some(b'%') => percent(&mut rest),
        Some(b'&') => reference(&mut rest).map(Unit::Char),
        _ => None,
    };
    Some(undone.filter(|_| rest.at - at <= LONGEST).map_or((unit, next), |unit| (unit, rest.at)))
}

/// The UTF-8 character at a position, if it is outside of ASCII.
fn character(text: &[u8], at: usize) -> Option<(Unit, usize)> {
    let bytes = &text[at..text.len().min(at + 4)];
    let character = bytes.utf8_chunks().next()?.valid().chars().next().filter(|character| !character.is_ascii())?;
    Some((Unit::Char(character), at + character.len_utf8()))
}

fn ascii(unit: Unit) -> Option<u8> {
    match unit {
        Unit::Byte(byte) => Some(byte).filter(u8::is_ascii),
        Unit::Char(character) => u8::try_from(character).ok().filter(u8::is_ascii),
    }
}

/// The text after the beginning of an escape sequence. Its characters may be escaped themselves.
#[derive(Clone)]
struct Rest<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Rest<'_> {
    fn next(&mut self) -> Option<u8> {
        let (unit, next) = read(self.text, self.at, self.depth)?;
        self.at = next;
        ascii(unit)
    }

    /// Reads a number of exactly so many hexadecimal digits.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |number, _| Some(number << 4 | char::from(self.next()?).to_digit(16)?))
    }

    /// Reads the UTF-16 code unit after `\u`, or both units of a surrogate pair.
    fn utf16(&mut self) -> Option<char> {
        let first = self.hex(4)?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        let second = (self.next()? == b'\\' && self.next()? == b'u').then(|| self.hex(4))??;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10 | low))
    }
}

/// Backslash escapes: RFC 8259, section 7, and what JavaScript and Python add (`\xHH`, `\UHHHHHHHH` and `\'`).
fn backslash(rest: &mut Rest<'_>) -> Option<Unit> {
    Some(match rest.next()? {
        plain @ (b'"' | b'\\' | b'/' | b'\'') => Unit::Byte(plain),
        b'b' => Unit::Byte(8),
        b'f' => Unit::Byte(12),
        b'n' => Unit::Byte(b'\n'),
        b'r' => Unit::Byte(b'\r'),
        b't' => Unit::Byte(b'\t'),
        b'u' => Unit::Char(rest.utf16()?),
        b'U' => Unit::Char(char::from_u32(rest.hex(8)?)?),
        b'x' => Unit::Byte(u8::try_from(rest.hex(2)?).ok()?),
        _ => return None,
    })
}

/// Percent-encoding: RFC 3986, section 2.1, and the `%uHHHH` of old scripts.
fn percent(rest: &mut Rest<'_>) -> Option<Unit> {
    let mut old = rest.clone();
    if old.next() == Some(b'u') {
        *rest = old;
        return rest.hex(4).and_then(char::from_u32).map(Unit::Char);
    }
    Some(Unit::Byte(u8::try_from(rest.hex(2)?).ok()?))
}

/// A character reference of HTML: by number, or by name for the ASCII characters that have one.
fn reference(rest: &mut Rest<'_>) -> Option<char> {
    let mut name = Vec::with_capacity(LONGEST);
    loop {
        match rest.next()? {
            b';' => break,
            byte if name.len() < LONGEST => name.push(byte),
            _ => return None,
        }
    }
    let name = std::str::from_utf8(&name).ok()?;
    let Some(number) = name.strip_prefix('#') else {
        let named = |(_, known): &&(char, &str)| known.eq_ignore_ascii_case(name);
        return NAMED.iter().find(named).map(|(character, _)| *character);
    };
    let number = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(number.ok()?)
}

/// Named character references of HTML for ASCII characters (section 13.5 of the standard).
const NAMED: [(char, &str); 31] = [
    ('!', "excl"),
    ('"', "quot"),
    ('#', "num"),
    ('$', "dollar"),
    ('%', "percnt"),
    ('&', "amp"),
    ('\'', "apos"),
    ('(', "lpar"),
    (')', "rpar"),
    ('*', "ast"),
    ('+', "plus"),
    (',', "comma"),
    ('.', "period"),
    ('/', "sol"),
    (':', "colon"),
    (';', "semi"),
    ('<', "lt"),
    ('=', "equals"),
    ('>', "gt"),
    ('?', "quest"),
    ('@', "commat"),
    ('[', "lsqb"),
    ('\\', "bsol"),
    (']', "rsqb"),
    ('^', "hat"),
    ('_', "lowbar"),
    ('`', "grave"),
    ('{', "lcub"),
    ('|', "verbar"),
    ('}', "rcub"),
    ('\n', "newline"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The readings of a whole text as a single unit.
    fn whole(text: &str) -> Vec<Unit> {
        readings(text.as_bytes(), 0).filter(|(_, end)| *end == text.len()).map(|(unit, _)| unit).collect()
    }

    #[test]
    fn a_character_is_known_in_each_of_its_escapes() {
        for (text, character) in [
            (r"\/", '/'),
            (r"\u002f", '/'),
            (r"\u002F", '/'),
            (r"\x2f", '/'),
            ("%2F", '/'),
            ("%2f", '/'),
            ("%u002f", '/'),
            ("&#47;", '/'),
            ("&#x2F;", '/'),
            ("&#X0002f;", '/'),
            ("&sol;", '/'),
            ("&AMP;", '&'),
            (r"\n", '\n'),
            (r"\ud83d\uDE42", '🙂'),
            (r"\U0001F642", '🙂'),
            ("&#128578;", '🙂'),
        ] {
            let byte = u8::try_from(character).map(Unit::Byte);
            assert!(whole(text).iter().any(|unit| *unit == Unit::Char(character) || Ok(*unit) == byte), "{text}");
        }
    }

    #[test]
    fn an_escape_inside_an_escape_is_undone_too() {
        for text in
            ["&amp;amp;", "&amp;#x26;", r"\u0026amp;", "%26amp%3B", "%2526", r"\\u0026", r"\u0026#38;", r"\\\\u0026"]
        {
            assert!(whole(text).iter().any(|unit| ascii(*unit) == Some(b'&')), "{text} {:?}", whole(text));
        }
    }

    #[test]
    fn what_is_not_an_escape_stands_for_itself() {
        for text in [
            "%",
            "%2",
            "%zz",
            r"\",
            r"\q",
            r"\u12",
            r"\ud83d",
            r"\ud83d\u0041",
            "&",
            "&amp",
            "&nosuch;",
            "&#;",
            "&#x110000;",
            "a",
        ] {
            let found: Vec<_> = readings(text.as_bytes(), 0).collect();
            assert_eq!(found, [(Unit::Byte(text.as_bytes()[0]), 1)], "{text}");
        }
        assert_eq!(readings(b"", 0).count(), 0);
    }

    #[test]
    fn a_character_outside_of_ascii_is_read_as_bytes_and_as_itself() {
        let readings: Vec<_> = readings("é".as_bytes(), 0).collect();
        assert_eq!(readings, [(Unit::Byte(0xc3), 1), (Unit::Char('é'), 2)]);
    }
}
