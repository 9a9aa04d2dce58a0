//! A program logs in, is killed, is restarted, and is still logged in.
//!
//! ```sh
//! cargo run --example durable_jar --features sqlite
//! ```
//!
//! It starts itself twice, against its own server. The first process is killed: no destructor runs, no file is saved.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use cookiejar::persist::PersistentCookieJar;
use url::Url;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => parent(),
        [server, file] => child(server.parse()?, Path::new(file)),
        _ => Err("no arguments, please: it starts itself".into()),
    }
}

fn parent() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let server = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The server keeps running when a client was killed.
            let _ = answer(&stream);
        }
    });
    let file = std::env::temp_dir().join(format!("durable-jar-{}.db", std::process::id()));

    let mut said = Vec::new();
    for _ in 0..2 {
        let mut program = start(server, &file)?;
        let line = first_line(&mut program)?;
        println!("the program says: {line}");
        program.kill()?;
        program.wait()?;
        println!("and is killed");
        said.push(line);
    }
    for end in ["", "-wal", "-shm"] {
        let mut path = file.clone().into_os_string();
        path.push(end);
        // The last connection deletes the companion files, if it can.
        let _ = std::fs::remove_file(path);
    }
    assert_eq!(said, ["I had to log in", "I am logged in still"]);
    Ok(())
}

fn start(server: SocketAddr, file: &Path) -> Result<Child> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg(server.to_string()).arg(file);
    Ok(command.stdout(Stdio::piped()).spawn()?)
}

fn first_line(program: &mut Child) -> Result<String> {
    let output = program.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// The program: it requests its report, logs in if necessary, and runs until it is killed.
fn child(server: SocketAddr, file: &Path) -> Result<()> {
    let jar = PersistentCookieJar::open(file)?;
    let said = if get(server, "/report", &jar)?.starts_with("200") {
        "I am logged in still"
    } else {
        get(server, "/login", &jar)?;
        assert!(get(server, "/report", &jar)?.starts_with("200"));
        "I had to log in"
    };
    // Without this, a kill within the next 50 ms would lose the cookie.
    jar.flush().wait()?;
    println!("{said}");
    loop {
        get(server, "/report", &jar)?;
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Sends a request with the jar's cookies, and stores the response's cookies in the jar. Returns the status.
fn get(server: SocketAddr, path: &str, jar: &PersistentCookieJar) -> Result<String> {
    let url = Url::parse(&format!("http://{server}{path}"))?;
    let mut stream = TcpStream::connect(server)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n"
    )?;
    if let Some(cookies) = jar.jar().cookie_header(&url) {
        stream.write_all(b"Cookie: ")?;
        stream.write_all(cookies.as_bytes())?;
        stream.write_all(b"\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let mut lines = response.lines();
    let status = lines.next().and_then(|line| line.split_once(' '));
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    jar.jar().extract_cookies(&headers[..], &url);
    Ok(status.ok_or("no status")?.1.to_owned())
}

/// The server: it lets in clients that have its cookie.
fn answer(mut stream: &TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().ok_or("no request")??;
    let mut is_known = false;
    for line in lines {
        let line = line?;
        is_known |= line.to_ascii_lowercase().starts_with("cookie:") && line.contains("sid=31d4");
        if line.is_empty() {
            break;
        }
    }
    let (status, cookie) = if request.starts_with("GET /login ") {
        ("200 OK", "Set-Cookie: sid=31d4; Max-Age=3600; HttpOnly\r\n")
    } else if is_known {
        ("200 OK", "")
    } else {
        ("401 Unauthorized", "")
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{cookie}Content-Length: 0\r\n\r\n"
    )?;
    Ok(())
}
