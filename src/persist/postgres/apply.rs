//! Merges a batch by the rules of the contract, in one transaction and with one version.
//!
//! The namespace's row is locked first, so each statement sees all earlier batches.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::engine::{
    Answer, Applied, ClaimOwner, EngineError, Entry, MAX_RECORD, SessionBatch, Stamp, Version,
};
use super::claim;
use super::database::{Standing, lock};
use super::session::{Session, Value, column};

/// The maximum length of a batch, well below that of a message of the protocol (1 GB).
const MAX_BATCH_BYTES: usize = 64 << 20;

pub(super) struct Part {
    session: Arc<[u8]>,
    cleared: Option<Stamp>,
    ended: bool,
    released: Option<ClaimOwner>,
    entries: Vec<Entry>,
}

impl Part {
    pub(super) fn new(part: &SessionBatch<'_>) -> Self {
        Self {
            session: part.session.as_bytes().into(),
            cleared: part.cleared,
            ended: part.ended,
            released: part.released,
            entries: part.entries.to_vec(),
        }
    }

    fn stamps(&self) -> impl Iterator<Item = Stamp> {
        let entries = self.entries.iter().map(|entry| entry.stamp);
        entries.chain(self.cleared)
    }
}

/// Refuses what cannot be stored. The jar halves a batch that is too long.
pub(super) fn check(batch: &[Part]) -> Result<(), EngineError> {
    let entries = || batch.iter().flat_map(|part| &part.entries);
    let record = |entry: &Entry| entry.record.as_ref().map_or(0, |record| record.bytes.len());
    if entries().any(|entry| record(entry) > MAX_RECORD) {
        return Err(EngineError::refused("a record is too long"));
    }
    let bytes = entries().map(|entry| entry.identity.len() + record(entry));
    if bytes.sum::<usize>() > MAX_BATCH_BYTES {
        return Err(EngineError::refused("the batch is too long"));
    }
    Ok(())
}

pub(super) fn apply(
    session: &mut Session,
    namespace: &str,
    batch: &[Part],
) -> Result<Answer<Applied>, EngineError> {
    let standing = lock(session, namespace)?;
    if batch
        .iter()
        .flat_map(Part::stamps)
        .any(|stamp| stamp.is_ahead_of(standing.clock))
    {
        return Err(EngineError::StampAhead {
            clock: standing.clock,
            history: standing.history,
        });
    }
    let mut merge = Merge {
        session,
        namespace,
        version: number(standing.version + 1)?,
        standing: &standing,
    };
    let mut taken = 0;
    for parts in rounds(batch) {
        taken |= u64::from(merge.round(parts)?);
    }
    if taken > 0 {
        merge.take_version()?;
    }
    let released = batch.iter();
    let released = released.filter_map(|part| Some((&*part.session, part.released?)));
    claim::release(session, namespace, &released.collect::<Vec<_>>())?;
    let applied = Applied {
        version: Version::new(standing.version + taken),
        taken,
        floor: standing.floor,
    };
    Ok(standing.answer(applied))
}

/// A statement changes a row once.
fn rounds(batch: &[Part]) -> Vec<&[Part]> {
    let (mut rounds, mut begin, mut seen) = (Vec::new(), 0, HashSet::new());
    for (place, part) in batch.iter().enumerate() {
        if !seen.insert(&part.session) {
            rounds.push(&batch[begin..place]);
            begin = place;
            seen = HashSet::from([&part.session]);
        }
    }
    rounds.push(&batch[begin..]);
    rounds.retain(|round| !round.is_empty());
    rounds
}

struct Merge<'m> {
    session: &'m mut Session,
    namespace: &'m str,
    standing: &'m Standing,
    version: i64,
}

#[derive(Default)]
struct Stored {
    version: i64,
    cleared: Option<i64>,
    is_listed: bool,
}

struct Target<'p> {
    part: &'p Part,
    exists: bool,
    stored: Stored,
    is_changed: bool,
    has_cookie: bool,
}

