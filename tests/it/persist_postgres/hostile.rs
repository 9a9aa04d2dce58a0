//! A server that answers with anything: no panic, no wait beyond a timeout, no octet of it in control of a terminal.

use std::collections::BTreeSet;
use std::error::Error;
use std::iter::successors;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cookiejar::persist::engine::{
    ClaimOwner, Database, Engine, EngineError, SessionBatch, Stamp, Version,
};
use cookiejar::persist::postgres::Postgres;
use cookiejar::persist::{PersistError, PersistOptions};

use super::fake::{
    BYTEA, CLOCK, Fake, INT8, Reply, Step, TEXT, Table, cookie, data, error, message, number,
    octets, standing,
};
use super::{Sessions, content, jar, set, until, url};

const SECRET: &str = "S3CRET";

/// Long enough for a server that answers, even on a busy machine.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

type Call = fn(&Postgres) -> Result<(), EngineError>;

/// Each call of the engine, on a connection of its own.
const CALLS: [(&str, Call); 9] = [
    ("create_tables", Postgres::create_tables),
    ("hello", |engine| connect(engine)?.hello().map(drop)),
    ("load", |engine| connect(engine)?.load(&["a"]).map(drop)),
    ("load many", |engine| {
        connect(engine)?.load(&["a", "b"]).map(drop)
    }),
    ("changes", |engine| {
        let answer = connect(engine)?.changes(Version::new(1), Duration::ZERO);
        answer.map(drop)
    }),
    ("sessions", |engine| {
        connect(engine)?.sessions(None, 10).map(drop)
    }),
    ("apply", |engine| {
        let entries = [super::entry("a", Stamp::at(CLOCK.cast_unsigned()))];
        let batch = SessionBatch {
            session: "a",
            entries: &entries,
            cleared: Some(Stamp::at(1)),
            ended: true,
            released: Some(ClaimOwner::new(1)),
        };
        connect(engine)?.apply(&[batch]).map(drop)
    }),
    ("purge", |engine| {
        connect(engine)?.purge(Stamp::at(9), 10).map(drop)
    }),
    ("claim", |engine| {
        let mut database = connect(engine)?;
        let claims = database.claims().expect("the engine has claims");
        claims.claim("a", ClaimOwner::new(1), LONG).map(drop)
    }),
];

fn connect(engine: &Postgres) -> Result<Box<dyn Database>, EngineError> {
    engine.connect("default")
}

/// The call ends, and its error is one of the engine's that is safe to print.
#[track_caller]
fn ends(what: &str, call: Call, engine: &Postgres) -> Result<(), EngineError> {
    let begin = Instant::now();
    let result = call(engine);
    assert!(begin.elapsed() < 2 * LONG, "{what} hung");
    if let Err(error) = &result {
        let chain = successors(Some(error as &dyn Error), |&error| error.source());
        for text in chain.map(ToString::to_string) {
            // The thread ends only by a panic.
            assert_ne!(text, "the connection has ended", "{what}");
            assert!(!text.chars().any(char::is_control), "{what}: {text:?}");
            assert!(text.len() < 600, "{what}: {} octets", text.len());
        }
        let shown = format!("{error:?}");
        assert!(shown.len() < 1_000, "{what}: {} octets", shown.len());
    }
    result
}

/// Does the work for each of the rows on some threads.
fn for_each<T: Sync>(rows: &[T], work: impl Fn(&T) + Sync) {
    let next = Mutex::new(rows.iter());
    let take = || next.lock().expect("no panic").next();
    std::thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                while let Some(row) = take() {
                    work(row);
                }
            });
        }
    });
}

fn ready(octets: &[Vec<u8>]) -> Vec<u8> {
    [octets.concat(), message(b'Z', b"I")].concat()
}

