//! A session with a server.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use postgres::types::{FromSql, ToSql, Type};
use postgres::{Client, Row, Statement};

use super::super::engine::EngineError;
use super::Postgres;
use super::error::{Reported, translate};

/// How often a transaction that lost against another is repeated.
const TRIES: u32 = 4;

pub(super) type Value<'v> = (&'v (dyn ToSql + Sync), Type);

pub(super) struct Session {
    pub(super) client: Client,
    /// `None` behind a pooler that does not keep them.
    statements: Option<HashMap<&'static str, Statement>>,
    has_lost: Arc<AtomicBool>,
    pub(super) is_listening: bool,
}

impl Session {
    pub(super) fn new(client: Client, engine: &Postgres) -> Self {
        Self {
            client,
            statements: engine.prepares().then(HashMap::new),
            has_lost: Arc::clone(&engine.has_lost),
            is_listening: false,
        }
    }

    pub(super) fn run(&mut self, statements: &str) -> Result<(), EngineError> {
        self.client.batch_execute(statements).map_err(translate)
    }

    pub(super) fn query(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, EngineError> {
        let rows = match &mut self.statements {
            None => self.client.query_typed(statement, values),
            Some(statements) => {
                prepare(&mut self.client, statements, statement, values).and_then(|statement| {
                    let values: Vec<_> = values.iter().map(|(value, _)| *value).collect();
                    self.client.query(&statement, &values)
                })
            }
        };
        rows.map_err(translate).inspect_err(|error| {
            if Reported::of(error).is_some_and(Reported::is_lost_statement) {
                self.has_lost.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Repeats a transaction that lost against another one.
    pub(super) fn write<T>(
        &mut self,
        begin: &str,
        work: impl Fn(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut tries = 1;
        loop {
            let result = self.run(begin).and_then(|()| {
                let value = work(self)?;
                self.run("COMMIT")?;
                Ok(value)
            });
            let Err(error) = result else { return result };
            let _ = self.client.batch_execute("ROLLBACK");
            let has_lost = Reported::of(&error).is_some_and(Reported::is_conflict);
            if !has_lost || tries == TRIES {
                return Err(error);
            }
            tries += 1;
        }
    }
}

fn prepare(
    client: &mut Client,
    statements: &mut HashMap<&'static str, Statement>,
    statement: &'static str,
    values: &[Value<'_>],
) -> Result<Statement, postgres::Error> {
    if let Some(prepared) = statements.get(statement) {
        return Ok(prepared.clone());
    }
    let types: Vec<_> = values.iter().map(|(_, of)| of.clone()).collect();
    let prepared = client.prepare_typed(statement, &types)?;
    statements.insert(statement, prepared.clone());
    Ok(prepared)
}

/// Each statement sees what was committed before it. A server that no longer hears from us ends the transaction, and
/// with it the lock of the namespace.
pub(super) fn begin(at_most: Duration, synchronous_commit: bool) -> String {
    let millis = at_most.as_millis().clamp(1, 1 << 30);
    let commit = if synchronous_commit {
        ""
    } else {
        "SET LOCAL synchronous_commit = off; "
    };
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {commit}SET LOCAL jit = off; \
         SET LOCAL statement_timeout = {millis}; \
         SET LOCAL idle_in_transaction_session_timeout = {millis}"
    )
}

pub(super) fn column<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, EngineError> {
    row.try_get(index).map_err(translate)
}
