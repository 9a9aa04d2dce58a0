//! A server that answers with anything: no panic, no wait beyond a timeout, no word of it in a text.

use std::error::Error;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cookiejar::persist::engine::{
    Changed, ClaimOwner, Database, Engine, EngineError, Record, Stamp, Version,
};

use super::{batch, engine_at, entry, read_command};

const SECRET: &str = "S3CRET";

const INFO: &str = "redis_version:7.0.0\r\nrun_id:1\r\nmaster_replid:2\r\n";

/// Returns a reply instead of the ordinary one, if the command gets another.
type Script = fn(command: &str, hostile: &[u8]) -> Option<Vec<u8>>;

struct Hostile {
    address: SocketAddr,
}

impl Hostile {
    /// A server whose replies to some commands are `reply`. After one of them it says nothing more.
    fn start(script: Script, reply: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok).take(8) {
                let _ = serve(&stream, script, &reply);
            }
        });
        Self { address }
    }

    fn connect(&self) -> Result<Box<dyn Database>, EngineError> {
        self.connect_within(Duration::from_secs(5))
    }

    fn connect_within(&self, limit: Duration) -> Result<Box<dyn Database>, EngineError> {
        let short = Duration::from_millis(200);
        let engine = engine_at(self.address).connect_timeout(limit);
        let engine = engine.load_timeout(short).apply_timeout(short);
        engine.connect("default")
    }
}

fn bulk(text: &str) -> Vec<u8> {
    format!("${}\r\n{text}\r\n", text.len()).into_bytes()
}

fn serve(mut stream: &TcpStream, script: Script, hostile: &[u8]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let words = read_command(&mut reader)?;
        let command = &*words[0];
        let opens = command == "EVALSHA" && words.last().is_some_and(|word| word == "1");
        let ordinary = match command {
            "INFO" => bulk(INFO),
            "SCRIPT" => bulk("x"),
            "EVALSHA" => standing(b":0\r\n"),
            "TIME" | "HMGET" | "HGETALL" | "ZRANGE" => b"+QUEUED\r\n".to_vec(),
            _ => b"+OK\r\n".to_vec(),
        };
        let command = if opens { "open" } else { command };
        let reply = script(command, hostile).unwrap_or(ordinary);
        stream.write_all(&reply)?;
    }
}

/// The state of a namespace with a version.
fn standing(version: &[u8]) -> Vec<u8> {
    let floor = bulk("0000000000000000");
    [
        b"*6\r\n:1\r\n$2\r\nid\r\n:1\r\n",
        version,
        b":1795248000000\r\n",
        &*floor,
    ]
    .concat()
}

/// What no server of ours says: other types, pieces, lengths beyond all memory, nesting, errors, garbage.
fn replies() -> Vec<Vec<u8>> {
    let mut replies: Vec<Vec<u8>> = [
        "",
        ":5\r\n",
        "+x\r\n",
        "_\r\n",
        "#t\r\n",
        "#x\r\n",
        ",1.5\r\n",
        ",x\r\n",
        "(12\r\n",
        "*0\r\n",
        "*-1\r\n",
        "*-2\r\n",
        "$-1\r\n",
        "$-2\r\n",
        "~1\r\n:1\r\n",
        "%1\r\n:1\r\n:2\r\n",
        ">1\r\n:1\r\n",
        ">0\r\n",
        "|1\r\n:1\r\n:2\r\n:3\r\n",
        "=3\r\nabc\r\n",
        "=7\r\ntxt:abc\r\n",
        "!3\r\nabc\r\n",
        "$100\r\nabc",
        "*3\r\n:1\r\n",
        "$2147483648\r\nabc",
        "$9223372036854775807\r\nabc",
        "$99999999999999999999\r\n",
        "*2147483647\r\n:1\r\n",
        "*9223372036854775807\r\n:1\r\n",
        "%4611686018427387904\r\n:1\r\n",
        "~2147483647\r\n",
        ">2147483647\r\n",
        "$x\r\n",
        "*\r\n",
        "\0\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "*2\r\n-ERR x\r\n-ERR y\r\n",
        "-S3CRET S3CRET\r\n",
        "-ERR S3CRET\r\n",
        "-\r\n",
        "*1\r\n-S3CRET S3CRET\r\n",
        "+S3CRET\r\n",
        "*6\r\n:18446744073709551615\r\n$6\r\nS3CRET\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
    ]
    .map(|reply| reply.as_bytes().to_vec())
    .into();
    let old = "redis_version:5\x1b[2J\x07\u{85}".repeat(10_000);
    replies.push(bulk(&old));
    replies.push(bulk(&format!("{INFO}maxmemory_policy:{old}\n")));
    replies.push(b"*1\r\n".repeat(10_000));
    replies.push(b"$3\r\nabc\r\n".repeat(1_000));
    replies
}

