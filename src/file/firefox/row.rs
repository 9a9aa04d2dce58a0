//! A row of the table, and its cookie.

use std::borrow::Cow;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::origin::Origin;
use crate::cookie::{Cookie, Fields, Flags, UNKNOWN};
use crate::date;
use crate::domain::Domain;
use crate::file::options::ReadOptions;
use crate::file::report::Reason;

/// The columns that are read, in the order of [`Parts`], which every version from 9 on has. The SameSite column is
/// last.
pub(super) const COLUMNS: [&str; 10] = [
    "name",
    "value",
    "host",
    "path",
    "originAttributes",
    "expiry",
    "creationTime",
    "lastAccessed",
    "isSecure",
    "isHttpOnly",
];

const MILLISECONDS: i64 = 16;

/// From this version on `sameSite` is what the server sent, with 256 if it sent none.
pub(super) const SAME_SITE_AS_SENT: i64 = 15;

pub(super) enum Found {
    /// With the microsecond of its creation in Firefox.
    Cookie(i64, Cookie),
    Elsewhere,
}

pub(super) struct Parts<'r> {
    /// Name, value, host, path and `originAttributes`.
    texts: [ValueRef<'r>; 5],
    expiry: ValueRef<'r>,
    created: ValueRef<'r>,
    last_access: ValueRef<'r>,
    secure: ValueRef<'r>,
    http_only: ValueRef<'r>,
    same_site: ValueRef<'r>,
}

impl<'r> Parts<'r> {
    pub(super) fn of(row: &'r Row<'_>) -> rusqlite::Result<Self> {
        let column = |index| row.get_ref(index);
        Ok(Self {
            texts: [column(0)?, column(1)?, column(2)?, column(3)?, column(4)?],
            expiry: column(5)?,
            created: column(6)?,
            last_access: column(7)?,
            secure: column(8)?,
            http_only: column(9)?,
            same_site: column(10)?,
        })
    }

    pub(super) fn len(&self) -> usize {
        let len = |value: &ValueRef<'_>| match value {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
            _ => 0,
        };
        self.texts.iter().map(len).sum()
    }

    pub(super) fn read(&self, version: i64, options: &ReadOptions) -> Result<Found, Reason> {
        if self.len() > options.max_line {
            return Err(Reason::TooLong);
        }
        let [name, value, host, path, attributes] = self.texts;
        let origin = Origin::parse(text(attributes)?)?;
        if !origin.is_in(options.containers) {
            return Ok(Found::Elsewhere);
        }
        let (domain, dotted) = Domain::parse_dotted(Cow::Borrowed(text(host)?));
        let created = time(self.created)?;
        let mut fields = Fields {
            name: Cow::Borrowed(text(name)?),
            value: Some(Cow::Borrowed(text(value)?)),
            domain,
            dotted,
            path: Cow::Borrowed(text(path)?),
            expires: expiry(self.expiry, version)?,
            created: created.map_or(UNKNOWN, seconds),
            last_access: time(self.last_access)?.map_or(0, short_seconds),
            ..Fields::default()
        };
        fields.flags.set(Flags::DOMAIN_INITIAL_DOT, dotted);
        fields.flags.set(Flags::SECURE, flag(self.secure)?);
        if flag(self.http_only)? {
            push(&mut fields, "HttpOnly", None);
        }
        if let Some(value) = same_site(self.same_site, version)? {
            push(&mut fields, "SameSite", Some(value));
        }
        if let Some(key) = origin.partition_key(fields.domain.name()?) {
            fields.rare().partition = Some(Cow::Owned(key.into_bytes()));
            push(&mut fields, "Partitioned", None);
        }
        let cookie = fields.pack()?;
        Ok(Found::Cookie(created.unwrap_or(i64::MAX), cookie))
    }
}

fn push<'a>(fields: &mut Fields<'a>, key: &'static str, value: Option<&'a str>) {
    let bytes = |text: &'a str| Cow::Borrowed(text.as_bytes());
    fields.attributes.push((bytes(key), value.map(bytes)));
}

fn text(value: ValueRef<'_>) -> Result<&[u8], Reason> {
    match value {
        ValueRef::Text(bytes) => Ok(bytes),
        _ => Err(Reason::Field),
    }
}

fn flag(value: ValueRef<'_>) -> Result<bool, Reason> {
    match value {
        ValueRef::Integer(number) => Ok(number != 0),
        _ => Err(Reason::Field),
    }
}

fn time(value: ValueRef<'_>) -> Result<Option<i64>, Reason> {
    match value {
        ValueRef::Integer(time) => Ok(Some(time).filter(|time| *time > 0)),
        ValueRef::Null => Ok(None),
        _ => Err(Reason::Field),
    }
}

fn seconds(microseconds: i64) -> i64 {
    (microseconds / 1_000_000).min(date::END_OF_9999)
}

fn short_seconds(microseconds: i64) -> u32 {
    u32::try_from(seconds(microseconds)).unwrap_or(u32::MAX)
}

fn expiry(value: ValueRef<'_>, version: i64) -> Result<i64, Reason> {
    let ValueRef::Integer(expiry) = value else {
        return Err(Reason::Expiry);
    };
    let seconds = if version < MILLISECONDS {
        expiry
    } else {
        expiry.div_euclid(1000)
    };
    Ok(seconds.min(date::END_OF_9999))
}

fn same_site(value: ValueRef<'_>, version: i64) -> Result<Option<&'static str>, Reason> {
    match value {
        ValueRef::Integer(1) => Ok(Some("Lax")),
        ValueRef::Integer(2) => Ok(Some("Strict")),
        ValueRef::Integer(0) if version >= SAME_SITE_AS_SENT => Ok(Some("None")),
        ValueRef::Integer(_) | ValueRef::Null => Ok(None),
        _ => Err(Reason::Field),
    }
}
