//! What is reported, and how: servers that are not there, not ours, too old or full, and no password in any text.

use std::error::Error;
use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use cookiejar::persist::engine::{Engine, EngineError, MAX_RECORD, Record, Stamp};
use cookiejar::persist::redis::Redis;
use cookiejar_tests::server;

use super::{
    Server, batch, connect, engine, engine_at, entry, key, namespace, raw, read_command, send, set,
};

const SECRET: &str = "s3cret-w0rd";

/// The error of connecting, and the texts that it shows.
#[track_caller]
fn error(engine: &Redis) -> (EngineError, String) {
    let error = engine
        .connect("default")
        .map(|_| ())
        .expect_err("no connection");
    let texts = format!("{error} {error:?} {:?} {engine:?}", error.source());
    assert!(!texts.contains(SECRET), "{texts}");
    (error, texts)
}

#[track_caller]
fn fatal(engine: &Redis, why: &str) {
    match error(engine) {
        (EngineError::Fatal(_), texts) => assert!(texts.contains(why), "{texts}"),
        (other, _) => panic!("{other:?}"),
    }
}

#[track_caller]
fn unavailable(engine: &Redis, why: &str) {
    match error(engine) {
        (EngineError::Unavailable(_), texts) => assert!(texts.contains(why), "{texts}"),
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn a_text_that_is_no_url_of_a_server() {
    for text in [
        "",
        "acme.com",
        "http://acme.com",
        "redis://user:s3cret-w0rd@host:notaport",
        "redis://user:s3cret-w0rd@host/notanumber",
        "rediss://user:s3cret-w0rd@host",
    ] {
        let Err(EngineError::Fatal(cause)) = Redis::url(text).map(|_| ()) else {
            panic!("{text}");
        };
        assert!(!format!("{cause} {cause:?}").contains(SECRET));
    }
    let engine = engine("redis://user:s3cret-w0rd@host:6380/3");
    let shown = format!("{engine:?}");
    assert!(shown.contains("host:6380/3") && !shown.contains(SECRET) && !shown.contains("user"));
}

#[test]
fn a_server_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let engine = engine(&format!("redis://:{SECRET}@{address}"));
    unavailable(&engine, "refused");
    let patient = engine.connect_timeout(Duration::MAX);
    unavailable(&patient.load_timeout(Duration::MAX), "refused");
}

#[test]
fn a_server_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let short = Duration::from_millis(200);
    let engine = engine(&format!("redis://{address}")).connect_timeout(short);
    let begin = Instant::now();
    unavailable(&engine, "");
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "it waits for its timeout only"
    );
}

#[test]
fn a_password_that_is_wrong_or_missing() {
    let address = server!("COOKIEJAR_REDIS", "passwords of Redis");
    let _ = address;
    let server = Server::start(&["--requirepass", "right"]);
    let with = |user: &str| engine(&format!("redis://{user}@{}", server.address));
    fatal(
        &with(&format!(":{SECRET}")),
        "refused the user or the password",
    );
    fatal(
        &with(&format!("user:{SECRET}")),
        "refused the user or the password",
    );
    fatal(&engine_at(server.address), "requires a password");
    connect(&with(":right"), "default");
    // An ACL without a command or a key.
    let mut admin = raw(&format!("redis://:right@{}", server.address));
    let user = format!(">{SECRET}");
    for (name, rights) in [
        ("some", vec!["~cookiejar:*", "+@all", "-evalsha"]),
        ("other", vec!["~other:*", "+@all"]),
    ] {
        let mut command = vec!["ACL", "SETUSER", name, "on", &user];
        command.extend(rights);
        let () = send(&mut admin, &command);
        fatal(
            &with(&format!("{name}:{SECRET}")),
            "may not use a command or key",
        );
    }
}

/// A server that answers as this program wants.
fn fake(info: &'static str) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let accepting = listener.try_clone().expect("a socket");
    std::thread::spawn(move || {
        for stream in accepting.incoming().map_while(Result::ok) {
            let _ = answer(&stream, info);
        }
    });
    listener
}

fn answer(mut stream: &TcpStream, info: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let words = read_command(&mut reader)?;
        let reply = match &*words[0] {
            "INFO" => format!("${}\r\n{info}\r\n", info.len()),
            "EVALSHA" => info.to_owned(),
            _ => "+OK\r\n".to_owned(),
        };
        stream.write_all(reply.as_bytes())?;
    }
}

#[test]
fn a_server_that_is_too_old() {
    for (info, why) in [
        (
            "redis_version:6.0.16\r\nrun_id:1\r\n",
            "Redis 6.0.16 is too old",
        ),
        (
            "redis_version:7.2.4\r\nvalkey_version:7.1.9\r\n",
            "Valkey 7.1.9 is too old",
        ),
        ("hello", "of an unknown version is too old"),
    ] {
        let listener = fake(info);
        fatal(&engine_at(listener.local_addr().expect("an address")), why);
    }
}

