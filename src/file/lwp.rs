//! The format of libwww-perl's `HTTP::Cookies` and Python's `LWPCookieJar`.
//!
//! ```text
//! file   = magic *( line LF )
//! magic  = "#LWP-Cookies-" 1*DIGIT "." 1*DIGIT LF
//! line   = "Set-Cookie3: " cookie *( "," cookie ) / "#" comment / ""
//! cookie = name [ "=" value ] *( ";" key [ "=" value ] )
//! value  = word / <"> *( <any octet but <"> and "\"> | "\" <any octet> ) <">
//! ```
//!
//! The keys are `path`, `domain`, `port`, `path_spec`, `port_spec`, `domain_dot`, `secure`,
//! `expires`, `discard`, `comment`, `commenturl` and `version`, in any case, and attributes that
//! Python does not know. A date is `1994-11-24 08:49:37Z`. A cookie whose domain begins with a dot
//! came with a `Domain` attribute.
//!
//! # What is read
//!
//! [`ReadOptions::strict`] reads what Python reads, but for the last column and for files beyond their limit. Empty
//! files, the magic line, byte order marks and line breaks are read as in
//! [`cookies_txt`](super::cookies_txt#what-is-read).
//!
//! | in the file | verdict | strictly | Python, if not the same |
//! |---|---|---|---|
//! | a line that is not a `Set-Cookie3`, or has no cookie | skipped | ignored | |
//! | a line longer than [`ReadOptions::max_line`] | skipped | rejected | read |
//! | several cookies in a line, or a comma | skipped | read | |
//! | pairs without a semicolon between them, or no key before a `=` | skipped | read | |
//! | one of the keys above twice | skipped | the last counts | |
//! | last line without line break, `version` its last attribute | read, and [reported](super::ReadReport::unterminated); see [`ReadOptions::unterminated`] | rejected | read |
//! | another last line without line break | skipped: it is truncated | rejected | read |
//! | no `expires`, or a `discard` | a session cookie | the same | |
//! | an `expires` without a value, or one that is not a date | a session cookie | the same | |
//! | a fraction of a second in `expires` | dropped | rejected | |
//! | a `version` that is not a number | skipped | rejected | with a sign, blanks or underscores, or beyond 32 bits: read |
//! | no `version`, or one without a value | version 0 | the same | no version |
//! | domain missing, empty, a single dot, or one that no host can match | skipped | rejected | no host can have it: read, and sent to no host |
//! | value with `;` in a cookie of version 0 | skipped: it would be sent as two cookies | rejected | read, and sent as two cookies |
//! | path missing, or not beginning with a slash | skipped | rejected | read, and sent with no request |
//! | `port_spec` without a `port` | ignored | rejected | |
//! | `port="_80"`, as libwww-perl writes a port that the server did not specify | port 80, not specified | the same | read as it is |
//! | `secure=FALSE` | `Secure`: presence counts | the same | |
//! | NUL in a cookie, or CR alone | skipped | rejected | NUL: read; CR: ends a line |
//! | octets that are not UTF-8 | read as they are | the same | rejected, or read in the encoding of the system |
//! | white space other than space and tab | part of the word | the same | ends a word |
//! | `secure=""`, and the other presence-only keys with an empty value | presence counts | the same | as if absent |
//! | a date before 1970 | long expired | the same | a session cookie; before 1000, in a century near the present |
//! | a day that does not exist, such as February 31st | a session cookie | the same | a day of the next month |
//! | international domain, IPv6 address | converted to its canonical form | the same | read as it is |
//!
//! A line is one cookie. Strict reading takes more from it, as Python does: read strictly only files of servers that you
//! trust.
//!
//! # What is lost
//!
//! - attributes whose name is not a word, or is one of the format's own keys
//! - whether the cookie was an RFC 2109 cookie before it was downgraded
//! - creation and last access times; the order of creation is kept
//!
//! A cookie whose name is not a word, for example because it has a blank or a comma, is skipped and reported. So is
//! one that does not fit into a line or the file.
//!
//! # What each program writes
//!
//! | program | header | session | host-only, dotless | what it adds or loses | encoding |
//! |---|---|---|---|---|---|
//! | this library | `#LWP-Cookies-2.0` | `discard` | `foo` | | the header's bytes |
//! | the same, in Python's form | the same | `discard` | `foo.local` | | UTF-8 of ISO-8859-1 |
//! | Python | `#LWP-Cookies-2.0` | `discard` | `foo.local` | `HttpOnly=None` | UTF-8 of ISO-8859-1 |
//! | `HTTP::Cookies` | `#LWP-Cookies-1.0` | `discard` | `foo.local` | no `domain_dot`, no `port_spec` | the header's bytes |
//!
//! [`WriteOptions::python_form`] writes the file for Python, and [`WriteOptions::dot_local`] for libwww-perl.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use super::error::LoadError;
use super::line_reader::{self, LineFormat};
use super::line_writer::{domain_for, write_lines};
use super::lines::{Line, has_cr};
use super::options::{ReadOptions, WriteOptions};
use super::report::{Reading, Reason, Source, Unwritable, WriteReport};
use crate::cookie::pack::Bytes;
use crate::cookie::{Cookie, Entry, Fields, Flags, NEVER};
use crate::date;
use crate::domain::Domain;
use crate::octets::trim;
use crate::rejection::Rejection;
use crate::set_cookie::{Attributes, Pair, header_words};

