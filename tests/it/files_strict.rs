//! Strict reading equals Python's: both read files made of good and odd pieces.
//!
//! Python reads all the files of a format at once. If it is not installed, the tests are skipped,
//! with a message. A piece that the page of its format lists as a difference must differ.
#![cfg(feature = "psl")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cookiejar::Cookie;
use cookiejar::file::{LoadError, ReadOptions, Reading, cookies_txt, lwp};

/// A part of a file.
type Piece = &'static [u8];

/// The pieces of a format. The first of each kind is an ordinary one.
struct Pieces {
    /// Python's class.
    kind: &'static str,
    read: fn(&[u8], &ReadOptions) -> Result<Reading, LoadError>,
    /// The page with its list of differences.
    page: &'static str,
    heads: &'static [Piece],
    /// The parts of a line, each with its variants.
    parts: &'static [&'static [Piece]],
    /// Whole lines.
    lines: &'static [Piece],
    breaks: &'static [Piece],
    /// Whole files that Python reads differently, each with the row of the page.
    differences: &'static [(&'static str, Piece)],
}

const COOKIES_TXT: Pieces = Pieces {
    kind: "MozillaCookieJar",
    read: |file, options| cookies_txt::read(file, options),
    page: include_str!("../../src/file/cookies_txt.rs"),
    heads: &[
        b"# Netscape HTTP Cookie File\n",
        b"# HTTP Cookie File\r\n",
        b"# Netscape HTTP Cookie File, and more\n\n",
        b"# Netscape HTTP Cookie\n",
        b" # Netscape HTTP Cookie File\n",
        b"#Netscape HTTP Cookie File\n",
        b"\xef\xbb\xbf# Netscape HTTP Cookie File\n",
        b"",
        b"\n",
    ],
    parts: &[
        &[
            b"",
            b"",
            b"#HttpOnly_",
            b"#HttpOnly_#HttpOnly_",
            b"#httponly_",
        ],
        &[
            b"acme.com\tFALSE",
            b".acme.com\tTRUE",
            b"www.acme.com\tFALSE",
            b"ACME.com\tfalse",
            b"acme.com\t0",
            b"acme.com\t",
            b"acme.com\tTRUE",
            b".acme.com\tFALSE",
            b".acme.com\ttrue",
            b"acme.com",
            b"localhost\tFALSE",
            b"foo.local\tFALSE",
            b"127.0.0.1\tFALSE",
            b"$acme.com\tFALSE",
        ],
        &[b"\t/", b"\t/x", b"\t/ x", b"\t/%7e;,", b""],
        &[b"\tFALSE", b"\tTRUE", b""],
        &[
            b"\t1893456000",
            b"\t",
            b"\t-1",
            b"\t1.5",
            b"\t1.9e9",
            b"\t1_893_456_000",
            b"\t1__0",
            b"\t 1893456000 ",
            b"\t\x0b1893456000\xc2\xa0",
            b"\t ",
            b"\t+7",
            b"\t7.",
            b"\t.5e1",
            b"\tnan",
            b"\tinf",
            b"\t1e999",
            b"\t0x10",
            b"\tsoon",
            b"\t253402300799",
            b"",
        ],
        &[
            b"\ta",
            b"\tb",
            b"\t",
            b"\tc d",
            b"\t\"e\"",
            b"\t\xc3\xa9",
            b"",
        ],
        &[b"\t1", b"\t2", b"\t\"d\" e", b"\t\xe2\x82\xac", b""],
    ],
    lines: &[
        b"",
        b" \t",
        b"# a comment",
        b" \t# a comment",
        b"$ a comment",
        b"\xc2\xa0\x1c\xe3\x80\x80# a comment",
        b"#HttpOnly_",
        b"#HttpOnly_# a comment",
        b"#HttpOnly_ \x0b$",
        // A name without a value, which has no `=` and no spaces at its ends.
        b"acme.com\tFALSE\t/\tFALSE\t\t\tlone",
        b"acme.com\tFALSE\t/\tFALSE\t\t\t\"d e\"",
        b"oops",
        b"#HttpOnly_oops",
        b"acme.com\tFALSE\t/\tFALSE\t\tg\t \"b\"=c ",
        b"acme.com\tFALSE\t/\tFALSE\t\tg\t1\t",
        b"acme.com\tFALSE\t/\tFALSE\t\tg\t1\t1",
    ],
    breaks: &[b"\n", b"\r\n"],
    differences: &[
        (
            "last line without line break, seven columns",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta\t1",
        ),
        (
            "CR alone",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta\t1\racme.com\tFALSE\t/\tFALSE\t\tb\t2\n",
        ),
        (
            "CR alone",
            b"# HTTP Cookie File\racme.com\tFALSE\t/\tFALSE\t\ta\t1\r",
        ),
        (
            "NUL in a line",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta\t\0\n",
        ),
        (
            "octets that are not UTF-8",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta\t\xe9\n",
        ),
        (
            "`true`, `False`",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\ttrue\t\ta\t1\n",
        ),
        (
            "another word for a flag",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tmaybe\t\ta\t1\n",
        ),
        (
            "expiry empty or `0`",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t-0.5\ta\t1\n",
        ),
        (
            "expiry of 13 to 15 digits",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t1893456000123\ta\t1\n",
        ),
        (
            "any other expiry after the year 9999, even with 30 digits",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t253402300800\ta\t1\n",
        ),
        (
            "expiry in digits that are not ASCII",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\xd9\xa5\ta\t1\n",
        ),
        (
            "neither a name nor a value",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\t\t\n",
        ),
        (
            "name with `;` or `=`, or a leading or trailing blank; value with `;`",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta\t1; b=2\n",
        ),
        (
            "name with `;` or `=`, or a leading or trailing blank; value with `;`",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\t\ta=1\n",
        ),
        (
            "white space before the domain",
            b"# HTTP Cookie File\n acme.com\tFALSE\t/\tFALSE\t\ta\t1\n",
        ),
        (
            "domain empty, a single dot, or one that no host can match",
            b"# HTTP Cookie File\na b\tFALSE\t/\tFALSE\t\ta\t1\n",
        ),
        (
            "name with `;` or `=`, or a leading or trailing blank; value with `;`",
            b"# HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t\ta \t1\n",
        ),
        (
            "domain with a port, as wget writes it",
            b"# HTTP Cookie File\nacme.com:80\tFALSE\t/\tFALSE\t\ta\t1\n",
        ),
        (
            "domain in upper case, international, or an IP address in any spelling",
            b"# HTTP Cookie File\n::1\tFALSE\t/\tFALSE\t\ta\t1\n",
        ),
        (
            "path that does not begin with a slash",
            b"# HTTP Cookie File\nacme.com\tFALSE\tx\tFALSE\t\ta\t1\n",
        ),
    ],
};

