//! What the client of the database logs: no cookie, and no word of the server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cookiejar::persist::engine::{Engine, Record, SessionBatch, Stamp};
use log::{LevelFilter, Log, Metadata};

use super::fake::{CLOCK, Fake, Reply, Step, Table, error, reply};

struct Lines(Mutex<String>);

static LINES: Lines = Lines(Mutex::new(String::new()));

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().contains("postgres")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{}\n", record.args());
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push_str(&line);
        }
    }

    fn flush(&self) {}
}

#[test]
fn no_cookie_and_no_word_of_the_server_is_logged() {
    const VALUE: &[u8] = b"m4rker";
    log::set_logger(&LINES).expect("the only logger");
    log::set_max_level(LevelFilter::Debug);
    let fake = Fake::new(|step, sql, _| {
        let notice = error(b'N', "00000", "n0tice");
        let ordinary = reply(step, "", &[], &Table::default());
        (step == Step::Simple && sql.contains("jit"))
            .then(|| Reply::Octets([notice, ordinary].concat()))
    });
    for prepared in [true, false] {
        let engine = fake.clone().start(Duration::from_secs(20));
        let mut database = engine
            .prepared(prepared)
            .connect("default")
            .expect("a server");
        let mut entry = super::entry("a", Stamp::at(CLOCK.cast_unsigned()));
        entry.record = Some(Record {
            bytes: VALUE.into(),
            ..Record::default()
        });
        let entries = [entry];
        let batch = SessionBatch {
            session: "a",
            entries: &entries,
            ..SessionBatch::default()
        };
        database.apply(&[batch]).expect("all is ordinary");
    }
    log::set_max_level(LevelFilter::Off);
    let lines = LINES.0.lock().expect("no panic");
    assert!(lines.contains("executing statement"), "it logs");
    let numbers = format!("{VALUE:?}");
    for secret in ["m4rker", numbers.trim_matches(['[', ']']), "n0tice"] {
        assert!(!lines.contains(secret), "{secret}");
    }
}
