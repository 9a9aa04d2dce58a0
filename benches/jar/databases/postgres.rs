//! A namespace of a PostgreSQL server, and a bare loop over its tables.

use std::sync::atomic::{AtomicUsize, Ordering};

use cookiejar::persist::postgres::Postgres;
use postgres::types::Type;
use postgres::{Client, NoTls, Statement};

use super::floor::Session;

pub(super) struct Namespace {
    address: String,
    pub(super) name: String,
}

impl Namespace {
    /// `None` without a server.
    pub(super) fn new() -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let address = std::env::var("COOKIEJAR_POSTGRES").ok()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench-{}-{number}", std::process::id());
        let namespace = Self { address, name };
        namespace.engine().create_tables().expect("tables");
        Some(namespace)
    }

    pub(super) fn engine(&self) -> Postgres {
        let engine = Postgres::config(&self.address).expect("an address");
        engine.listen(true)
    }

    fn client(&self) -> Client {
        Client::connect(&self.address, NoTls).expect("a server")
    }

    /// Bytes of the tables, which have no other namespace with many rows, with their indexes.
    pub(super) fn bytes(&self) -> f64 {
        let mut client = self.client();
        client.batch_execute("VACUUM ANALYZE").expect("vacuumed");
        let sizes = "SELECT pg_total_relation_size('cookiejar_cookies')::float8 \
            + pg_total_relation_size('cookiejar_sessions')";
        client.query_one(sizes, &[]).expect("a row").get(0)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let mut client = self.client();
        for table in ["cookies", "sessions", "namespaces"] {
            let delete = format!("DELETE FROM cookiejar_{table} WHERE namespace = $1");
            client.execute(&delete, &[&self.name]).expect("removed");
        }
        client.batch_execute("VACUUM").expect("vacuumed");
    }
}

/// A transaction a batch, with one statement for each table.
pub(super) struct Bare {
    client: Client,
    namespace: String,
    statements: [Statement; 3],
}

impl Bare {
    pub(super) fn open(namespace: &Namespace) -> Self {
        const VERSION: &str = "UPDATE cookiejar_namespaces SET version = $2 WHERE namespace = $1";
        const SESSIONS: &str = "INSERT INTO cookiejar_sessions \
            SELECT $1, g.*, $2, NULL, $2 FROM unnest($3) AS g(session) \
            ON CONFLICT (namespace, session) DO UPDATE SET version = $2, last_used = $2";
        const COOKIES: &str = "INSERT INTO cookiejar_cookies AS c \
            SELECT $1, g.session, sha256(g.identity), g.identity, $2, 1, $2, 1, 1, NULL, g.record \
            FROM unnest($3, $4, $5) AS g(session, identity, record) \
            ON CONFLICT (namespace, session, key) DO UPDATE SET stamp = $2, writer = 1, \
            version = $2, record = excluded.record WHERE ($2, 1) > (c.stamp, c.writer)";
        let mut client = namespace.client();
        let create = "INSERT INTO cookiejar_namespaces VALUES($1, '', 1, 0, 0, 0, 0, 0)";
        client.execute(create, &[&namespace.name]).expect("a row");
        let list = Type::BYTEA_ARRAY;
        let types = [Type::TEXT, Type::INT8, list.clone(), list.clone(), list];
        let mut prepare = |statement, values: usize| {
            let prepared = client.prepare_typed(statement, &types[..values]);
            prepared.expect("a statement")
        };
        let statements = [
            prepare(VERSION, 2),
            prepare(SESSIONS, 3),
            prepare(COOKIES, 5),
        ];
        Self {
            client,
            namespace: namespace.name.clone(),
            statements,
        }
    }

    pub(super) fn batch(
        &mut self,
        sessions: &[Session],
        stamp: i64,
    ) -> Result<(), postgres::Error> {
        let names: Vec<_> = sessions
            .iter()
            .map(|session| session.name.as_bytes())
            .collect();
        let rows = || {
            let rows = |session: &'_ Session| session.rows.len();
            sessions
                .iter()
                .flat_map(move |session| (0..rows(session)).map(move |row| (session, row)))
        };
        let of: Vec<_> = rows().map(|(session, _)| session.name.as_bytes()).collect();
        let identities: Vec<_> = rows()
            .map(|(session, row)| &session.rows[row].0[..])
            .collect();
        let records: Vec<_> = rows()
            .map(|(session, row)| &session.rows[row].1[..])
            .collect();
        let [version, set_sessions, set_cookies] = &self.statements;
        let namespace = &self.namespace;
        let mut transaction = self.client.transaction()?;
        transaction.execute(version, &[namespace, &stamp])?;
        transaction.execute(set_sessions, &[namespace, &stamp, &names])?;
        transaction.execute(
            set_cookies,
            &[namespace, &stamp, &of, &identities, &records],
        )?;
        transaction.commit()
    }
}