const LWP: Pieces = Pieces {
    kind: "LWPCookieJar",
    read: |file, options| lwp::read(file, options),
    page: include_str!("../../src/file/lwp.rs"),
    heads: &[
        b"#LWP-Cookies-2.0\n",
        b"#LWP-Cookies-1.0 and more\r\n",
        b"#LWP-Cookies-10.23\n",
        b"#LWP-Cookies-2\n",
        b" #LWP-Cookies-2.0\n",
        b"\xef\xbb\xbf#LWP-Cookies-2.0\n",
        b"",
        b"\n",
    ],
    parts: &[
        &[b"Set-Cookie3: ", b"Set-Cookie3:", b"Set-Cookie3:\t,; ", b"set-cookie3: ", b" Set-Cookie3: "],
        &[
            b"a=1",
            b"a=2",
            b"b",
            b"c=\"x y\"",
            b"d = \"\\\"q\\\\\"",
            b"\"f\"=g=h",
            b"i=\"\"j",
            b"k=",
        ],
        &[b"; path=\"/\"", b"; path=/", b";PATH=\"/x y\"", b"; path=x; path=\"/z\""],
        &[
            b"; domain=acme.com",
            b"; domain=\".acme.com\"",
            b" Domain = \"ACME.com\"",
            b"; domain=x y; domain=acme.com",
            b"; domain",
            b"",
        ],
        &[
            b"",
            b"; port=\"80,81\"; port_spec",
            b"; port=80",
            b"; port_spec",
            b"; port_spec=1",
            b"; port_spec; port_spec=1",
            b"; port; port_spec",
            b"; port=\"\"; port_spec",
        ],
        &[b"", b"; secure", b"; secure=FALSE", b"; Secure"],
        &[
            b"",
            b"; expires=\"2030-01-01 00:00:00Z\"",
            b"; expires=20300101T000000Z",
            b"; expires=\"2030-01-01 00:00:00 +0100\"",
            b"; expires=\" 2030/1/1 \"",
            b"; expires",
            b"; expires=\"\"",
            b"; expires=soon",
            b"; expires=\"2030-13-01\"",
            b"; expires=soon; expires=\"2030-01-01\"",
            b"; expires=\"2030-01-01\"; expires",
            b"; expires=\"2030-01-01 00:00:00.5Z\"",
            b"; expires=\"2030-01-01 00:00:00 XYZ\"",
            b"; expires=\"2030-01-01 24:00:61Z\"",
            b"; expires=\"2030-01-01 25:00:00Z\"",
        ],
        &[b"", b"; discard", b"; HttpOnly=None", b"; httponly; x=y", b"; comment=c; commenturl"],
        &[b"; version=0", b"; version=1", b"; version=\"12\"", b"; version=x", b"; version=x; version=0", b"; version=\"\""],
        &[b"", b"", b"", b", z=1; path=/; domain=z.com; version=0", b", z", b" ,; ,"],
    ],
    lines: &[
        b"",
        b" \t",
        b"# a comment",
        b"oops",
        b"Set-Cookie: a=1",
        b"Set-Cookie3:",
        b"Set-Cookie3: ,",
        b"Set-Cookie3: ; = ,",
        b"Set-Cookie3: e=\"open; path=/; domain=acme.com; version=0",
    ],
    breaks: &[b"\n", b"\r\n"],
    differences: &[
        (
            "last line without line break, `version` its last attribute",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; version=0",
        ),
        (
            "another last line without line break",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com",
        ),
        (
            "NUL in a cookie, or CR alone",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; version=0\r\r\n",
        ),
        (
            "NUL in a cookie, or CR alone",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=\0; path=/; domain=acme.com; version=0\n",
        ),
        (
            "octets that are not UTF-8",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=\xe9; path=/; domain=acme.com; version=0\n",
        ),
        (
            "white space other than space and tab",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1\x0b2; path=/; domain=acme.com; version=0\n",
        ),
        (
            "`secure=\"\"`, and the other presence-only keys with an empty value",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; secure=\"\"; version=0\n",
        ),
        (
            "a `version` that is not a number",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; version=+1\n",
        ),
        (
            "a date before 1970",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; expires=1969-12-31\n",
        ),
        (
            "a day that does not exist, such as February 31st",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; expires=2030-02-31\n",
        ),
        (
            "value with `;` in a cookie of version 0",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=\"1; b=2\"; path=/; domain=acme.com; version=0\n",
        ),
        (
            "domain missing, empty, a single dot, or one that no host can match",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=\"\"; version=0\n",
        ),
        (
            "no `version`, or one without a value",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; version\n",
        ),
        (
            "international domain, IPv6 address",
            "#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=bücher.example; version=0\n".as_bytes(),
        ),
        (
            "path missing, or not beginning with a slash",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; domain=acme.com; version=0\n",
        ),
        (
            "`port=\"_80\"`, as libwww-perl writes a port that the server did not specify",
            b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=/; domain=acme.com; port=\"_80\"; version=0\n",
        ),
    ],
};

