//! Servers of a test's own, which it kills and starts again.

use std::fs::{self, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Place, until};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Redis,
}

fn address(port: u16) -> String {
    format!("host=127.0.0.1 port={port} user=cookiejar dbname=postgres")
}

fn is_ready(kind: Kind, port: u16) -> bool {
    match kind {
        // It listens before it has recovered.
        Kind::Postgres => {
            let engine = cookiejar::persist::postgres::Postgres::config(&address(port));
            engine.expect("an address").create_tables().is_ok()
        }
        Kind::Redis => TcpStream::connect(("127.0.0.1", port)).is_ok(),
    }
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
            Kind::Postgres => Place::new_in_postgres(&address(port), "storm"),
            Kind::Redis => Place::new_in_redis(&format!("redis://127.0.0.1:{port}"), "storm"),
        }
    }

    /// Starts it with the data that it has.
    pub(super) fn run(&mut self) {
        let mut command = match self.kind {
            Kind::Postgres => postgres(self.port, self.folder.path()),
            Kind::Redis => redis(self.port, self.folder.path()),
        };
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("the server starts"));
        let (kind, port) = (self.kind, self.port);
        until("the server listens", || {
            // A PostgreSQL does not start while a process of the killed one runs.
            if let Some(child) = &mut self.child
                && child.try_wait().expect("its state").is_some()
            {
                *child = command.spawn().expect("the server starts");
            }
            is_ready(kind, port)
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

/// Makes its data the first time. PostgreSQL refuses to run as root.
fn postgres(port: u16, folder: &Path) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("it is installed");
    let versions = versions.map(|version| version.expect("a folder").path().join("bin"));
    let programs = versions.max().expect("a version");
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    let command = |name: &str| {
        let program = programs.join(name);
        if !is_root {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
        ]);
        command.arg(program);
        command
    };
    let data = folder.join("data");
    if !data.exists() {
        fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("its folder");
        let mut make = command("initdb");
        make.arg("-D").arg(&data).stdout(Stdio::null());
        make.args([
            "-U",
            "cookiejar",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        assert!(make.status().expect("it runs").success());
    }
    let mut command = command("postgres");
    command.arg("-D").arg(&data).arg("-k").arg(folder);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    command
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
