//! `Set-Cookie` as Python reads it, and what the attributes of Netscape, RFC 2109 and RFC 2965 mean to it.
//!
//! Its splitter knows no commas and no quotes but two: those around a `Version` and an `Expires`.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, max_age, octets, set_domain, set_host_only};
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::octets::{Class, is_blank, is_word};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::{date, path};

/// Reads one `Set-Cookie` field (CPython: `parse_ns_headers`).
///
/// ```text
/// set-cookie = name [ "=" value ] *( ";" [ attribute ] )
/// attribute  = key [ "=" value ]
/// ```
///
/// The pieces between the semicolons are taken as they are, less the blanks around them; one
/// without a key is passed over, but a cookie without a name is none.
#[inline]
pub(crate) fn parse(
    field: &[u8],
) -> Result<Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone>, Rejection> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, value)) if !name.is_empty() => (name, value),
        _ => return Err(Rejection::MissingName),
    };
    Ok(Attributes {
        name,
        value: value.map(Cow::Borrowed),
        pairs: pieces.filter(|(key, _)| !key.is_empty()).map(attribute),
        default_version: Some(0),
        class: Class::from_bytes(field),
    })
}

#[inline]
fn attribute<'a>((key, value): (&'a [u8], Option<&'a [u8]>)) -> Pair<'a> {
    let value = match value {
        Some(quoted @ ([b'"', ..] | [.., b'"']))
            if is_word(key, b"Expires") || is_word(key, b"Version") =>
        {
            Some(strip_quotes(quoted))
        }
        value => value,
    };
    Pair {
        key,
        value: value.map(Cow::Borrowed),
    }
}

/// Takes off one quote at each end, each for itself (CPython: `strip_quotes`).
fn strip_quotes(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    text.strip_suffix(b"\"").unwrap_or(text)
}

/// Makes the cookie that `attributes` describe in an answer to `request`, expired or not (CPython:
/// `_normalized_cookie_tuples` and `_cookie_from_cookie_tuple`).
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
        default_version,
        class,
    } = attributes;
    let mut draft = Draft::default();
    for pair in pairs.clone() {
        draft.take(pair, now)?;
    }
    draft.fields.name = Cow::Borrowed(name);
    draft.fields.value = value;
    draft.fields.class = class;
    // Words are split by another grammar, and what they quote may hold any octet.
    draft.fields.split = default_version.is_some();
    let control = octets == Octets::Control;
    draft.fields.flags.set(Flags::CONTROL, control);
    draft.fill_in(default_version, request)?;
    if draft.fields.attributes.len() <= KEPT {
        return draft.fields.pack();
    }
    draft.fields.attributes.clear();
    draft.fields.pack_with(Some(&|look| {
        let others = pairs
            .clone()
            .filter(|pair| Standard::parse(pair.key).is_none());
        others.for_each(|Pair { key, value }| look(key, value.as_deref()));
    }))
}

/// How many attributes that are not Python's are kept while a cookie is read, as many as fit without a block of
/// memory. Of more, all are split once again: a field of nothing else would take twelve times its length.
const KEPT: usize = 4;

/// The attributes that Python knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standard {
    Comment,
    CommentUrl,
    Discard,
    Domain,
    Expires,
    MaxAge,
    Path,
    Port,
    Secure,
    Version,
}

impl Standard {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 1.5 % fewer instructions"
    )]
    fn parse(key: &[u8]) -> Option<Self> {
        let (&letter, _) = key.split_first()?;
        // The length and one letter leave two names at most.
        Some(match (key.len(), letter.to_ascii_lowercase()) {
            (4, b'p') if is_word(key, b"Path") => Self::Path,
            (4, b'p') if is_word(key, b"Port") => Self::Port,
            (6, b'd') if is_word(key, b"Domain") => Self::Domain,
            (6, b's') if is_word(key, b"Secure") => Self::Secure,
            (7, b'e') if is_word(key, b"Expires") => Self::Expires,
            (7, b'm') if is_word(key, b"Max-Age") => Self::MaxAge,
            (7, b'v') if is_word(key, b"Version") => Self::Version,
            (7, b'c') if is_word(key, b"Comment") => Self::Comment,
            (7, b'd') if is_word(key, b"Discard") => Self::Discard,
            (10, b'c') if is_word(key, b"CommentURL") => Self::CommentUrl,
            _ => return None,
        })
    }
}

