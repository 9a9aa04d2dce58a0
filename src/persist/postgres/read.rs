//! Reads whole sessions, changes since a version, and the list of sessions, each by one statement: a consistent snapshot.
//!
//! The rows of a statement have one form: the first is the namespace's [`Standing`], the others are entries.

use std::collections::BTreeMap;

use postgres::Row;
use postgres::types::Type;

use super::super::engine::{
    Answer, Changed, ChangedSession, Changes, EngineError, Entry, Loaded, LoadedSession, Record,
    SessionInfo, Stamp, Version, WriterId, short,
};
use super::database::{Standing, gone, standing};
use super::session::{Session, Value, column};

/// The columns of [`entry`], after the first three, in the order of those of [`standing!`]. A record that we would not
/// have written is not sent.
macro_rules! entry {
    () => {
        "c.identity, c.stamp, c.writer, c.version, c.created, c.expires, c.last_access, \
         CASE WHEN octet_length(c.record) > 1048576 THEN ''::bytea ELSE c.record END"
    };
}

/// The cookies of the session `s`. `OFFSET 0` keeps the planner from reading the whole table instead.
macro_rules! cookies {
    ($condition:literal) => {
        concat!(
            "LEFT JOIN LATERAL (SELECT * FROM cookiejar_cookies c \
             WHERE c.namespace = $1 AND c.session = s.session",
            $condition,
            " OFFSET 0) c ON true"
        )
    };
}

macro_rules! statement {
    ($($rest:expr),+) => {
        concat!(
            "SELECT ",
            standing!(),
            " FROM cookiejar_namespaces n WHERE n.namespace = $1 UNION ALL SELECT ",
            $($rest),+
        )
    };
}

macro_rules! load {
    ($given:literal) => {
        statement!(
            "g.place, NULL, s.cleared, ",
            entry!(),
            " FROM ",
            $given,
            " g(session, place) CROSS JOIN LATERAL (SELECT * FROM cookiejar_sessions s \
             WHERE s.namespace = $1 AND s.session = g.session OFFSET 0) s ",
            cookies!("")
        )
    };
}