const MAGIC: &[u8] = b"#LWP-Cookies-";
const VERSION: &[u8] = b"2.0";
const SET_COOKIE3: &[u8] = b"Set-Cookie3:";

/// Reads a file, as [`cookies_txt::read`](super::cookies_txt::read) does.
///
/// # Errors
///
/// Those of [`cookies_txt::read`](super::cookies_txt::read).
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    line_reader::read::<LwpLines>(reader, options)
}

pub(super) fn recognizes(head: &[u8]) -> bool {
    line_reader::recognizes::<LwpLines>(head)
}

/// Writes cookies, in the order of the iterator.
///
/// # Errors
///
/// Any error of the writer.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::file::{WriteOptions, lwp};
///
/// let cookie = Cookie::builder("sid", "31 d4").domain(".acme.com").build()?;
/// let mut file = Vec::new();
/// lwp::write(&mut file, [&cookie], &WriteOptions::new().ignore_discard(true))?;
/// let line = "Set-Cookie3: sid=\"31 d4\"; path=\"/\"; domain=\".acme.com\"; domain_dot; discard; version=0";
/// assert_eq!(String::from_utf8(file)?, format!("#LWP-Cookies-2.0\n{line}\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write<'c>(
    writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    let header = [MAGIC, VERSION, b"\n"].concat();
    write_lines(writer, cookies, options, header, b"", |cookie, out| {
        out.extend_from_slice(SET_COOKIE3);
        out.push(b' ');
        push_cookie(cookie, options, out)?;
        out.push(b'\n');
        Ok(())
    })
}

#[derive(Default)]
struct LwpLines;

impl LineFormat for LwpLines {
    const SOURCE: Source = Source::Lwp;

    /// CPython: `LWPCookieJar.magic_re`.
    fn is_magic(line: &[u8]) -> bool {
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        line.strip_prefix(MAGIC).is_some_and(|version| {
            let major = digits(version);
            let minor = version[major..].strip_prefix(b".").map_or(0, digits);
            major > 0 && minor > 0
        })
    }

    /// Python treats every line that is not a `Set-Cookie3` as a comment.
    fn is_comment(&mut self, line: &Line<'_>, options: &ReadOptions) -> bool {
        let strict = options.strict;
        match line.text.strip_prefix(SET_COOKIE3) {
            Some(field) => strict && header_words::parse(field).next().is_none(),
            None => strict || matches!(trim(line.text), [] | [b'#', ..]),
        }
    }

    fn cookies<'l>(
        &mut self,
        line: &Line<'l>,
        options: &'l ReadOptions,
    ) -> impl Iterator<Item = Result<Cookie, Reason>> {
        let field = line.text.strip_prefix(SET_COOKIE3);
        let fault = if line.too_long {
            Some(Reason::TooLong)
        } else if has_cr(line.text) {
            Some(Reason::Rejected(Rejection::ForbiddenOctet))
        } else if field.is_none_or(|field| trim(field).is_empty()) {
            Some(Reason::Word)
        } else if !options.strict && !field.is_some_and(header_words::is_one_cookie) {
            Some(Reason::Ambiguous)
        } else if line.terminated || field.is_some_and(|field| is_complete(field, options)) {
            None
        } else {
            Some(Reason::Unterminated)
        };
        let field = field.filter(|_| fault.is_none()).unwrap_or_default();
        let cookies = header_words::parse(field).map(|attributes| cookie(attributes, options));
        fault.map(Err).into_iter().chain(cookies)
    }
}

/// Its last attribute is the version, and all its quotes are closed.
fn is_complete(field: &[u8], options: &ReadOptions) -> bool {
    let mut ends_in_version = false;
    for attributes in header_words::parse(field) {
        let opens = |value: &Option<Cow<'_, [u8]>>| {
            // A closed quote's value contains a quote only if it was unescaped, and then it is not a slice of the
            // line.
            matches!(value, Some(Cow::Borrowed([b'"', ..])))
        };
        let mut pairs = attributes.pairs;
        if opens(&attributes.value) || pairs.clone().any(|pair| opens(&pair.value)) {
            return false;
        }
        let last = pairs.by_ref().last();
        ends_in_version = last.is_some_and(|Pair { key, value }| {
            let is_number = |value: Cow<'_, [u8]>| version(&value).is_ok();
            Key::parse(key) == Some(Key::Version) && value.is_some_and(is_number)
        });
    }
    options.unterminated && !options.strict && ends_in_version
}