/// What no server of ours says: other messages, lengths that are not theirs, garbage.
fn replies() -> Vec<Vec<u8>> {
    let long = "x".repeat(100_000);
    let mut replies = vec![
        Vec::new(),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        vec![0; 100],
        vec![255; 100],
        b"Z\0\0\0\0".to_vec(),
        b"Z\0\0\0\x03".to_vec(),
        b"Z\xff\xff\xff\xffI".to_vec(),
        b"D\x7f\xff\xff\xff\0\0".to_vec(),
        b"T\0\0\0\x06\xff\xff".to_vec(),
        b"D\0\0\0\x06\xff\xff".to_vec(),
        message(b'Z', b""),
        message(b'Z', b"IIII"),
        ready(&[]),
        ready(&[]).repeat(50),
        ready(&[message(b'R', &[0, 0, 0, 3])]),
        ready(&[message(b'R', &[0, 0, 0, 10])]),
        ready(&[message(b'R', &[0, 0, 0, 99])]),
        ready(&[message(b'R', b"")]),
        ready(&[message(b'K', b"")]),
        ready(&[message(b'S', b"S3CRET")]),
        ready(&[message(b'S', b"S3CRET\0S3CRET\0")]),
        ready(&[message(b'A', b"\0\0\0\x01cookiejar\0S3CRET\0")]),
        ready(&[message(b'A', b"")]),
        ready(&[message(b'I', b"")]),
        ready(&[message(b'n', b"")]),
        ready(&[message(b's', b"")]),
        ready(&[message(b'G', &[0; 3])]),
        ready(&[message(b'H', &[0; 3])]),
        ready(&[message(b'W', &[0; 3])]),
        ready(&[message(b'd', b"S3CRET")]),
        ready(&[message(b'c', b"")]),
        ready(&[message(b'C', b"")]),
        ready(&[message(b'C', b"SELECT 99999999999999999999\0")]),
        ready(&[message(b'C', b"\xff\xff\0")]),
        ready(&[
            message(b'1', b""),
            message(b't', &[0, 9]),
            message(b'n', b""),
        ]),
        ready(&[
            message(b'1', b""),
            message(b't', &[0, 0]),
            message(b'T', &[0, 9]),
        ]),
        ready(&[
            message(b'1', b""),
            message(b't', &[255, 255]),
            message(b'T', &[255, 255]),
        ]),
        ready(&[message(b'2', b""), message(b'D', &[0, 1, 0, 0, 0, 99])]),
        ready(&[message(b'2', b""), message(b'D', &[0, 1, 255, 255, 255, 0])]),
        ready(&[message(b'2', b""), message(b'D', &[])]),
        ready(&[
            message(b'T', &[]),
            message(b'D', &[0, 0]),
            message(b'C', b"OK\0"),
        ]),
        ready(&[message(b'E', b"")]),
        ready(&[message(b'E', b"\0")]),
        ready(&[message(b'E', b"SERROR\0")]),
        ready(&[message(b'E', b"SERROR\0C\0M\0P99999999999\0\0")]),
        message(b'N', b""),
    ];
    for code in [
        "", "4", "4é", "ééé", "\x1b[2J", "22", "22021", "23505", "26000", "40001", "40P01",
        "42P01", "42P05", "54000", "57P01", "99999", &long,
    ] {
        replies.push(ready(&[error(b'E', code, "S3CRET")]));
    }
    for text in [
        "",
        "\x1b]0;x\x07\r\n\u{202e}\u{85}",
        "\u{fffd}\u{1f600}",
        &long,
    ] {
        replies.push(ready(&[error(b'E', "42501", text)]));
        replies.push(ready(&[error(b'N', "00000", text)]));
    }
    replies
}

/// Where a reply can stand: the step, and a part of the statement.
const PLACES: [(Step, &str); 8] = [
    (Step::Startup, ""),
    (Step::Simple, "SHOW"),
    (Step::Simple, "SET jit"),
    (Step::Simple, "BEGIN"),
    (Step::Simple, "COMMIT"),
    (Step::Simple, "CREATE TABLE"),
    (Step::Prepare, ""),
    (Step::Execute, ""),
];

#[test]
fn a_hostile_reply_at_any_step() {
    let replies = replies();
    for_each(&replies, |reply| {
        for (step, part) in PLACES {
            for (name, call) in CALLS {
                // The calls begin alike.
                let is_first = matches!(part, "SHOW" | "SET jit") || step == Step::Startup;
                if is_first && name != "hello" {
                    continue;
                }
                let reply = reply.clone();
                let fake = Fake::new(move |at, sql, _| {
                    (at == step && sql.contains(part)).then(|| Reply::Octets(reply.clone()))
                });
                let _ = ends(name, call, &fake.start(SHORT / 3));
            }
        }
    });
}

