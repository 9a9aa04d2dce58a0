//! What is in the server: the documented keys, values of other programs, expiry, and the bounds of the stream.

use std::time::Duration;

use cookiejar::persist::engine::{Changed, Engine, EngineError, SessionBatch, Stamp, Version};
use cookiejar_tests::server;

use super::{
    batch, connect, cookie, engine, entry, jar, key, namespace, open, raw, send, set, value,
};

#[test]
fn entries_are_stored_as_documented() {
    let address = server!("COOKIEJAR_REDIS", "the stored format of Redis");
    let namespace = namespace();
    let mut database = connect(&engine(&address), &namespace);
    let stamp = Stamp::at(database.hello().expect("hello").clock);
    let mut first = entry("a", stamp);
    if let Some(record) = &mut first.record {
        (record.created, record.expires) = (Some(-1), Some(1_795_161_600));
    }
    let mut second = entry("b", stamp);
    second.record = None;
    let entries = [first, second];
    let part = SessionBatch {
        cleared: Some(stamp),
        ..batch("s\0:", &entries)
    };
    database.apply(&[part]).expect("stored");
    let mut admin = raw(&address);
    let session = key(&namespace, "session:s\0:");
    let mut all: Vec<(String, String)> = redis::cmd("HGETALL")
        .arg(&session)
        .query(&mut admin)
        .expect("a hash");
    all.sort();
    let at = format!("{:016x}", stamp.get());
    let expected = [
        (String::new(), format!("{at} 1")),
        (
            "acme.com\0/\0a".to_owned(),
            format!("{at}0000000000000007 1 -1 1795161600 - {{}}"),
        ),
        (
            "acme.com\0/\0b".to_owned(),
            format!("{at}0000000000000007 1"),
        ),
    ];
    assert_eq!(all, expected);
    let stream: Vec<(String, Vec<String>)> = redis::cmd("XRANGE")
        .arg(key(&namespace, "changes"))
        .arg("-")
        .arg("+")
        .query(&mut admin)
        .expect("a stream");
    let (a, b) = (&expected[1], &expected[2]);
    let log = format!(
        "12:{},{}:{},12:{},{}:{},",
        a.0,
        a.1.len(),
        a.1,
        b.0,
        b.1.len(),
        b.1
    );
    let fields = ["session", "s\0:", "cleared", &at, "entries", &log].map(str::to_owned);
    assert_eq!(stream, [("1-0".to_owned(), fields.to_vec())]);
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(format!("*{namespace}*"))
        .query(&mut admin)
        .expect("keys");
    assert!(
        keys.iter()
            .all(|name| name.starts_with(&key(&namespace, ""))),
        "{keys:?}"
    );
    let used: Vec<String> = send(&mut admin, &["ZRANGE", &key(&namespace, "used"), "0", "-1"]);
    assert_eq!(used, ["s\0:"]);
}