/// Numbers that look random and are the same in every run (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    /// One of the pieces: usually the first.
    fn pick(&mut self, pieces: &[Piece]) -> Piece {
        let odd = self.below(8) == 0;
        pieces[if odd { self.below(pieces.len()) } else { 0 }]
    }
}

impl Pieces {
    fn file(&self, numbers: &mut Numbers) -> Vec<u8> {
        let mut file = numbers.pick(self.heads).to_vec();
        for _ in 0..numbers.below(4) {
            if numbers.below(4) == 0 {
                file.extend_from_slice(self.lines[numbers.below(self.lines.len())]);
            } else {
                for part in self.parts {
                    file.extend_from_slice(numbers.pick(part));
                }
            }
            file.extend_from_slice(numbers.pick(self.breaks));
        }
        file
    }

    /// Each odd piece alone, among ordinary ones.
    fn plain_but_one(&self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for head in self.heads {
            files.push([head, &self.plain_line(None)[..]].concat());
        }
        for (place, forms) in self.parts.iter().enumerate() {
            for form in *forms {
                let line = self.plain_line(Some((place, form)));
                files.push([self.heads[0], &line].concat());
            }
        }
        for line in self.lines {
            files.push([self.heads[0], line, b"\n", &self.plain_line(None)].concat());
        }
        files
    }

    fn plain_line(&self, other: Option<(usize, Piece)>) -> Vec<u8> {
        let forms = self
            .parts
            .iter()
            .enumerate()
            .map(|(place, forms)| match other {
                Some((other, form)) if other == place => form,
                _ => forms[0],
            });
        [&forms.collect::<Vec<_>>().concat()[..], b"\n"].concat()
    }

    /// The result of strict reading of a file, as `load.py` shows it.
    fn ours(&self, file: &[u8]) -> String {
        let options = ReadOptions::new()
            .ignore_discard(true)
            .ignore_expires(true)
            .strict(true);
        let Ok(reading) = (self.read)(file, &options) else {
            return "refused".to_owned();
        };
        let mut jar = BTreeMap::new();
        for cookie in &reading.cookies {
            let path = cookie.path_bytes().into_owned();
            let identity = (
                cookie.domain().to_owned(),
                path,
                cookie.name_bytes().into_owned(),
            );
            jar.insert(identity, shown(cookie));
        }
        let mut cookies: Vec<_> = jar.into_values().collect();
        cookies.sort();
        cookies.join(" ")
    }