#[test]
fn a_connection_cut_after_any_octet() {
    for_each(&CALLS, |(name, call)| {
        let mut cut = 0;
        loop {
            let engine = Fake::new(|_, _, _| None).cut(cut).start(LONG);
            match ends(name, *call, &engine) {
                Ok(()) => break,
                Err(EngineError::Unavailable(_)) => cut += 3,
                Err(error) => panic!("{name}: {error:?}"),
            }
        }
        assert!(cut > 200, "{name} after {cut}");
    });
}

#[test]
fn a_server_of_one_octet_at_a_time() {
    for_each(&CALLS, |(name, call)| {
        let fake = Fake::new(|_, _, _| None).pace(Duration::from_millis(50));
        let result = ends(name, *call, &fake.start(SHORT));
        assert!(super::faults::is_late(result), "{name}");
    });
}

#[test]
fn replies_without_end() {
    let row = data(&cookie(5, "a", b"acme.com\0/\0a", "{}"));
    let endless: [(Step, Vec<u8>); 6] = [
        (
            Step::Execute,
            [message(b'2', b""), row.repeat(100)].concat(),
        ),
        (Step::Execute, row),
        (Step::Execute, message(b'2', b"")),
        (Step::Startup, message(b'S', b"a\0b\0")),
        (
            Step::Prepare,
            message(b'A', b"\0\0\0\x01cookiejar\0other\0"),
        ),
        (Step::Simple, error(b'N', "00000", "S3CRET")),
    ];
    for (step, octets) in endless {
        let reply =
            move |at, _: &str, _: &mut Table| (at == step).then(|| Reply::Endless(octets.clone()));
        let result = ends("load", CALLS[2].1, &Fake::new(reply).start(SHORT));
        assert!(
            matches!(result, Err(EngineError::Unavailable(_))),
            "{result:?}"
        );
    }
}

/// The statements of a call, with the numbers of their rows and columns.
fn statements(call: Call) -> BTreeSet<(String, usize, usize)> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let found = Arc::clone(&seen);
    let fake = Fake::new(move |step, sql, table| {
        if step == Step::Execute && !table.types.is_empty() {
            let row = (sql.to_owned(), table.rows.len(), table.types.len());
            seen.lock().expect("no panic").insert(row);
        }
        None
    });
    ends("ordinary", call, &fake.start(LONG)).expect("all is ordinary");
    let found = found.lock().expect("no panic");
    found.clone()
}

type Cell = (u32, Option<Vec<u8>>);

fn cells() -> Vec<Cell> {
    let mut cells = vec![
        (INT8, None),
        (BYTEA, None),
        (INT8, octets("")),
        (INT8, octets("123")),
        (INT8, octets("123456789")),
        (BYTEA, octets("")),
        (BYTEA, octets([0, 255, 10])),
        (BYTEA, octets(SECRET.repeat(20_000))),
        (TEXT, octets(SECRET)),
        (TEXT, octets([255])),
        // A type that the client asks for.
        (99_999, octets(SECRET)),
    ];
    let most = i64::MAX;
    for value in [
        i64::MIN,
        -CLOCK,
        -2,
        -1,
        0,
        1,
        2,
        253_402_300_800_000,
        most - 1,
        most,
    ] {
        cells.push((INT8, number(value)));
    }
    cells
}

#[test]
fn a_hostile_value_in_any_column() {
    let cells = cells();
    for (name, call) in CALLS {
        for (statement, rows, columns) in statements(call) {
            let places: Vec<_> = (0..rows)
                .flat_map(|row| (0..columns).map(move |at| (row, at)))
                .collect();
            for_each(&places, |&(row, column)| {
                for (of, value) in &cells {
                    let (statement, of, value) = (statement.clone(), *of, value.clone());
                    let fake = Fake::new(move |_, sql, table| {
                        if sql == statement {
                            // Another type is that of all rows.
                            let is_number = table.types[column] == INT8;
                            if !(of == INT8 && is_number || of == BYTEA && !is_number) {
                                table.types[column] = of;
                            }
                            table.rows[row][column] = value.clone();
                        }
                        None
                    });
                    let what = format!("{name}, row {row}, column {column}");
                    if let Err(error) = ends(&what, call, &fake.start(LONG)) {
                        let texts = format!("{error} {error:?}");
                        assert!(
                            of_type(&texts) || !texts.contains(SECRET),
                            "{what}: {texts}"
                        );
                    }
                }
            });
        }
    }
}

