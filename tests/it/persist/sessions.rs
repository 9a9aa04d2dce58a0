//! Sessions in a database.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use cookiejar::jar::ManualClock;
use cookiejar::jar::{ChangeCause, ChangeOrigin, CookieChange};
use cookiejar::persist::engine::{Engine, Entry, Record, SessionBatch, Stamp, WriterId};
use cookiejar::persist::{PersistError, PersistentCookieSessions};
use cookiejar::sessions::SavedSession;
use cookiejar::testing::MemoryEngine;
use cookiejar::{Cookie, CookieSessions};
use time::macros::datetime;

use super::{Sessions, header, jar, key, options, sessions, set, until};

#[test]
fn processes_share_sessions_and_sessions_share_nothing() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    set(&jar(&one, "anna"), "sid=anna");
    set(&jar(&one, "bert"), "sid=bert");
    set(&one.jar(None).wait().expect("it is loaded"), "sid=nobody");
    one.flush().wait().expect("it is written");
    assert_eq!(header(&jar(&other, "anna")), "sid=anna");
    assert_eq!(header(&jar(&other, "bert")), "sid=bert");
    assert_eq!(header(&jar(&other, "-")), "");
    assert_eq!(
        header(&other.jar(None).wait().expect("it is loaded")),
        "sid=nobody"
    );

    set(&jar(&other, "anna"), "sid=new");
    until("the first hears of it", || {
        header(&jar(&one, "anna")) == "sid=new"
    });
    assert_eq!(header(&jar(&one, "bert")), "sid=bert");
}

#[test]
fn flushed_is_stored() {
    let engine = MemoryEngine::new();
    let sessions = sessions(&engine);
    set(&jar(&sessions, "anna"), "a=1");
    sessions.flush().wait().expect("it is written");
    let mut database = engine.connect("default").expect("it connects");
    let loaded = database.load(&["=anna"]).expect("it loads").value;
    let entries = &loaded.sessions[0].as_ref().expect("a session").entries;
    assert_eq!(entries.len(), 1);
    assert_eq!(&*entries[0].identity, b"acme.com\0/\0a");
}

#[test]
fn an_ended_session_is_ended_everywhere_and_can_begin_anew() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    let held = jar(&one, "anna");
    set(&held, "a=1");
    one.flush().wait().expect("it is written");
    assert_eq!(header(&jar(&other, "anna")), "a=1");

    other.remove(&key("anna")).expect("it ends");
    assert!(jar(&other, "anna").is_empty());
    until("held jars are emptied", || held.is_empty());
    other.flush().wait().expect("it is written");
    assert_eq!(one.keys().count(), 0);

    set(&held, "a=2");
    one.flush().wait().expect("it is written");
    until("it begins anew", || header(&jar(&other, "anna")) == "a=2");
    assert_eq!(one.keys().count(), 1);
}

#[test]
fn sessions_that_are_not_in_memory_can_be_ended() {
    let engine = MemoryEngine::new();
    engine.set_time(1_795_248_000_000);
    set(&jar(&sessions(&engine), "anna"), "a=1");
    // The clocks of two processes may differ by as long as the database takes to answer.
    engine.set_time(1_795_248_060_000);
    let other = sessions(&engine);
    other.remove(&key("anna")).expect("it ends");
    other.flush().wait().expect("it is written");
    assert!(jar(&other, "anna").is_empty());
    assert!(jar(&sessions(&engine), "anna").is_empty());
}

