//! Removes old entries that are no longer needed, and raises the floor.

use postgres::types::Type;

use super::super::engine::{Answer, EngineError, Stamp};
use super::apply::number;
use super::claim;
use super::database::{Standing, lock};
use super::session::{Session, Value, column};

/// Tombstones and expired cookies with a smaller stamp than `$2`, which begins with the second `$3`, rounded up.
macro_rules! is_old {
    () => {
        "c.stamp < $2 AND (c.record IS NULL OR c.expires < $3)"
    };
}

/// Sessions that have ended, and were not cleared since.
macro_rules! is_over {
    () => {
        "s.last_used IS NULL AND (s.cleared IS NULL OR s.cleared < $2) AND NOT EXISTS(SELECT 1 \
         FROM cookiejar_cookies c WHERE c.namespace = $1 AND c.session = s.session)"
    };
}

pub(super) fn purge(
    session: &mut Session,
    namespace: &str,
    before: Stamp,
    at_most: usize,
) -> Result<Answer<usize>, EngineError> {
    let standing = lock(session, namespace)?;
    claim::purge(session, namespace, &standing)?;
    let before = before.min(Stamp::at(standing.clock));
    let mut purge = Purge {
        session,
        namespace,
        before: number(before.get())?,
        second: before.millis().div_ceil(1_000).cast_signed(),
    };
    let sessions = purge.sessions(at_most)?;
    if !sessions.is_empty() {
        let cookies = purge.cookies(&sessions)?;
        let ended = purge.ended(&sessions)?;
        purge.raise_floor(&standing, &[cookies, ended])?;
    }
    Ok(standing.answer(sessions.len()))
}

struct Purge<'p> {
    session: &'p mut Session,
    namespace: &'p str,
    before: i64,
    second: i64,
}

type Removed = (Option<i64>, Option<i64>);

impl Purge<'_> {
    fn sessions(&mut self, at_most: usize) -> Result<Vec<Vec<u8>>, EngineError> {
        const SESSIONS: &str = concat!(
            "SELECT s.session FROM cookiejar_sessions s WHERE s.namespace = $1 AND (EXISTS(SELECT 1 \
             FROM cookiejar_cookies c WHERE c.namespace = $1 AND c.session = s.session AND ",
            is_old!(),
            ") OR (",
            is_over!(),
            ")) LIMIT $4"
        );
        let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
        let rows = self.query(SESSIONS, (&at_most, Type::INT8))?;
        rows.iter().map(|row| column(row, 0)).collect()
    }

    fn query(
        &mut self,
        statement: &'static str,
        value: Value<'_>,
    ) -> Result<Vec<postgres::Row>, EngineError> {
        let values = [
            (&self.namespace as _, Type::TEXT),
            (&self.before as _, Type::INT8),
            (&self.second as _, Type::INT8),
            value,
        ];
        self.session.query(statement, &values)
    }

    fn cookies(&mut self, sessions: &Vec<Vec<u8>>) -> Result<Removed, EngineError> {
        const DELETE: &str = concat!(
            "WITH gone AS (DELETE FROM cookiejar_cookies c WHERE c.namespace = $1 \
             AND c.session = ANY($4) AND ",
            is_old!(),
            " RETURNING c.stamp, c.version) SELECT max(stamp), max(version) FROM gone"
        );
        removed(&self.query(DELETE, (sessions, Type::BYTEA_ARRAY))?)
    }

    fn ended(&mut self, sessions: &Vec<Vec<u8>>) -> Result<Removed, EngineError> {
        const DELETE: &str = concat!(
            "WITH gone AS (DELETE FROM cookiejar_sessions s WHERE s.namespace = $1 \
             AND s.session = ANY($4) AND $3 IS NOT NULL AND ",
            is_over!(),
            " RETURNING s.cleared, s.version) \
             SELECT max(cleared), max(version) FILTER (WHERE cleared IS NOT NULL) FROM gone"
        );
        removed(&self.query(DELETE, (sessions, Type::BYTEA_ARRAY))?)
    }

    fn raise_floor(&mut self, standing: &Standing, removed: &[Removed]) -> Result<(), EngineError> {
        const FLOOR: &str = "UPDATE cookiejar_namespaces SET floor_stamp = $2, floor_version = $3 \
            WHERE namespace = $1";
        let stamps = removed
            .iter()
            .filter_map(|(stamp, _)| Some((*stamp)?.saturating_add(1)));
        let stamp = stamps.fold(number(standing.floor.get())?, i64::max);
        let versions = removed.iter().filter_map(|(_, version)| *version);
        let version = versions.fold(number(standing.floor_version)?, i64::max);
        let values: &[Value<'_>] = &[
            (&self.namespace, Type::TEXT),
            (&stamp, Type::INT8),
            (&version, Type::INT8),
        ];
        self.session.query(FLOOR, values)?;
        Ok(())
    }
}

fn removed(rows: &[postgres::Row]) -> Result<Removed, EngineError> {
    let Some(row) = rows.first() else {
        return Ok((None, None));
    };
    Ok((column(row, 0)?, column(row, 1)?))
}
