//! Reads whole sessions, changes since a version, and the list of sessions.
//!
//! A column with an unexpected type yields an entry whose record is not a cookie. It is reported where records are
//! decoded.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Error, OptionalExtension, Row, Transaction, params};

use super::super::engine::{
    Changed, ChangedSession, Changes, Entry, Loaded, LoadedSession, MAX_RECORD, Record,
    SessionInfo, Stamp, Version, WriterId, short,
};
use super::database::Standing;

/// The columns of [`entry`]. A record that we would not have written is not read into memory.
macro_rules! columns {
    () => {
        "SELECT identity, stamp, writer, created, expires, last_access, record IS NULL, \
         CASE WHEN length(record) <= ?3 AND length(identity) <= ?3 THEN record END, version \
         FROM cookies WHERE namespace = ?1 AND session = ?2"
    };
}

pub(super) fn load(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
    sessions: &[&str],
) -> Result<Loaded, Error> {
    const SESSION: &str = "SELECT cleared FROM sessions WHERE namespace = ?1 AND session = ?2";
    let mut session = transaction.prepare_cached(SESSION)?;
    let mut cookies = transaction.prepare_cached(columns!())?;
    let mut load = |name: &&str| {
        let found = session
            .query_row(params![namespace, name], cleared)
            .optional()?;
        let Some(cleared) = found else {
            return Ok(None);
        };
        let entries = cookies.query_map(params![namespace, name, longest()], entry)?;
        let entries = entries.collect::<Result<_, _>>()?;
        Ok::<_, Error>(Some(LoadedSession { cleared, entries }))
    };
    Ok(Loaded {
        version: Version::new(standing.version),
        sessions: sessions.iter().map(&mut load).collect::<Result<_, _>>()?,
    })
}

pub(super) fn changes(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
    after: Version,
) -> Result<Changed, Error> {
    if after.get() < standing.floor_version || after.get() > standing.version {
        return Ok(Changed::TooFarBehind);
    }
    let sessions = if after.get() == standing.version {
        Vec::new()
    } else {
        changed_sessions(transaction, namespace, after.get().cast_signed())?
    };
    Ok(Changed::UpTo(Changes {
        version: Version::new(standing.version),
        sessions,
    }))
}

fn changed_sessions(
    transaction: &Transaction<'_>,
    namespace: &str,
    after: i64,
) -> Result<Vec<ChangedSession>, Error> {
    const SESSIONS: &str = "SELECT cleared, session, version FROM sessions \
                            WHERE namespace = ?1 AND version > ?2 ORDER BY version, session";
    let mut sessions = transaction.prepare_cached(SESSIONS)?;
    let mut cookies = transaction.prepare_cached(concat!(columns!(), " AND version > ?4"))?;
    let mut changed: BTreeMap<(i64, String), ChangedSession> = BTreeMap::new();
    let mut rows = sessions.query(params![namespace, after])?;
    while let Some(row) = rows.next()? {
        let Some(name) = text(row, 1)? else { continue };
        let (cleared, version) = (cleared(row)?, integer(row, 2)?.unwrap_or(0));
        // The session's own version may be that of a clear, which has no entry.
        let mut parts: BTreeMap<i64, Vec<_>> = BTreeMap::from([(version, Vec::new())]);
        let mut found = cookies.query(params![namespace, name, longest(), after])?;
        while let Some(row) = found.next()? {
            let version = integer(row, 8)?.unwrap_or(0);
            let stored = (Version::new(version.max(0).cast_unsigned()), entry(row)?);
            parts.entry(version).or_default().push(stored);
        }
        changed.extend(parts.into_iter().map(|(version, entries)| {
            let session = name.clone();
            let part = ChangedSession {
                session,
                cleared,
                entries,
            };
            ((version, name.clone()), part)
        }));
    }
    Ok(changed.into_values().collect())
}

pub(super) fn sessions(
    transaction: &Transaction<'_>,
    namespace: &str,
    after: Option<&str>,
    at_most: usize,
) -> Result<Vec<SessionInfo>, Error> {
    const SESSIONS: &str = "SELECT session, last_used, \
         (SELECT count(*) FROM cookies WHERE cookies.namespace = sessions.namespace \
          AND cookies.session = sessions.session AND record IS NOT NULL), \
         (SELECT total(length(record)) FROM cookies WHERE cookies.namespace = sessions.namespace \
          AND cookies.session = sessions.session) \
         FROM sessions WHERE namespace = ?1 AND last_used IS NOT NULL AND (?2 IS NULL OR session > ?2) \
         ORDER BY session";
    let mut query = transaction.prepare_cached(SESSIONS)?;
    let infos = query.query_map(params![namespace, after], |row| {
        let Some(session) = text(row, 0)? else {
            return Ok(None);
        };
        let bytes: f64 = row.get(3)?;
        Ok(Some(SessionInfo {
            session,
            last_used: integer(row, 1)?.unwrap_or(0).max(0).cast_unsigned(),
            cookies: usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a sum of lengths"
            )]
            bytes: bytes as u64,
        }))
    })?;
    infos.filter_map(Result::transpose).take(at_most).collect()
}

fn cleared(row: &Row<'_>) -> Result<Option<Stamp>, Error> {
    let stamp = integer(row, 0)?;
    Ok(stamp.map(|stamp| Stamp::new(stamp.max(0).cast_unsigned())))
}

/// A name that is not a text is no session's.
pub(super) fn text(row: &Row<'_>, index: usize) -> Result<Option<String>, Error> {
    let text = row.get_ref(index)?.as_str().ok();
    Ok(text.map(str::to_owned))
}

pub(super) fn integer(row: &Row<'_>, index: usize) -> Result<Option<i64>, Error> {
    row.get_ref(index)
        .map(|value| value.as_i64_or_null().ok().flatten())
}

fn entry(row: &Row<'_>) -> Result<Entry, Error> {
    let integer = |index| integer(row, index);
    let is_tombstone: bool = row.get(6)?;
    let record = if is_tombstone {
        None
    } else {
        Some(Record {
            bytes: octets(row.get_ref(7)?).into(),
            created: integer(3)?,
            expires: integer(4)?,
            last_access: integer(5)?,
        })
    };
    Ok(Entry {
        identity: short(octets(row.get_ref(0)?)).into(),
        stamp: Stamp::new(integer(1)?.unwrap_or(0).max(0).cast_unsigned()),
        writer: WriterId::from_signed(integer(2)?.unwrap_or(0)),
        record,
    })
}

fn octets(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(octets) | ValueRef::Blob(octets) => octets,
        _ => &[],
    }
}

fn longest() -> i64 {
    i64::try_from(MAX_RECORD).unwrap_or(i64::MAX)
}
