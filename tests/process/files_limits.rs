//! Files that are too large are an error at once, and use no memory.
//!
//! These tests are in a separate program, so that nothing else uses its memory.
#![cfg(feature = "psl")]

use std::fs::File;
use std::io::{Cursor, Read, repeat};

use cookiejar::file::{LoadError, LoadErrorKind, ReadOptions, Reading, cookies_txt, lwp, read_any};
use cookiejar::{LwpCookieJar, MozillaCookieJar};

const GIB: u64 = 1 << 30;

type ReadFn = fn(&mut dyn Read, &ReadOptions) -> Result<Reading, LoadError>;

const READERS: &[(&str, ReadFn)] = &[
    ("# Netscape HTTP Cookie File\n", |reader, options| {
        cookies_txt::read(reader, options)
    }),
    ("#LWP-Cookies-2.0\n", |reader, options| {
        lwp::read(reader, options)
    }),
    ("HTTP/1.1 200 OK\nSet-Cookie: a=", |reader, options| {
        cookiejar::file::header_dump::read(reader, options)
    }),
    #[cfg(feature = "json")]
    (
        "{\"log\":{\"entries\":[{\"response\":{\"headers\":[{\"name\":\"Set-Cookie\",\"value\":\"",
        |reader, options| cookiejar::file::har::read(reader, options),
    ),
    #[cfg(feature = "json")]
    (
        "{\"log\":{\"entries\":[{\"request\":{\"url\":\"",
        |reader, options| cookiejar::file::har::read(reader, options),
    ),
    #[cfg(feature = "json")]
    ("{\"acme.com\":{\"/\":{\"", |reader, options| {
        cookiejar::file::json::read(reader, options)
    }),
    #[cfg(feature = "json")]
    ("[\n", |reader, options| {
        cookiejar::file::json::read(reader, options)
    }),
    #[cfg(feature = "json")]
    ("[{\"name\":\"", |reader, options| {
        cookiejar::file::json::read(reader, options)
    }),
];

/// Each reader, and the one that recognizes the format.
fn readers() -> impl Iterator<Item = (&'static str, ReadFn)> {
    let any: ReadFn = |reader, options| read_any(reader, options);
    READERS
        .iter()
        .flat_map(move |(header, read)| [(*header, *read), (*header, any)])
}

/// Octets that this process has read so far, if the system counts them.
fn octets_read() -> u64 {
    let counts = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = counts.lines().find_map(|line| line.strip_prefix("rchar: "));
    line.map_or(0, |count| count.parse().expect("a number"))
}

#[cfg(target_os = "linux")]
fn assert_small() {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .expect("the peak");
    let kib = line.split_whitespace().nth(1).expect("a number");
    let kib: u64 = kib.parse().expect("a number");
    assert!(kib < 64 * 1024, "{kib} KiB");
}

#[cfg(not(target_os = "linux"))]
fn assert_small() {}

#[test]
fn one_line_of_a_gibibyte() {
    if super::ran_alone("files_limits::one_line_of_a_gibibyte") {
        return;
    }
    let octets = [b'a', b'"', 0, b'\t', b' '];
    let count = cookiejar_tests::share!("octets in a line of a gibibyte", 1, of octets.len());
    for (header, read) in readers() {
        for &octet in &octets[..count] {
            let mut rest = repeat(octet).take(GIB);
            let options = ReadOptions::new().max_bytes(32 << 20);
            let mut file = Cursor::new(header.as_bytes()).chain(&mut rest);
            let error = read(&mut file, &options).expect_err("too long");
            let expected = matches!(
                error.kind(),
                LoadErrorKind::LineTooLong
                    | LoadErrorKind::NotThisFormat
                    | LoadErrorKind::Syntax
                    | LoadErrorKind::TooLong
                    | LoadErrorKind::Unrecognized { .. }
            );
            assert!(expected, "{header:?}: {error}");
            let read = GIB - rest.limit();
            assert!(
                read <= options.get_max_bytes() + (1 << 16),
                "{header:?}: {read} octets"
            );
        }
    }
    assert_small();
}

#[test]
fn a_sparse_file_of_two_gibibytes() {
    if super::ran_alone("files_limits::a_sparse_file_of_two_gibibytes") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies");
    File::create(&path)
        .expect("a file")
        .set_len(2 * GIB)
        .expect("a large file");
    let before = octets_read();
    let error = MozillaCookieJar::new(&path).load().expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong), "{error}");
    let error = LwpCookieJar::new(&path).revert().expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong), "{error}");
    // The length is enough.
    assert!(octets_read() - before < 4_096);

    for (header, read) in readers() {
        let before = octets_read();
        let mut file = File::open(&path).expect("the file");
        read(&mut file, &ReadOptions::new()).expect_err("one line");
        // The reader stops after one line of the maximum length, 1 MiB.
        let read = octets_read() - before;
        assert!(read < 4 << 20, "{header:?}: {read} octets");
    }
    assert_small();
}

#[test]
fn more_lines_than_a_file_may_have_that_are_no_cookies() {
    let options = ReadOptions::new();
    for (header, read) in &READERS[..2] {
        let lines = "oops\n".repeat(20_000);
        let mut file = Cursor::new(header.as_bytes()).chain(Cursor::new(lines));
        let error = read(&mut file, &options).expect_err("too many");
        assert!(
            matches!(error.kind(), LoadErrorKind::TooManySkipped),
            "{error}"
        );
        assert_eq!(error.line(), Some(10_002));
    }
}