#[test]
fn keys_are_listed_and_saved_sessions_move() {
    let engine = MemoryEngine::new();
    let first = sessions(&engine);
    let names: Vec<_> = (0..1_500).map(|number| number.to_string()).collect();
    first
        .load(names.iter().map(Some))
        .wait()
        .expect("they are loaded");
    for name in &names {
        let jar = first.get(name).expect("it is in memory");
        set(&jar, &format!("id={name}"));
    }
    set(&first.jar(None).wait().expect("it is loaded"), "id=none");
    first.flush().wait().expect("it is written");
    let listed = first.keys().map(|listed| listed.expect("a session"));
    let mut keys: Vec<_> = listed.map(|listed| listed.key).collect();
    keys.sort();
    let mut expected: Vec<_> = names.iter().cloned().map(Some).chain([None]).collect();
    expected.sort();
    assert_eq!(keys, expected);

    // To a crawler without a database, and back to another with one.
    let memory: CookieSessions<String> = CookieSessions::new();
    let saved: Result<Vec<_>, _> = first.snapshot().collect();
    memory.restore(saved.expect("all are read"));
    assert_eq!(memory.len(), names.len() + 1);
    let moved = MemoryEngine::new();
    let second = sessions(&moved);
    assert_eq!(
        second
            .restore(memory.snapshot())
            .expect("they are restored"),
        names.len() + 1
    );
    second.flush().wait().expect("it is written");
    assert_eq!(header(&jar(&sessions(&moved), "700")), "id=700");
}

/// Another type of key can have written `07`, which would be read as the key `7`.
#[test]
fn a_name_is_the_key_that_has_it_as_its_text() {
    let engine = MemoryEngine::new();
    let texts: PersistentCookieSessions<String> =
        PersistentCookieSessions::open(engine.clone(), options()).expect("it opens");
    for key in ["07", "7", "+7", "seven"] {
        let jar = texts.jar(&key.to_owned()).wait().expect("it is loaded");
        set(&jar, "id=1");
    }
    texts.flush().wait().expect("it is written");
    let numbers: PersistentCookieSessions<u32> =
        PersistentCookieSessions::open(engine, options()).expect("it opens");
    let keys: Vec<_> = numbers
        .keys()
        .map(|listed| listed.expect("a session").key)
        .collect();
    assert_eq!(keys, [Some(7)]);
    assert_eq!(numbers.snapshot().count(), 1);
}

#[test]
fn keys_are_those_whose_text_is_read_back() {
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Blind(u32);
    impl std::fmt::Display for Blind {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{}", self.0 % 10)
        }
    }
    impl std::str::FromStr for Blind {
        type Err = std::num::ParseIntError;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            text.parse().map(Self)
        }
    }
    let engine = MemoryEngine::new();
    let sessions = PersistentCookieSessions::open(engine.clone(), options()).expect("it opens");
    assert!(sessions.jar(&Blind(7)).wait().is_ok());
    assert!(matches!(
        sessions.jar(&Blind(17)).wait(),
        Err(PersistError::Key)
    ));
    assert!(sessions.get(&Blind(17)).is_none());

    let by_address: PersistentCookieSessions<IpAddr> =
        PersistentCookieSessions::open(engine, options().namespace("ip")).expect("it opens");
    let address: IpAddr = "::1".parse().expect("an address");
    set(
        &by_address.jar(&address).wait().expect("it is loaded"),
        "a=1",
    );
    by_address.flush().wait().expect("it is written");
    let listed = by_address.keys().map(|listed| listed.expect("a session"));
    let keys: Vec<_> = listed.map(|listed| listed.key).collect();
    assert_eq!(keys, [Some(address)]);
}

#[test]
fn idle_sessions_make_room_and_come_back() {
    let clock = ManualClock::new(datetime!(2026-11-21 08:00 UTC));
    let sessions =
        Sessions::open(MemoryEngine::new(), options().clock(clock.clone())).expect("it opens");
    set(&jar(&sessions, "anna"), "a=1");
    let held = jar(&sessions, "bert");
    set(&held, "b=2");
    sessions.flush().wait().expect("it is written");
    clock.advance(time::Duration::minutes(40));
    set(&jar(&sessions, "carl"), "c=3");
    until("what is written is read back", || {
        sessions.status().pending == 0
    });
    assert_eq!(sessions.unload_idle(time::Duration::minutes(30)), 1);
    assert!(sessions.get(&key("anna")).is_none());
    assert!(sessions.get(&key("bert")).is_some());
    assert_eq!(header(&jar(&sessions, "anna")), "a=1");
}

