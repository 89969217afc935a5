//! Decoding of text files as shells and editors write them: UTF-8, or UTF-16 with a byte order mark.

use zeroize::Zeroizing;

/// Decodes text in UTF-8 or, with a byte order mark as `PowerShell` writes it, in UTF-16, and drops the mark. None
/// where the bytes are invalid. The text may be a secret, so no other copy of it is left.
pub fn decoded(bytes: &[u8]) -> Option<Zeroizing<String>> {
    match bytes {
        [0xff, 0xfe, bytes @ ..] => utf16(u16::from_le_bytes, bytes),
        [0xfe, 0xff, bytes @ ..] => utf16(u16::from_be_bytes, bytes),
        [0xef, 0xbb, 0xbf, bytes @ ..] | bytes => str::from_utf8(bytes).ok().map(|text| text.to_owned().into()),
    }
}

fn utf16(unit: fn([u8; 2]) -> u16, bytes: &[u8]) -> Option<Zeroizing<String>> {
    let (units, []) = bytes.as_chunks() else { return None };
    // At full capacity from the start: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(3 * units.len()));
    for character in char::decode_utf16(units.iter().map(|bytes| unit(*bytes))) {
        text.push(character.ok()?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_what_its_mark_says() {
        let units = || [0xfeff].into_iter().chain("caf\u{e9} \u{1f642}\r\n".encode_utf16());
        for bytes in [
            "caf\u{e9} \u{1f642}\r\n".as_bytes().to_vec(),
            "\u{feff}caf\u{e9} \u{1f642}\r\n".as_bytes().to_vec(),
            units().flat_map(u16::to_le_bytes).collect(),
            units().flat_map(u16::to_be_bytes).collect(),
        ] {
            assert_eq!(decoded(&bytes).as_deref().map(String::as_str), Some("caf\u{e9} \u{1f642}\r\n"), "{bytes:?}");
        }
        assert_eq!(decoded(b"").as_deref().map(String::as_str), Some(""));
    }

    #[test]
    fn half_a_character_makes_it_no_text() {
        for bytes in [&b"\xff"[..], b"\xff\xfe\x00", b"\xff\xfea\x00b", b"\xff\xfe\x00\xd8", b"\xef\xbb\xbf\xff"] {
            assert_eq!(decoded(bytes), None, "{bytes:?}");
        }
    }
}
