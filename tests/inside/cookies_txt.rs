//! `cookies.txt`: verdicts of odd lines, and the written lines.

use super::*;

const HEADER: &str = "# Netscape HTTP Cookie File\n";

fn all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

/// The cookie as `domain flag path secure expiry name=value`, or the reason.
fn shown(line: &str, options: &ReadOptions) -> String {
    let cookie = match parse(line.as_bytes(), options, &mut LastDomain::default()) {
        Ok(cookie) => cookie,
        Err(reason) => return reason.to_string(),
    };
    let mut shown = format!(
        "{} {} {} {}",
        cookie.domain(),
        cookie.path(),
        if cookie.secure() { "S" } else { "-" },
        cookie.expires_seconds().unwrap_or(0),
    );
    shown.push(' ');
    shown.push_str(cookie.name());
    if let Some(value) = cookie.value() {
        shown.push('=');
        shown.push_str(value);
    }
    if cookie.http_only() {
        shown.push_str(" HttpOnly");
    }
    shown
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn lines_with_their_verdicts() {
    let strict = all().strict(true);
    let no_number = "the expiry is no number";
    let no_flag = "a flag is neither TRUE nor FALSE";
    let no_name = "the name would be read as something else";
    // The line, its verdict, and its verdict in strict reading if that differs.
    let rows = [
        ("acme.com|FALSE|/|FALSE|0|a|1", "acme.com / - 0 a=1", ""),
        (".acme.com|TRUE|/x|TRUE|99|a|1", ".acme.com /x S 99 a=1", ""),
        (
            "#HttpOnly_acme.com|FALSE|/|FALSE|0|a|1",
            "acme.com / - 0 a=1 HttpOnly",
            "",
        ),
        ("acme.com|FALSE|/|FALSE||a|1", "acme.com / - 0 a=1", ""),
        ("acme.com|FALSE|/|FALSE|0||lone", "acme.com / - 0 lone", ""),
        ("acme.com|FALSE|/|FALSE|0|a|", "acme.com / - 0 a=", ""),
        (
            "acme.com|FALSE|/|FALSE|0|a|b=c, \"d\" ",
            "acme.com / - 0 a=b=c, \"d\" ",
            "",
        ),
        ("acme.com|FALSE|/|FALSE|0| a |1", no_name, ""), // it would be sent as `a`
        // The expiry.
        ("acme.com|FALSE|/|FALSE|-1|a|1", "acme.com / - -1 a=1", ""),
        ("acme.com|FALSE|/|FALSE|1.5|a|1", "acme.com / - 1 a=1", ""),
        (
            "acme.com|FALSE|/|FALSE|1.893456e9|a|1",
            "acme.com / - 1893456000 a=1",
            "",
        ),
        ("acme.com|FALSE|/|FALSE|nan|a|1", no_number, ""),
        ("acme.com|FALSE|/|FALSE|inf|a|1", no_number, ""),
        ("acme.com|FALSE|/|FALSE|soon|a|1", no_number, ""),
        ("acme.com|FALSE|/|FALSE|0x10|a|1", no_number, ""),
        ("acme.com|FALSE|/|FALSE|-|a|1", no_number, ""),
        (
            "acme.com|FALSE|/|FALSE|1893456000123|a|1",
            "acme.com / - 1893456000 a=1",
            "",
        ), // milliseconds
        (
            "acme.com|FALSE|/|FALSE|253402300800|a|1",
            "acme.com / - 253402300799 a=1",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|9223372036854775807|a|1",
            "acme.com / - 253402300799 a=1",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|123456789012345678901234567890|a|1",
            "acme.com / - 253402300799 a=1",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|1e999|a|1",
            "acme.com / - 253402300799 a=1",
            no_number,
        ),
        (
            "acme.com|FALSE|/|FALSE|1_893_456_000|a|1",
            no_number,
            "acme.com / - 1893456000 a=1",
        ),
        (
            "acme.com|FALSE|/|FALSE| |a|1",
            "acme.com / - 0 a=1",
            no_number,
        ),
        ("acme.com|FALSE|/|FALSE| 9 |a|1", "acme.com / - 9 a=1", ""),
        // Columns.
        (
            "acme.com|FALSE|/|FALSE|0|a",
            "acme.com / - 0 a=",
            "7 columns expected, 6 found",
        ),
        (
            "acme.com|FALSE|/|FALSE|0|a|1|",
            "acme.com / - 0 a=1",
            "7 columns expected, 8 found",
        ),
        (
            "acme.com|FALSE|/|FALSE|0|a|1|2", // its size
            "acme.com / - 0 a=1",
            "7 columns expected, 8 found",
        ),
        (
            "acme.com|FALSE|/|FALSE|0|a|1|x",
            "7 columns expected, 8 found",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|0|a|1||2",
            "7 columns expected, 9 found",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|0",
            "7 columns expected, 5 found",
            "",
        ),
        (
            "acme.com FALSE / FALSE 0 a 1",
            "acme.com / - 0 a=1",
            "7 columns expected, 1 found",
        ),
        (
            "acme.com   FALSE  /  FALSE  0  a  1 2 ",
            "acme.com / - 0 a=1 2",
            "7 columns expected, 1 found",
        ),
        (
            "acme.com FALSE / FALSE 0",
            "7 columns expected, 1 found",
            "",
        ),
        ("hello", "7 columns expected, 1 found", ""),
        // Flags.
        ("acme.com|false|/|true|0|a|1", "acme.com / S 0 a=1", no_flag),
        ("acme.com|0|/|FALSE|0|a|1", no_flag, "acme.com / - 0 a=1"),
        ("acme.com|false|/|FALSE|0|a|1", "acme.com / - 0 a=1", ""),
        (
            ".acme.com|true|/|FALSE|0|a|1",
            ".acme.com / - 0 a=1",
            "the flag disagrees with the dot of the domain",
        ),
        ("acme.com|FALSE|/||0|a|1", no_flag, ""),
        (
            "acme.com|TRUE|/|FALSE|0|a|1",
            ".acme.com / - 0 a=1",
            "the flag disagrees with the dot of the domain",
        ),
        (
            ".acme.com|FALSE|/|FALSE|0|a|1",
            "acme.com / - 0 a=1",
            "the flag disagrees with the dot of the domain",
        ),
        // Domains and paths.
        ("ACME.com|FALSE|/|FALSE|0|a|1", "acme.com / - 0 a=1", ""),
        (
            ".bücher.example|TRUE|/|FALSE|0|a|1",
            ".xn--bcher-kva.example / - 0 a=1",
            "",
        ),
        ("localhost|FALSE|/|FALSE|0|a|1", "localhost / - 0 a=1", ""),
        ("::1|FALSE|/|FALSE|0|a|1", "[::1] / - 0 a=1", ""),
        ("[::1]|FALSE|/|FALSE|0|a|1", "[::1] / - 0 a=1", ""),
        ("|FALSE|/|FALSE|0|a|1", "the domain is no host name", ""),
        (".|TRUE|/|FALSE|0|a|1", "the domain is no host name", ""),
        ("a b|FALSE|/|FALSE|0|a|1", "the domain is no host name", ""),
        (
            "acme.com |FALSE|/|FALSE|0|a|1",
            "acme.com / - 0 a=1",
            "the domain is no host name",
        ),
        // The rest of a folded field.
        (
            " acme.com|FALSE|/|FALSE|0|a|1",
            "the domain is no host name",
            "",
        ),
        (
            "|acme.com|FALSE|/|FALSE|0|a|1",
            "the domain is no host name",
            "",
        ),
        (
            " acme.com FALSE / FALSE 0 a 1",
            "the domain is no host name",
            "",
        ),
        (
            "#HttpOnly_ acme.com|FALSE|/|FALSE|0|a|1",
            "the domain is no host name",
            "",
        ),
        (
            "acme.com|FALSE|x|FALSE|0|a|1",
            "the path does not begin with a slash",
            "",
        ),
        ("acme.com|FALSE|/|FALSE|0||", "the cookie has no name", ""),
        // Lines that would be sent as another cookie.
        (
            "acme.com|FALSE|/|FALSE|0|a|1; b=2",
            "the value holds a semicolon",
            "",
        ),
        ("acme.com|FALSE|/|FALSE|0|a;b|1", no_name, ""),
        ("acme.com|FALSE|/|FALSE|0|a=b|1", no_name, ""),
        ("acme.com|FALSE|/|FALSE|0|a |1", no_name, ""),
        ("acme.com|FALSE|/|FALSE|0||a=1", no_name, ""),
        (
            "acme.com|FALSE|/|FALSE|0|a|1\r.acme.com|TRUE|/|FALSE|0|b|2",
            "a line break or NUL in the name, the value or an attribute",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|0\r|a|1", // it would be trimmed
            "a line break or NUL in the name, the value or an attribute",
            "",
        ),
        (
            "acme.com|FALSE|/|FALSE|0|a|1\0",
            "a line break or NUL in the name, the value or an attribute",
            "",
        ),
    ];
    for (line, expected, strictly) in rows {
        let line = line.replace('|', "\t");
        assert_eq!(shown(&line, &all()), expected, "{line:?}");
        let strictly = if strictly.is_empty() {
            expected
        } else {
            strictly
        };
        assert_eq!(shown(&line, &strict), strictly, "{line:?}, strictly");
    }
}

/// What a line says does not depend on the line before.
#[test]
fn domains_are_those_of_their_own_lines() {
    let texts = [
        "", "acme.com", "acme.com", "", "ACME.com", "acme.com", "a b", "a b", "me.com",
    ];
    let mut last = LastDomain::default();
    for text in texts {
        let (read, alone) = (last.parse(text.as_bytes()), Domain::parse(text.as_bytes()));
        assert_eq!(read.name(), alone.name(), "{text:?}");
    }
}

#[test]
fn wget_s_port_binds() {
    let cookie = parse(
        b"127.0.0.1:8000\tFALSE\t/\tFALSE\t0\ta\t1",
        &all(),
        &mut LastDomain::default(),
    )
    .expect("a cookie");
    assert_eq!(
        (cookie.domain(), cookie.port()),
        ("127.0.0.1", Some("8000"))
    );
    let cookie = parse(
        b"[::1]:8000\tFALSE\t/\tFALSE\t0\ta\t1",
        &all(),
        &mut LastDomain::default(),
    )
    .expect("a cookie");
    assert_eq!((cookie.domain(), cookie.port()), ("[::1]", Some("8000")));
}

/// The domain of the line that is written for a host-only cookie, or one of a whole domain.
fn domain_of(domain: &str, ports: &str) -> Result<String, Unwritable> {
    let cookie = Cookie::builder("a", "1").domain(domain).port(ports);
    let line = format_line(&cookie.build().expect("a cookie"))?;
    let read = parse_line(&line).expect("a line").expect("a cookie");
    let ports = Some(ports).filter(|ports| !ports.is_empty());
    assert_eq!((read.domain(), read.port()), (domain, ports));
    let line = String::from_utf8(line).expect("UTF-8");
    Ok(line.split('\t').next().expect("a column").to_owned())
}

#[test]
fn one_port_of_a_host_is_written_as_by_wget() {
    let rows = [
        ("localhost", "8000", Ok("localhost:8000")),
        ("127.0.0.1", "080", Ok("127.0.0.1:080")),
        ("[::1]", "65536", Ok("[::1]:65536")),
        ("acme.com", "", Ok("acme.com")), // all ports
        (".acme.com", "", Ok(".acme.com")),
        (".acme.com", "80", Err(Unwritable::Port)),
        ("acme.com", "80,443", Err(Unwritable::Port)),
        ("acme.com", "80,", Err(Unwritable::Port)),
        ("acme.com", " 80", Err(Unwritable::Port)),
        ("acme.com", "x", Err(Unwritable::Port)),
    ];
    for (domain, ports, expected) in rows {
        let written = domain_of(domain, ports);
        assert_eq!(written, expected.map(str::to_owned), "{domain} {ports}");
    }
}

/// The skipped lines, or the error.
fn read_all(file: &str, options: &ReadOptions) -> Result<(usize, Vec<u64>), String> {
    match read(file.as_bytes(), options) {
        Ok(reading) => {
            let lines = reading.report.skipped.iter().map(|left| left.line);
            Ok((reading.cookies.len(), lines.collect()))
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn files_with_their_verdicts() {
    const A: &str = "acme.com\tFALSE\t/\tFALSE\t0\ta\t1\n";
    const B: &str = "acme.com\tFALSE\t/\tFALSE\t0\tb\t2\n";
    let none = Err("line 1: not a file of this format");
    let no_cookie = Err("not a file of this format");
    let ours = format!("{HEADER}# A generated file: changes may be lost.\n");
    let rows = [
        (format!("{HEADER}{A}{B}"), Ok((2, vec![]))),
        (format!("# HTTP Cookie File\n{A}"), Ok((1, vec![]))),
        (
            format!("# Netscape HTTP Cookie File, and more\n\n# x\n$y\n{A}"),
            Ok((1, vec![])),
        ),
        (A.to_owned(), Ok((1, vec![]))), // no magic line
        (format!("# made by hand\n{A}"), Ok((1, vec![]))),
        (format!("{A}oops\n{B}"), Ok((2, vec![2]))),
        (format!("\u{feff}{HEADER}{A}"), Ok((1, vec![]))),
        (format!("\u{feff}{A}"), Ok((1, vec![]))),
        (
            format!("{HEADER}{A}{B}").replace('\n', "\r\n"),
            Ok((2, vec![])),
        ),
        // A line break of old systems ends no line: a server can put it into a file of wget.
        (
            format!("{HEADER}{A}{B}").replace('\n', "\r"),
            no_cookie.clone(),
        ),
        (format!("{A}{B}").replace('\n', "\r"), none.clone()),
        (
            format!("{HEADER}{A}{}{B}", A.replace('\n', "\r")),
            Ok((1, vec![3])),
        ),
        (format!("{HEADER}\r{A}{B}"), Ok((1, vec![2]))),
        (format!("{HEADER}{A}\0\0\0\0\n"), Ok((1, vec![3]))),
        (format!("{HEADER}{A}\0\0\0\0"), Ok((1, vec![3]))),
        (format!("{HEADER}{A}{}", B.trim_end()), Ok((2, vec![]))), // complete
        (
            format!("{HEADER}{A}{}", &B[..B.len() - 3]),
            Ok((1, vec![3])),
        ), // torn
        (format!("{ours}{A}{}", B.trim_end()), Ok((1, vec![4]))), // torn: ours ends with a line break
        (A.trim_end().to_owned(), Ok((1, vec![]))),
        (A.trim_end().replace('\t', " "), Ok((1, vec![]))),
        (
            format!("{HEADER}acme.com FALSE / FALSE 0 a"),
            Ok((0, vec![2])),
        ), // six words
        (
            format!("{HEADER}#HttpOnly_\n#HttpOnly_# {A}#HttpOnly_ $x\n\u{a0}# x\n"),
            Ok((0, vec![])),
        ),
        (HEADER.to_owned(), Ok((0, vec![]))),
        (HEADER.trim_end().to_owned(), Ok((0, vec![]))),
        (String::new(), Ok((0, vec![]))),
        ("\u{feff} \r\n\t".to_owned(), Ok((0, vec![]))),
        ("# Netscape\n".to_owned(), no_cookie),
        ("<html>\n".to_owned(), none.clone()),
        (format!("oops\n{A}"), none),
    ];
    for (file, expected) in rows {
        assert_eq!(
            read_all(&file, &all()),
            expected.map_err(str::to_owned),
            "{file:?}"
        );
    }
    assert_eq!(
        read_all(
            &format!("{HEADER}{}", A.trim_end()),
            &all().unterminated(false)
        ),
        Ok((0, vec![2]))
    );
}

#[test]
fn a_last_line_without_a_break_is_reported() {
    let line = "acme.com\tFALSE\t/\tFALSE\t0\ta\t1";
    let unterminated = |file: &str| {
        let reading = read(file.as_bytes(), &all()).expect("a file");
        reading.report.unterminated
    };
    assert_eq!(unterminated(&format!("{HEADER}{line}")), Some(2));
    assert_eq!(unterminated(&format!("{HEADER}{line}\n")), None);
    assert_eq!(unterminated(&format!("{HEADER}{line}\n# x")), None);
    assert_eq!(unterminated(&format!("{HEADER}{line}\noops")), None);
}

#[test]
fn strict_reading_gives_up_at_the_first_line() {
    let strict = all().strict(true);
    let line = "acme.com\tFALSE\t/\tFALSE\t0\ta\t1\n";
    let rows = [
        (
            format!("{HEADER}{line}oops\noops\n"),
            "line 3: 7 columns expected, 1 found",
        ),
        (
            format!("{HEADER}{}", line.trim_end()),
            "line 2: the last line has no line break and may be torn",
        ),
        (line.to_owned(), "line 1: not a file of this format"),
        (String::new(), "not a file of this format"),
        ("\n".to_owned(), "line 1: not a file of this format"),
        (format!("\u{feff}{HEADER}"), "not a file of this format"),
    ];
    for (file, expected) in rows {
        assert_eq!(
            read_all(&file, &strict),
            Err(expected.to_owned()),
            "{file:?}"
        );
    }
    assert_eq!(
        read_all(&format!("{HEADER}{line}"), &strict),
        Ok((1, vec![]))
    );
}

#[test]
fn limits_end_the_reading() {
    let file = format!("{HEADER}{}", "oops\n".repeat(4));
    let options = all().max_skipped(3);
    assert_eq!(
        read_all(&file, &options),
        Err("line 5: too many lines are no cookies".into())
    );
    assert_eq!(
        read_all(&file, &all().max_skipped(4)),
        Ok((0, vec![2, 3, 4, 5]))
    );
    let line = "acme.com\tFALSE\t/\tFALSE\t0\ta\t1";
    let long = format!("{HEADER}{line}\n{line}2\n{line}\n# {line}\n");
    let options = all().max_line(line.len());
    assert_eq!(read_all(&long, &options), Ok((2, vec![3])));
    assert_eq!(
        read_all(&long, &options.strict(true)),
        Err("line 3: the line is longer than allowed".into())
    );
}

#[test]
fn what_no_line_can_carry_is_said() {
    let cookie = |name: &str, value: &str, path: &str| {
        let builder = Cookie::builder(name, value).domain("acme.com");
        builder.path(path).build().expect("a cookie")
    };
    let rows = [
        (cookie("a\tb", "1", "/"), Unwritable::Tab),
        (cookie("a", "1\t2", "/"), Unwritable::Tab),
        (cookie("a", "1", "/\t"), Unwritable::Tab),
        (cookie("", "1", "/"), Unwritable::Nameless),
        (
            Cookie::builder("a", "1")
                .domain("acme.com")
                .port("80,81")
                .build()
                .expect("a cookie"),
            Unwritable::Port,
        ),
        (
            Cookie::builder("a", "1")
                .domain("acme.com")
                .partition_key("https://shop.example")
                .build()
                .expect("a cookie"),
            Unwritable::Partitioned,
        ),
        (
            Cookie::builder("a", "1")
                .domain("$acme")
                .build()
                .expect("a cookie"),
            Unwritable::Domain,
        ),
    ];
    let options = WriteOptions::new().ignore_discard(true);
    for (cookie, reason) in rows {
        assert_eq!(format_line(&cookie), Err(reason));
        let mut file = Vec::new();
        let good = Cookie::builder("good", "1")
            .domain("acme.com")
            .build()
            .expect("a cookie");
        let report = write(&mut file, [&cookie, &good], &options).expect("written");
        assert_eq!((report.written, report.skipped[0].reason), (1, reason));
        let reading = read(&*file, &all()).expect("a file");
        assert_eq!(
            (reading.cookies.len(), reading.report.skipped.len()),
            (1, 0)
        );
    }
}

#[test]
fn http_only_is_not_marked_by_choice() {
    let cookie = Cookie::builder("a", "1").domain("acme.com").http_only(true);
    let cookie = cookie.build().expect("a cookie");
    let options = WriteOptions::new().ignore_discard(true);
    let mut file = Vec::new();
    write(&mut file, [&cookie], &options.http_only_prefix(false)).expect("written");
    assert!(file.ends_with(b"\n\nacme.com\tFALSE\t/\tFALSE\t0\ta\t1\n"));
}

#[test]
fn numbers_are_written_as_they_are() {
    for number in [0, 7, 10, -1, 253_402_300_799, i64::MAX, i64::MIN] {
        let mut out = Vec::new();
        push_number(number, &mut out);
        assert_eq!(out, number.to_string().as_bytes());
    }
}

#[test]
fn the_epoch_is_no_session() {
    let epoch = time::OffsetDateTime::UNIX_EPOCH;
    let cookie = Cookie::builder("a", "1").domain("acme.com").expires(epoch);
    let line = format_line(&cookie.build().expect("a cookie")).expect("a line");
    assert_eq!(line, b"acme.com\tFALSE\t/\tFALSE\t1\ta\t1");
}

#[test]
fn a_line_is_refused_by_the_entrance_of_all_cookies() {
    assert_eq!(
        parse_line(b".\tTRUE\t/\tFALSE\t0\ta\t1"),
        Err(Reason::Rejected(Rejection::InvalidDomain))
    );
}

#[test]
fn python_s_form_is_turned_and_turned_back() {
    let cookie = Cookie::builder("n", b"\xe9")
        .domain("foo")
        .build()
        .expect("a cookie");
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true).python_form(true);
    write(&mut file, [&cookie], &options).expect("written");
    assert!(file.ends_with("foo.local\tFALSE\t/\tFALSE\t\tn\té\n".as_bytes()));
    let reading = read(&*file, &all().python_form(true)).expect("a file");
    assert_eq!(
        reading.cookies[0].value_bytes().as_deref(),
        Some(&b"\xe9"[..])
    );
}
