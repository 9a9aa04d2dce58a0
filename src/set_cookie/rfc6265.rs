//! `Set-Cookie` as browsers read it, and what attributes mean to them: RFC 6265bis, section 5.6.
//!
//! > Notice that attributes with unrecognized attribute-names are ignored.
//!
//! Attributes that are not the draft's, such as `Version` and `Port`, are not kept: a login must not fail
//! over their length. `HttpOnly`, `SameSite` and `Partitioned` are kept among the [non-standard
//! attributes](crate::Cookie::nonstandard_attrs), the last of each.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, max_age, octets, set_domain, set_host_only};
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::octets::{Class, is_word};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::{date, path};

/// > If the attribute-value is longer than 1024 octets, ignore the cookie-av string. (Section 5.6)
const LONGEST_VALUE: usize = 1_024;

/// Reads one `Set-Cookie` field, which is always a cookie of some kind.
///
/// ```text
/// set-cookie-string   = name-value-pair *( ";" cookie-av )
/// name-value-pair     = [ name "=" ] value
/// cookie-av           = attribute-name [ "=" attribute-value ]
/// ```
///
/// > If the name-value-pair string lacks a %x3D ("=") character, then the name string is empty, and
/// > the value string is the value of name-value-pair.
///
/// The first `=` of a piece divides it, and white space is space and tab.
pub(crate) fn parse(field: &[u8]) -> Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, Some(value))) => (name, value),
        Some((value, None)) => (&b""[..], value),
        None => (&b""[..], &b""[..]),
    };
    Attributes {
        name,
        value: Some(Cow::Borrowed(value)),
        pairs: pieces.map(|(key, value)| Pair {
            key,
            value: value.map(Cow::Borrowed),
        }),
        default_version: Some(0),
        class: Class::from_bytes(field),
    }
}

/// Makes the cookie that `attributes` describe in an answer to `request`, expired or not (sections
/// 5.6 and 5.7, steps 5 to 12).
pub(super) fn make_cookie<'a>(
    attributes: Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
    request: &RequestContext<'_>,
    now: i64,
) -> Result<Cookie, Rejection> {
    let octets = octets(&attributes);
    if octets == Octets::Forbidden {
        return Err(Rejection::ForbiddenOctet);
    }
    let Attributes {
        name,
        value,
        pairs,
        class,
        ..
    } = attributes;
    let mut draft = Draft::default();
    for pair in pairs {
        draft.take(pair, now);
    }
    let fields = &mut draft.fields;
    fields.name = Cow::Borrowed(name);
    fields.value = value;
    fields.class = class;
    fields.split = true;
    fields.expires = draft.max_age.or(draft.expires).unwrap_or(NEVER);
    fields.flags.set(Flags::CONTROL, octets == Octets::Control);
    fill_in_path(fields, draft.path, request);
    fill_in_domain(fields, draft.domain, request)?;
    fields.pack()
}

/// What the attributes have said so far.
#[derive(Default)]
struct Draft<'a> {
    fields: Fields<'a>,
    domain: Option<Bytes<'a>>,
    path: Option<Bytes<'a>>,
    expires: Option<i64>,
    max_age: Option<i64>,
}

impl<'a> Draft<'a> {
    /// Takes in one attribute. The last of equal ones counts; a date and an age that cannot be read
    /// count for nothing, and any age beats all dates.
    fn take(&mut self, Pair { key, value }: Pair<'a>, now: i64) {
        let text = value.as_deref().unwrap_or_default();
        if text.len() > LONGEST_VALUE || key.is_empty() {
            return;
        }
        match key.len() {
            4 if is_word(key, b"Path") => self.path = Some(value.unwrap_or_default()),
            6 if is_word(key, b"Domain") => self.domain = Some(value.unwrap_or_default()),
            6 if is_word(key, b"Secure") => self.fields.flags.set(Flags::SECURE, true),
            7 if is_word(key, b"Expires") => {
                self.expires = date::parse_cookie_date(text).or(self.expires);
            }
            7 if is_word(key, b"Max-Age") => {
                let end = |seconds: i64| now.saturating_add(seconds).min(date::END_OF_9999);
                self.max_age = max_age(text).map(end).or(self.max_age);
            }
            8 if is_word(key, b"HttpOnly") => self.keep(key, value),
            8 if is_word(key, b"SameSite") => self.keep(key, value),
            11 if is_word(key, b"Partitioned") => self.keep(key, value),
            _ => {}
        }
    }