#[test]
fn remote_changes_are_heard_as_such() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    let (here, there) = (jar(&one, "anna"), jar(&other, "anna"));
    let heard = Arc::new(Mutex::new(Vec::new()));
    here.add_change_sink(Arc::new({
        let heard = Arc::clone(&heard);
        move |change: &CookieChange<'_>| {
            let name = change.cookie.name().to_owned();
            heard
                .lock()
                .expect("no panic")
                .push((change.cause, change.origin, name));
        }
    }));
    let mut queue = here.changes(NonZeroUsize::new(10).expect("not zero"));
    set(&there, "a=1");
    until("it is set", || header(&here) == "a=1");
    set(&there, "a=2");
    until("it is replaced", || header(&here) == "a=2");
    there.clear_domain("acme.com").expect("it is there");
    until("it is deleted", || here.is_empty());
    set(&here, "b=1");
    one.flush().wait().expect("it is written");
    until("it is read back", || one.status().pending == 0);
    let expected = [
        (ChangeCause::Stored, ChangeOrigin::Remote, "a".to_owned()),
        (ChangeCause::Replaced, ChangeOrigin::Remote, "a".to_owned()),
        (ChangeCause::Removed, ChangeOrigin::Remote, "a".to_owned()),
        (ChangeCause::Stored, ChangeOrigin::Local, "b".to_owned()),
    ];
    assert_eq!(*heard.lock().expect("no panic"), expected);
    assert_eq!(std::iter::from_fn(|| queue.try_next()).count(), 4);
}

#[test]
fn what_a_database_says_is_a_strangers() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let record = |text: &str| Record {
        bytes: text.as_bytes().into(),
        ..Record::default()
    };
    let entry = |name: &str, record| Entry {
        identity: format!("acme.com\0/\0{name}").into_bytes().into(),
        stamp: Stamp::new(1),
        writer: WriterId::new(1),
        record: Some(record),
    };
    let good = r#"{"name":"a","value":"1","domain":"acme.com","host_only":true,"path":"/","order":1,"new":[]}"#;
    let entries = [
        entry("a", record(good)),
        entry("b", record(good)),
        entry("c", record("no JSON")),
        entry("d", record(&good.replace("\"a\"", "\"d\\n\""))),
        entry(
            "e",
            record(
                &good
                    .replace("\"a\"", "\"e\"")
                    .replace("\"new\"", "\"expires\":1,\"new\""),
            ),
        ),
    ];
    let session = SessionBatch {
        session: "=anna",
        entries: &entries,
        ..SessionBatch::default()
    };
    database.apply(&[session]).expect("it is stored");
    let sessions = sessions(&engine);
    assert_eq!(header(&jar(&sessions, "anna")), "a=1");
    assert_eq!(jar(&sessions, "anna").len(), 1);
    assert_eq!(sessions.status().skipped, 3);
}

#[tokio::test]
async fn sessions_are_used_in_a_runtime_of_one_thread() {
    let engine = MemoryEngine::new();
    let sessions = sessions(&engine);
    let jar = sessions.jar(&key("anna")).await.expect("it is loaded");
    set(&jar, "a=1");
    sessions.flush().await.expect("it is written");
    drop((jar, sessions));
    let again = super::sessions(&engine);
    assert_eq!(
        header(&again.jar(&key("anna")).await.expect("it is loaded")),
        "a=1"
    );
}

#[test]
fn sessions_are_used_in_a_runtime_of_many_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build();
    let runtime = runtime.expect("a runtime");
    let sessions = sessions(&MemoryEngine::new());
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let sessions = sessions.clone();
            runtime.spawn(async move {
                let name = format!("{}", number % 5);
                let jar = sessions.jar(&name).await.expect("it is loaded");
                set(&jar, &format!("c{number}=1"));
                sessions.flush().await.expect("it is written");
            })
        })
        .collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(jar(&sessions, "3").len(), 4);
        drop(sessions);
    });
}

#[test]
fn a_saved_session_takes_the_place_of_namesakes() {
    let sessions = sessions(&MemoryEngine::new());
    set(&jar(&sessions, "anna"), "a=old");
    let cookie = Cookie::builder("a", "new")
        .domain("acme.com")
        .build()
        .expect("a cookie");
    let saved = SavedSession::new(Some(key("anna")), datetime!(2026-11-21 08:00 UTC), [cookie]);
    assert_eq!(sessions.restore([saved]).expect("it is restored"), 1);
    assert_eq!(header(&jar(&sessions, "anna")), "a=new");
}
