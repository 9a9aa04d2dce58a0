//! A whole cookie as stored in JSON and databases; [`json`](crate::file::json) documents each field.
//!
//! It knows no file and no database. Rows pass the checks of every cookie, and unknown fields are ignored.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(feature = "persist")]
use super::CookieId;
use super::{Cookie, Entry, Fields, Flags, NEVER, Part, UNKNOWN};
use crate::date;
use crate::domain::{self, Domain};
use crate::rejection::Rejection;

/// The fields of a cookie. Name, domain, `host_only` and path are left out only where they are stored beside the row.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    value: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    domain: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_only: Option<bool>,
    #[serde(default, skip_serializing_if = "is_false")]
    domain_initial_dot: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    path: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    path_specified: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    port: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    port_specified: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    version: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    #[serde(default, skip_serializing_if = "is_false")]
    discard: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    comment: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    comment_url: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    rfc2109: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    control_octets: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<i64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    last_access: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    partition: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RowError {
    #[error("a field is missing or of another type")]
    Field,
    #[error("{0}")]
    Rejected(#[from] Rejection),
}

type Attribute<'a> = Vec<Text<'a>>;

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_false(yes: &bool) -> bool {
    !yes
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl<'a> From<&'a Cookie> for Row<'a> {
    fn from(cookie: &'a Cookie) -> Self {
        let mut row = Self {
            name: Some(cookie.name_part().into()),
            value: cookie.value_part().map(Text::from),
            domain: Some(domain::undotted(cookie.domain()).into()),
            host_only: Some(cookie.host_only()),
            domain_initial_dot: cookie.domain_initial_dot(),
            path: Some(cookie.path_part().into()),
            path_specified: cookie.path_specified(),
            port: None,
            port_specified: cookie.port_specified(),
            version: cookie.version(),
            secure: cookie.secure(),
            expires: cookie.expires_seconds(),
            discard: cookie.discard() && cookie.expires_seconds().is_some(),
            comment: None,
            comment_url: None,
            rfc2109: cookie.rfc2109(),
            control_octets: cookie.has_control_octets(),
            created: Some(cookie.creation_key().0).filter(|created| *created != UNKNOWN),
            last_access: cookie.last_access_seconds(),
            partition: None,
            attributes: Vec::new(),
            order: None,
        };
        for entry in cookie.entries() {
            match entry {
                Entry::Comment(comment) => row.comment = Some(comment.into()),
                Entry::CommentUrl(url) => row.comment_url = Some(url.into()),
                Entry::Partition(key) => row.partition = Some(key.into()),
                Entry::Port(ports) => row.port = Some(ports.into()),
                Entry::Attribute(key, value) => {
                    let parts = [Some(key), value].into_iter().flatten();
                    row.attributes.push(parts.map(Text::from).collect());
                }
            }
        }
        row
    }
}

/// Rows that are stored under the cookie's id.
#[cfg(feature = "persist")]
impl<'a> Row<'a> {
    pub(crate) fn without_id(self, order: u64) -> Self {
        Self {
            name: None,
            domain: None,
            host_only: None,
            path: None,
            partition: None,
            order: Some(order),
            ..self
        }
    }

    /// Missing parts of the id are those of `id`, which is in no canonical form yet.
    pub(crate) fn cookie_under(mut self, id: &'a CookieId<'a>) -> Result<Cookie, RowError> {
        if self.domain.is_none() && self.host_only.is_none() {
            self.domain = Some(domain::undotted(id.domain()).into());
            self.host_only = Some(!id.domain().starts_with('.'));
        }
        self.name.get_or_insert_with(|| Text::from_bytes(id.name()));
        self.path.get_or_insert_with(|| Text::from_bytes(id.path()));
        if let (None, Some(key)) = (&self.partition, id.partition()) {
            self.partition = Some(Text::from_bytes(key.as_bytes()));
        }
        let order = self.order.unwrap_or_default();
        let mut cookie = self.cookie()?;
        cookie.sequence = order;
        Ok(cookie)
    }
}

impl Row<'_> {
    pub(crate) fn cookie(self) -> Result<Cookie, RowError> {
        let (Some(name), Some(domain), Some(host_only), Some(path)) =
            (&self.name, &self.domain, self.host_only, &self.path)
        else {
            return Err(RowError::Field);
        };
        let mut flags = Flags::NONE;
        flags.set(Flags::DOMAIN_INITIAL_DOT, self.domain_initial_dot);
        flags.set(Flags::PATH_SPECIFIED, self.path_specified);
        flags.set(Flags::PORT_SPECIFIED, self.port_specified);
        flags.set(Flags::SECURE, self.secure);
        flags.set(Flags::DISCARD, self.discard);
        flags.set(Flags::RFC2109, self.rfc2109);
        flags.set(Flags::CONTROL, self.control_octets);
        let mut fields = Fields {
            name: name.bytes()?,
            value: self.value.as_ref().map(Text::bytes).transpose()?,
            domain: Domain::parse(domain.as_bytes()),
            dotted: !host_only,
            path: path.bytes()?,
            version: self.version,
            flags,
            expires: self
                .expires
                .map_or(NEVER, |expires| expires.min(date::END_OF_9999)),
            created: self.created.unwrap_or(UNKNOWN),
            last_access: self.last_access,
            ..Fields::default()
        };
        if let Some(port) = &self.port {
            fields.rare().port = Some(port.bytes()?);
        }
        if let Some(comment) = &self.comment {
            fields.rare().comment = Some(comment.bytes()?);
        }
        if let Some(url) = &self.comment_url {
            fields.rare().comment_url = Some(url.bytes()?);
        }
        if let Some(key) = &self.partition {
            fields.rare().partition = Some(key.bytes()?);
        }
        for attribute in &self.attributes {
            let (key, value) = match attribute.as_slice() {
                [key] => (key, None),
                [key, value] => (key, Some(value.bytes()?)),
                _ => return Err(RowError::Field),
            };
            fields.attributes.push((key.bytes()?, value));
        }
        Ok(fields.pack()?)
    }
}

