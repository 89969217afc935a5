//! Zeroization: no copy of a secret is left in this process's memory once everything that held it is dropped.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};

use crate::egress::response_pieces::ResponsePieces;
use crate::egress::response_redaction::ResponseRedactor;
use crate::engine::account_key::AccountKey;
use crate::engine::call_context::CallContext;
use crate::{Arguments, Redactor, Secret};

/// The scrambled form in which the test keeps a text, so that it holds no copy itself.
fn scrambled(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| byte ^ 0x55).collect()
}

/// A secret of the largest size.
fn secret() -> Secret {
    let bytes = Vec::from([
        0x3d, 0x20, 0x3b, 0x21, 0x30, 0x27, 0x67, 0x78, 0x3c, 0x3b, 0x78, 0x38, 0x30, 0x38, 0x3a, 0x27, 0x2c,
    ]);
    let mut text = String::with_capacity(bytes.len());
    text.extend(bytes.iter().map(|byte| char::from(byte ^ 0x55)));
    Secret::new(text)
}

/// Counts a text's occurrences in the writable memory of this process.
fn copies(scrambled: &[u8]) -> usize {
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut chunk = vec![0; 1 << 20];
    let mut copies = 0;
    for map in fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|map| map.contains(" rw")) {
        let (from, to) = map.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [mut from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        while from < to {
            memory.seek(SeekFrom::Start(from)).unwrap();
            let size = usize::try_from(to - from).unwrap().min(chunk.len());
            // Some of it belongs to the kernel, or another test frees it meanwhile.
            let Ok(read @ 1..) = memory.read(&mut chunk[..size]) else { break };
            let is_copy = |at: &usize| {
                let found = chunk[*at..read].iter().map(|byte| byte ^ 0x55);
                found.take(scrambled.len()).eq(scrambled.iter().copied())
            };
            copies += memchr::memchr_iter(scrambled[0] ^ 0x55, &chunk[..read]).filter(is_copy).count();
            chunk.fill(0);
            // A copy may lie across two chunks.
            from += read as u64 - if read > 64 && from + (read as u64) < to { 64 } else { 0 };
        }
    }
    copies
}

/// Runs the secrets through a call, a response and a pipeline's account.
async fn use_everywhere(arguments: &Arguments) -> (CallContext, Redactor, String) {
    let context = CallContext::new(arguments, []).unwrap();
    let body = Full::new(Bytes::from_static(b"{\"data\": []}")).map_err(|error| match error {});
    let response = ResponsePieces::response(http::Response::new(body), ResponseRedactor::of(&context.placeholders));
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "{\"data\": []}");
    let redactor = arguments.redactor().and(&Redactor::new([Secret::new("another-secret")]));
    assert_eq!(redactor.text("nothing"), "nothing");
    let key = AccountKey::new(&[7; 32], "Acme", &[], arguments).to_string();
    (context, redactor, key)
}

#[tokio::test]
async fn no_copy_of_a_secret_is_left_in_memory_once_all_that_held_it_was_dropped() {
    let plain = scrambled(secret().expose().as_bytes());
    let in_base64 = scrambled(&STANDARD_NO_PAD.encode(secret().expose()).as_bytes()[..16]);
    let arguments = Arguments::new(Vec::new(), Vec::new()).secret("token", secret());
    let used = use_everywhere(&arguments).await;
    assert!(copies(&plain) > 0);
    drop((used, arguments));
    assert_eq!((copies(&plain), copies(&in_base64)), (0, 0));
}
