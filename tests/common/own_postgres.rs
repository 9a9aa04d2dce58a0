//! A PostgreSQL of a test's own, which it can kill and start again.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// It is killed when it is dropped.
pub(crate) struct OwnPostgres {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

/// The folder of the newest installed version's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("Debian's PostgreSQL");
    let mut folders: Vec<_> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    folders.sort();
    folders.pop().expect("Debian's PostgreSQL")
}

/// The server refuses to run as root.
fn command(program: &str) -> Command {
    let program = programs().join(program);
    if !rustix::process::geteuid().is_root() {
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
}

impl OwnPostgres {
    /// The role `cookiejar` needs no password; all others do.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // For the server's user.
        let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everyone).expect("it is ours");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let data = folder.path().join("data");
        let mut initdb = command("initdb");
        initdb.args([
            "-U",
            "cookiejar",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
            "-D",
        ]);
        let made = initdb.arg(&data).stdout(Stdio::null()).status();
        assert!(made.expect("initdb").success());
        let access =
            "host all cookiejar 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(data.join("pg_hba.conf"), access).expect("written");
        let mut server = Self {
            folder,
            port,
            running: None,
        };
        server.run();
        server
    }

    /// Starts the server, and waits until it is ready.
    pub(crate) fn run(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.is_ready() {
            assert!(Instant::now() < end, "the server does not start");
            // The processes of a killed one may not have ended yet; then the new one ends at once.
            let has_ended = |child: &mut Child| child.try_wait().expect("a child").is_some();
            if self.running.as_mut().is_none_or(has_ended) {
                self.running = Some(self.spawn());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn spawn(&self) -> Child {
        let folder = self.folder.path();
        let mut server = command("postgres");
        server.arg("-D").arg(folder.join("data"));
        server.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k"]);
        server.arg(folder);
        let log = |name| std::fs::File::create(folder.join(name)).expect("a file");
        server.stdout(log("out")).stderr(log("err"));
        server.spawn().expect("a server")
    }

    fn is_ready(&self) -> bool {
        self.running.is_some()
            && postgres::Client::connect(&self.address(), postgres::NoTls).is_ok()
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().expect("killed");
            running.wait().expect("dead");
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn address(&self) -> String {
        format!(
            "host=127.0.0.1 port={} user=cookiejar dbname=postgres",
            self.port
        )
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
        // Its processes notice that it is gone, and end; they write files until then.
        let data = self.folder.path().join("data");
        let end = Instant::now() + Duration::from_secs(5);
        while std::fs::remove_dir_all(&data).is_err() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
