//! Odd JSON, as drivers cut it, databases store it and gateways pass it on.

use proptest::prelude::*;

/// A value of JSON's form, whatever bytes are in its texts and however deep it is.
pub fn odd_value() -> impl Strategy<Value = Vec<u8>> {
    let text = |bytes: Vec<u8>| {
        let kept = bytes.into_iter().filter(|byte| !br#""\"#.contains(byte));
        [&b"\""[..], &kept.collect::<Vec<_>>(), b"\""].concat()
    };
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes();
    let said = [
        r#""cut \ud83d""#,
        r#""\udc00\ud83d""#,
        r#""a\u0000b""#,
        "-0.0",
        "1e999",
        "{}",
        "null",
        "18446744073709551616",
    ];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40).prop_map(text),
        (1_usize..2_000).prop_map(nested),
        prop::sample::select(said.to_vec()).prop_map(|said| said.as_bytes().to_vec()),
    ]
}
