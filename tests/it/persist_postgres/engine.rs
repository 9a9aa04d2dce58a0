//! The contract; notifications; several connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use cookiejar::persist::engine::{Changed, Database, Version};
use cookiejar::persist::postgres::Postgres;
use cookiejar::persist::{PersistOptions, PersistentCookieJar};
use cookiejar::testing::check_engine;
use postgres::fallible_iterator::FallibleIterator;

use super::{apply, client, connect, content, engine, jar, namespace, open, set, until};

#[test]
fn the_contract() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    check_engine(&engine(&address));
}

#[test]
fn the_contract_with_notifications() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    check_engine(&engine(&address).listen(true));
}

#[test]
fn the_contract_without_prepared_statements() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    check_engine(&engine(&address).prepared(false).synchronous_commit(false));
}

#[test]
fn a_connector_of_the_users_opens_the_connections() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let engine = Postgres::with_connector(move || {
        count.fetch_add(1, Ordering::SeqCst);
        postgres::Client::connect(&address, postgres::NoTls)
    });
    engine.create_tables().expect("tables");
    let namespace = namespace();
    let sessions = open(&engine, &namespace);
    set(&jar(&sessions, 1), "a=1");
    sessions.flush().wait().expect("it is written");
    assert_eq!(content(&jar(&open(&engine, &namespace), 1)), ["a=1"]);
    assert!(opened.load(Ordering::SeqCst) > 3);
}

/// A new table has no statistics, so that the planner may not see that reading by the key is best.
#[test]
fn a_batch_reads_its_sessions_and_no_others() {
    const SESSIONS: u64 = 20_000;
    const BATCH: i64 = 500;
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let schema = namespace().replace('-', "_");
    let mut admin = client(&address);
    let create = format!("CREATE SCHEMA {schema}; SET search_path = {schema}");
    admin.batch_execute(&create).expect("a schema");
    let engine = engine(&format!("{address} options='-c search_path={schema}'"));
    let mut database = connect(&engine, "n");
    let fill = format!(
        "ALTER TABLE cookiejar_sessions SET (autovacuum_enabled = off); \
         INSERT INTO cookiejar_sessions SELECT 'n', convert_to(i::text, 'UTF8'), i, NULL, i \
         FROM generate_series(1, {SESSIONS}) i"
    );
    admin.batch_execute(&fill).expect("sessions");
    let names: Vec<_> = (0..BATCH).map(|number| (number * 7).to_string()).collect();
    let names: Vec<_> = names.iter().map(|name| &**name).collect();
    apply(&mut *database, &names, "a").expect("it is stored");
    // The server counts for itself when a connection ends.
    drop(database);
    let mut read = 0;
    until("the server has counted", || {
        let count = "SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes \
            WHERE schemaname = $1 AND relname = 'cookiejar_sessions'";
        read = admin.query_one(count, &[&schema]).expect("a row").get(0);
        read > 0
    });
    assert!(read < 4 * BATCH, "{read}");
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    admin.batch_execute(&drop).expect("dropped");
}

/// Everything that changed since the namespace was created.
fn changes(database: &mut dyn Database, wait: Duration) -> usize {
    let answer = database.changes(Version::default(), wait).expect("changes");
    let Changed::UpTo(changes) = answer.value else {
        panic!("{answer:?}");
    };
    changes.sessions.len()
}

#[test]
fn a_notification_wakes_the_reader() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    // It would poll again after an hour.
    let engine = engine(&address)
        .listen(true)
        .poll(Duration::from_secs(3_600));
    let namespace = namespace();
    let mut reader = connect(&engine, &namespace);
    assert_eq!(changes(&mut *reader, Duration::ZERO), 0); // It listens from here on.
    let waiting = thread::spawn(move || changes(&mut *reader, Duration::from_secs(60)));
    apply(&mut *connect(&engine, &namespace), &["s"], "a").expect("stored");
    assert_eq!(waiting.join().expect("no panic"), 1);
}

#[test]
fn without_notifications_the_reader_polls() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let engine = engine(&address).poll(Duration::from_millis(10));
    let namespace = namespace();
    let mut reader = connect(&engine, &namespace);
    let waiting = thread::spawn(move || changes(&mut *reader, Duration::from_secs(60)));
    apply(&mut *connect(&engine, &namespace), &["s"], "a").expect("stored");
    assert_eq!(waiting.join().expect("no panic"), 1);
}

