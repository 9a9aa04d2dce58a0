//! Connections that break, servers that are emptied, restarted or fail over, and streams that are cut: jars that run
//! come to one state, and fill an empty server again.

use std::time::Duration;

use cookiejar::persist::engine::{Changed, Engine, EngineError, Version};
use cookiejar_tests::server;

use super::{
    Server, cookie, engine, engine_at, jar, key, namespace, open, raw, send, set, socket, until,
    value,
};
use crate::common::proxy::{Mode, Proxy};

/// Two programs, one of them behind the proxy, change a session while the proxy does its worst.
#[test]
fn connections_that_are_cut_stalled_and_reset() {
    let address = server!("COOKIEJAR_REDIS", "broken connections to Redis");
    let namespace = namespace();
    let proxy = Proxy::new(socket(&address));
    let short = Duration::from_millis(300);
    let behind = engine_at(proxy.address())
        .load_timeout(short)
        .apply_timeout(short)
        .connect_timeout(short);
    let (here, there) = (
        open(&behind, &namespace),
        open(&engine(&address), &namespace),
    );
    let (ours, theirs) = (jar(&here, "s"), jar(&there, "s"));
    let modes = [Mode::Cut, Mode::Stall, Mode::Reset, Mode::LoseReplies];
    for (round, mode) in modes.into_iter().cycle().take(8).enumerate() {
        let before = proxy.connections();
        proxy.set(mode);
        for number in 0..5 {
            cookie(&ours, &format!("ours-{number}={round}"));
            cookie(&theirs, &format!("theirs-{number}={round}"));
            cookie(&ours, &format!("both={round}-ours"));
            std::thread::sleep(Duration::from_millis(20));
        }
        until("it notices", || proxy.connections() > before);
        proxy.set(Mode::Forward);
        here.flush().wait().expect("it is written");
        there.flush().wait().expect("it is written");
        let is_here = |jar, kind| {
            (0..5).all(|number| value(jar, &format!("{kind}-{number}")) == Some(round.to_string()))
        };
        until("all is everywhere", || {
            is_here(&ours, "theirs") && is_here(&theirs, "ours")
        });
        let last = Some(format!("{round}-ours"));
        until("both have the last one", || value(&theirs, "both") == last);
        assert_eq!(value(&ours, "both"), last);
    }
    let fresh = open(&engine(&address), &namespace);
    assert_eq!(jar(&fresh, "s").len(), 11);
    assert_eq!(here.status().given_up, 0);
}

#[test]
fn a_batch_whose_reply_is_lost_is_merged_once() {
    let address = server!("COOKIEJAR_REDIS", "lost replies of Redis");
    let namespace = namespace();
    let proxy = Proxy::new(socket(&address));
    let mut behind = engine_at(proxy.address())
        .connect(&namespace)
        .expect("a database");
    let mut direct = engine(&address).connect(&namespace).expect("a database");
    let stamp = cookiejar::persist::engine::Stamp::at(direct.hello().expect("hello").clock);
    let entries = [super::entry("a", stamp)];
    proxy.set(Mode::LoseReplies);
    let lost = behind.apply(&[super::batch("s", &entries)]);
    assert!(matches!(lost, Err(EngineError::Unavailable(_))), "{lost:?}");
    proxy.set(Mode::Forward);
    let mut again = engine_at(proxy.address())
        .connect(&namespace)
        .expect("a database");
    let applied = again
        .apply(&[super::batch("s", &entries)])
        .expect("merged")
        .value;
    assert_eq!((applied.version.get(), applied.taken), (1, 0));
}

#[test]
fn a_server_that_restarts_empty_is_filled_again() {
    let _ = server!("COOKIEJAR_REDIS", "a Redis that restarts empty");
    let mut server = Server::start(&[]);
    let engine = engine_at(server.address);
    let (here, there) = (open(&engine, "default"), open(&engine, "default"));
    let ours = jar(&here, "s");
    for number in 0..20 {
        cookie(&ours, &format!("a{number}=1"));
    }
    cookie(&ours, "gone=1");
    cookie(&ours, "gone=; Max-Age=0");
    here.flush().wait().expect("it is written");
    let theirs = jar(&there, "s");
    assert_eq!(theirs.len(), 20);
    server.kill();
    cookie(&ours, "during=1");
    cookie(&theirs, "theirs=1");
    let _again = Server::start_at(server.address, &[]);
    until("all is everywhere", || {
        ours.len() == 22 && theirs.len() == 22
    });
    here.flush().wait().expect("it is written");
    there.flush().wait().expect("it is written");
    until("the server has all", || {
        let fresh = open(&engine, "default");
        jar(&fresh, "s").len() == 22
    });
    assert_eq!(value(&theirs, "gone"), None);
}

/// Removes keys while two programs run: each later change arrives, and the server has everything again.
fn keys_that_vanish(what: &str, vanish: impl Fn(&mut redis::Connection, &str)) {
    let _ = server!("COOKIEJAR_REDIS", "keys that vanish from Redis");
    let server = Server::start(&[]);
    let engine = engine_at(server.address);
    let (here, there) = (open(&engine, "default"), open(&engine, "default"));
    let (ours, theirs) = (jar(&here, "s"), jar(&there, "s"));
    for number in 0..10 {
        cookie(&ours, &format!("a{number}=1"));
    }
    here.flush().wait().expect("it is written");
    until("it has come", || theirs.len() == 10);
    let mut admin = raw(&server.url());
    vanish(&mut admin, "default");
    cookie(&theirs, "later=1");
    until(what, || value(&ours, "later").is_some());
    cookie(&ours, "latest=1");
    until(what, || value(&theirs, "latest").is_some());
    for sessions in [&here, &there] {
        sessions.flush().wait().expect("it is written");
    }
    until(what, || {
        let fresh = open(&engine, "default");
        jar(&fresh, "s").len() == 12
    });
    assert_eq!((ours.len(), theirs.len()), (12, 12), "{what}");
}

