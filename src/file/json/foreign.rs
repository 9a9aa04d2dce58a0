//! Cookies from other programs: `cookie_store`, browser extensions, and programs that drive browsers.

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use super::{ReadOptions, expiry, partition, tough_cookie};
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::date;
use crate::domain::Domain;
use crate::file::cookies_txt::parse_expiry;
use crate::file::partitions::Containers;
use crate::file::report::{Reason, Source};
use crate::set_cookie::{Pair, python};

pub(in crate::file) type Object = serde_json::Map<String, Value>;

/// The program whose records a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::file) enum Kind {
    Browser,
    CookieStore,
    Guzzle,
    QuickManager,
    ToughCookie,
}

impl Kind {
    /// A record with `Name` and `Domain` is Guzzle's: the names of its other fields can be those of a header.
    pub(super) fn signs(object: &Object) -> impl Iterator<Item = Self> {
        const KEYS: [(&str, Kind); 5] = [
            ("raw_cookie", Kind::CookieStore),
            ("name", Kind::Browser),
            ("Name raw", Kind::QuickManager),
            ("key", Kind::ToughCookie),
            ("Name", Kind::Guzzle),
        ];
        let has = |key| object.contains_key(key);
        let is_guzzle = has("Name") && has("Domain");
        let known = KEYS
            .into_iter()
            .filter(move |(key, kind)| has(*key) && (!is_guzzle || *kind == Self::Guzzle));
        known.map(|(_, kind)| kind)
    }

    pub(super) fn source(self) -> Source {
        match self {
            Self::Browser | Self::QuickManager => Source::BrowserExport,
            Self::CookieStore => Source::CookieStore,
            Self::Guzzle => Source::Guzzle,
            Self::ToughCookie => Source::ToughCookie,
        }
    }

    fn fits(self, object: &Object) -> bool {
        let mut signs = Self::signs(object).peekable();
        signs.peek().is_none() || signs.any(|sign| sign == self)
    }
}

pub(in crate::file) fn cookie(
    object: &Object,
    kind: Kind,
    options: &ReadOptions,
) -> Result<Cookie, Reason> {
    let own_host = options.url.as_ref().and_then(Url::host_str);
    match kind {
        _ if !kind.fits(object) => Err(Reason::Field),
        Kind::Browser => browser(object, own_host),
        Kind::CookieStore => cookie_store(object, own_host),
        Kind::Guzzle => guzzle(object, own_host),
        Kind::QuickManager => quick_manager(object, own_host),
        Kind::ToughCookie => tough_cookie::cookie(object, own_host),
    }
}

/// Whether the options ask for the store in which a browser kept the cookie. An unknown one, such as that of private
/// windows, is a container without a number.
pub(super) fn is_in_store(object: &Object, kind: Kind, containers: Containers) -> bool {
    let store = object.get(match kind {
        Kind::Browser => "storeId",
        Kind::QuickManager => "Store raw",
        Kind::CookieStore | Kind::Guzzle | Kind::ToughCookie => return true,
    });
    let store = match store {
        None | Some(Value::Null) => return true,
        Some(Value::String(store)) => Cow::Borrowed(store.as_str()),
        Some(store) => Cow::Owned(store.to_string()),
    };
    match &*store {
        "" => true,
        "0" | "firefox-default" => containers.include(None),
        store => match store.strip_prefix("firefox-container-").map(str::parse) {
            Some(Ok(id)) => containers.include(Some(id).filter(|id| *id != 0)),
            _ => containers == Containers::All,
        },
    }
}

