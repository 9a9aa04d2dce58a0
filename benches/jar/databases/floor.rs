//! A bare loop over a database: the same rows in the same batches, without jars and their threads.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};

use super::place::{Namespace, Place};
use super::postgres;

/// As many sessions as a batch of ours has at most.
pub(super) const BATCH: usize = 1_000;

const SCHEMA: &str = include_str!("../../../src/persist/sqlite/schema.sql");

/// The rows of one response.
pub(super) struct Session {
    pub(super) name: String,
    /// Identities and records.
    pub(super) rows: Vec<(Vec<u8>, Vec<u8>)>,
}

pub(super) enum Bare {
    Sqlite(Sqlite),
    Redis(Redis),
    Postgres(postgres::Bare),
}

impl Bare {
    pub(super) fn open(place: &Place, full: bool) -> Self {
        match place {
            Place::File(file) => Self::Sqlite(Sqlite::open(&file.path, full)),
            Place::Redis(namespace) => Self::Redis(Redis::open(namespace)),
            Place::Postgres(namespace) => Self::Postgres(postgres::Bare::open(namespace)),
        }
    }

    /// Stores all sessions, in batches.
    pub(super) fn store(&mut self, sessions: &[Session], stamp: i64) {
        for batch in sessions.chunks(BATCH) {
            match self {
                Self::Sqlite(sqlite) => sqlite.batch(batch, stamp).expect("stored"),
                Self::Redis(redis) => redis.batch(batch, stamp).expect("stored"),
                Self::Postgres(postgres) => postgres.batch(batch, stamp).expect("stored"),
            }
        }
    }
}

pub(super) struct Sqlite(Connection);

impl Sqlite {
    fn open(file: &Path, full: bool) -> Self {
        let connection = Connection::open(file).expect("a database");
        connection.execute_batch(SCHEMA).expect("a schema");
        let synchronous = if full { "FULL" } else { "NORMAL" };
        for (name, value) in [
            ("journal_mode", "WAL"),
            ("synchronous", synchronous),
            ("secure_delete", "FAST"),
        ] {
            connection
                .pragma_update(None, name, value)
                .expect("a pragma");
        }
        let namespace = "INSERT INTO namespaces VALUES('default', x'00', 1, 0, 0, 0, 0, 0)";
        connection.execute_batch(namespace).expect("a row");
        Self(connection)
    }

    fn batch(&mut self, sessions: &[Session], stamp: i64) -> rusqlite::Result<()> {
        const VERSION: &str = "UPDATE namespaces SET version = ?1 WHERE namespace = 'default'";
        const SESSION: &str = "INSERT INTO sessions VALUES('default', ?1, ?2, NULL, ?2) \
            ON CONFLICT DO UPDATE SET version = ?2, last_used = ?2";
        const COOKIE: &str = "INSERT INTO cookies VALUES('default', ?1, ?2, ?3, 1, ?3, 1, 1, NULL, ?4) \
            ON CONFLICT DO UPDATE SET stamp = ?3, writer = 1, version = ?3, record = ?4 WHERE (?3, 1) > (stamp, writer)";
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.prepare_cached(VERSION)?.execute([stamp])?;
        for Session { name, rows } in sessions {
            transaction
                .prepare_cached(SESSION)?
                .execute(params![name, stamp])?;
            let mut set = transaction.prepare_cached(COOKIE)?;
            for (identity, record) in rows {
                set.execute(params![name, identity, stamp, record])?;
            }
        }
        transaction.commit()
    }
}

/// One script a session, which does what the stored format needs: it compares, stores, counts a version, and appends to the
/// stream.
pub(super) struct Redis {
    connection: redis::Connection,
    script: String,
    keys: [String; 4],
}

const SCRIPT: &str = r"
    local version, names, set, log = redis.call('HINCRBY', KEYS[1], 'version', 1), {}, {}, {}
    for i = 2, #ARGV, 3 do names[#names + 1] = ARGV[i] end
    local stored = redis.call('HMGET', KEYS[4], unpack(names))
    for i = 2, #ARGV, 3 do
        local old = stored[(i + 1) / 3]
        if not old or old:sub(1, 32) < ARGV[i + 1] then
            local value = ARGV[i + 1] .. ' ' .. version .. ARGV[i + 2]
            set[#set + 1] = ARGV[i]
            set[#set + 1] = value
            log[#log + 1] = #ARGV[i] .. ':' .. ARGV[i] .. ',' .. #value .. ':' .. value .. ','
        end
    end
    redis.call('HSET', KEYS[4], unpack(set))
    redis.call('ZADD', KEYS[3], version, ARGV[1])
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, version .. '-0', 'session', ARGV[1], 'entries', table.concat(log))
    return version";

impl Redis {
    fn open(namespace: &Namespace) -> Self {
        let mut connection = namespace.connect();
        let load = redis::cmd("SCRIPT")
            .arg("LOAD")
            .arg(SCRIPT)
            .query(&mut connection);
        Self {
            connection,
            script: load.expect("a script"),
            keys: ["namespace", "changes", "used", "session:"].map(|name| namespace.key(name)),
        }
    }

    fn batch(&mut self, sessions: &[Session], stamp: i64) -> redis::RedisResult<()> {
        let [namespace, changes, used, session] = &self.keys;
        let mut requests = redis::pipe();
        for Session { name, rows } in sessions {
            let keys = [namespace, changes, used, &format!("{session}{name}")];
            let request = requests
                .cmd("EVALSHA")
                .arg(&self.script)
                .arg(4)
                .arg(&keys[..])
                .arg(name);
            for (identity, record) in rows {
                let value = [b" 1763712000 1795161600 - ", &record[..]].concat();
                request
                    .arg(identity)
                    .arg(format!("{stamp:032x}"))
                    .arg(value);
            }
        }
        let _: Vec<u64> = requests.query(&mut self.connection)?;
        Ok(())
    }
}