#[test]
fn a_process_sends_at_most_twenty_notifications_a_second() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let engine = engine(&address).listen(true);
    let namespace = namespace();
    let mut listening = client(&address);
    listening
        .batch_execute("LISTEN cookiejar")
        .expect("it listens");
    let mut database = connect(&engine, &namespace);
    let begin = Instant::now();
    for number in 0..100 {
        apply(&mut *database, &["s"], &number.to_string()).expect("stored");
    }
    // A second may begin just before, and one just after.
    let seconds = begin.elapsed().as_secs() + 2;
    let mut heard = 0;
    let mut notifications = listening.notifications();
    let mut notifications = notifications.timeout_iter(Duration::from_millis(200));
    while let Some(notification) = notifications.next().expect("a connection") {
        heard += u64::from(notification.payload() == namespace);
    }
    assert!(
        (1..=20 * seconds).contains(&heard),
        "{heard} in {seconds} s"
    );
}

#[test]
fn batches_in_opposite_orders_do_not_block_each_other() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let engine = engine(&address);
    let namespace = namespace();
    let names: Vec<_> = (0..50).map(|number| format!("session {number}")).collect();
    let begin = Barrier::new(2);
    thread::scope(|scope| {
        for is_reversed in [false, true] {
            let mut database = connect(&engine, &namespace);
            let mut names: Vec<_> = names.iter().map(String::as_str).collect();
            if is_reversed {
                names.reverse();
            }
            let begin = &begin;
            scope.spawn(move || {
                begin.wait();
                for number in 0..30 {
                    apply(&mut *database, &names, &number.to_string()).expect("stored");
                }
            });
        }
    });
}

/// Another program has the lock of a session, and then wants that of the namespace, for which the engine lets it wait.
#[test]
fn a_transaction_that_lost_a_deadlock_is_repeated() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let engine = engine(&address);
    let namespace = namespace();
    let mut database = connect(&engine, &namespace);
    apply(&mut *database, &["s"], "a").expect("stored");
    let mut other = client(&address);
    let mut other = other.transaction().expect("a transaction");
    let id = other.query_one("SELECT pg_backend_pid()", &[]);
    let id: i32 = id.expect("a row").get(0);
    // It looks for a deadlock later, so that it is the engine that loses.
    other
        .batch_execute("SET LOCAL deadlock_timeout = '20s'")
        .expect("a setting");
    let lock = "SELECT 1 FROM cookiejar_sessions WHERE namespace = $1 FOR UPDATE";
    other.query(lock, &[&namespace]).expect("a lock");
    let waiting = thread::spawn(move || apply(&mut *database, &["s"], "b"));
    let mut watching = client(&address);
    until("the engine waits for the session", || {
        let waits =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))";
        watching
            .query_one(waits, &[&id])
            .expect("a row")
            .get::<_, i64>(0)
            > 0
    });
    let update = "UPDATE cookiejar_namespaces SET clock = clock WHERE namespace = $1";
    // The engine had this lock, and gave it up.
    other
        .execute(update, &[&namespace])
        .expect("it is the engine that lost");
    other.commit().expect("committed");
    waiting.join().expect("no panic").expect("stored");
}

#[test]
fn jars_and_sessions_are_shared() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    for listen in [false, true] {
        let engine = engine(&address).listen(listen);
        let namespace = namespace();
        let (one, other) = (open(&engine, &namespace), open(&engine, &namespace));
        let (here, there) = (jar(&one, 7), jar(&other, 7));
        set(&here, "a=1");
        until("it comes", || content(&there) == ["a=1"]);
        set(&there, "a=2");
        set(&there, "b=1");
        until("it comes back", || content(&here) == ["a=2", "b=1"]);
        here.clear();
        until("it is cleared", || there.is_empty());
        one.remove(&7).expect("a key");
        one.close().expect("it is written");

        let options = || PersistOptions::new().namespace(super::namespace());
        let options = options().session_cookies(true);
        let kept = PersistentCookieJar::with(engine.clone(), options.clone()).expect("it opens");
        set(&kept.jar(), "c=1");
        kept.close().expect("it is written");
        let kept = PersistentCookieJar::with(engine, options).expect("it opens");
        assert_eq!(content(&kept.jar()), ["c=1"]);
    }
}
