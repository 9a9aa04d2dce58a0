//! Files of other programs, and what a reader makes of them.

use std::io::{self, Read};

use cookiejar::file::{
    LoadError, Partitions, ReadOptions, Reading, WriteOptions, cookies_txt, har, header_dump, json,
    lwp, read_any_with,
};
use cookiejar::{Cookie, DefaultCookiePolicy};
use url::Url;

use super::bytes::Bytes;
use super::checks::check_cookie;
use super::world::{NOW, at, suffixes};

type Reader = fn(&mut dyn Read, &ReadOptions) -> Result<Reading, LoadError>;

const READERS: [Reader; 6] = [
    |file, options| cookies_txt::read(file, options),
    |file, options| lwp::read(file, options),
    |file, options| json::read(file, options),
    |file, options| header_dump::read_with(file, policy(), options),
    |file, options| har::read_with(file, policy(), options),
    |file, options| read_any_with(file, policy(), options),
];

fn policy() -> DefaultCookiePolicy {
    DefaultCookiePolicy::with_suffixes(suffixes())
}

/// Two octets choose the reader and its options, a line break follows, and then the file.
pub fn readers(data: &[u8]) {
    let mut input = Bytes::new(data);
    let reader = input.pick(&READERS);
    let options = options(input.byte());
    input.byte();
    let file = input.rest();
    for line in file.split(|octet| *octet == b'\n').take(8) {
        if let Ok(Some(cookie)) = cookies_txt::parse_line(line) {
            check_cookie(&cookie);
        }
    }
    let reading = reader(&mut &*file, &options);
    let slow = reader(&mut Dribble(file, 0), &options);
    let Ok(reading) = reading else {
        assert!(slow.is_err());
        return;
    };
    let slow = slow.expect("the same file");
    assert_eq!(
        (&slow.cookies, &slow.report),
        (&reading.cookies, &reading.report)
    );
    assert!(reading.report.skipped.len() <= options.get_max_skipped());
    for cookie in &reading.cookies {
        check_cookie(cookie);
        assert!(
            options.get_ignore_discard() || !cookie.discard(),
            "{cookie}"
        );
        assert!(
            options.get_ignore_expires() || !cookie.is_expired(at(NOW)),
            "{cookie}"
        );
    }
    is_written(&reading.cookies);
    let is_whole = options.get_max_skipped() == ReadOptions::new().get_max_skipped();
    if options.get_strict() && is_whole {
        let lenient = reader(&mut &*file, &options.strict(false));
        assert!(
            lenient.is_ok(),
            "lenient reading rejects what strict reading accepts"
        );
    }
}

fn options(choice: u8) -> ReadOptions {
    let has = |bit: u8| choice & 1 << bit != 0;
    let mut options = ReadOptions::new()
        .at(at(NOW))
        .ignore_discard(!has(0))
        .ignore_expires(!has(1))
        .strict(has(2))
        .python_form(has(3))
        .requests(has(5));
    if has(4) {
        options = options.max_line(80).max_skipped(2).max_bytes(2_000);
    }
    if has(6) {
        options = options.partitions(Partitions::Skip).trust_redirects(true);
    }
    if has(7) {
        options = options.of_url(&Url::parse("https://www.acme.com/a").expect("a URL"));
    }
    options
}

/// What a reader has let in is written to JSON, and comes back unchanged.
fn is_written(cookies: &[Cookie]) {
    let options = WriteOptions::new()
        .ignore_discard(true)
        .ignore_expires(true);
    let mut file = Vec::new();
    let report = json::write(&mut file, cookies, &options).expect("written to memory");
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let read = json::read(&*file, &options).expect("a file of ours");
    assert_eq!(read.cookies, cookies);
}

/// Hands out a file in pieces of one to three octets, with interruptions.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1 % 5 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = into.len().min(1 + self.1 % 3).min(self.0.len());
        let (piece, rest) = self.0.split_at(len);
        into[..len].copy_from_slice(piece);
        self.0 = rest;
        Ok(len)
    }
}