    /// Keeps an attribute instead of an earlier one of its name, so that there are three at most.
    fn keep(&mut self, key: &'a [u8], value: Option<Bytes<'a>>) {
        let attributes = &mut self.fields.attributes;
        attributes.retain(|(earlier, _)| !earlier.eq_ignore_ascii_case(key));
        attributes.push((Cow::Borrowed(key), value));
    }
}

/// > If the attribute-value is empty or if the first character of the attribute-value is not %x2F
/// > ("/"): Let cookie-path be the default-path. (Section 5.6.4)
///
/// The bytes stay as they came.
fn fill_in_path<'a>(
    fields: &mut Fields<'a>,
    path: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) {
    match path.filter(|path| path.starts_with(b"/")) {
        Some(path) => {
            fields.path = path;
            fields.flags.set(Flags::PATH_SPECIFIED, true);
        }
        None => {
            fields.path = Cow::Borrowed(path::default_path(request.path(), false).as_bytes());
        }
    }
}

/// The domain as the last attribute says it, or the request-host, alone. A leading dot is nothing,
/// and so is an empty domain (sections 5.6.3 and 5.7, steps 7 to 10).
fn fill_in_domain<'a>(
    fields: &mut Fields<'a>,
    domain: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) -> Result<(), Rejection> {
    match domain.filter(|domain| !matches!(&**domain, b"" | b".")) {
        None => set_host_only(fields, request),
        Some(domain) if domain.is_ascii() => set_domain(fields, domain),
        Some(_) => return Err(Rejection::DomainNotAscii),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::SameSite;
    use crate::set_cookie::shown;

    const NOW: i64 = 1_700_000_000;

    fn made(field: &[u8]) -> Result<Cookie, Rejection> {
        let request = RequestContext::new("http", "www.acme.com", 8080, "/a/b");
        make_cookie(parse(field), &request, NOW)
    }

    #[track_caller]
    fn cookie(field: &str) -> Cookie {
        made(field.as_bytes()).expect("a cookie")
    }

    #[test]
    fn names_and_values() {
        // field, name, value
        let rows = [
            ("a=b", "a", "b"),
            ("a", "", "a"),
            ("=a", "", "a"),
            ("a=", "a", ""),
            (" a b = c d ", "a b", "c d"),
            ("a=\"b\"", "a", "\"b\""),
        ];
        for (field, name, value) in rows {
            let cookie = cookie(field);
            assert_eq!(
                (cookie.name(), cookie.value()),
                (name, Some(value)),
                "{field}"
            );
            assert_eq!((cookie.version(), cookie.port()), (0, None), "{field}");
        }
        for (field, reason) in [
            ("", Rejection::EmptyPair),
            ("=", Rejection::EmptyPair),
            (" = ", Rejection::EmptyPair),
            ("; Path=/", Rejection::EmptyPair),
            ("=a=b", Rejection::NamelessPair),
            ("==", Rejection::NamelessPair),
            ("__host-a", Rejection::NamelessPrefix),
            ("= __Secure-a", Rejection::NamelessPrefix),
        ] {
            assert_eq!(made(field.as_bytes()), Err(reason), "{field:?}");
        }
    }

    #[test]
    fn lifetimes() {
        // field, seconds until it expires
        let rows = [
            ("a=b; Max-Age=60", Some(60)),
            ("a=b; Max-Age=0", Some(0)),
            ("a=b; Max-Age=-0", Some(0)),
            ("a=b; Max-Age=-5", Some(-5)),
            ("a=b; Max-Age=10; max-age=20", Some(20)), // the last one counts
            ("a=b; Max-Age=10; Max-Age=x", Some(10)),  // the last one that can be read
            ("a=b; Max-Age=", None),
            ("a=b; Max-Age", None),
            ("a=b; Max-Age=+5", None),
            ("a=b; Max-Age=5.0", None),
            ("a=b; Max-Age=\"5\"", None),
            ("a=b; Max-Age=-", None),
            (
                "a=b; Max-Age=x; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
                Some(86_400),
            ),
            (
                "a=b; Max-Age=10; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
                Some(10),
            ),
            (
                "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=10",
                Some(10),
            ),
            ("a=b; Expires=15 Nov 2023 22:13:20 +0100", Some(86_400)), // zones are overlooked
            (
                "a=b; Expires=\"Wed, 15 Nov 2023 22:13:20 GMT\"",
                Some(86_400),
            ), // quotes delimit
            (
                "a=b; Expires=Tue, 14 Nov 2023 22:13:20 GMT; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
                Some(86_400),
            ),
            (
                "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Expires=junk",
                Some(86_400),
            ),
            ("a=b; Expires=junk", None),
            ("a=b; Expires", None),
        ];
        for (field, seconds) in rows {
            let expected = seconds.map(|seconds| NOW + seconds);
            assert_eq!(cookie(field).expires_seconds(), expected, "{field}");
        }
        let forever = cookie("a=b; Max-Age=99999999999999999999999");
        assert_eq!(forever.expires_seconds(), Some(date::END_OF_9999));
        assert!(cookie("a=b; Max-Age=-99999999999999999999999").is_expired_at(NOW));
    }

    #[test]
    fn domains() {
        // field, stored domain
        let rows = [
            ("a=b", "www.acme.com"),
            ("a=b; Domain=acme.com", ".acme.com"),
            ("a=b; Domain=.acme.com", ".acme.com"),
            ("a=b; DOMAIN = ACME.com ", ".acme.com"),
            ("a=b; Domain=x.com; Domain=acme.com", ".acme.com"), // the last one counts
            ("a=b; Domain=acme.com; Domain=", "www.acme.com"),   // even if it is empty
            ("a=b; Domain", "www.acme.com"),
            ("a=b; Domain=.", "www.acme.com"),
        ];
        for (field, domain) in rows {
            assert_eq!(cookie(field).domain(), domain, "{field}");
        }
        let international = "a=b; Domain=b\u{fc}cher.example".as_bytes();
        assert_eq!(made(international), Err(Rejection::DomainNotAscii));
        assert_eq!(made(b"a=b; Domain=\xff"), Err(Rejection::DomainNotAscii));
        assert_eq!(made(b"a=b; Domain=a b"), Err(Rejection::InvalidDomain));
    }

    #[test]
    fn paths() {
        // field, path, whether the server said it
        let rows = [
            ("a=b", "/a", false),
            ("a=b; Path=/x y%c3", "/x y%c3", true), // as it came
            ("a=b; Path=/x; path=/y", "/y", true),
            ("a=b; Path=/x; Path=y", "/a", false), // the last one counts, and says nothing
            ("a=b; Path=/x; Path", "/a", false),
            ("a=b; Path=", "/a", false),
            ("a=b; Path=\"/\"", "/a", false),
        ];
        for (field, path, specified) in rows {
            let cookie = cookie(field);
            assert_eq!(
                (cookie.path(), cookie.path_specified()),
                (path, specified),
                "{field}"
            );
        }
    }

    #[test]
    fn flags_and_the_rest() {
        let all = cookie("a=b; secure=no; HTTPONLY=no; SameSite=Strict; samesite=LAX; Partitioned");
        assert!(all.secure() && all.http_only() && all.partitioned());
        assert_eq!(all.same_site(), Some(SameSite::Lax));
        assert_eq!(cookie("a=b; SameSite=Strict; SameSite=x").same_site(), None); // the last one
        assert_eq!(cookie("a=b; SameSite").same_site(), None);
        let names = |cookie: &Cookie| -> Vec<_> {
            let names = cookie.nonstandard_attrs().map(|(name, _)| name.to_owned());
            names.collect()
        };
        assert_eq!(names(&all), ["HTTPONLY", "samesite", "Partitioned"]);
        let old = cookie(
            "a=b; Version=1; Port=\"80\"; Comment=c; Discard; ;=x; Max-Age=5; Priority=High",
        );
        assert_eq!(names(&old), [""; 0]);
        assert_eq!((old.version(), old.port(), old.comment()), (0, None, None));
        assert!(!old.discard());
    }

    #[test]
    fn long_values_of_attributes_count_for_nothing() {
        let long = |len: usize| format!("a=b; Path=/x; Path=/{}", "y".repeat(len - 1));
        assert_eq!(cookie(&long(1_025)).path(), "/x");
        assert_eq!(cookie(&long(1_024)).path().len(), 1_024);
        let domain = format!("a=b; Domain=acme.com; Domain={}", "y".repeat(1_025));
        assert_eq!(cookie(&domain).domain(), ".acme.com");
        let secure = format!("a=b; Secure={}", "y".repeat(1_025));
        assert!(!cookie(&secure).secure());
    }

    #[test]
    fn attributes_that_are_not_the_draft_s_do_not_count() {
        let field = ["a=b", &"; SameSite=Lax; x=yyyyyyyyyyyyyyyy".repeat(1_800)].concat();
        let cookie = cookie(&field);
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert!(!cookie.is_longer_than(30));
    }

    #[test]
    fn control_octets_are_noted_wherever_they_stand() {
        let long = format!("a=b; x=\x01{}", "y".repeat(1_025));
        for field in [
            "a=\x01",
            "\x01=a",
            "a=b; Path=/\x02",
            "a=b; Secure=\x7f",
            "a=b;=\x01",
            &long,
        ] {
            assert!(cookie(field).has_control_octets(), "{field:?}");
        }
        assert!(!cookie("a=b\tc; d=\t").has_control_octets());
        for field in [&b"a=b\0"[..], b"a=b; x=\r", b"a\n=b"] {
            assert_eq!(made(field), Err(Rejection::ForbiddenOctet), "{field:?}");
        }
    }

    #[test]
    fn any_bytes_come_back() {
        let cookie = made(b"\xe9=\xff\x80; k=\xe8; Path=/\xe9").expect("a cookie");
        assert_eq!(&*cookie.name_bytes(), b"\xe9");
        assert_eq!(cookie.value_bytes().as_deref(), Some(&b"\xff\x80"[..]));
        assert_eq!(&*cookie.path_bytes(), b"/\xe9");
    }

    #[test]
    fn many_attributes_take_linear_time() {
        for unit in ["; x=y", "; Path=/x", ";", "; Expires=x", "; SameSite=Lax"] {
            let field = ["a=b", &unit.repeat(100_000)].concat();
            assert_eq!(cookie(&field).name(), "a");
        }
    }

    /// A field as `name=value|key=value|key`.
    fn split(field: &str) -> String {
        shown(parse(field.as_bytes()))
    }

    #[test]
    fn fields_in_their_pieces() {
        let rows = [
            ("a=b", "a=b"),
            ("a", "=a"), // a value without a name
            ("=a", "=a"),
            ("a=", "a="),
            ("", "="),
            ("=", "="),
            ("a=b=c", "a=b=c"),
            ("=a=b", "=a=b"),
            (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
            ("a=b;;  ;=x;Path=/", "a=b|||=x|Path=/"), // what no attribute is is left to others
            ("a=\"b;c\"", "a=\"b|c\""),               // quotes are no protection
            ("a=b; Expires=\"x\"", "a=b|Expires=\"x\""),
            ("a b = c d", "a b=c d"),
            ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
            ("\u{a0}a=b\u{a0}", "\u{a0}a=b\u{a0}"),
            (" ;a=b", "=|a=b"),
        ];
        for (field, expected) in rows {
            assert_eq!(split(field), expected, "{field:?}");
        }
    }

    #[test]
    fn bytes_stay_bytes() {
        let mut attributes = parse(b"\xe9=\xff; \x80=\x81");
        assert_eq!(attributes.name, b"\xe9");
        assert_eq!(attributes.value.as_deref(), Some(&b"\xff"[..]));
        assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
    }

    #[test]
    fn long_fields_take_linear_time() {
        for unit in [";", "a=b;", "=", " ", ";=", "\t;"] {
            let field = unit.repeat(200_000);
            assert!(parse(field.as_bytes()).pairs.count() <= field.len());
        }
    }
}
