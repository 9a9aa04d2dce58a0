//! The cookies of tough-cookie, the jar of Node.js, and of the agents and stores that use it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::expiry;
use super::foreign::{
    self, Kind, Object, bytes, fill_in_attributes, fill_in_domain_or, flag, text,
};
use super::parse::{Captured, Walk};
use crate::cookie::{Cookie, Fields, Flags, NEVER, UNKNOWN};
use crate::date;
use crate::file::report::{Reason, Source};

/// ```text
/// {"key":"sid","value":"31d4","expires":"2030-01-01T00:00:00.000Z","domain":"acme.com","path":"/",
///  "secure":true,"httpOnly":true,"hostOnly":false,"sameSite":"lax","extensions":["Priority=High"],
///  "creation":"2026-11-21T08:00:00.000Z","lastAccessed":"2026-11-21T08:00:00.000Z"}
/// ```
///
/// A field with its default value is omitted: an empty key or value, `false`, no expiry. The domain has no dot, so
/// that a cookie without `hostOnly` is host-only.
pub(super) fn cookie(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let mut fields = Fields {
        name: bytes(text(object, "key")?.unwrap_or_default()),
        value: Some(bytes(text(object, "value")?.unwrap_or_default())),
        path: bytes(text(object, "path")?.unwrap_or("/")),
        created: time(object, "creation")?.unwrap_or(UNKNOWN),
        ..Fields::default()
    };
    let host_only = flag(object, "hostOnly")?;
    fill_in_domain_or(&mut fields, text(object, "domain")?, host_only, own_host)?;
    let is_secure = flag(object, "secure")? == Some(true);
    fields.flags.set(Flags::SECURE, is_secure);
    let http_only = flag(object, "httpOnly")? == Some(true);
    fill_in_attributes(&mut fields, http_only, text(object, "sameSite")?);
    fill_in_extensions(&mut fields, object)?;
    fields.expires = match max_age(object)? {
        Some(expires) => expires,
        None => expiry::parse(object, &["expires"], &[])?,
    };
    Ok(fields.pack()?)
}

fn fill_in_extensions<'a>(fields: &mut Fields<'a>, object: &'a Object) -> Result<(), Reason> {
    let extensions = match object.get("extensions") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(extensions)) => extensions,
        Some(_) => return Err(Reason::Field),
    };
    for extension in extensions {
        let extension = extension.as_str().ok_or(Reason::Field)?;
        let (key, value) = match extension.split_once('=') {
            Some((key, value)) => (key, Some(bytes(value.trim_ascii()))),
            None => (extension, None),
        };
        // tough-cookie has supported it since version 4.
        let is_known = key.trim_ascii().eq_ignore_ascii_case("SameSite")
            && text(object, "sameSite")?.is_some();
        if !is_known {
            fields.attributes.push((bytes(key.trim_ascii()), value));
        }
    }
    Ok(())
}

/// When the cookie expires by `maxAge`, which counts from the creation and takes precedence over `expires`.
fn max_age(object: &Object) -> Result<Option<i64>, Reason> {
    let seconds = match object.get("maxAge") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text == "Infinity" => return Ok(Some(NEVER)),
        Some(Value::String(text)) if text == "-Infinity" => -1.0,
        Some(Value::Number(number)) => number.as_f64().ok_or(Reason::Expiry)?,
        Some(_) => return Err(Reason::Expiry),
    };
    if seconds <= 0.0 {
        return Ok(Some(1));
    }
    let created = match time(object, "creation")? {
        None => time(object, "lastAccessed")?.ok_or(Reason::Expiry)?,
        Some(created) => created,
    };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "`as` clamps, which is what is wanted"
    )]
    let expires = created.saturating_add(seconds as i64);
    Ok(Some(expires.min(date::END_OF_9999)))
}

fn time(object: &Object, key: &str) -> Result<Option<i64>, Reason> {
    match text(object, key)? {
        None | Some("Infinity") => Ok(None),
        Some(text) => date::parse_iso_date(text.as_bytes())
            .map(|seconds| Some(seconds.min(date::END_OF_9999)))
            .ok_or(Reason::Field),
    }
}

/// Whether a key of a file can be a domain. Other kinds of files have names without dots there.
pub(super) fn is_domain(key: &str) -> bool {
    key.contains(['.', ':']) || key == "localhost"
}

/// The value of a key that can be a domain, in a file store: paths, or something that is ignored.
///
/// ```text
/// {"acme.com":{"/":{"sid":{"key":"sid","value":"31d4","domain":"acme.com","path":"/"}}}}
/// ```
pub(super) struct Paths<'w, 'o>(pub(super) &'w mut Walk<'o>);

impl<'de> DeserializeSeed<'de> for Paths<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Paths<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cookies by path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut paths: A) -> Result<(), A::Error> {
        let Self(walk) = self;
        walk.progress.begin_value();
        while let Some(path) = paths.next_key::<String>()? {
            if path.starts_with('/') {
                walk.progress.begin_value();
                paths.next_value_seed(Cookies(walk))?;
            } else {
                walk.progress.begin_ignored();
                paths.next_value::<IgnoredAny>()?;
            }
            walk.progress.begin_value();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.0.progress.begin_ignored();
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    scalars!(_self => Ok(()));
}

struct Cookies<'w, 'o>(&'w mut Walk<'o>);

impl<'de> DeserializeSeed<'de> for Cookies<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Cookies<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cookies by key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut cookies: A) -> Result<(), A::Error> {
        let Self(walk) = self;
        walk.settle(Source::ToughCookie)?;
        while cookies.next_key::<IgnoredAny>()?.is_some() {
            let (line, text) = cookies.next_value_seed(Captured::value(walk.progress))?;
            let cookie = text.ok_or(Reason::TooLong).and_then(|text| {
                let object = serde_json::from_slice(&text).unwrap_or_default();
                foreign::cookie(&object, Kind::ToughCookie, walk.options)
            });
            walk.push(line, cookie)?;
            walk.progress.begin_value();
        }
        Ok(())
    }
}
