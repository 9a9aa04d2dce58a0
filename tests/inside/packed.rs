use super::*;

#[test]
fn parts_come_back_as_the_bytes_that_went_in() {
    let parts: [&[u8]; 5] = [b"", b"abc", "é€".as_bytes(), b"\xe9", b"\xc3\xa9\xff"];
    for bytes in parts {
        let mut packed = Packed::with_capacity(0, false);
        let latin1 = packed.push(bytes);
        let end = packed.end().expect("a short text");
        let text = packed.into_text();
        let part = Part {
            text: &text[..end as usize],
            latin1,
        };
        assert_eq!(part.bytes(), bytes);
        assert_eq!(part.byte_len(), bytes.len());
        assert!(part.is(bytes));
        assert!(!part.is(b"other"));
    }
}

#[test]
fn entries_come_back_in_order() {
    let mut tail = Packed::with_capacity(0, false);
    tail.push_port(b"80,81");
    tail.push_attribute(b"HttpOnly", None);
    tail.push_attribute(b"httponly", None);
    tail.push_attribute(b"HttpOnly", Some(b""));
    for (key, value) in COMMON {
        tail.push_attribute(key.as_bytes(), value.map(str::as_bytes));
    }
    tail.push_attribute(b"k\xe9", Some(b"v"));
    tail.push_attribute(b"k", Some(b"\xe9"));
    tail.push_comment(b"c\xe9");
    tail.push_comment_url(b"");
    tail.push_partition(b"https://a.example");
    let utf8 = |text| Part {
        text,
        latin1: false,
    };
    let latin1 = |text| Part { text, latin1: true };
    let expected = [
        Entry::Port(utf8("80,81")),
        Entry::Attribute(utf8("HttpOnly"), None),
        Entry::Attribute(utf8("httponly"), None),
        Entry::Attribute(utf8("HttpOnly"), Some(utf8(""))),
        Entry::Attribute(utf8("HttpOnly"), None),
        Entry::Attribute(utf8("SameSite"), Some(utf8("Lax"))),
        Entry::Attribute(utf8("SameSite"), Some(utf8("Strict"))),
        Entry::Attribute(utf8("SameSite"), Some(utf8("None"))),
        Entry::Attribute(utf8("Partitioned"), None),
        Entry::Attribute(latin1("ké"), Some(utf8("v"))),
        Entry::Attribute(utf8("k"), Some(latin1("é"))),
        Entry::Comment(latin1("cé")),
        Entry::CommentUrl(utf8("")),
        Entry::Partition(utf8("https://a.example")),
    ];
    assert_eq!(entries(&tail.into_text()).collect::<Vec<_>>(), expected);
    assert_eq!(entries("").count(), 0);
}

#[test]
fn octets_by_their_worst() {
    let rows: &[(&[u8], Octets)] = &[
        (b"", Octets::Plain),
        (b"a b\tc \xff", Octets::Plain),
        (b"a\x01", Octets::Control),
        (b"\x7f", Octets::Control),
        (b"a\x01\n", Octets::Forbidden),
        (b"\r", Octets::Forbidden),
        (b"\0", Octets::Forbidden),
    ];
    for (bytes, expected) in rows {
        assert_eq!(Octets::from_bytes(bytes), *expected, "{bytes:?}");
    }
}