#[test]
fn values_of_another_program_affect_no_other_entry() {
    let address = server!("COOKIEJAR_REDIS", "values of another program in Redis");
    let namespace = namespace();
    let sessions = open(&engine(&address), &namespace);
    let bad = jar(&sessions, "bad");
    for name in ["a", "b", "c"] {
        cookie(&bad, &format!("{name}=1"));
    }
    let wrong = jar(&sessions, "wrong");
    cookie(&wrong, "a=1");
    sessions.close().expect("it is written");
    let mut admin = raw(&address);
    let hash = key(&namespace, "session:=bad");
    let good: String = send(&mut admin, &["HGET", &hash, "acme.com\0/\0a"]);
    let text = |part: &str| good.replacen(good.split(' ').nth(4).expect("a part"), part, 1);
    let last_access = text("never");
    for (identity, text) in [
        ("acme.com\0/\0b", "theirs"),
        ("no identity", &good),
        ("\u{e9}", ""),
        ("x", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz 1 1 1 1 {}"),
        (
            "y",
            "00000000000000000000000000000000 99999999999999999999 1 1 1 {}",
        ),
        ("z", &last_access),
        ("", "theirs"),
    ] {
        let _: u64 = send(&mut admin, &["HSET", &hash, identity, text]);
    }
    let text: String = send(&mut admin, &["HGET", &hash, ""]);
    assert_eq!(text, "theirs");
    let other = key(&namespace, "session:=wrong");
    let () = send(&mut admin, &["DEL", &other]);
    let () = send(&mut admin, &["SET", &other, "theirs"]);

    let sessions = open(&engine(&address), &namespace);
    let bad = jar(&sessions, "bad");
    assert_eq!(
        [value(&bad, "a"), value(&bad, "b"), value(&bad, "c")],
        [Some("1".into()), None, Some("1".into())]
    );
    let wrong = jar(&sessions, "wrong");
    assert_eq!(wrong.len(), 0);
    assert_eq!(sessions.status().skipped, 7);
    // What is set replaces theirs; a session that is not ours is given up, and no other.
    cookie(&bad, "b=2");
    cookie(&wrong, "a=2");
    cookie(&jar(&sessions, "good"), "a=2");
    super::until("it is given up", || sessions.status().given_up == 1);
    sessions.flush().wait().ok();
    let fresh = open(&engine(&address), &namespace);
    assert_eq!(value(&jar(&fresh, "bad"), "b"), Some("2".into()));
    assert_eq!(value(&jar(&fresh, "good"), "a"), Some("2".into()));
    let listed = fresh
        .keys()
        .map(|listed| listed.expect("a session").key.expect("a name"));
    let mut listed: Vec<_> = listed.collect();
    listed.sort();
    assert_eq!(listed, ["bad", "good"]);
    // Purging passes it by.
    let mut database = engine(&address).connect(&namespace).expect("a database");
    let clock = database.hello().expect("hello").clock;
    database.purge(Stamp::at(clock), 1_000).expect("purged");
    let theirs: String = send(&mut admin, &["GET", &other]);
    assert_eq!(theirs, "theirs");
}

#[test]
fn a_session_that_another_program_owns_is_refused_alone() {
    let address = server!("COOKIEJAR_REDIS", "a session of another program in Redis");
    let namespace = namespace();
    let mut database = connect(&engine(&address), &namespace);
    let mut admin = raw(&address);
    let () = send(
        &mut admin,
        &["SET", &key(&namespace, "session:s"), "theirs"],
    );
    let stamp = Stamp::at(database.hello().expect("hello").clock);
    let entries = [entry("a", stamp)];
    let result = database.apply(&[batch("s", &entries), batch("t", &entries)]);
    assert!(matches!(result, Err(EngineError::Refused(_))), "{result:?}");
    database.apply(&[batch("t", &entries)]).expect("stored");
    let loaded = database.load(&["s", "t"]).expect("sessions").value;
    let counts = loaded
        .sessions
        .iter()
        .map(|session| session.as_ref().map(|session| session.entries.len()));
    assert_eq!(counts.collect::<Vec<_>>(), [Some(1), Some(1)]);
}

#[test]
fn sessions_expire_if_that_is_asked_for() {
    let address = server!("COOKIEJAR_REDIS", "expiry in Redis");
    let namespace = namespace();
    let mut admin = raw(&address);
    let session = key(&namespace, "session:s");
    let hour = Duration::from_secs(60 * 60);
    for (life, least, most) in [
        (None, -1, -1),
        (Some(hour), 23 * 3_600_000, 24 * 3_600_000),
        (Some(100 * hour), 99 * 3_600_000, 100 * 3_600_000),
    ] {
        let engine = engine(&address).sessions_expire_after(life);
        let mut database = connect(&engine, &namespace);
        set(&mut *database, "s", "a").expect("stored");
        let left: i64 = send(&mut admin, &["PTTL", &session]);
        assert!((least..=most).contains(&left), "{life:?}: {left}");
        // A touch is a use.
        if life.is_some() {
            let () = send(&mut admin, &["PEXPIRE", &session, "1000000"]);
            database.apply(&[batch("s", &[])]).expect("touched");
            let left: i64 = send(&mut admin, &["PTTL", &session]);
            assert!((least..=most).contains(&left), "{life:?}: {left}");
        }
    }
}

/// A session whose hash has expired is taken off the list, and what it may have deleted stays dead.
#[test]
fn an_expired_session_leaves_the_list() {
    let address = server!("COOKIEJAR_REDIS", "an expired session in Redis");
    let namespace = namespace();
    let engine = engine(&address).sessions_expire_after(Some(Duration::from_secs(1)));
    let mut database = connect(&engine, &namespace);
    set(&mut *database, "s", "a").expect("stored");
    set(&mut *database, "t", "a").expect("stored");
    let mut admin = raw(&address);
    let day = 25 * 3_600_000;
    let clock = database.hello().expect("hello").clock;
    let long_ago = (clock - day).to_string();
    let () = send(&mut admin, &["DEL", &key(&namespace, "session:s")]);
    for set in ["used", "old"] {
        let () = send(&mut admin, &["ZADD", &key(&namespace, set), &long_ago, "s"]);
    }
    let listed = database.sessions(None, 10).expect("sessions").value;
    assert_eq!(listed.len(), 1, "it is not shown");
    let before = Stamp::at(clock - day / 2);
    assert_eq!(database.purge(before, 10).expect("purged").value, 1);
    let floor = database.hello().expect("hello").value.floor;
    assert!(
        floor > Stamp::at(clock - day) && floor <= before,
        "{floor:?}"
    );
    let names: Vec<String> = send(&mut admin, &["ZRANGE", &key(&namespace, "used"), "0", "-1"]);
    assert_eq!(names, ["t"]);
}

#[test]
fn the_stream_is_trimmed_by_time_and_length() {
    let address = server!("COOKIEJAR_REDIS", "trimming the stream of Redis");
    let namespace = namespace();
    let mut database = connect(&engine(&address), &namespace);
    for number in 0..500 {
        set(&mut *database, "s", &number.to_string()).expect("stored");
    }
    let mut admin = raw(&address);
    let (hash, stream) = (key(&namespace, "namespace"), key(&namespace, "changes"));
    let length = |admin: &mut redis::Connection| -> u64 { send(admin, &["XLEN", &stream]) };
    assert_eq!(length(&mut admin), 500, "the last minute");
    let trim_at =
        |admin: &mut redis::Connection| -> u64 { send(admin, &["HGET", &hash, "trim_at"]) };
    let next = trim_at(&mut admin);
    let clock = database.hello().expect("hello").clock;
    assert!(
        next > clock && next <= clock + 60_000,
        "a minute after the first change"
    );
    // The minute is over: what came before the last one goes.
    let () = send(
        &mut admin,
        &["HSET", &hash, "trim_at", "1", "trim_to", "400"],
    );
    set(&mut *database, "s", "a").expect("stored");
    assert!(
        (101..=201).contains(&length(&mut admin)),
        "{}",
        length(&mut admin)
    );
    let marks: Vec<u64> = send(&mut admin, &["HMGET", &hash, "trim_at", "trim_to"]);
    assert!(marks[0] > clock && marks[1] == 501, "{marks:?}");
}

#[test]
fn the_clock_of_a_namespace_never_falls() {
    let address = server!("COOKIEJAR_REDIS", "the clock of Redis");
    let namespace = namespace();
    let mut database = connect(&engine(&address), &namespace);
    let later = database.hello().expect("hello").clock + 3_600_000;
    let mut admin = raw(&address);
    let () = send(
        &mut admin,
        &[
            "HSET",
            &key(&namespace, "namespace"),
            "clock",
            &later.to_string(),
        ],
    );
    assert_eq!(database.hello().expect("hello").clock, later);
    assert_eq!(database.load(&[]).expect("sessions").clock, later);
    // A stamp is compared with that clock.
    let entries = [entry("a", Stamp::at(later + 59_000))];
    assert_eq!(
        database
            .apply(&[batch("s", &entries)])
            .expect("stored")
            .clock,
        later
    );
}

#[test]
fn a_listing_ends_while_sessions_are_used() {
    let address = server!("COOKIEJAR_REDIS", "listing the sessions of Redis");
    let namespace = namespace();
    let mut database = connect(&engine(&address), &namespace);
    let names: Vec<_> = (0..95).map(|number| format!("s{number}")).collect();
    for name in &names {
        set(&mut *database, name, "a").expect("stored");
    }
    let mut other = connect(&engine(&address), &namespace);
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = database
            .sessions(after.as_deref(), 10)
            .expect("sessions")
            .value;
        let Some(last) = page.last() else { break };
        after = Some(last.session.clone());
        found.extend(page.iter().map(|info| info.session.clone()));
        for name in &names {
            other.apply(&[batch(name, &[])]).expect("touched");
        }
        assert!(found.len() <= names.len());
    }
    found.sort();
    let mut names = names;
    names.sort();
    assert_eq!(found, names);
}