/// What the attributes have said so far.
#[derive(Default)]
struct Draft<'a> {
    fields: Fields<'a>,
    version: Option<u32>,
    domain: Option<Bytes<'a>>,
    path: Option<Bytes<'a>>,
    expires: Option<i64>,
    has_max_age: bool,
    /// The attributes that are settled, a bit each.
    seen: u16,
}

impl<'a> Draft<'a> {
    /// Takes in one attribute. The first of equal ones counts; of several `Max-Age` the last does,
    /// as in Python, and any of them beats `Expires`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 1.7 % fewer instructions"
    )]
    fn take(&mut self, pair: Pair<'a>, now: i64) -> Result<(), Rejection> {
        let Pair { key, value } = pair;
        let Some(standard) = Standard::parse(key) else {
            // One more tells that there are too many.
            if self.fields.attributes.len() <= KEPT {
                self.fields.attributes.push((Cow::Borrowed(key), value));
            }
            return Ok(());
        };
        if self.has_seen(standard) {
            return Ok(());
        }
        let fields = &mut self.fields;
        match standard {
            Standard::Comment => fields.rare().comment = value,
            Standard::CommentUrl => fields.rare().comment_url = value,
            Standard::Discard => fields
                .flags
                .set(Flags::DISCARD, value.is_none_or(|v| !v.is_empty())),
            Standard::Domain => self.domain = Some(required(value)?),
            Standard::Expires => {
                self.take_expires(value.as_deref());
                return Ok(());
            }
            Standard::MaxAge => return self.take_max_age(&required(value)?, now),
            Standard::Path => self.path = Some(required(value)?),
            // `Port` alone is the port of the request, filled in later.
            Standard::Port => {
                fields.flags.set(Flags::PORT_SPECIFIED, value.is_some());
                fields.rare().port = Some(value.map_or(Cow::Borrowed(b""), without_blanks));
            }
            Standard::Secure => fields.flags.set(Flags::SECURE, true),
            Standard::Version => self.version = Some(version(&required(value)?)?),
        }
        self.settle(standard);
        Ok(())
    }

    /// A date that cannot be read is passed over, so that a later one counts.
    fn take_expires(&mut self, value: Option<&[u8]>) {
        if let (false, Some(expires)) = (self.has_max_age, value.and_then(date::parse_server_date))
        {
            self.expires = Some(expires.min(date::END_OF_9999));
            self.settle(Standard::Expires);
        }
    }

    fn take_max_age(&mut self, value: &[u8], now: i64) -> Result<(), Rejection> {
        let seconds = max_age(value).ok_or(Rejection::InvalidMaxAge)?;
        self.expires = Some(now.saturating_add(seconds).min(date::END_OF_9999));
        self.has_max_age = true;
        Ok(())
    }

    /// Fills in what no attribute said.
    fn fill_in(
        &mut self,
        default_version: Option<u32>,
        request: &'a RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let version = self.version.or(default_version);
        let fields = &mut self.fields;
        fields.version = version.ok_or(Rejection::MissingVersion)?;
        fields.expires = self.expires.unwrap_or(NEVER);
        fill_in_path(fields, self.path.take(), request);
        match self.domain.take() {
            Some(domain) => set_domain(fields, domain),
            None => set_host_only(fields, request),
        }
        fill_in_port(fields, request);
        Ok(())
    }

    fn has_seen(&self, standard: Standard) -> bool {
        self.seen & (1 << standard as u16) != 0
    }

    fn settle(&mut self, standard: Standard) {
        self.seen |= 1 << standard as u16;
    }
}

