#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cookiejar::persist::fuzzed::persisted(data));