/// More than one script merges, each with a session that is not ours, or one that is repeated.
#[test]
fn a_batch_of_many_sessions_takes_a_version_for_each_that_changed() {
    let address = server!("COOKIEJAR_REDIS", "a batch of many sessions");
    let namespace = namespace();
    let mut database = engine(&address).connect(&namespace).expect("a database");
    let stamp = Stamp::at(database.hello().expect("hello").clock);
    let names: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let (first, second) = ([entry("a", stamp)], [entry("b", stamp)]);
    let mut sessions: Vec<_> = names.iter().map(|name| batch(name, &first)).collect();
    sessions.insert(7, batch("3", &second)); // in the script of "3"
    sessions.insert(70, batch("3", &first)); // in another, and nothing new
    let applied = database.apply(&sessions).expect("it is stored").value;
    assert_eq!((applied.version.get(), applied.taken), (101, 101));
    let again = database.apply(&sessions).expect("it is stored").value;
    assert_eq!((again.version.get(), again.taken), (101, 0));

    let mut read = 0;
    while read < 101 {
        let answer = database.changes(Version::new(read), Duration::ZERO);
        let Changed::UpTo(changes) = answer.expect("changes").value else {
            panic!("there is a gap after {read}");
        };
        read = changes.version.get();
    }
    let mut admin = raw(&address);
    let theirs = key(&namespace, "session:50");
    let () = send(&mut admin, &["DEL", &theirs]);
    let () = send(&mut admin, &["SET", &theirs, "theirs"]);
    let newer = [entry("a", Stamp::at(stamp.millis() + 1))];
    let sessions: Vec<_> = names.iter().map(|name| batch(name, &newer)).collect();
    let refused = database.apply(&sessions).expect_err("one is not ours");
    assert!(matches!(refused, EngineError::Refused(_)), "{refused:?}");
    // All others are stored.
    assert_eq!(database.hello().expect("hello").value.version.get(), 200);
}
