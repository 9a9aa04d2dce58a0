//! Jars and sessions in Redis, inside runtimes and without.

use std::time::Duration;

use cookiejar::persist::engine::MAX_BATCH;
use cookiejar::persist::{PersistOptions, PersistentCookieJar};
use cookiejar_tests::server;
use tokio::runtime::Builder;

use super::{cookie, engine, jar, namespace, open, until, value};

#[test]
fn a_jar_outlives_its_program() {
    let address = server!("COOKIEJAR_REDIS", "a jar in Redis");
    let namespace = namespace();
    let open = || {
        let options = PersistOptions::new().namespace(&namespace);
        PersistentCookieJar::with(engine(&address), options).expect("it opens")
    };
    let first = open().jar();
    cookie(&first, "sid=31d4; Max-Age=3600");
    cookie(&first, "seen=1");
    drop(first); // The last handle writes.
    let second = open();
    assert_eq!(value(&second.jar(), "sid").as_deref(), Some("31d4"));
    assert_eq!(second.jar().len(), 1, "session cookies are not kept");
    let third = open();
    second.jar().clear();
    until("it is cleared", || third.jar().is_empty());
    second.close().expect("it is written");
}

#[test]
fn sessions_are_shared_ended_and_begun_anew() {
    let address = server!("COOKIEJAR_REDIS", "sessions in Redis");
    let (engine, namespace) = (engine(&address), namespace());
    let (here, there) = (open(&engine, &namespace), open(&engine, &namespace));
    let (anna, also_anna) = (jar(&here, "anna"), jar(&there, "anna"));
    let names = ["", "\0", "a\0b", "=", "\u{10ffff}"];
    for name in names {
        cookie(&jar(&here, name), "a=1");
    }
    cookie(&anna, "a=1");
    until("it has come", || value(&also_anna, "a").is_some());
    cookie(&also_anna, "a=2");
    until("it has come back", || {
        value(&anna, "a").as_deref() == Some("2")
    });
    let count = || there.keys().flatten().count();
    assert_eq!(count(), names.len() + 1);
    here.remove(&"anna".to_owned()).expect("removed");
    until("it has ended", || also_anna.is_empty());
    until("it is off the list", || count() == names.len());
    cookie(&also_anna, "b=1");
    until("it has begun anew", || value(&anna, "b").is_some());
    for name in names {
        assert_eq!(jar(&there, name).len(), 1, "{name:?}");
    }
}

/// More cookies than fit into one batch, in one session, from one program to the other.
#[test]
fn a_large_session() {
    let address = server!("COOKIEJAR_REDIS", "a large session in Redis");
    let (engine, namespace) = (engine(&address), namespace());
    let (here, there) = (open(&engine, &namespace), open(&engine, &namespace));
    let (ours, theirs) = (jar(&here, "s"), jar(&there, "s"));
    let count = 2 * MAX_BATCH + 100;
    for number in 0..count {
        let host = url::Url::parse(&format!("https://host-{number}.example/")).expect("a URL");
        let long = if number == 0 {
            "x".repeat(4_000)
        } else {
            String::new()
        };
        ours.extract_cookies(&[("Set-Cookie", format!("n{long}={number}"))], &host);
    }
    here.flush().wait().expect("it is written");
    until("all have come", || theirs.len() == count);
    let fresh = open(&engine, &namespace);
    assert_eq!(jar(&fresh, "s").len(), count);
}

#[test]
fn inside_runtimes() {
    let address = server!("COOKIEJAR_REDIS", "Redis inside runtimes");
    let runtimes = [
        Builder::new_current_thread().enable_all().build(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build(),
    ];
    for runtime in runtimes {
        let (engine, namespace) = (engine(&address), namespace());
        let runtime = runtime.expect("a runtime");
        let left = runtime.block_on(async {
            let sessions = open(&engine, &namespace);
            let name = "anna".to_owned();
            let anna = sessions.jar(&name).await.expect("it is loaded");
            cookie(&anna, "a=1");
            sessions.flush().await.expect("it is written");
            let task = tokio::spawn({
                let other = open(&engine, &namespace);
                async move {
                    other
                        .jar(&"anna".to_owned())
                        .await
                        .expect("it is loaded")
                        .len()
                }
            });
            assert_eq!(task.await.expect("no panic"), 1);
            // Blocking calls and drops inside a runtime.
            cookie(&anna, "b=1");
            let flushed = sessions.flush().wait_at_most(Duration::from_secs(60));
            assert!(matches!(flushed, Some(Ok(()))));
            cookie(&anna, "c=1");
            drop((sessions, anna));
            open(&engine, &namespace)
        });
        drop(runtime);
        assert_eq!(jar(&left, "anna").len(), 3);
    }
}