/// The text names the type of a column, which is the server's own.
fn of_type(texts: &str) -> bool {
    texts.contains("type `S3CRET")
}

#[test]
fn more_and_fewer_rows_and_columns() {
    let shapes: [fn(&mut Table); 8] = [
        |table| table.types.clear(),
        |table| table.rows.clear(),
        |table| table.rows.reverse(),
        |table| table.rows = vec![table.rows.clone(); 1_000].concat(),
        |table| _ = table.types.pop(),
        |table| table.types.push(INT8),
        |table| table.rows.iter_mut().for_each(|row| drop(row.pop())),
        |table| {
            table.types = vec![INT8; 1_600];
            table.rows = vec![vec![None; 1_600]];
        },
    ];
    for (name, call) in CALLS {
        for_each(&Vec::from_iter(statements(call)), |(statement, ..)| {
            for shape in shapes {
                let statement = statement.clone();
                let fake = Fake::new(move |_, sql, table| {
                    if sql == statement {
                        shape(table);
                    }
                    None
                });
                let _ = ends(name, call, &fake.start(LONG));
            }
        });
    }
}

fn with_rows(rows: impl Fn() -> Vec<Vec<Option<Vec<u8>>>> + Send + Sync + 'static) -> Postgres {
    let fake = Fake::new(move |step, sql, table| {
        if step == Step::Execute && sql.contains("g.place") {
            table.rows = rows();
        }
        None
    });
    fake.start(LONG)
}

#[test]
fn sessions_that_were_not_asked_for() {
    let engine = with_rows(|| {
        let places = [i64::MIN, -2, 0, 3, 4, i64::MAX];
        let others = |place| cookie(place, "b", b"acme.com\0/\0other", "{}");
        let mut rows: Vec<_> = places.map(others).into();
        rows.extend(vec![others(7); 100_000]);
        rows.push(standing(7));
        rows
    });
    let mut database = connect(&engine).expect("so far it is ordinary");
    let loaded = database.load(&["a", "b"]).expect("an answer").value;
    let lengths: Vec<_> = loaded
        .sessions
        .iter()
        .map(|session| session.as_ref().map(|session| session.entries.len()))
        .collect();
    assert_eq!(lengths, [None, None]);
}

#[test]
fn what_is_longer_than_we_write_is_not_kept() {
    let engine = with_rows(|| {
        let long = "x".repeat((1 << 20) + 1);
        vec![standing(7), cookie(1, "a", long.as_bytes(), &long)]
    });
    let mut database = connect(&engine).expect("so far it is ordinary");
    let loaded = database.load(&["a"]).expect("an answer").value;
    let entry = &loaded.sessions[0].as_ref().expect("a session").entries[0];
    let record = entry.record.as_ref().expect("a record");
    assert_eq!((entry.identity.len(), record.bytes.len()), (0, 0));
}