fn rows(
    session: &mut Session,
    statement: &'static str,
    values: &[Value<'_>],
) -> Result<(Standing, Vec<Row>), EngineError> {
    let mut rows = session.query(statement, values)?;
    let is_standing = |row: &Row| matches!(row.try_get(0), Ok(-1_i64));
    let place = rows.iter().position(is_standing).ok_or_else(gone)?;
    let standing = Standing::from_row(&rows.remove(place))?;
    Ok((standing, rows))
}

pub(super) fn load(
    session: &mut Session,
    namespace: &str,
    sessions: &[Box<[u8]>],
) -> Result<Answer<Loaded>, EngineError> {
    const MANY: &str = load!("unnest($2) WITH ORDINALITY");
    // The server keeps the plan of a statement for one session, and plans one with a list again at each call.
    const ONE: &str = load!("(SELECT $2, 1::bigint)");
    let names: Vec<&[u8]> = sessions.iter().map(|name| &**name).collect();
    let (statement, given): (_, Value<'_>) = match &names[..] {
        [name] => (ONE, (name, Type::BYTEA)),
        _ => (MANY, (&names, Type::BYTEA_ARRAY)),
    };
    let (standing, rows) = rows(session, statement, &[(&namespace, Type::TEXT), given])?;
    let mut loaded: Vec<Option<LoadedSession>> = vec![None; sessions.len()];
    for row in &rows {
        // Counted from one.
        let place = usize::try_from(column::<i64>(row, 0)?).unwrap_or(0);
        let Some(found) = loaded.get_mut(place.wrapping_sub(1)) else {
            continue;
        };
        let found = found.get_or_insert_default();
        found.cleared = cleared(row)?;
        found.entries.extend(entry(row)?);
    }
    let loaded = Loaded {
        version: Version::new(standing.version),
        sessions: loaded,
    };
    Ok(standing.answer(loaded))
}

pub(super) fn changes(
    session: &mut Session,
    namespace: &str,
    after: Version,
) -> Result<Answer<Changed>, EngineError> {
    const CHANGES: &str = statement!(
        "s.version, s.session, s.cleared, ",
        entry!(),
        " FROM cookiejar_namespaces n CROSS JOIN LATERAL (SELECT * FROM cookiejar_sessions s \
         WHERE s.namespace = $1 AND s.version > $2 OFFSET 0) s ",
        cookies!(" AND c.version > $2"),
        " WHERE n.namespace = $1 AND n.version > $2 AND n.floor_version <= $2"
    );
    // Versions are far smaller.
    let number = after.get().min(i64::MAX.cast_unsigned()).cast_signed();
    let values: &[Value<'_>] = &[(&namespace, Type::TEXT), (&number, Type::INT8)];
    let (standing, rows) = rows(session, CHANGES, values)?;
    if after.get() < standing.floor_version || after.get() > standing.version {
        return Ok(standing.answer(Changed::TooFarBehind));
    }
    let changes = Changes {
        version: Version::new(standing.version),
        sessions: changed_sessions(&rows)?,
    };
    Ok(standing.answer(Changed::UpTo(changes)))
}

pub(super) fn is_nothing(answer: &Changed, since: Version) -> bool {
    matches!(answer, Changed::UpTo(changes) if changes.version == since)
}

fn changed_sessions(rows: &[Row]) -> Result<Vec<ChangedSession>, EngineError> {
    let mut changed: BTreeMap<(i64, &[u8]), ChangedSession> = BTreeMap::new();
    for row in rows {
        let name = column(row, 1)?;
        let new = || ChangedSession {
            session: text(name),
            ..ChangedSession::default()
        };
        // The session's own version may be that of a clear, which has no entry.
        let part = changed.entry((column(row, 0)?, name)).or_insert_with(new);
        part.cleared = cleared(row)?;
        if let Some(entry) = entry(row)? {
            let version: i64 = column(row, 6)?;
            let part = changed.entry((version, name)).or_insert_with(new);
            part.cleared = cleared(row)?;
            let version = Version::new(version.max(0).cast_unsigned());
            part.entries.push((version, entry));
        }
    }
    Ok(changed.into_values().collect())
}

pub(super) fn sessions(
    session: &mut Session,
    namespace: &str,
    after: Option<&str>,
    at_most: usize,
) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
    const SESSIONS: &str = statement!(
        "s.last_used, s.session, NULL, NULL, c.count, c.bytes, NULL, NULL, NULL, NULL, NULL FROM \
         (SELECT * FROM cookiejar_sessions WHERE namespace = $1 AND last_used IS NOT NULL \
         AND ($2 IS NULL OR session > $2) ORDER BY session LIMIT $3) s CROSS JOIN LATERAL \
         (SELECT count(record), coalesce(sum(octet_length(record)), 0) AS bytes \
         FROM cookiejar_cookies c WHERE c.namespace = $1 AND c.session = s.session) c"
    );
    let after = after.map(str::as_bytes);
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    let values: &[Value<'_>] = &[
        (&namespace, Type::TEXT),
        (&after, Type::BYTEA),
        (&at_most, Type::INT8),
    ];
    let (standing, rows) = rows(session, SESSIONS, values)?;
    let info = |row: &Row| {
        Ok(SessionInfo {
            session: text(column(row, 1)?),
            last_used: column::<i64>(row, 0)?.max(0).cast_unsigned(),
            cookies: usize::try_from(column::<i64>(row, 4)?).unwrap_or(0),
            bytes: column::<i64>(row, 5)?.max(0).cast_unsigned(),
        })
    };
    let infos: Result<Vec<_>, EngineError> = rows.iter().map(info).collect();
    let mut infos = infos?;
    infos.sort_unstable_by(|a, b| a.session.cmp(&b.session));
    Ok(standing.answer(infos))
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn stamp(number: i64) -> Stamp {
    Stamp::new(number.max(0).cast_unsigned())
}

fn cleared(row: &Row) -> Result<Option<Stamp>, EngineError> {
    Ok(column::<Option<i64>>(row, 2)?.map(stamp))
}

/// `None` for a session without entries.
fn entry(row: &Row) -> Result<Option<Entry>, EngineError> {
    let Some(identity) = column::<Option<&[u8]>>(row, 3)? else {
        return Ok(None);
    };
    let record = match column::<Option<&[u8]>>(row, 10)? {
        None => None,
        Some(bytes) => Some(Record {
            bytes: short(bytes).into(),
            created: column(row, 7)?,
            expires: column(row, 8)?,
            last_access: column(row, 9)?,
        }),
    };
    Ok(Some(Entry {
        identity: short(identity).into(),
        stamp: stamp(column(row, 4)?),
        writer: WriterId::from_signed(column(row, 5)?),
        record,
    }))
}
