//! A fleet of processes that share one session: one logs in, all use its cookie, one is killed, and nothing is lost.
//!
//! ```sh
//! cargo run -p cookiejar-examples --features databases --example fleet
//! cargo run -p cookiejar-examples --features databases --example fleet -- redis://127.0.0.1/
//! cargo run -p cookiejar-examples --features databases --example fleet -- "host=127.0.0.1 user=me dbname=me"
//! ```
//!
//! It starts itself, against its own server. The database is a SQLite file, unless its argument is the address of another.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use cookiejar::SharedCookieJar;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use url::Url;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The one session of the fleet.
const ACCOUNT: &str = "acme";
const PROCESSES: usize = 4;
/// The pages that each process reads; one of them is killed half-way.
const PAGES: u64 = 60;
const LOGIN_TAKES: Duration = Duration::from_millis(200);
/// Longer than a login takes. If its process is killed, another may log in after this time.
const CLAIM: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            let folder = tempfile::tempdir()?;
            parent(&folder.path().join("fleet.db").display().to_string())
        }
        [address] => parent(address),
        ["--member", address, namespace, server] => member(address, namespace, server.parse()?),
        _ => Err("usage: fleet [ADDRESS OF A DATABASE]".into()),
    }
}

/// A process of the fleet, as its parent sees it.
struct Member {
    program: Child,
    bar: ProgressBar,
    logins: u32,
    end: &'static str,
}

/// A line of a process, by the process's place; `None` at its end.
type Heard = (usize, Option<String>);

fn parent(address: &str) -> Result<()> {
    let (server, logins) = serve()?;
    let bars = MultiProgress::new();
    let (hear, heard) = mpsc::channel();
    // Each run logs in anew.
    let namespace = format!("fleet-{}", std::process::id());
    let arguments = ["--member", address, &namespace, &server.to_string()];
    let start = |place| Member::start(place, arguments, &bars, hear.clone());

    let mut members = (0..PROCESSES).map(start).collect::<Result<Vec<_>>>()?;
    let mut running = PROCESSES;
    while running > 0 {
        let (place, line) = heard.recv()?;
        let member = &mut members[place];
        match line.as_deref() {
            Some("page") => member.bar.inc(1),
            Some("login") => member.logins += 1,
            Some(other) => return Err(other.into()),
            None => {
                running -= 1;
                if member.end.is_empty() {
                    member.end = "finished";
                }
            }
        }
        // The one that logged in is killed, and another takes its place.
        if member.logins > 0 && member.bar.position() == PAGES / 2 && member.end != "killed" {
            member.program.kill()?;
            member.end = "killed";
            members.push(start(members.len())?);
            running += 1;
        }
    }

    println!("\n{:9} {:>6} {:>6}  end", "process", "logins", "pages");
    for (place, member) in members.iter_mut().enumerate() {
        let Member {
            program,
            bar,
            logins,
            end,
        } = member;
        program.wait()?;
        println!("{:9} {logins:>6} {:>6}  {end}", place + 1, bar.position());
        assert!(
            *end == "killed" || bar.position() == PAGES,
            "nothing is lost"
        );
    }
    let logins = logins.load(Ordering::Relaxed);
    println!("{:9} {logins:>6}", "together");
    assert_eq!(logins, 1, "one logs in, and all use its cookie");
    Ok(())
}

impl Member {
    fn start(
        place: usize,
        arguments: [&str; 4],
        bars: &MultiProgress,
        hear: mpsc::Sender<Heard>,
    ) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut program = command.args(arguments).stdout(Stdio::piped()).spawn()?;
        let output = program.stdout.take().ok_or("no output")?;
        std::thread::spawn(move || {
            let lines = BufReader::new(output)
                .lines()
                .map_while(std::io::Result::ok);
            for line in lines.map(Some).chain([None]) {
                _ = hear.send((place, line));
            }
        });
        let style = ProgressStyle::with_template("process {prefix} {bar:30} {pos}/{len} pages")?;
        let bar = ProgressBar::new(PAGES).with_style(style);
        let bar = bars.add(bar.with_prefix((place + 1).to_string()));
        Ok(Self {
            program,
            bar,
            logins: 0,
            end: "",
        })
    }
}

/// A process of the fleet: it reads its pages with the cookie of the account.
fn member(address: &str, namespace: &str, server: SocketAddr) -> Result<()> {
    let options = PersistOptions::new().namespace(namespace);
    let sessions = PersistentCookieSessions::open(servers::engine(address)?, options)?;
    let url = Url::parse(&format!("http://{server}/"))?;
    let jar = logged_in(&sessions, &url)?;
    for _ in 0..PAGES {
        assert!(get(server, "page", &jar)?.starts_with("200"), "logged in");
        println!("page");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Returns the jar of the account, logged in by this process or by another: look, claim, look again, log in, release.
fn logged_in(sessions: &PersistentCookieSessions<String>, url: &Url) -> Result<SharedCookieJar> {
    let account = ACCOUNT.to_owned();
    let server = url.socket_addrs(|| None)?.remove(0);
    let jar = sessions.jar(&account).wait()?;
    while jar.cookie_header(url).is_none() {
        if let Some(claim) = sessions.claim(&account, CLAIM).wait()? {
            if jar.cookie_header(url).is_none() {
                println!("login");
                get(server, "login", &jar)?;
            }
            claim.release();
        } else {
            let url = url.clone();
            let has_cookie = move |jar: &SharedCookieJar| jar.cookie_header(&url).is_some();
            sessions.wait_for(&account, has_cookie, CLAIM).wait()?;
        }
    }
    Ok(jar)
}

/// Sends a request with the jar's cookies, and stores the response's. Returns the status.
fn get(server: SocketAddr, path: &str, jar: &SharedCookieJar) -> Result<String> {
    let url = Url::parse(&format!("http://{server}/{path}"))?;
    let mut stream = TcpStream::connect(server)?;
    let cookies = jar.cookie_header(&url);
    let cookies = cookies
        .as_ref()
        .map_or("", |header| header.to_str().unwrap_or_default());
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nCookie: {cookies}\r\n\r\n"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let mut lines = response.lines();
    let status = lines.next().and_then(|line| line.split_once(' '));
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    jar.extract_cookies(&headers[..], &url);
    Ok(status.ok_or("no status")?.1.to_owned())
}

/// Starts the server, which counts its logins.
fn serve() -> Result<(SocketAddr, Arc<AtomicU32>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let server = listener.local_addr()?;
    let logins = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&logins);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let logins = Arc::clone(&counted);
            // A client that was killed does not hear its answer.
            std::thread::spawn(move || _ = answer(&stream, &logins));
        }
    });
    Ok((server, logins))
}

/// Lets in clients that have the cookie of the last login.
fn answer(mut stream: &TcpStream, logins: &AtomicU32) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().ok_or("no request")??;
    let mut sent = String::new();
    for line in lines {
        let line = line?;
        if line.starts_with("Cookie: ") {
            sent.clone_from(&line);
        }
        if line.is_empty() {
            break;
        }
    }
    let (status, cookie) = if request.starts_with("GET /login ") {
        let login = logins.fetch_add(1, Ordering::Relaxed) + 1;
        std::thread::sleep(LOGIN_TAKES);
        (
            "200 OK",
            format!("Set-Cookie: sid={login}; Max-Age=3600; HttpOnly\r\n"),
        )
    } else if sent == format!("Cookie: sid={}", logins.load(Ordering::Relaxed)) {
        ("200 OK", String::new())
    } else {
        ("401 Unauthorized", String::new())
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{cookie}Content-Length: 0\r\n\r\n"
    )?;
    Ok(())
}