#[test]
fn everything_vanishes() {
    keys_that_vanish("FLUSHALL", |admin, _| send(admin, &["FLUSHALL"]));
}

#[test]
fn the_stream_vanishes() {
    keys_that_vanish("the stream", |admin, namespace| {
        send::<()>(admin, &["DEL", &key(namespace, "changes")]);
    });
}

#[test]
fn the_namespace_vanishes() {
    keys_that_vanish("the namespace", |admin, namespace| {
        send::<()>(admin, &["DEL", &key(namespace, "namespace")]);
    });
}

#[test]
fn the_scripts_vanish() {
    keys_that_vanish("the scripts", |admin, _| send(admin, &["SCRIPT", "FLUSH"]));
}

#[test]
fn another_program_writes_to_the_stream() {
    keys_that_vanish("the stream", |admin, namespace| {
        let _: String = send(
            admin,
            &["XADD", &key(namespace, "changes"), "99999-5", "a", "b"],
        );
    });
    keys_that_vanish("the stream", |admin, namespace| {
        let _: String = send(admin, &["SET", &key(namespace, "changes"), "theirs"]);
    });
}

/// A program that stops for longer than the stream keeps changes: it is behind a proxy that passes nothing on.
#[test]
fn a_program_that_was_stopped_for_too_long_loads_anew() {
    let address = server!("COOKIEJAR_REDIS", "a program that Redis leaves behind");
    let namespace = namespace();
    let proxy = Proxy::new(socket(&address));
    let (here, there) = (
        open(&engine(&address), &namespace),
        open(&engine_at(proxy.address()), &namespace),
    );
    let (ours, theirs) = (jar(&here, "s"), jar(&there, "s"));
    cookie(&ours, "a=1");
    until("it has come", || value(&theirs, "a").is_some());
    proxy.set(Mode::Stall);
    for number in 0..300 {
        cookie(&ours, &format!("b{}={number}", number % 10));
        here.flush().wait().expect("it is written");
    }
    cookie(&ours, "a=; Max-Age=0");
    here.flush().wait().expect("it is written");
    let mut admin = raw(&address);
    let _: u64 = send(
        &mut admin,
        &["XTRIM", &key(&namespace, "changes"), "MAXLEN", "1"],
    );
    proxy.set(Mode::Forward);
    until("it has loaded", || {
        theirs.len() == 10 && value(&theirs, "b9").as_deref() == Some("299")
    });
    assert_eq!(value(&theirs, "a"), None);
}

#[test]
fn changes_that_the_stream_has_lost() {
    let address = server!("COOKIEJAR_REDIS", "a trimmed stream of Redis");
    let namespace = namespace();
    let mut database = engine(&address).connect(&namespace).expect("a database");
    for number in 0..5 {
        set(&mut *database, "s", &number.to_string()).expect("stored");
    }
    let mut admin = raw(&address);
    let stream = key(&namespace, "changes");
    let _: u64 = send(&mut admin, &["XTRIM", &stream, "MINID", "4-0"]);
    let mut changed = |after| {
        let answer = database.changes(Version::new(after), Duration::from_millis(20));
        match answer.expect("changes").value {
            Changed::UpTo(changes) => Some(changes.version.get()),
            Changed::TooFarBehind => None,
        }
    };
    let expected = [None, None, None, Some(5), Some(5), Some(5), None];
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(&mut changed), expected);
    // A hole: what is before it is read. Then nothing at all.
    let _: u64 = send(&mut admin, &["XDEL", &stream, "5-0"]);
    assert_eq!([3, 4, 5].map(&mut changed), [Some(4), None, Some(5)]);
    let _: u64 = send(&mut admin, &["DEL", &stream]);
    assert_eq!([3, 5].map(&mut changed), [None, Some(5)]);
}

/// A fail-over: the replica that takes over has not got the last change.
#[test]
fn a_replica_that_takes_over() {
    let _ = server!("COOKIEJAR_REDIS", "a fail-over of Redis");
    let master = Server::start(&[]);
    let port = master.address.port().to_string();
    let replica = Server::start(&["--replicaof", "127.0.0.1", &port]);
    let proxy = Proxy::new(master.address);
    let engine = engine_at(proxy.address());
    let sessions = open(&engine, "default");
    let ours = jar(&sessions, "s");
    cookie(&ours, "a=1");
    sessions.flush().wait().expect("it is written");
    let mut second = raw(&replica.url());
    until("it is replicated", || {
        let stored: u64 = send(&mut second, &["HLEN", &key("default", "session:=s")]);
        stored == 1
    });
    let history = |engine: &super::Redis| {
        let mut database = engine.connect("default").expect("a database");
        database.hello().expect("hello").history
    };
    let before = history(&engine);
    // From here on the replica misses everything.
    let () = send(&mut second, &["REPLICAOF", "NO", "ONE"]);
    cookie(&ours, "b=1");
    cookie(&ours, "a=2");
    sessions.flush().wait().expect("it is written");
    proxy.lead_to(replica.address);
    until("the second server has all", || {
        let fresh = open(&engine, "default");
        let jar = jar(&fresh, "s");
        value(&jar, "b").is_some() && value(&jar, "a").as_deref() == Some("2")
    });
    assert_ne!(history(&engine), before);
    assert_eq!(ours.len(), 2);
}