/// ```text
/// {"raw_cookie":"sid=31d4; HttpOnly; Path=/","path":["/",true],
///  "domain":{"HostOnly":"acme.com"},"expires":{"AtUtc":"2030-01-01T00:00:00Z"}}
/// ```
fn cookie_store(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let header = python::parse(required_text(object, "raw_cookie")?.as_bytes())?;
    let mut fields = Fields {
        name: Cow::Borrowed(header.name),
        value: header.value.map(Cow::Borrowed),
        ..Fields::default()
    };
    for Pair { key, value } in header.pairs {
        let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        if is("Secure") {
            fields.flags.set(Flags::SECURE, true);
        } else if !["Path", "Domain", "Expires", "Max-Age"].into_iter().any(is) {
            let value = value.map(Cow::Borrowed);
            fields.attributes.push((Cow::Borrowed(key), value));
        }
    }
    match object
        .get("path")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([Value::String(path), Value::Bool(specified)]) => {
            fields.path = Cow::Borrowed(path.as_bytes());
            fields.flags.set(Flags::PATH_SPECIFIED, *specified);
        }
        _ => return Err(Reason::Field),
    }
    match object.get("domain") {
        Some(Value::Object(domain)) => match text(domain, "HostOnly")? {
            Some(host) => fill_in_domain(&mut fields, host, Some(true)),
            None => fill_in_domain(&mut fields, required_text(domain, "Suffix")?, Some(false)),
        },
        // "NotPresent" and "Empty".
        None | Some(Value::Null | Value::String(_)) => {
            fill_in_domain(&mut fields, own_host.ok_or(Reason::Field)?, Some(true));
        }
        Some(_) => return Err(Reason::Field),
    }
    fields.expires = match object.get("expires") {
        Some(Value::String(end)) if end == "SessionEnd" => NEVER,
        Some(Value::Object(expires)) => at_utc(expires)?,
        _ => return Err(Reason::Field),
    };
    Ok(fields.pack()?)
}

fn at_utc(expires: &Object) -> Result<i64, Reason> {
    let seconds = date::parse_iso_date(required_text(expires, "AtUtc")?.as_bytes());
    Ok(seconds.ok_or(Reason::Expiry)?.min(date::END_OF_9999))
}

/// The record of `chrome.cookies` and similar interfaces:
///
/// ```text
/// {"domain":".acme.com","expirationDate":1893456000.5,"hostOnly":false,"httpOnly":true,
///  "name":"sid","path":"/","sameSite":"lax","secure":true,"session":false,"value":"31d4"}
/// ```
///
/// The expiry is also called `expires` (Playwright, Puppeteer) or `expiry` (Selenium).
fn browser(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let mut fields = Fields {
        name: bytes(required_text(object, "name")?),
        value: Some(bytes(required_text(object, "value")?)),
        path: bytes(text(object, "path")?.unwrap_or("/")),
        ..Fields::default()
    };
    let domain = text(object, "domain")?;
    fill_in_domain_or(&mut fields, domain, flag(object, "hostOnly")?, own_host)?;
    fields
        .flags
        .set(Flags::SECURE, flag(object, "secure")? == Some(true));
    fill_in_attributes(
        &mut fields,
        flag(object, "httpOnly")? == Some(true),
        text(object, "sameSite")?,
    );
    if flag(object, "session")? != Some(true) {
        // Playwright, Puppeteer and CDP write -1 for a session cookie, and exporters 0.
        fields.expires = expiry::parse(object, &["expirationDate", "expires", "expiry"], &[-1, 0])?;
    }
    partition::fill_in(&mut fields, object)?;
    Ok(fields.pack()?)
}

/// ```text
/// {"Host raw":"https://.acme.com/","Name raw":"sid","Path raw":"/","Content raw":"31d4",
///  "Expires raw":"1893456000","Send for raw":"true","HTTP only raw":"true",
///  "SameSite raw":"lax","This domain only raw":"false"}
/// ```
fn quick_manager(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let is_true = |key| text(object, key).map(|value| value == Some("true"));
    let host = text(object, "Host raw")?.map(|url| {
        let host = url.split_once("://").map_or(url, |(_, host)| host);
        host.split_once('/').map_or(host, |(host, _)| host)
    });
    let mut fields = Fields {
        name: bytes(required_text(object, "Name raw")?),
        value: Some(bytes(required_text(object, "Content raw")?)),
        path: bytes(text(object, "Path raw")?.unwrap_or("/")),
        ..Fields::default()
    };
    let host_only = is_true("This domain only raw")?;
    fill_in_domain_or(&mut fields, host, Some(host_only), own_host)?;
    fields.flags.set(Flags::SECURE, is_true("Send for raw")?);
    fill_in_attributes(
        &mut fields,
        is_true("HTTP only raw")?,
        text(object, "SameSite raw")?,
    );
    let expiry = required_text(object, "Expires raw")?;
    fields.expires = parse_expiry(expiry.as_bytes()).ok_or(Reason::Expiry)?;
    partition::fill_in(&mut fields, object)?;
    Ok(fields.pack()?)
}

