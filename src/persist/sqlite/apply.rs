//! Merges a batch by the rules of the contract, in one transaction and with one version.

use rusqlite::{Error, OptionalExtension, Transaction, params};

use super::super::engine::{Applied, Entry, MAX_RECORD, SessionBatch, Stamp, Version};
use super::claims;
use super::database::Standing;
use super::read::integer;

pub(super) fn is_ahead(batch: &[SessionBatch<'_>], clock: u64) -> bool {
    let stamps = batch.iter().flat_map(|part| {
        let entries = part.entries.iter().map(|entry| entry.stamp);
        entries.chain(part.cleared)
    });
    stamps.into_iter().any(|stamp| stamp.is_ahead_of(clock))
}

pub(super) fn apply(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
    batch: &[SessionBatch<'_>],
) -> Result<Applied, Error> {
    let next = standing.version + 1;
    let mut merge = Merge {
        transaction,
        namespace,
        standing,
        version: next.cast_signed(),
    };
    let mut taken = 0;
    for part in batch {
        if merge.session(part)? {
            taken = 1;
        }
        claims::release(transaction, namespace, part)?;
    }
    if taken > 0 {
        let update = "UPDATE namespaces SET version = ?2 WHERE namespace = ?1";
        transaction
            .prepare_cached(update)?
            .execute(params![namespace, next.cast_signed()])?;
    }
    Ok(Applied {
        version: Version::new(standing.version + taken),
        taken,
        floor: standing.floor,
    })
}

struct Merge<'m> {
    transaction: &'m Transaction<'m>,
    namespace: &'m str,
    standing: &'m Standing,
    version: i64,
}

struct Row {
    version: i64,
    cleared: Option<Stamp>,
    is_listed: bool,
}

impl Merge<'_> {
    fn session(&mut self, part: &SessionBatch<'_>) -> Result<bool, Error> {
        let row = self.row(part.session)?;
        let stored_cleared = row.as_ref().and_then(|row| row.cleared);
        let cleared = stored_cleared.max(part.cleared);
        let mut stored = cleared > stored_cleared;
        if let (true, Some(cleared)) = (stored, cleared) {
            self.clear(part.session, cleared)?;
        }
        let mut has_cookie = false;
        let least = self.standing.floor.max(cleared.unwrap_or_default());
        for entry in part.entries.iter().filter(|entry| entry.stamp >= least) {
            let won = self.entry(part.session, entry)?;
            stored |= won;
            has_cookie |= won && !entry.is_tombstone();
        }
        if !stored && row.is_none() {
            return Ok(false);
        }
        let was_listed = row.as_ref().is_some_and(|row| row.is_listed);
        let is_listed = if part.ended {
            self.has_cookie(part.session)?
        } else {
            was_listed || has_cookie
        };
        let version = match row {
            Some(row) if !stored => row.version,
            _ => self.version,
        };
        self.set_row(part.session, version, cleared, is_listed)?;
        Ok(stored)
    }

    fn row(&self, session: &str) -> Result<Option<Row>, Error> {
        const ROW: &str = "SELECT version, cleared, last_used IS NOT NULL FROM sessions \
                           WHERE namespace = ?1 AND session = ?2";
        let mut query = self.transaction.prepare_cached(ROW)?;
        let row = query.query_row(params![self.namespace, session], |row| {
            let cleared = integer(row, 1)?;
            Ok(Row {
                version: integer(row, 0)?.unwrap_or(0),
                cleared: cleared.map(|stamp| Stamp::new(stamp.max(0).cast_unsigned())),
                is_listed: row.get(2)?,
            })
        });
        row.optional()
    }

    fn set_row(
        &self,
        session: &str,
        version: i64,
        cleared: Option<Stamp>,
        is_listed: bool,
    ) -> Result<(), Error> {
        const SET: &str = "INSERT INTO sessions VALUES(?1, ?2, ?3, ?4, ?5) \
            ON CONFLICT DO UPDATE SET version = ?3, cleared = ?4, last_used = ?5";
        let cleared = cleared.map(number).transpose()?;
        let last_used = is_listed.then_some(self.standing.clock.cast_signed());
        self.transaction.prepare_cached(SET)?.execute(params![
            self.namespace,
            session,
            version,
            cleared,
            last_used
        ])?;
        Ok(())
    }

    fn clear(&self, session: &str, cleared: Stamp) -> Result<(), Error> {
        const CLEAR: &str =
            "DELETE FROM cookies WHERE namespace = ?1 AND session = ?2 AND stamp < ?3";
        self.transaction.prepare_cached(CLEAR)?.execute(params![
            self.namespace,
            session,
            number(cleared)?
        ])?;
        Ok(())
    }

    fn entry(&self, session: &str, entry: &Entry) -> Result<bool, Error> {
        const SET: &str = "INSERT INTO cookies VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
            ON CONFLICT DO UPDATE SET stamp = excluded.stamp, writer = excluded.writer, \
            version = excluded.version, created = excluded.created, expires = excluded.expires, \
            last_access = excluded.last_access, record = excluded.record \
            WHERE (excluded.stamp, excluded.writer) > (stamp, writer)";
        let record = entry.record.as_ref();
        if record.is_some_and(|record| record.bytes.len() > MAX_RECORD) {
            return Err(too_big());
        }
        let changed = self.transaction.prepare_cached(SET)?.execute(params![
            self.namespace,
            session,
            &*entry.identity,
            number(entry.stamp)?,
            entry.writer.to_signed(),
            self.version,
            record.and_then(|record| record.created),
            record.and_then(|record| record.expires),
            record.and_then(|record| record.last_access),
            record.map(|record| &*record.bytes),
        ])?;
        Ok(changed > 0)
    }

    fn has_cookie(&self, session: &str) -> Result<bool, Error> {
        const HAS: &str = "SELECT EXISTS(SELECT 1 FROM cookies \
            WHERE namespace = ?1 AND session = ?2 AND record IS NOT NULL)";
        self.transaction
            .prepare_cached(HAS)?
            .query_row(params![self.namespace, session], |row| row.get(0))
    }
}

/// SQLite's integers are signed. Greater stamps begin in the year 6429.
pub(super) fn number(stamp: Stamp) -> Result<i64, Error> {
    i64::try_from(stamp.get()).map_err(|_| too_big())
}

fn too_big() -> Error {
    Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_TOOBIG),
        None,
    )
}
