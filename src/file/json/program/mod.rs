//! JSON for other programs: browsers, extensions, programs that drive browsers, and `cookie_store`.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use serde::Serialize;

use super::partition::{self, Partition};
use super::{LoadError, ReadOptions, Reading, WriteOptions, WriteReport};
use crate::cookie::{Cookie, Fields, SameSite};
use crate::file::format::CookieFormat;
use crate::file::line_writer::write_lines;
use crate::file::report::Unwritable;
use crate::policy::{BrowserPolicy, CookiePolicy};
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};
use crate::{date, domain};

mod records;
mod state;

use records::{Driven, Extension, Selenium, Stored};
pub use state::StorageState;

/// A program whose JSON is written, as a [`CookieFormat`]; it is read as [`read`](super::read) does.
///
/// All of them skip and report what they cannot carry: octets that are not UTF-8, a cookie that is bound to ports, and
/// a semicolon in a value. Version, comments and unknown attributes are lost, and with `discard` the expiry. The order
/// is that of creation.
///
/// | program | session | host-only | `SameSite` | partition | what else it cannot carry |
/// |---|---|---|---|---|---|
/// | [`CookieStore`](Self::CookieStore) | `"SessionEnd"` | `HostOnly` | in `raw_cookie` | skipped | a name without a value, a value without a name, blanks, of Unicode too, at the ends of a name or a value |
/// | [`Extension`](Self::Extension) | `session` | `hostOnly` | its own words | both parts, or `firstPartyDomain` | |
/// | [`Playwright`](Self::Playwright) | `-1` | no dot | `"Lax"` or none | both parts | `firstPartyDomain` |
/// | [`Puppeteer`](Self::Puppeteer), and `Network.setCookies` of CDP | `-1` | no dot | `"Lax"` or none | both parts | `firstPartyDomain` |
/// | [`Selenium`](Self::Selenium), and WebDriver | no `expiry` | no `domain`, for the page that [`WriteOptions::of_url`] names; others are skipped | `"Lax"` or none | skipped | |
///
/// A name without a value is written as a value without a name, which is sent identically. It is skipped if it begins
/// with a prefix such as `__Host-`, because such a value is rejected. For Playwright, Puppeteer and Selenium a cookie
/// that a browser rejects, such as a `__Host-` one that is not `Secure`, or a tab in a value, is also skipped and
/// reported: it would make the browser reject all others. A browser expires each cookie after 400 days.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::file::WriteOptions;
/// use cookiejar::file::json::{self, Program};
///
/// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").secure(true).build()?;
/// let mut file = Vec::new();
/// let options = WriteOptions::new().ignore_discard(true);
/// json::write_for(&mut file, [&cookie], Program::Playwright, &options)?;
/// let line = r#"{"name":"sid","value":"31d4","domain":"acme.com","path":"/","expires":-1,"httpOnly":false,"secure":true}"#;
/// assert_eq!(String::from_utf8(file)?, format!("{{\"cookies\":[\n{line}\n],\"origins\":[]}}\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Program {
    /// The crate `cookie_store`: the array that `serde::json::load` reads.
    CookieStore,
    /// Browser extensions: the array of `chrome.cookies`.
    Extension,
    /// Playwright: a storage state. [`StorageState`] keeps the `origins` of one that was read.
    Playwright,
    /// Puppeteer's `setCookie`, and `Network.setCookies` of CDP.
    Puppeteer,
    /// Selenium's `add_cookie`, and WebDriver. A driver accepts the cookies of the page that it shows, and sends each
    /// that has a `domain` to all subdomains, too.
    Selenium,
}

impl CookieFormat for Program {
    fn read(&self, reader: &mut dyn Read, options: &ReadOptions) -> Result<Reading, LoadError> {
        super::read(reader, options)
    }

    fn write(
        &self,
        writer: &mut dyn Write,
        cookies: &mut dyn Iterator<Item = &Cookie>,
        options: &WriteOptions,
    ) -> io::Result<WriteReport> {
        write_for(writer, cookies, *self, options)
    }
}

/// Writes cookies as a program reads them, in the order of the iterator.
///
/// # Errors
///
/// Any error of the writer.
pub fn write_for<'c>(
    writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    program: Program,
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    match program {
        Program::Playwright => StorageState::new().write_cookies(writer, cookies, options),
        _ => write_array(writer, cookies, program, options, ("[", "\n]\n")),
    }
}