    /// What Python reads from each file; empty if Python is not installed.
    fn python(&self, files: &[Vec<u8>]) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |number: usize| folder.path().join(number.to_string());
        for (number, file) in files.iter().enumerate() {
            std::fs::write(path(number), file).expect("written");
        }
        let paths: Vec<PathBuf> = (0..files.len()).map(path).collect();
        let output = python()?
            .arg(self.kind)
            .args(paths)
            .output()
            .expect("Python runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        let text = String::from_utf8(output.stdout).expect("ASCII");
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), files.len());
        Some(lines)
    }
}

fn python() -> Option<Command> {
    let mut check = Command::new("python3");
    check.args(["-c", "import http.cookiejar"]);
    check.stdout(Stdio::null()).stderr(Stdio::null());
    if !check.status().is_ok_and(|status| status.success()) {
        cookiejar_tests::skip!("strict reading beside Python: there is no python3");
        return None;
    }
    let mut command = Command::new("python3");
    command.env("LC_ALL", "C.UTF-8").env("PYTHONUTF8", "1");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/programs/load.py"));
    Some(command)
}

/// A cookie as `load.py` shows it.
fn shown(cookie: &Cookie) -> String {
    let text = |octets: &[u8]| -> String {
        let shown = |octet: &u8| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*octet).to_string(),
            octet => format!("%{octet:02x}"),
        };
        octets.iter().map(shown).collect()
    };
    let number = |number: i64| text(number.to_string().as_bytes());
    let none = || "-".to_owned();
    let expires = cookie.expires().map(time::OffsetDateTime::unix_timestamp);
    let has_port = cookie.port().is_some();
    [
        text(cookie.domain().as_bytes()),
        text(&cookie.path_bytes()),
        text(&cookie.name_bytes()),
        cookie.value_bytes().map_or_else(none, |value| text(&value)),
        number(cookie.secure().into()),
        expires.map_or_else(none, number),
        number(cookie.discard().into()),
        number(cookie.version().into()),
        cookie
            .port()
            .map_or_else(none, |port| text(port.as_bytes())),
        number((has_port && cookie.port_specified()).into()),
        number(cookie.has_nonstandard_attr("HttpOnly").into()),
    ]
    .join(",")
}

fn compare(pieces: &Pieces) {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut files = pieces.plain_but_one();
    files.extend((0..3_000).map(|_| pieces.file(&mut numbers)));
    let Some(python) = pieces.python(&files) else {
        return;
    };
    let mut accepted = 0;
    for (file, python) in files.iter().zip(python) {
        accepted += usize::from(python != "refused");
        assert_eq!(pieces.ours(file), python, "{}", file.escape_ascii());
    }
    let tenth = files.len() / 10;
    assert!(
        (tenth..files.len() - tenth).contains(&accepted),
        "{accepted}"
    );
}

/// Each row of the page has a file here, and differs.
fn compare_differences(pieces: &Pieces) {
    let table = pieces
        .page
        .lines()
        .skip_while(|line| *line != "//! # What is read");
    let table = table.take_while(|line| *line != "//! # What is lost");
    let cells = table.filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    let rows: Vec<_> = cells
        .skip(1)
        .filter_map(|row| Some((row.split(" | ").next()?, row.rsplit_once('|')?.1)))
        .filter(|(_, python)| !python.is_empty())
        .map(|(row, _)| row)
        .collect();
    // Lines that are too long are not covered here.
    let expected = pieces.differences.iter().map(|(row, _)| *row);
    let expected: Vec<_> = expected
        .chain(["a line longer than [`ReadOptions::max_line`]"])
        .collect();
    let missing = expected.iter().filter(|row| !rows.contains(row));
    assert_eq!(missing.collect::<Vec<_>>(), [&""; 0]);
    let untested = rows.iter().filter(|row| !expected.contains(row));
    assert_eq!(untested.collect::<Vec<_>>(), [&""; 0]);

    let files: Vec<_> = pieces
        .differences
        .iter()
        .map(|(_, file)| file.to_vec())
        .collect();
    let Some(python) = pieces.python(&files) else {
        return;
    };
    for ((row, file), python) in pieces.differences.iter().zip(python) {
        assert_ne!(pieces.ours(file), python, "{row}");
    }
}

#[test]
fn strict_reading_of_cookies_txt_is_python_s() {
    compare(&COOKIES_TXT);
}

#[test]
fn strict_reading_of_lwp_is_python_s() {
    compare(&LWP);
}

#[test]
fn where_strict_reading_is_not_python_s_the_pages_say_so() {
    compare_differences(&COOKIES_TXT);
    compare_differences(&LWP);
}
