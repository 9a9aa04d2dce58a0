//! Removes old entries that are no longer needed, and raises the floor.

use rusqlite::{Error, Transaction, params};

use super::super::engine::Stamp;
use super::apply::number;
use super::claims;
use super::database::Standing;
use super::read::{integer, text};

/// `?3` is the stamp below which rows are old, and `?4` its milliseconds.
macro_rules! is_old {
    () => {
        "stamp < ?3 AND (record IS NULL OR expires * 1000 < ?4)"
    };
}

pub(super) fn purge(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
    before: Stamp,
    at_most: usize,
) -> Result<usize, Error> {
    claims::purge(transaction, namespace, standing)?;
    let before = before.min(Stamp::at(standing.clock));
    let mut purge = Purge {
        transaction,
        namespace,
        before,
        floor: standing.floor,
        floor_version: standing.floor_version.cast_signed(),
    };
    let sessions = purge.sessions(at_most)?;
    for session in &sessions {
        purge.cookies(session)?;
        purge.session(session)?;
    }
    if !sessions.is_empty() {
        const FLOOR: &str =
            "UPDATE namespaces SET floor_stamp = ?2, floor_version = ?3 WHERE namespace = ?1";
        transaction.prepare_cached(FLOOR)?.execute(params![
            namespace,
            number(purge.floor)?,
            purge.floor_version
        ])?;
    }
    Ok(sessions.len())
}

struct Purge<'p> {
    transaction: &'p Transaction<'p>,
    namespace: &'p str,
    before: Stamp,
    floor: Stamp,
    floor_version: i64,
}

impl Purge<'_> {
    fn sessions(&self, at_most: usize) -> Result<Vec<String>, Error> {
        const SESSIONS: &str = concat!(
            "SELECT session FROM sessions WHERE namespace = ?1 AND (EXISTS(SELECT 1 FROM cookies \
             WHERE cookies.namespace = ?1 AND cookies.session = sessions.session AND ",
            is_old!(),
            ") OR (last_used IS NULL AND (cleared IS NULL OR cleared < ?3) AND NOT EXISTS(SELECT 1 \
             FROM cookies WHERE cookies.namespace = ?1 AND cookies.session = sessions.session))) \
             LIMIT ?2"
        );
        let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
        let mut query = self.transaction.prepare_cached(SESSIONS)?;
        let names = query.query_map(
            params![self.namespace, at_most, number(self.before)?, self.millis()],
            |row| text(row, 0),
        )?;
        names.filter_map(Result::transpose).collect()
    }

    fn millis(&self) -> i64 {
        self.before.millis().cast_signed()
    }

    fn cookies(&mut self, session: &str) -> Result<(), Error> {
        const DELETE: &str = concat!(
            "DELETE FROM cookies WHERE namespace = ?1 AND session = ?2 AND ",
            is_old!(),
            " RETURNING stamp, version"
        );
        let mut delete = self.transaction.prepare_cached(DELETE)?;
        let bounds = params![self.namespace, session, number(self.before)?, self.millis()];
        let mut gone = delete.query(bounds)?;
        let (mut floor, mut floor_version) = (self.floor, self.floor_version);
        while let Some(row) = gone.next()? {
            let stamp = Stamp::new(integer(row, 0)?.unwrap_or(0).max(0).cast_unsigned() + 1);
            floor = floor.max(stamp);
            floor_version = floor_version.max(integer(row, 1)?.unwrap_or(0));
        }
        (self.floor, self.floor_version) = (floor, floor_version);
        Ok(())
    }

    fn session(&mut self, session: &str) -> Result<(), Error> {
        const DELETE: &str = "DELETE FROM sessions WHERE namespace = ?1 AND session = ?2 \
             AND last_used IS NULL AND (cleared IS NULL OR cleared < ?3) AND NOT EXISTS(SELECT 1 \
             FROM cookies WHERE cookies.namespace = ?1 AND cookies.session = ?2) \
             RETURNING cleared, version";
        let mut delete = self.transaction.prepare_cached(DELETE)?;
        let bounds = params![self.namespace, session, number(self.before)?];
        let mut gone = delete.query(bounds)?;
        while let Some(row) = gone.next()? {
            if let Some(cleared) = integer(row, 0)? {
                let stamp = Stamp::new(cleared.max(0).cast_unsigned() + 1);
                self.floor = self.floor.max(stamp);
                let version = integer(row, 1)?.unwrap_or(0);
                self.floor_version = self.floor_version.max(version);
            }
        }
        Ok(())
    }
}