fn cookie<'a>(
    attributes: Attributes<'a, Bytes<'a>, impl Iterator<Item = Pair<'a, Bytes<'a>>>>,
    options: &ReadOptions,
) -> Result<Cookie, Reason> {
    let text = |bytes| options.text(bytes);
    let mut fields = Fields {
        name: text(Cow::Borrowed(attributes.name)),
        value: attributes.value.map(text),
        path: Cow::Borrowed(b""),
        ..Fields::default()
    };
    let mut read = Words::default();
    let mut seen = 0;
    for Pair { key, value } in attributes.pairs {
        let Some(key) = Key::parse(key) else {
            fields
                .attributes
                .push((Cow::Borrowed(key), value.map(text)));
            continue;
        };
        let bit = 1_u16 << key as u16;
        if seen & bit > 0 && !options.strict {
            return Err(Reason::Ambiguous);
        }
        seen |= bit;
        match key {
            Key::Comment => fields.rare().comment = value.map(text),
            Key::CommentUrl => fields.rare().comment_url = value.map(text),
            Key::Discard => fields.flags.set(Flags::DISCARD, true),
            Key::Domain => read.domain = value,
            Key::DomainDot => fields.flags.set(Flags::DOMAIN_INITIAL_DOT, true),
            Key::Expires => read.expires = value,
            Key::Path => fields.path = text(value.unwrap_or_default()),
            Key::PathSpec => fields.flags.set(Flags::PATH_SPECIFIED, true),
            Key::Port => fields.rare().port = value.map(without_underscore),
            Key::PortSpec if value.is_none() => read.port_spec = Presence::Bare,
            Key::PortSpec => read.port_spec = Presence::WithValue,
            Key::Secure => fields.flags.set(Flags::SECURE, true),
            Key::Version => read.version = value,
        }
    }
    read.fill_in(&mut fields, options.strict)?;
    Ok(fields.pack()?)
}

/// What is checked after everything is read, because in strict reading the last of repeated keys counts.
#[derive(Default)]
struct Words<'a> {
    domain: Option<Cow<'a, [u8]>>,
    expires: Option<Cow<'a, [u8]>>,
    version: Option<Cow<'a, [u8]>>,
    port_spec: Presence,
}

#[derive(Default)]
enum Presence {
    #[default]
    Absent,
    Bare,
    WithValue,
}