/// Each call ends with an error, or says that it knows nothing.
#[track_caller]
fn ends<T>(what: &str, reply: &[u8], call: impl FnOnce() -> Result<T, EngineError>) {
    let begin = Instant::now();
    let shown = String::from_utf8_lossy(&reply[..reply.len().min(60)]).into_owned();
    if let Err(error) = call() {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        let is_long = cause.len() > 300;
        let is_harmless = !cause.chars().any(char::is_control) && !is_long;
        assert!(is_harmless, "{what} {shown}: {cause:?}");
        let texts = format!("{error} {error:?} {:?}", error.source());
        assert!(!texts.contains(SECRET), "{what} {shown}: {texts}");
    }
    let hung = begin.elapsed() > Duration::from_secs(20);
    assert!(!hung, "{what} {shown}");
}

/// Most replies are waited for until a timeout.
fn for_each_reply(try_it: fn(&[u8])) {
    std::thread::scope(|scope| {
        for reply in replies() {
            scope.spawn(move || try_it(&reply));
        }
    });
}

#[test]
fn a_hostile_answer_while_connecting() {
    for_each_reply(|reply| {
        let scripts: [(&str, Script); 3] = [
            ("INFO", |command, hostile| {
                (command == "INFO").then(|| hostile.to_vec())
            }),
            ("SCRIPT", |command, hostile| {
                (command == "SCRIPT").then(|| hostile.to_vec())
            }),
            ("open", |command, hostile| {
                (command == "open").then(|| hostile.to_vec())
            }),
        ];
        for (what, script) in scripts {
            let server = Hostile::start(script, reply.to_vec());
            let limit = Duration::from_millis(200);
            ends(what, reply, || server.connect_within(limit));
        }
    });
}

#[test]
fn a_hostile_answer_to_a_call() {
    for_each_reply(|reply| {
        let script: Script = |command, hostile| {
            matches!(command, "EVALSHA" | "EXEC" | "XREAD" | "ZRANGE").then(|| hostile.to_vec())
        };
        let server = Hostile::start(script, reply.to_vec());
        let connect = || server.connect().expect("so far it is ordinary");
        let entries = [entry("a", Stamp::at(1))];
        let (zero, one) = (Duration::ZERO, Version::new(1));
        ends("hello", reply, || connect().hello());
        ends("load", reply, || connect().load(&["a", "b"]));
        ends("changes", reply, || connect().changes(one, zero));
        ends("apply", reply, || connect().apply(&[batch("a", &entries)]));
        ends("list", reply, || connect().sessions(None, 10));
        ends("purge", reply, || connect().purge(Stamp::at(9), 10));
    });
}

/// The replies to a transaction, whose last is `last`.
fn snapshot(time: &str, version: &str, last: &str) -> Vec<u8> {
    let state = format!("*4\r\n$2\r\nid\r\n{0}{0}:0\r\n", bulk_text(version));
    let info = bulk_text(INFO);
    let count = if last.is_empty() { 3 } else { 4 };
    format!(
        "*{count}\r\n*2\r\n{0}{0}{state}{info}{last}",
        bulk_text(time)
    )
    .into_bytes()
}

