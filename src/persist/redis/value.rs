//! The stored form of an entry, and of what a stream says; and the replies of a server, whichever protocol they came by.
//!
//! A value that another program has changed yields an entry whose record is not a cookie: it is reported where records
//! are decoded.

use ::redis::Value;

use super::super::engine::{Entry, Record, Stamp, Version, WriterId, short};

pub(super) fn key(entry: &Entry) -> String {
    format!("{:016x}{}", entry.stamp.get(), entry.writer)
}

/// Returns what follows the version in a stored entry.
pub(super) fn rest(entry: &Entry) -> Vec<u8> {
    let Some(record) = &entry.record else {
        return Vec::new();
    };
    let mut rest = Vec::with_capacity(record.bytes.len() + 40);
    for time in [record.created, record.expires, record.last_access] {
        rest.push(b' ');
        match time {
            Some(time) => rest.extend_from_slice(time.to_string().as_bytes()),
            None => rest.push(b'-'),
        }
    }
    rest.push(b' ');
    rest.extend_from_slice(&record.bytes);
    rest
}

pub(super) fn entry(identity: &[u8], value: &[u8]) -> (Version, Entry) {
    parse(identity, value).unwrap_or_else(|| (Version::default(), not_ours(identity)))
}

pub(super) fn not_ours(identity: &[u8]) -> Entry {
    Entry {
        identity: short(identity).into(),
        stamp: Stamp::default(),
        writer: WriterId::default(),
        record: Some(Record::default()),
    }
}

fn parse(identity: &[u8], value: &[u8]) -> Option<(Version, Entry)> {
    let mut parts = value.splitn(6, |&octet| octet == b' ');
    let key = parts.next().filter(|key| key.len() == 32)?;
    let (stamp, writer) = key.split_at(16);
    let version = number(parts.next()?)?;
    let mut time = || match parts.next()? {
        b"-" => Some(None),
        time => std::str::from_utf8(time).ok()?.parse().ok().map(Some),
    };
    let record = match time() {
        None if value.len() == 33 + version.to_string().len() => None,
        created => Some(Record {
            created: created?,
            expires: time()?,
            last_access: time()?,
            bytes: short(parts.next()?).into(),
        }),
    };
    let entry = Entry {
        identity: short(identity).into(),
        stamp: Stamp::new(hex(stamp)?),
        writer: WriterId::new(hex(writer)?),
        record,
    };
    Some((Version::new(version), entry))
}

/// Zero stands for a session that was never cleared.
pub(super) fn cleared(value: &[u8]) -> Option<Stamp> {
    let stamp = hex(value.get(..16)?)?;
    (stamp > 0).then_some(Stamp::new(stamp))
}

pub(super) fn hex(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

pub(super) fn netstring<'a>(octets: &mut &'a [u8]) -> Option<&'a [u8]> {
    let colon = octets.iter().take(20).position(|&octet| octet == b':')?;
    let length = usize::try_from(number(&octets[..colon])?).ok()?;
    let rest = &octets[colon + 1..];
    let content = rest.get(..length)?;
    *octets = rest[length..].strip_prefix(b",")?;
    Some(content)
}

/// The elements of a list; keys and values in turn of a map.
pub(super) fn items(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) | Value::Set(items) => Some(items),
        Value::Map(pairs) => Some(
            pairs
                .into_iter()
                .flat_map(|(key, value)| [key, value])
                .collect(),
        ),
        _ => None,
    }
}

pub(super) fn octets(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(octets) => Some(octets),
        Value::SimpleString(text) => Some(text.as_bytes()),
        _ => None,
    }
}

pub(super) fn integer(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        value => number(octets(value)?),
    }
}
