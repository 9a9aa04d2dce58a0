//! Servers of a test's own, which it kills and starts again.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Place, until};
use crate::common::own_postgres::OwnPostgres;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Redis,
}

/// A server on a free port of loopback, with its data in a temporary folder.
pub(super) enum Server {
    Postgres(OwnPostgres),
    Redis(OwnRedis),
}

impl Server {
    pub(super) fn start(kind: Kind) -> Self {
        match kind {
            Kind::Postgres => Self::Postgres(OwnPostgres::start()),
            Kind::Redis => Self::Redis(OwnRedis::start()),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Postgres(server) => Place::new_in_postgres(&server.address(), "storm"),
            Self::Redis(server) => Place::new_in_redis(&server.address(), "storm"),
        }
    }

    /// Starts it with the data that it has.
    pub(super) fn run(&mut self) {
        match self {
            Self::Postgres(server) => server.run(),
            Self::Redis(server) => server.run(),
        }
    }

    /// Kills it, as `kill -9` does.
    pub(super) fn kill(&mut self) {
        match self {
            Self::Postgres(server) => server.kill(),
            Self::Redis(server) => server.kill(),
        }
    }
}

/// It appends each batch to a file. It is killed when it is dropped.
pub(super) struct OwnRedis {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl OwnRedis {
    fn start() -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let mut server = Self {
            folder: tempfile::tempdir().expect("a folder"),
            port: free.local_addr().expect("its address").port(),
            running: None,
        };
        drop(free);
        server.run();
        server
    }

    fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.arg("--dir").arg(self.folder.path());
        command.args(["--save", "", "--appendonly", "yes"]);
        command.args(["--maxmemory-policy", "noeviction"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(command.spawn().expect("the server starts"));
        until("the server listens", || {
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().expect("it is killed");
            running.wait().expect("it is dead");
        }
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