/// Serializes the record that [`json`](crate::file::json) describes, without loss.
///
/// ```
/// use cookiejar::Cookie;
///
/// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").secure(true).build()?;
/// let text = serde_json::to_string(&cookie)?;
/// assert_eq!(text, r#"{"name":"sid","value":"31d4","domain":"acme.com","host_only":true,"path":"/","secure":true}"#);
/// assert_eq!(serde_json::from_str::<Cookie>(&text)?, cookie);
/// assert!(serde_json::from_str::<Cookie>(&text.replace("31d4", "a;b")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "serde")]
impl Serialize for Cookie {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Row::from(self).serialize(serializer)
    }
}

/// Deserializes the record that [`json`](crate::file::json) describes, from a self-describing format. It passes the
/// checks of every cookie, and errors contain no values.
#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for Cookie {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text of an error of serde quotes what it found.
        let unreadable = |_| serde::de::Error::custom(RowError::Field);
        let row = Row::deserialize(deserializer).map_err(unreadable)?;
        row.cookie().map_err(serde::de::Error::custom)
    }
}

/// A text that encodes its UTF-8 octets or, marked, its ISO-8859-1 octets.
struct Text<'a> {
    text: Cow<'a, str>,
    latin1: bool,
}

const LATIN1: &str = "latin1";

#[cfg(feature = "persist")]
impl<'a> Text<'a> {
    fn from_bytes(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self {
                text: text.into(),
                latin1: false,
            },
            Err(_) => Self {
                text: bytes.iter().map(|&byte| char::from(byte)).collect(),
                latin1: true,
            },
        }
    }
}

impl Text<'_> {
    fn bytes(&self) -> Result<Cow<'_, [u8]>, RowError> {
        if !self.latin1 {
            return Ok(Cow::Borrowed(self.text.as_bytes()));
        }
        let octets = self.text.chars().map(|c| u8::try_from(c).ok());
        octets
            .collect::<Option<_>>()
            .map(Cow::Owned)
            .ok_or(RowError::Field)
    }
}

impl<'a> From<Part<'a>> for Text<'a> {
    fn from(part: Part<'a>) -> Self {
        Self {
            text: part.text.into(),
            latin1: part.latin1,
        }
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.latin1 {
            return serializer.serialize_str(&self.text);
        }
        let mut object = serializer.serialize_map(Some(1))?;
        object.serialize_entry(LATIN1, &self.text)?;
        object.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object with the key latin1")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        let text = Cow::Borrowed(text);
        Ok(Text {
            text,
            latin1: false,
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = Cow::Owned(text.to_owned());
        Ok(Text {
            text,
            latin1: false,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        match object.next_entry::<String, Cow<'de, str>>()? {
            Some((key, text)) if key == LATIN1 => Ok(Text { text, latin1: true }),
            _ => Err(serde::de::Error::missing_field(LATIN1)),
        }
    }
}
