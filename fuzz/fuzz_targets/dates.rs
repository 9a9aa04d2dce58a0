#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cookiejar_fuzz::dates(data));
