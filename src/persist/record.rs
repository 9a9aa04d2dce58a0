//! The identity and the record of a cookie, as bytes.
//!
//! It knows no entry and no jar. [The guide](crate::guide::persistence#what-is-stored) has the format.

use std::sync::Arc;

use super::entry::Record;
use crate::cookie::{Cookie, CookieId, Row, RowError};

pub(crate) fn identity(cookie: &Cookie) -> Arc<[u8]> {
    let (path, name) = (cookie.path_bytes(), cookie.name_bytes());
    join(cookie.domain(), &path, &name, cookie.partition_key())
}

fn join(domain: &str, path: &[u8], name: &[u8], partition: Option<&str>) -> Arc<[u8]> {
    let more = partition.map_or(0, |key| key.len() + 1);
    let mut identity = Vec::with_capacity(domain.len() + path.len() + name.len() + 2 + more);
    identity.extend_from_slice(domain.as_bytes());
    identity.push(0);
    identity.extend_from_slice(path);
    identity.push(0);
    identity.extend_from_slice(name);
    if let Some(key) = partition {
        identity.push(0);
        identity.extend_from_slice(key.as_bytes());
    }
    identity.into()
}

pub(crate) fn parse(identity: &[u8]) -> Option<CookieId<'_>> {
    let mut parts = identity.splitn(4, |&byte| byte == 0);
    let domain = std::str::from_utf8(parts.next()?).ok()?;
    let (path, name) = (parts.next()?, parts.next()?);
    let partition = parts.next().map(std::str::from_utf8).transpose().ok()?;
    Some(CookieId::from_parts(partition, domain, path, name))
}

pub(crate) fn encode(cookie: &Cookie) -> Record {
    let row = Row::from(cookie).without_id(cookie.creation_key().1);
    let bytes = serde_json::to_vec(&row).expect("texts and numbers are JSON");
    let last_access = cookie.last_access_seconds();
    Record {
        bytes: bytes.into(),
        created: cookie.created_seconds(),
        expires: cookie.expires_seconds(),
        last_access: (last_access > 0).then_some(i64::from(last_access)),
    }
}

/// Decodes the record stored under `identity`, with the checks of every cookie.
pub(crate) fn decode(identity: &[u8], bytes: &[u8]) -> Result<Cookie, RowError> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        // An array would be read as the fields in their order.
        return Err(RowError::Field);
    }
    let row: Row<'_> = serde_json::from_slice(bytes).map_err(|_| RowError::Field)?;
    let id = parse(identity).ok_or(RowError::Field)?;
    let cookie = row.cookie_under(&id)?;
    // A cookie stored under another cookie's identity could never be found or deleted.
    if cookie.id() == id {
        Ok(cookie)
    } else {
        Err(RowError::Field)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/record.rs"]
mod tests;
