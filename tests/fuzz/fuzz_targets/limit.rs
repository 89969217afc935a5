#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stitch_plugin_fuzz::hold("limit", data));