#[test]
fn a_jar_takes_what_is_a_cookie_and_counts_the_rest() {
    let engine = with_rows(|| {
        let bad = [
            ("acme.com\0/\0a\r\nX: 1", r#"{"value":"1"}"#),
            ("acme.com\0/\0b", r#"{"value":"1\r\nX: 1"}"#),
            ("acme.com\0/\0c", r#"{"value":"1; b=2"}"#),
            ("com\0/\0a", "{"),
            ("acme.com", r#"{"value":"1"}"#),
            ("\0\0", r#"{"value":"1"}"#),
            ("acme.com\0/\0d", r#"["1"]"#),
            ("acme.com\0/\0e", r#"{"value":"1","domain":"other.com"}"#),
        ];
        let bad = bad.map(|(identity, record)| cookie(1, "=7", identity.as_bytes(), record));
        let mut ahead = cookie(1, "=7", b"acme.com\0/\0ahead", r#"{"value":"1"}"#);
        ahead[4] = number(i64::MAX);
        let good = cookie(1, "=7", b"acme.com\0/\0good", r#"{"value":"1"}"#);
        let other = cookie(1, "=7", b"other.com\0/\0other", r#"{"value":"1"}"#);
        let mut rows = vec![good.clone(), standing(7), good, ahead, other];
        rows.extend(bad);
        rows
    });
    let options = PersistOptions::new().linger(Duration::ZERO);
    let sessions = Sessions::open(engine, options).expect("it opens");
    let seven = jar(&sessions, 7);
    let header = seven.cookie_header(&url()).expect("a cookie");
    assert_eq!(header.as_bytes(), b"good=1");
    assert_eq!(content(&seven), ["good=1", "other=1"]);
    let status = sessions.status();
    assert_eq!(status.skipped, 9, "{:?}", status.last_error);
    assert!(matches!(
        status.last_error,
        Some(PersistError::Skipped { .. })
    ));
}

#[test]
fn a_jar_outlives_a_server_that_turns_hostile() {
    let is_hostile = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let turned = Arc::clone(&is_hostile);
    let fake = Fake::new(move |step, _, table| {
        if !turned.load(std::sync::atomic::Ordering::SeqCst) || step != Step::Execute {
            return None;
        }
        for value in table.rows.iter_mut().flatten() {
            *value = number(i64::MAX);
        }
        Some(Reply::Octets(ready(&[error(b'E', "4", "\x1b[2J")]))).filter(|_| table.rows.is_empty())
    });
    let options = PersistOptions::new().linger(Duration::ZERO);
    let sessions = Sessions::open(fake.start(SHORT), options).expect("it opens");
    let seven = jar(&sessions, 7);
    assert_eq!(content(&seven), ["a=1"]);
    is_hostile.store(true, std::sync::atomic::Ordering::SeqCst);
    set(&seven, "own=1");
    until("it is noticed", || {
        matches!(sessions.status().last_error, Some(PersistError::Engine(_)))
    });
    assert_eq!(content(&seven), ["a=1", "own=1"]);
    assert_eq!(sessions.status().written, 0);
}

/// The server answers a statement with these rows.
fn answering(part: &'static str, rows: Vec<Vec<Option<Vec<u8>>>>) -> Postgres {
    let fake = Fake::new(move |_, sql, table| {
        if sql.contains(part) {
            table.rows.clone_from(&rows);
        }
        None
    });
    fake.start(LONG)
}

#[test]
fn servers_that_are_not_for_jars() {
    let old = connect(&answering(
        "server_version_num",
        vec![vec![octets("120022")]],
    ))
    .map(drop);
    let Err(EngineError::Fatal(cause)) = old else {
        panic!("{old:?}")
    };
    assert_eq!(cause.to_string(), "the server is older than PostgreSQL 13");
    let emptied = answering("UPDATE cookiejar_namespaces n", Vec::new());
    let result = connect(&emptied)
        .expect("so far it is ordinary")
        .hello()
        .map(drop);
    let Err(EngineError::Unavailable(cause)) = result else {
        panic!("{result:?}")
    };
    assert_eq!(cause.to_string(), "the namespace is gone");
}

#[test]
fn what_is_too_long_is_refused_before_it_is_sent() {
    let engine = Fake::new(|_, _, _| None).start(LONG);
    let mut database = connect(&engine).expect("a database");
    let with_record = |length: usize| {
        let mut entry = super::entry("a", Stamp::at(1));
        entry.record.as_mut().expect("a record").bytes = vec![b'x'; length].into();
        entry
    };
    for (entries, why) in [
        (vec![with_record((1 << 20) + 1)], "a record is too long"),
        (vec![with_record(1 << 20); 65], "the batch is too long"),
    ] {
        let batch = SessionBatch {
            session: "a",
            entries: &entries,
            ..SessionBatch::default()
        };
        let result = database.apply(&[batch]);
        let Err(EngineError::Refused(cause)) = result else {
            panic!("{result:?}")
        };
        assert_eq!(cause.to_string(), why);
    }
}