/// The record of Guzzle, the PHP client:
///
/// ```text
/// {"Name":"sid","Value":"31d4","Domain":"acme.com","Path":"/","Max-Age":null,"Expires":1893456000,
///  "Secure":true,"Discard":false,"HttpOnly":true,"HostOnly":true,"SameSite":"Lax"}
/// ```
///
/// Older versions have no `HostOnly` and send a cookie without a `Domain` attribute to subdomains, too. Here it is
/// host-only unless its domain begins with a dot. A `Max-Age` above 0 is already in `Expires`; 0 and below, which
/// older versions keep without an `Expires`, is long expired.
fn guzzle(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let mut fields = Fields {
        name: bytes(required_text(object, "Name")?),
        value: Some(bytes(required_text(object, "Value")?)),
        path: bytes(text(object, "Path")?.unwrap_or("/")),
        ..Fields::default()
    };
    let host_only = flag(object, "HostOnly")?;
    fill_in_domain_or(&mut fields, text(object, "Domain")?, host_only, own_host)?;
    let is_secure = is_set(object, "Secure")?;
    fields.flags.set(Flags::SECURE, is_secure);
    let http_only = is_set(object, "HttpOnly")?;
    fill_in_attributes(&mut fields, http_only, text(object, "SameSite")?);
    fields.expires = match expiry::parse(object, &["Expires"], &[])? {
        NEVER if is_over(object) => 1,
        expires => expires,
    };
    if is_set(object, "Discard")? {
        fields.flags.set(Flags::DISCARD, true);
    }
    Ok(fields.pack()?)
}

fn is_over(object: &Object) -> bool {
    let seconds = match object.get("Max-Age") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    seconds.is_some_and(|seconds| seconds <= 0.0)
}

fn is_set(object: &Object, key: &str) -> Result<bool, Reason> {
    match object.get(key) {
        Some(Value::String(text)) => Ok(!matches!(text.as_str(), "" | "0")),
        _ => Ok(flag(object, key)? == Some(true)),
    }
}

/// A cookie without a domain belongs to the host that the options name.
pub(super) fn fill_in_domain_or<'a>(
    fields: &mut Fields<'a>,
    domain: Option<&'a str>,
    host_only: Option<bool>,
    own_host: Option<&'a str>,
) -> Result<(), Reason> {
    match (domain, own_host) {
        (None | Some(""), Some(host)) => fill_in_domain(fields, host, Some(true)),
        (Some(domain), _) => fill_in_domain(fields, domain, host_only),
        (None, None) => return Err(Reason::Field),
    }
    Ok(())
}

fn fill_in_domain<'a>(fields: &mut Fields<'a>, domain: &'a str, host_only: Option<bool>) {
    let (domain, dotted) = Domain::parse_dotted(bytes(domain));
    fields.domain = domain;
    fields.dotted = !host_only.unwrap_or(!dotted);
    fields.flags.set(Flags::DOMAIN_INITIAL_DOT, fields.dotted);
}

pub(super) fn fill_in_attributes(
    fields: &mut Fields<'_>,
    http_only: bool,
    same_site: Option<&str>,
) {
    const SAME_SITE: [(&str, &str); 4] = [
        ("lax", "Lax"),
        ("no_restriction", "None"),
        ("none", "None"),
        ("strict", "Strict"),
    ];
    if http_only {
        fields.attributes.push((bytes("HttpOnly"), None));
    }
    let known = same_site.and_then(|name| {
        let mut all = SAME_SITE.into_iter();
        all.find(|(known, _)| name.eq_ignore_ascii_case(known))
    });
    if let Some((_, value)) = known {
        let value = Some(bytes(value));
        fields.attributes.push((bytes("SameSite"), value));
    }
}

pub(super) fn bytes(text: &str) -> Cow<'_, [u8]> {
    Cow::Borrowed(text.as_bytes())
}

pub(super) fn text<'a>(object: &'a Object, key: &str) -> Result<Option<&'a str>, Reason> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Reason::Field),
    }
}

pub(super) fn required_text<'a>(object: &'a Object, key: &str) -> Result<&'a str, Reason> {
    text(object, key)?.ok_or(Reason::Field)
}

pub(super) fn flag(object: &Object, key: &str) -> Result<Option<bool>, Reason> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(yes)) => Ok(Some(*yes)),
        Some(_) => Err(Reason::Field),
    }
}
