use super::*;
use crate::set_cookie::tests::shown;

/// The cookies of a field, each as `name=value|key=value|key`, joined by ` + `.
fn read(field: &str) -> String {
    parse(field.as_bytes())
        .map(shown)
        .collect::<Vec<_>>()
        .join(" + ")
}

#[test]
fn fields_in_their_words() {
    let rows = [
        ("a=b", "a=b"),
        ("a", "a"),
        ("a=", "a="),
        (
            "a=b; Port=\"80,81\"; Discard, c=d",
            "a=b|Port=80,81|Discard + c=d",
        ),
        ("a = \"b c\" ; d", "a=b c|d"),
        ("a b c", "a|b|c"), // spaces separate like semicolons
        ("a=b c=d", "a=b|c=d"),
        (r#"a="x\"y\\z\q""#, r#"a=x"y\zq"#),
        (r#"a="open; b=c"#, r#"a="open|b=c"#), // a quote that is never closed is part of the value
        (r#"a="x"y"#, "a=x|y"),
        (r#"a="x\"#, r#"a="x\"#),
        ("a=b=c", "a=b=c"),
        (",, a=b ,;, c=d ,", "a=b + c=d"),
        ("==;; a", "a"),
        ("", ""),
        (" ; , = ", ""),
        ("a=\u{b}b", "a=\u{b}b"), // a vertical tab is not a blank
    ];
    for (field, expected) in rows {
        assert_eq!(read(field), expected, "{field:?}");
    }
}

#[test]
fn one_cookie_is_told_from_what_may_be_two() {
    let good = [
        "a",
        "a=",
        "a = \"b, c d=e; f\" ; d",
        "a=b;c; ;d=\"\\\";\";",
        r#"a="open; b=c"#,
        "\"a\"=1; \"b",
    ];
    let bad = [
        "",
        ";",
        ",",
        "=",
        "a,",
        "a, b",
        "a=1 b=2",
        "a b",
        "a; =b",
        "a; =",
        "=a",
        "a=b=c d",
        r#"a="x"y"#,
        r#"a="x"; b "y""#,
        "a; b c",
        "a\tb",
        r#"a; ="b c""#,
    ];
    for (fields, expected) in [(&good[..], true), (&bad, false)] {
        for field in fields {
            assert_eq!(is_one_cookie(field.as_bytes()), expected, "{field:?}");
        }
    }
}

#[test]
fn long_fields_take_linear_time() {
    for unit in ["a=\"b;", "\"\\", "a=\"\\\";", ",", "a ", "\\\"", "= "] {
        let field = unit.repeat(200_000);
        is_one_cookie(field.as_bytes());
        assert!(
            parse(field.as_bytes())
                .map(|cookie| cookie.pairs.count())
                .sum::<usize>()
                <= field.len()
        );
    }
}
