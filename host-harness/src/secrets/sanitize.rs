//! Sanitising: text of others, made safe to print on a terminal.

/// True for characters that act on their neighbours instead of being seen: terminal controls, line and paragraph
/// separators, zero-width and bidirectional controls, tags (Unicode Technical Report 36, section 2.5; CVE-2021-42574).
pub fn is_control_like(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Replaces such characters by U+FFFD, except newlines and tabs.
pub fn sanitize(text: &str) -> String {
    text.chars().map(|c| if is_control_like(c) && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_a_terminal_or_reorders_what_is_around_it() {
        for c in [
            '\u{1b}',
            '\r',
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{2028}',
            '\u{feff}',
            '\u{9b}',
            '\u{7f}',
            '\u{e0041}',
        ] {
            assert_eq!(sanitize(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
    }

    #[test]
    fn text_in_any_script_stays_as_it_is() {
        assert_eq!(sanitize("é\t漢\n🙂 א"), "é\t漢\n🙂 א");
    }
}