fn bulk_text(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

#[test]
fn numbers_at_the_end_of_their_range() {
    let most = u64::MAX.to_string();
    let script: Script = |command, hostile| match command {
        "EXEC" => Some(hostile.to_vec()),
        "XREAD" => Some(b"*1\r\n*2\r\n$1\r\nx\r\n*1\r\n*2\r\n$3\r\n0-0\r\n*0\r\n".to_vec()),
        _ => None,
    };
    let server = Hostile::start(script, snapshot(&most, &most, "*0\r\n"));
    let mut database = server.connect().expect("so far it is ordinary");
    let loaded = database.load(&["a"]).expect("a session that is not there");
    assert_eq!(
        (loaded.clock, loaded.value.version),
        (u64::MAX, Version::new(u64::MAX))
    );
    let server = Hostile::start(script, snapshot(&most, &most, ""));
    let mut database = server.connect().expect("so far it is ordinary");
    let changed = database.changes(Version::new(u64::MAX), Duration::ZERO);
    let changed = changed.expect("an answer").value;
    assert!(matches!(changed, Changed::TooFarBehind), "{changed:?}");
}

#[test]
fn fewer_sessions_than_were_asked_for() {
    let script: Script = |command, hostile| (command == "EXEC").then(|| hostile.to_vec());
    let server = Hostile::start(script, snapshot("1", "1", "*0\r\n"));
    let mut database = server.connect().expect("so far it is ordinary");
    let result = database.load(&["a", "b"]);
    assert!(
        matches!(result, Err(EngineError::Unavailable(_))),
        "{result:?}"
    );
    let one = database.load(&["a"]).expect("one").value.sessions;
    assert!(matches!(&*one, [None]), "{one:?}");
}

/// Octets that pass one at a time, each after a pause.
const OCTETS: usize = 500;
const PAUSE: Duration = Duration::from_millis(20);

/// A server that is ordinary until it gets another command than those of connecting, and slow from then on. Returns
/// how many octets it has sent or read slowly.
fn slow(reads: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let passed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&passed);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let passed = Arc::clone(&passed);
            std::thread::spawn(move || serve_slowly(&stream, reads, &passed));
        }
    });
    (address, count)
}

fn serve_slowly(mut stream: &TcpStream, reads: bool, passed: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    for _ in 0..8 {
        let words = read_command(&mut reader)?;
        stream.write_all(&match &*words[0] {
            "INFO" => bulk(INFO),
            "SCRIPT" => bulk("x"),
            _ => standing(b":0\r\n"),
        })?;
    }
    // An answer that would be a long one.
    stream.write_all(if reads { b"" } else { b"$100000\r\n" })?;
    for _ in 0..OCTETS {
        std::thread::sleep(PAUSE);
        if reads {
            reader.read_exact(&mut [0])?;
        } else {
            stream.write_all(b"x")?;
        }
        passed.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

#[test]
fn a_server_of_one_octet_at_a_time() {
    for reads in [false, true] {
        let (address, passed) = slow(reads);
        let short = Duration::from_millis(300);
        let engine = engine_at(address).load_timeout(short).apply_timeout(short);
        let mut database = engine.connect("default").expect("so far it is ordinary");
        let mut long = entry("a", Stamp::at(1));
        long.record = Some(Record {
            bytes: vec![b'x'; 1 << 20].into(),
            ..Record::default()
        });
        let entries = vec![long; 32];
        let result = if reads {
            database.apply(&[batch("a", &entries)]).map(drop)
        } else {
            database.load(&["a"]).map(drop)
        };
        assert!(
            matches!(result, Err(EngineError::Unavailable(_))),
            "{result:?}"
        );
        assert!(passed.load(Ordering::SeqCst) < OCTETS / 2, "{reads}");
    }
}

#[test]
fn the_key_of_a_claim_that_is_another_programs() {
    let script: Script = |command, hostile| {
        // The script of the claim has the owner and a time behind the id.
        (command == "EVALSHA").then(|| hostile.to_vec())
    };
    let server = Hostile::start(
        script,
        b"*1\r\n:3\r\n*6\r\n:1\r\n$2\r\nid\r\n:1\r\n:0\r\n:1\r\n$16\r\n0000000000000000\r\n"
            .to_vec(),
    );
    let mut database = server.connect().expect("so far it is ordinary");
    let claims = database.claims().expect("the engine has claims");
    let result = claims.claim("a", ClaimOwner::new(1), Duration::from_secs(1));
    let Err(EngineError::Refused(cause)) = result else {
        panic!("{result:?}")
    };
    assert_eq!(cause.to_string(), "the claim's key is another program's");
}