fn write_array<'c>(
    writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    program: Program,
    options: &WriteOptions,
    (begin, end): (&str, &str),
) -> io::Result<WriteReport> {
    let end = end.as_bytes();
    write_lines(
        writer,
        cookies,
        options,
        begin.into(),
        end,
        |cookie, out| {
            let is_first = out.last() == Some(&b'[');
            out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            let parts = Parts::of(cookie)?;
            match program {
                Program::CookieStore => push(&Stored::of(&parts)?, out),
                Program::Extension => push(&Extension::of(&parts), out),
                Program::Playwright => push(&Driven::of_playwright(parts.of_browser()?)?, out),
                Program::Puppeteer => push(&Driven::of_puppeteer(parts.of_browser()?)?, out),
                Program::Selenium => push(&Selenium::of(parts.of_browser()?, options)?, out),
            }
            Ok(())
        },
    )
}

fn push(cookie: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, cookie).expect("a record of texts and numbers, written to memory");
}

struct Parts<'c> {
    cookie: &'c Cookie,
    name: &'c str,
    value: &'c str,
    path: &'c str,
    expires: Option<i64>,
    nameless: Option<Cookie>,
}

impl<'c> Parts<'c> {
    fn of(cookie: &'c Cookie) -> Result<Self, Unwritable> {
        if cookie.port().is_some() {
            return Err(Unwritable::Port);
        }
        let (name, value) = (cookie.name_part(), cookie.value_part());
        let parts = [Some(name), value, Some(cookie.path_part())];
        if parts.iter().flatten().any(|part| part.latin1) {
            return Err(Unwritable::Text);
        }
        let (name, value, nameless) = match value {
            Some(value) => (name.text, value.text, None),
            None => ("", name.text, Some(nameless(cookie)?)),
        };
        if value.contains(';') {
            return Err(Unwritable::Semicolon);
        }
        let expires = cookie.expires_seconds().filter(|_| !cookie.discard());
        Ok(Self {
            cookie,
            name,
            value,
            path: cookie.path_part().text,
            // 0 and -1 would mean a session cookie, and a negative time makes Playwright reject all cookies.
            expires: expires.map(|seconds| seconds.clamp(1, date::END_OF_9999)),
            nameless,
        })
    }

    /// The same, if a browser accepts it. One cookie that it rejects makes it reject all cookies of the call.
    fn of_browser(&self) -> Result<&Self, Unwritable> {
        /// As browsers require for each attribute (RFC 6265bis, section 5.6).
        const MAX_PATH: usize = 1_024;
        let Self {
            cookie,
            name,
            value,
            path,
            ref nameless,
            ..
        } = *self;
        if [name, value, path]
            .iter()
            .any(|text| text.contains(|c: char| c.is_ascii_control()))
        {
            return Err(Unwritable::Control);
        }
        if value.trim_ascii() != value {
            return Err(Unwritable::Blank);
        }
        if path.len() > MAX_PATH {
            return Err(Unwritable::TooLong);
        }
        if path.contains(';') {
            return Err(Unwritable::Semicolon);
        }
        let host = domain::undotted(cookie.domain());
        let request = RequestContext::new("https", host, None, path);
        let key = cookie.partition_key().unwrap_or_default();
        let provenance = Provenance::new().partition_key(key);
        let request = match key {
            "" => request,
            _ => request.caused_by(provenance),
        };
        let policy = BrowserPolicy::with_suffixes(PublicSuffixes::none());
        policy.set_ok(nameless.as_ref().unwrap_or(cookie), &request)?;
        Ok(self)
    }

    fn same_site(&self) -> Option<&'static str> {
        self.cookie.same_site().map(|same_site| match same_site {
            SameSite::Lax => "Lax",
            SameSite::None => "None",
            SameSite::Strict => "Strict",
        })
    }

    fn site(&self) -> Result<Option<Partition<'c>>, Unwritable> {
        match partition::of(self.cookie) {
            Some(partition) if !partition.is_site() => Err(Unwritable::Partitioned),
            partition => Ok(partition),
        }
    }
}

/// Returns a name without a value as a value without a name, to which other rules apply.
fn nameless(cookie: &Cookie) -> Result<Cookie, Rejection> {
    let fields = Fields::from(cookie);
    let fields = Fields {
        name: Cow::Borrowed(b""),
        value: Some(fields.name),
        ..fields
    };
    fields.pack()
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../../tests/inside/json_program.rs"]
mod tests;