#[test]
fn errors_of_a_server_keep_its_words_to_themselves() {
    let rows = [
        ("-LOADING Redis is loading", false),
        ("-BUSY Redis is busy running a script", false),
        (
            "-READONLY You can't write against a read only replica.",
            false,
        ),
        (
            "-OOM command not allowed when used memory > 'maxmemory'.",
            false,
        ),
        (
            "-ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed",
            false,
        ),
        ("-ERR max number of clients reached", false),
        ("-NOSCRIPT No matching script.", false),
        ("-MOVED 1 10.0.0.1:6379", true),
        ("-NOAUTH Authentication required.", true),
        ("-NOPERM this user has no permissions", true),
        ("-WRONGTYPE Operation against a key", true),
        (
            "-ERR unknown command `EVALSHA`, with args beginning with: `s3cret-w0rd`",
            true,
        ),
    ];
    for (reply, is_fatal) in rows {
        // One text is both the server's description and its answer to scripts.
        let info = format!("{reply}\r\nredis_version:7.0.0\r\n").leak();
        let listener = fake(info);
        let (error, texts) = error(&engine_at(listener.local_addr().expect("an address")));
        let is_expected = match error {
            EngineError::Fatal(_) => is_fatal,
            EngineError::Unavailable(_) => !is_fatal,
            _ => false,
        };
        assert!(is_expected, "{reply}: {texts}");
        assert!(!texts.contains("10.0.0.1"), "{texts}");
    }
}

#[test]
fn a_replica_is_not_available() {
    let _ = server!("COOKIEJAR_REDIS", "a replica of Redis");
    let master = Server::start(&[]);
    let port = master.address.port().to_string();
    let replica = Server::start(&["--replicaof", "127.0.0.1", &port]);
    // It loads first.
    super::until("it is a replica", || {
        error(&engine_at(replica.address))
            .1
            .contains("is a replica")
    });
    unavailable(&engine_at(replica.address), "is a replica");
}

#[test]
fn a_server_whose_memory_is_full() {
    let _ = server!("COOKIEJAR_REDIS", "a full Redis");
    let server = Server::start(&[]);
    let engine = engine_at(server.address);
    let mut database = connect(&engine, "default");
    set(&mut *database, "s", "a").expect("stored");
    let mut admin = raw(&server.url());
    let () = send(&mut admin, &["CONFIG", "SET", "maxmemory", "1"]);
    let result = set(&mut *database, "s", "b");
    let Err(error @ EngineError::Unavailable(_)) = result else {
        panic!("{result:?}");
    };
    assert!(
        format!("{:?}", error.source()).contains("memory is full"),
        "{error:?}"
    );
    let () = send(&mut admin, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(set(&mut *database, "s", "b").expect("stored"), 2);
}

#[test]
fn a_server_that_may_drop_sessions_is_reported() {
    let _ = server!("COOKIEJAR_REDIS", "an evicting Redis");
    for (policy, warnings) in [("allkeys-lru", 1), ("noeviction", 0)] {
        let server = Server::start(&["--maxmemory-policy", policy]);
        let mut database = connect(&engine_at(server.address), "default");
        let hello = database.hello().expect("hello").value;
        assert_eq!(hello.warnings.len(), warnings, "{policy}");
        assert!(
            hello
                .warnings
                .iter()
                .all(|warning| warning.contains("allkeys-lru"))
        );
    }
}

#[test]
fn what_is_too_long_is_refused() {
    let address = server!("COOKIEJAR_REDIS", "long records in Redis");
    let mut database = connect(&engine(&address), &namespace());
    let stamp = Stamp::at(database.hello().expect("hello").clock);
    let mut long = entry("long", stamp);
    let mut record = |length: usize| {
        long.record = Some(Record {
            bytes: vec![b'x'; length].into(),
            ..Record::default()
        });
        long.clone()
    };
    let too_long = [record(MAX_RECORD + 1)];
    let result = database.apply(&[batch("s", &too_long)]);
    assert!(matches!(result, Err(EngineError::Refused(_))), "{result:?}");
    let longest = [record(MAX_RECORD)];
    database.apply(&[batch("s", &longest)]).expect("stored");
    let loaded = database.load(&["s"]).expect("sessions").value;
    let entries = loaded
        .sessions
        .into_iter()
        .flatten()
        .next()
        .expect("a session")
        .entries;
    assert_eq!(entries, longest);
    // More than a server reads at once.
    let many: Vec<_> = (0..65)
        .map(|number: u8| {
            let mut entry = record(MAX_RECORD);
            entry.identity = [b"long".as_slice(), &[number]].concat().into();
            entry
        })
        .collect();
    let result = database.apply(&[batch("s", &many)]);
    assert!(matches!(result, Err(EngineError::Refused(_))));
    let mut nameless = entry("a", stamp);
    nameless.identity = [].into();
    let result = database.apply(&[batch("s", &[nameless])]);
    assert!(matches!(result, Err(EngineError::Refused(_))));
}

#[test]
fn keys_of_another_program() {
    let address = server!("COOKIEJAR_REDIS", "keys of another program in Redis");
    let namespace = namespace();
    let mut admin = raw(&address);
    let () = send(
        &mut admin,
        &["SET", &key(&namespace, "namespace"), "theirs"],
    );
    let error = engine(&address)
        .connect(&namespace)
        .map(|_| ())
        .expect_err("not ours");
    assert!(matches!(error, EngineError::Fatal(_)));
    let theirs: String = send(&mut admin, &["GET", &key(&namespace, "namespace")]);
    assert_eq!(theirs, "theirs");
}
