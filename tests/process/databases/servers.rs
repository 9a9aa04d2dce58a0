//! Servers of a test's own, which it kills and starts again.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Place, until};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Redis,
}

/// A server on a free port of loopback, with its data in a temporary folder.
pub(super) struct Server {
    kind: Kind,
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    pub(super) fn start(kind: Kind) -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Self {
            kind,
            port,
            folder,
            child: None,
        };
        server.run();
        server
    }

    pub(super) fn place(&self) -> Place {
        let port = self.port;
        match self.kind {
            Kind::Redis => Place::new_in_redis(&format!("redis://127.0.0.1:{port}"), "storm"),
        }
    }

    /// Starts it with the data that it has.
    pub(super) fn run(&mut self) {
        let mut command = match self.kind {
            Kind::Redis => redis(self.port, self.folder.path()),
        };
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("the server starts"));
        let port = self.port;
        until("the server listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }

    /// Kills it, as `kill -9` does.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is killed");
            child.wait().expect("it is dead");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn redis(port: u16, folder: &Path) -> Command {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.arg("--dir").arg(folder);
    command.args([
        "--save",
        "",
        "--appendonly",
        "yes",
        "--maxmemory-policy",
        "noeviction",
    ]);
    command
}
