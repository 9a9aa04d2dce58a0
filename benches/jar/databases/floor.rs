//! A bare loop over SQLite: the same rows in the same batches, without jars, stamps or merging.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};

/// As many sessions as a batch of ours has at most.
pub(super) const BATCH: usize = 1_000;

const SCHEMA: &str = include_str!("../../../src/persist/sqlite/schema.sql");

/// The rows of one response.
pub(super) struct Session {
    pub(super) name: String,
    /// Identities and records.
    pub(super) rows: Vec<(Vec<u8>, Vec<u8>)>,
}

pub(super) struct Bare(Connection);

impl Bare {
    pub(super) fn open(file: &Path, full: bool) -> Self {
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

    /// Stores all sessions, in batches.
    pub(super) fn store(&mut self, sessions: &[Session], stamp: i64) {
        for batch in sessions.chunks(BATCH) {
            self.batch(batch, stamp).expect("stored");
        }
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