impl<'a> Words<'a> {
    fn fill_in(self, fields: &mut Fields<'a>, strict: bool) -> Result<(), Reason> {
        if let Some(domain) = self.domain {
            (fields.domain, fields.dotted) = Domain::parse_dotted(domain);
        }
        if let Some(text) = self.expires {
            fields.expires = expires(&text, strict)?;
        }
        if let Some(text) = self.version {
            fields.version = version(&text)?;
        }
        let has_port = fields.rare.as_ref().is_some_and(|rare| rare.port.is_some());
        match self.port_spec {
            Presence::Absent => {}
            // CPython: the check of `Cookie.__init__`, which does not see a key with a value.
            Presence::Bare if strict && !has_port => return Err(Reason::Port),
            Presence::Bare | Presence::WithValue => {
                fields.flags.set(Flags::PORT_SPECIFIED, has_port);
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Comment,
    CommentUrl,
    Discard,
    Domain,
    DomainDot,
    Expires,
    Path,
    PathSpec,
    Port,
    PortSpec,
    Secure,
    Version,
}

impl Key {
    fn parse(key: &[u8]) -> Option<Self> {
        const KEYS: [(&str, Key); 12] = [
            ("path", Key::Path),
            ("domain", Key::Domain),
            ("port", Key::Port),
            ("path_spec", Key::PathSpec),
            ("port_spec", Key::PortSpec),
            ("domain_dot", Key::DomainDot),
            ("secure", Key::Secure),
            ("expires", Key::Expires),
            ("discard", Key::Discard),
            ("comment", Key::Comment),
            ("commenturl", Key::CommentUrl),
            ("version", Key::Version),
        ];
        KEYS.into_iter()
            .find_map(|(name, known)| key.eq_ignore_ascii_case(name.as_bytes()).then_some(known))
    }
}

/// Returns a session cookie if the date does not exist, as CPython does: its `iso2time` fails only for the fraction
/// of a second.
fn expires(text: &[u8], strict: bool) -> Result<i64, Reason> {
    match date::parse_iso_date(text) {
        Some(_) if strict && text.contains(&b'.') => Err(Reason::Expiry),
        Some(seconds) => Ok(seconds.min(date::END_OF_9999)),
        None => Ok(NEVER),
    }
}

fn version(text: &[u8]) -> Result<u32, Reason> {
    let digits = std::str::from_utf8(text)
        .ok()
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let version = digits.and_then(|digits| digits.parse().ok());
    version.ok_or(Reason::Rejected(Rejection::InvalidVersion))
}

/// libwww-perl marks the port of a request, which the server did not specify, with an underscore.
fn without_underscore(port: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match port.strip_prefix(b"_") {
        Some(port) => Cow::Owned(port.to_vec()),
        None => port,
    }
}

/// CPython: `lwp_cookie_str`.
fn push_cookie(
    cookie: &Cookie,
    options: &WriteOptions,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    if cookie.partition_key().is_some() {
        return Err(Unwritable::Partitioned);
    }
    let text = |bytes| options.text(bytes);
    let name = text(cookie.name_bytes());
    if !is_word(&name) {
        return Err(Unwritable::Name);
    }
    out.extend_from_slice(&name);
    push_value(cookie.value_bytes().map(text).as_deref(), out);
    push_pair("path", &text(cookie.path_bytes()), out);
    push_pair("domain", domain_for(cookie, options).as_bytes(), out);
    push_if(cookie.path_specified(), "path_spec", out);
    push_if(cookie.port_specified(), "port_spec", out);
    push_if(cookie.domain_initial_dot(), "domain_dot", out);
    push_if(cookie.secure(), "secure", out);
    if cookie.expiry_key() != NEVER {
        push_pair(
            "expires",
            date::write_iso_date(cookie.expiry_key()).as_bytes(),
            out,
        );
    }
    push_if(cookie.discard(), "discard", out);
    for entry in cookie.entries() {
        push_entry(entry, options, out);
    }
    push_version(cookie.version(), out);
    Ok(())
}

/// A version of several digits is quoted, so that a truncated one is not a number.
fn push_version(version: u32, out: &mut Vec<u8>) {
    let quote = if version > 9 { "\"" } else { "" };
    out.extend_from_slice(format!("; version={quote}{version}{quote}").as_bytes());
}

/// Ports, comments and attributes that Python does not know. An attribute that would be read as something
/// else is skipped.
fn push_entry(entry: Entry<'_>, options: &WriteOptions, out: &mut Vec<u8>) {
    let text = |bytes| options.text(bytes);
    match entry {
        Entry::Comment(comment) => push_pair("comment", &text(comment.bytes()), out),
        Entry::CommentUrl(url) => push_pair("commenturl", &text(url.bytes()), out),
        // The reader removes one underscore.
        Entry::Port(ports) if !options.python_form && ports.bytes().starts_with(b"_") => {
            push_pair("port", &[b"_", &*ports.bytes()].concat(), out);
        }
        Entry::Port(ports) => push_pair("port", &ports.bytes(), out),
        // A cookie with a partition is not written.
        Entry::Partition(_) => {}
        Entry::Attribute(key, value) => {
            let key = key.bytes();
            if is_word(&key) && key.is_ascii() && Key::parse(&key).is_none() {
                out.extend_from_slice(b"; ");
                out.extend_from_slice(&key);
                push_value(value.map(|value| text(value.bytes())).as_deref(), out);
            }
        }
    }
}

fn push_if(yes: bool, key: &str, out: &mut Vec<u8>) {
    if yes {
        out.extend_from_slice(b"; ");
        out.extend_from_slice(key.as_bytes());
    }
}

fn push_pair(key: &str, value: &[u8], out: &mut Vec<u8>) {
    push_if(true, key, out);
    push_value(Some(value), out);
}

/// A value as CPython's `join_header_words` writes it: quoted, unless it is made of ASCII letters,
/// digits and underscores.
fn push_value(value: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(value) = value else { return };
    out.push(b'=');
    if !value.is_empty()
        && value
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        out.extend_from_slice(value);
        return;
    }
    out.push(b'"');
    for &byte in value {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Whether all readers of the format read `text` as one word. In Python any Unicode white space ends a word.
fn is_word(text: &[u8]) -> bool {
    let ends_word =
        |c: char| c.is_whitespace() || c.is_ascii_control() || matches!(c, '=' | ';' | ',');
    match std::str::from_utf8(text) {
        Ok(text) => !text.is_empty() && !text.contains(ends_word),
        Err(_) => !text.iter().any(|&byte| ends_word(char::from(byte))),
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/lwp.rs"]
mod tests;