fn required(value: Option<Bytes<'_>>) -> Result<Bytes<'_>, Rejection> {
    value.ok_or(Rejection::AttributeWithoutValue)
}

fn version(value: &[u8]) -> Result<u32, Rejection> {
    let version = super::digits(value).ok_or(Rejection::InvalidVersion)?;
    Ok(u32::try_from(version).unwrap_or(u32::MAX))
}

fn without_blanks(text: Bytes<'_>) -> Bytes<'_> {
    if text.iter().any(|&byte| is_blank(byte)) {
        Cow::Owned(
            text.iter()
                .copied()
                .filter(|&byte| !is_blank(byte))
                .collect(),
        )
    } else {
        text
    }
}

/// The path as the attribute says it, escaped, or the default path. One that does not begin with a
/// slash counts as none.
#[inline]
fn fill_in_path<'a>(
    fields: &mut Fields<'a>,
    path: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) {
    match path.filter(|path| path.starts_with(b"/")) {
        Some(path) => {
            fields.path = escape(path);
            fields.flags.set(Flags::PATH_SPECIFIED, true);
        }
        None => {
            let default = path::default_path(request.escaped_path(), fields.version != 0);
            fields.path = Cow::Borrowed(default.as_bytes());
        }
    }
}

fn escape(path: Bytes<'_>) -> Bytes<'_> {
    path::escape(&path).map_or(path, |escaped| Cow::Owned(escaped.into_bytes()))
}

/// `Port` without a value means the port of the request (RFC 2965, section 3.2.2).
#[inline]
fn fill_in_port(fields: &mut Fields<'_>, request: &RequestContext<'_>) {
    if fields.port().is_some() && !fields.flags.has(Flags::PORT_SPECIFIED) {
        fields.rare().port = Some(Cow::Owned(request.port().to_string().into_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set_cookie::{header_words, shown};

    const NOW: i64 = 1_700_000_000;

    fn request() -> RequestContext<'static> {
        RequestContext::new("http", "www.acme.com", 8080, "/a/b")
    }

    fn made(field: &str) -> Result<Cookie, Rejection> {
        make_cookie(parse(field.as_bytes())?, &request(), NOW)
    }

    fn made2(field: &str) -> Vec<Result<Cookie, Rejection>> {
        header_words::parse(field.as_bytes())
            .map(|attributes| make_cookie(attributes, &request(), NOW))
            .collect()
    }

    #[track_caller]
    fn cookie(field: &str) -> Cookie {
        made(field).expect("a cookie")
    }

    #[test]
    fn a_cookie_without_attributes() {
        let cookie = cookie("a=b");
        assert_eq!(
            (cookie.name(), cookie.value(), cookie.version()),
            ("a", Some("b"), 0)
        );
        assert_eq!(
            (cookie.domain(), cookie.domain_specified()),
            ("www.acme.com", false)
        );
        assert_eq!((cookie.path(), cookie.path_specified()), ("/a", false));
        assert_eq!((cookie.port(), cookie.port_specified()), (None, false));
        assert_eq!(
            (cookie.expires(), cookie.discard(), cookie.secure()),
            (None, true, false)
        );
    }

    #[test]
    fn lifetimes() {
        // field, seconds until it expires
        let rows = [
            ("a=b; Max-Age=60", Some(60)),
            ("a=b; Max-Age=0", Some(0)),
            ("a=b; Max-Age=-5", Some(-5)),
            ("a=b; Max-Age=10; max-age=20", Some(20)), // of several, the last
            (
                "a=b; Max-Age=10; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
                Some(10),
            ),
            (
                "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=10",
                Some(10),
            ),
            ("a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT", Some(86_400)),
            (
                "a=b; Expires=\"Wed, 15 Nov 2023 22:13:20 GMT\"",
                Some(86_400),
            ),
            (
                "a=b; Expires=junk; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
                Some(86_400),
            ),
            ("a=b; Expires=junk", None),
            ("a=b; Expires", None),
        ];
        for (field, seconds) in rows {
            assert_eq!(
                cookie(field).expires_seconds(),
                seconds.map(|s| NOW + s),
                "{field}"
            );
        }
        let forever = cookie("a=b; Max-Age=99999999999999999999999");
        assert_eq!(forever.expires_seconds(), Some(date::END_OF_9999));
        assert!(cookie("a=b; Max-Age=-99999999999999999999999").is_expired_at(NOW));
    }

    #[test]
    fn attributes_that_refuse_the_cookie() {
        let rows = [
            ("a=b; Max-Age", Rejection::AttributeWithoutValue),
            ("a=b; Max-Age=", Rejection::InvalidMaxAge),
            ("a=b; Max-Age=+5", Rejection::InvalidMaxAge),
            ("a=b; Max-Age=1_0", Rejection::InvalidMaxAge),
            ("a=b; Max-Age=\"5\"", Rejection::InvalidMaxAge),
            ("a=b; Domain", Rejection::AttributeWithoutValue),
            ("a=b; Path", Rejection::AttributeWithoutValue),
            ("a=b; Version", Rejection::AttributeWithoutValue),
            ("a=b; Version=", Rejection::InvalidVersion),
            ("a=b; Version=-1", Rejection::InvalidVersion),
            ("a=b; Version=1.0", Rejection::InvalidVersion),
            ("a=b; Domain=", Rejection::InvalidDomain),
            ("a=b; Domain=.", Rejection::InvalidDomain),
            ("a=b; Domain=a b", Rejection::InvalidDomain),
            ("a=b\0", Rejection::ForbiddenOctet),
            ("a=b; Expires=\n", Rejection::ForbiddenOctet),
            ("", Rejection::MissingName),
        ];
        for (field, rejection) in rows {
            assert_eq!(made(field), Err(rejection), "{field:?}");
        }
    }

    #[test]
    fn first_of_equal_attributes() {
        let cookie = cookie(
            "a=b; Path=/x; path=/y; Secure; Domain=acme.com; domain=evil.example; Port; Port=1",
        );
        assert_eq!(cookie.path(), "/x");
        assert_eq!(cookie.domain(), ".acme.com");
        assert_eq!(
            (cookie.port(), cookie.port_specified()),
            (Some("8080"), false)
        );
    }

    #[test]
    fn domains_and_paths() {
        let dotted = cookie("a=b; Domain=.ACME.com");
        assert_eq!(
            (dotted.domain(), dotted.domain_initial_dot()),
            (".acme.com", true)
        );
        let bare = cookie("a=b; Domain=Acme.com");
        assert_eq!(
            (bare.domain(), bare.domain_initial_dot()),
            (".acme.com", false)
        );
        assert_eq!(
            cookie("a=b; Domain=b\u{fc}cher.example").domain(),
            ".xn--bcher-kva.example"
        );
        assert_eq!(cookie("a=b; Path=/x y%c3").path(), "/x%20y%C3");
        for none in ["a=b; Path=", "a=b; Path=x", "a=b; Path=\"/\""] {
            assert_eq!(
                (cookie(none).path(), cookie(none).path_specified()),
                ("/a", false),
                "{none}"
            );
        }
        assert_eq!(cookie("a=b; Version=1").path(), "/a/");
    }

    #[test]
    fn flags_and_the_rest() {
        let all = cookie(
            "a=b; Secure=; Discard; HttpOnly; SameSite=lax; Comment=c; CommentURL=u; x=1; X=2",
        );
        assert!(all.secure() && all.discard() && all.http_only());
        assert_eq!(all.same_site(), Some(crate::cookie::SameSite::Lax));
        assert_eq!((all.comment(), all.comment_url()), (Some("c"), Some("u")));
        assert_eq!(all.nonstandard_attr("x"), Some("2")); // looked up without case, the last one counts
        let names: Vec<_> = all.nonstandard_attrs().map(|(name, _)| name).collect();
        assert_eq!(names, ["HttpOnly", "SameSite", "x", "X"]);
        assert!(!cookie("a=b; Max-Age=5; Discard=").discard());
        assert!(cookie("a=b; Max-Age=5; Discard=x").discard());
    }

    #[test]
    fn ports_lose_their_blanks() {
        assert_eq!(cookie("a=b; Port= 80, 81\t,82").port(), Some("80,81,82"));
        assert_eq!(cookie("a=b; Port=").port(), Some(""));
    }

    #[test]
    fn set_cookie2_wants_a_version() {
        let made = made2("a=1; Version=1; Port, b=2, c=\"3\\\"\"; Version=\"1\"; Path=/");
        let [first, second, third] = made.as_slice() else {
            panic!("three cookies")
        };
        let first = first.as_ref().expect("a cookie");
        assert_eq!(
            (first.version(), first.path(), first.port()),
            (1, "/a/", Some("8080"))
        );
        assert_eq!(*second, Err(Rejection::MissingVersion));
        assert_eq!(third.as_ref().expect("a cookie").value(), Some("3\""));
    }

    #[test]
    fn any_bytes_come_back() {
        let attributes = parse(b"\xe9=\xff\x80; k=\xe8; Path=/\xe9").expect("attributes");
        let cookie = make_cookie(attributes, &request(), NOW).expect("a cookie");
        assert_eq!(&*cookie.name_bytes(), b"\xe9");
        assert_eq!(cookie.value_bytes().as_deref(), Some(&b"\xff\x80"[..]));
        assert_eq!(
            (cookie.name(), cookie.value()),
            ("\u{e9}", Some("\u{ff}\u{80}"))
        );
        assert_eq!(cookie.nonstandard_attr("k"), Some("\u{e8}"));
        assert_eq!(cookie.path(), "/%E9");
    }

    #[test]
    fn control_octets_are_noted_wherever_they_stand() {
        for field in [
            "a=\x01",
            "\x01=a",
            "a=b; Path=/\x02",
            "a=b; Secure=\x7f",
            "a=b; Expires=\x01",
            "a=b; \x01",
        ] {
            assert!(cookie(field).has_control_octets(), "{field:?}");
        }
        assert!(!cookie("a=b\tc; d=\t").has_control_octets());
    }

    #[test]
    fn many_attributes_take_linear_time() {
        let field = ["a=b", &"; x=y".repeat(100_000)].concat();
        assert_eq!(cookie(&field).nonstandard_attrs().count(), 100_000);
    }

    /// A field as `name=value|key=value|key`, with `?` for a name without value.
    #[track_caller]
    fn split(field: &str) -> String {
        match parse(field.as_bytes()) {
            Err(rejection) => format!("{rejection:?}"),
            Ok(attributes) => shown(attributes),
        }
    }

    #[test]
    fn fields_in_their_pieces() {
        let rows = [
            ("a=b", "a=b"),
            ("a", "a"), // a name without a value
            ("a=", "a="),
            ("a=b=c", "a=b=c"),
            (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
            ("a=b;;  ;=x;Path=/", "a=b|Path=/"), // a piece without a key is passed over
            ("a=\"b;c\"", "a=\"b|c\""),          // quotes are no protection
            ("a=b; Expires=\"x\"; Version=\"1", "a=b|Expires=x|Version=1"),
            ("a=b; Path=\"/\"", "a=b|Path=\"/\""), // no other attribute loses its quotes
            ("a=b; Comment=c,d", "a=b|Comment=c,d"),
            ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
            ("", "MissingName"),
            ("=b", "MissingName"),
            (" ;a=b", "MissingName"),
        ];
        for (field, expected) in rows {
            assert_eq!(split(field), expected, "{field:?}");
        }
    }

    #[test]
    fn bytes_stay_bytes() {
        let mut attributes = parse(b"\xe9=\xff; \x80=\x81").expect("a cookie");
        assert_eq!(attributes.name, b"\xe9");
        assert_eq!(attributes.value.as_deref(), Some(&b"\xff"[..]));
        assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
    }
}