impl Merge<'_> {
    fn round(&mut self, parts: &[Part]) -> Result<bool, EngineError> {
        let mut targets = self.targets(parts)?;
        self.clear(&mut targets)?;
        self.entries(&mut targets)?;
        let ended = self.ended_with_cookies(&targets)?;
        let is_changed = targets.iter().any(|target| target.is_changed);
        let targets = targets
            .into_iter()
            .filter(|target| target.exists || target.is_changed);
        let targets = targets.map(|mut target| {
            target.stored.is_listed = if target.part.ended {
                ended.contains(&*target.part.session)
            } else {
                target.stored.is_listed || target.has_cookie
            };
            if target.is_changed {
                target.stored.version = self.version;
            }
            target
        });
        let targets: Vec<_> = targets.collect();
        self.sessions(&targets)?;
        Ok(is_changed)
    }

    /// `OFFSET 0`: while a table has no statistics, the planner would read the whole namespace.
    fn targets<'p>(&mut self, parts: &'p [Part]) -> Result<Vec<Target<'p>>, EngineError> {
        const ROWS: &str = "SELECT s.session, s.version, s.cleared, s.last_used IS NOT NULL \
            FROM unnest($2) g(session) CROSS JOIN LATERAL (SELECT * FROM cookiejar_sessions s \
            WHERE s.namespace = $1 AND s.session = g.session OFFSET 0 FOR UPDATE) s";
        let names: Vec<_> = parts.iter().map(|part| &*part.session).collect();
        let values: &[Value<'_>] = &[(&self.namespace, Type::TEXT), (&names, Type::BYTEA_ARRAY)];
        let rows = self.session.query(ROWS, values)?;
        let mut stored = HashMap::with_capacity(rows.len());
        for row in &rows {
            let session = Stored {
                version: column(row, 1)?,
                cleared: column(row, 2)?,
                is_listed: column(row, 3)?,
            };
            stored.insert(column::<&[u8]>(row, 0)?, session);
        }
        let target = |part: &'p Part| {
            let stored = stored.remove(&*part.session);
            Target {
                part,
                exists: stored.is_some(),
                stored: stored.unwrap_or_default(),
                is_changed: false,
                has_cookie: false,
            }
        };
        Ok(parts.iter().map(target).collect())
    }

    fn clear(&mut self, targets: &mut [Target<'_>]) -> Result<(), EngineError> {
        const CLEAR: &str = "DELETE FROM cookiejar_cookies c \
            USING unnest($2, $3) AS given(session, cleared) \
            WHERE c.namespace = $1 AND c.session = given.session AND c.stamp < given.cleared";
        let (mut names, mut stamps) = (Vec::new(), Vec::new());
        for target in targets {
            let cleared = target.part.cleared.map(|stamp| number(stamp.get()));
            let cleared = cleared.transpose()?;
            if let Some(stamp) = cleared.filter(|_| cleared > target.stored.cleared) {
                target.stored.cleared = cleared;
                target.is_changed = true;
                names.push(&*target.part.session);
                stamps.push(stamp);
            }
        }
        if !names.is_empty() {
            self.session.query(
                CLEAR,
                &[
                    (&self.namespace, Type::TEXT),
                    (&names, Type::BYTEA_ARRAY),
                    (&stamps, Type::INT8_ARRAY),
                ],
            )?;
        }
        Ok(())
    }

    fn entries(&mut self, targets: &mut [Target<'_>]) -> Result<(), EngineError> {
        const SET: &str = "WITH stored AS (INSERT INTO cookiejar_cookies AS c (namespace, session, \
            key, identity, stamp, writer, version, created, expires, last_access, record) \
            SELECT $1, g.session, sha256(g.identity), g.identity, g.stamp, g.writer, $2, g.created, \
            g.expires, g.last_access, g.record FROM unnest($3, $4, $5, $6, $7, $8, $9, $10) \
            AS g(session, identity, stamp, writer, created, expires, last_access, record) \
            ON CONFLICT (namespace, session, key) DO UPDATE SET stamp = excluded.stamp, \
            writer = excluded.writer, version = excluded.version, created = excluded.created, \
            expires = excluded.expires, last_access = excluded.last_access, \
            record = excluded.record WHERE (excluded.stamp, excluded.writer) > (c.stamp, c.writer) \
            RETURNING session, record IS NOT NULL AS is_cookie) \
            SELECT session, bool_or(is_cookie) FROM stored GROUP BY session";
        let mut rows = Columns::default();
        for target in &*targets {
            rows.extend(target, self.standing.floor)?;
        }
        if rows.sessions.is_empty() {
            return Ok(());
        }
        let stored = self.session.query(
            SET,
            &[
                (&self.namespace, Type::TEXT),
                (&self.version, Type::INT8),
                (&rows.sessions, Type::BYTEA_ARRAY),
                (&rows.identities, Type::BYTEA_ARRAY),
                (&rows.stamps, Type::INT8_ARRAY),
                (&rows.writers, Type::INT8_ARRAY),
                (&rows.created, Type::INT8_ARRAY),
                (&rows.expires, Type::INT8_ARRAY),
                (&rows.last_access, Type::INT8_ARRAY),
                (&Hidden(rows.records), Type::BYTEA_ARRAY),
            ],
        )?;
        let mut has_cookie = HashMap::with_capacity(stored.len());
        for row in &stored {
            has_cookie.insert(column::<&[u8]>(row, 0)?, column::<bool>(row, 1)?);
        }
        for target in targets {
            if let Some(has_cookie) = has_cookie.get(&*target.part.session) {
                target.is_changed = true;
                target.has_cookie = *has_cookie;
            }
        }
        Ok(())
    }

    fn ended_with_cookies(
        &mut self,
        targets: &[Target<'_>],
    ) -> Result<HashSet<Vec<u8>>, EngineError> {
        const HAVE: &str = "SELECT DISTINCT session FROM cookiejar_cookies \
            WHERE namespace = $1 AND session = ANY($2) AND record IS NOT NULL";
        let ended = targets.iter().filter(|target| target.part.ended);
        let names: Vec<_> = ended.map(|target| &*target.part.session).collect();
        if names.is_empty() {
            return Ok(HashSet::new());
        }
        let values: &[Value<'_>] = &[(&self.namespace, Type::TEXT), (&names, Type::BYTEA_ARRAY)];
        let rows = self.session.query(HAVE, values)?;
        rows.iter().map(|row| column(row, 0)).collect()
    }

    fn sessions(&mut self, targets: &[Target<'_>]) -> Result<(), EngineError> {
        const SET: &str = "INSERT INTO cookiejar_sessions \
            (namespace, session, version, cleared, last_used) \
            SELECT $1, g.* FROM unnest($2, $3, $4, $5) AS g(session, version, cleared, last_used) \
            ON CONFLICT (namespace, session) DO UPDATE SET version = excluded.version, \
            cleared = excluded.cleared, last_used = excluded.last_used";
        if targets.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = targets.iter().map(|target| &*target.part.session).collect();
        let stored = || targets.iter().map(|target| &target.stored);
        let versions: Vec<_> = stored().map(|stored| stored.version).collect();
        let cleared: Vec<_> = stored().map(|stored| stored.cleared).collect();
        let now = self.standing.clock.cast_signed();
        let last_used: Vec<_> = stored()
            .map(|stored| stored.is_listed.then_some(now))
            .collect();
        self.session.query(
            SET,
            &[
                (&self.namespace, Type::TEXT),
                (&names, Type::BYTEA_ARRAY),
                (&versions, Type::INT8_ARRAY),
                (&cleared, Type::INT8_ARRAY),
                (&last_used, Type::INT8_ARRAY),
            ],
        )?;
        Ok(())
    }

    fn take_version(&mut self) -> Result<(), EngineError> {
        const SET: &str = "UPDATE cookiejar_namespaces SET version = $2 WHERE namespace = $1";
        let values: &[Value<'_>] = &[(&self.namespace, Type::TEXT), (&self.version, Type::INT8)];
        self.session.query(SET, values)?;
        Ok(())
    }
}

#[derive(Default)]
struct Columns<'c> {
    sessions: Vec<&'c [u8]>,
    identities: Vec<&'c [u8]>,
    stamps: Vec<i64>,
    writers: Vec<i64>,
    created: Vec<Option<i64>>,
    expires: Vec<Option<i64>>,
    last_access: Vec<Option<i64>>,
    records: Vec<Option<&'c [u8]>>,
}

impl<'c> Columns<'c> {
    fn extend(&mut self, target: &Target<'c>, floor: Stamp) -> Result<(), EngineError> {
        let cleared = target.stored.cleared.map_or(0, i64::cast_unsigned);
        let least = floor.max(Stamp::new(cleared));
        let part = target.part;
        for entry in part.entries.iter().filter(|entry| entry.stamp >= least) {
            let record = entry.record.as_ref();
            self.sessions.push(&part.session);
            self.identities.push(&entry.identity);
            self.stamps.push(number(entry.stamp.get())?);
            self.writers.push(entry.writer.to_signed());
            self.created.push(record.and_then(|record| record.created));
            self.expires.push(record.and_then(|record| record.expires));
            self.last_access
                .push(record.and_then(|record| record.last_access));
            self.records.push(record.map(|record| &*record.bytes));
        }
        Ok(())
    }
}

/// Records, whose `Debug` shows no value: it may be logged.
struct Hidden<'c>(Vec<Option<&'c [u8]>>);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records", self.0.len())
    }
}

impl ToSql for Hidden<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql(of, out)
    }

    fn accepts(of: &Type) -> bool {
        Vec::<Option<&[u8]>>::accepts(of)
    }

    to_sql_checked!();
}

/// PostgreSQL's integers are signed. Greater stamps begin in the year 6429.
pub(super) fn number(number: u64) -> Result<i64, EngineError> {
    i64::try_from(number).map_err(EngineError::refused)
}
