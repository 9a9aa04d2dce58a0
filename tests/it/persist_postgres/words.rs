//! The words of a server, which may quote what it was sent, are in no error.

use std::error::Error;
use std::iter::successors;
use std::time::Duration;

use cookiejar::persist::engine::{
    Database, Engine, EngineError, Record, SessionBatch, Stamp, Version,
};

use super::fake::{CLOCK, Fake, Reply, Step, error};
use super::{client, connect, engine, namespace};

const VALUE: &str = "m4rk3rV4lue";
const LONG: Duration = Duration::from_secs(20);

/// All texts of an error.
fn texts(error: &EngineError) -> String {
    let chain = successors(Some(error as &dyn Error), |&error| error.source());
    let texts = chain.map(|error| format!("{error} {error:?} {error:#?}"));
    texts.collect::<Vec<_>>().join("\n")
}

fn apply(database: &mut dyn Database, stamp: Stamp) -> Result<(), EngineError> {
    let mut entry = super::entry("a", stamp);
    entry.record = Some(Record {
        bytes: VALUE.as_bytes().into(),
        ..Record::default()
    });
    let entries = [entry];
    let batch = SessionBatch {
        session: "a",
        entries: &entries,
        ..SessionBatch::default()
    };
    database.apply(&[batch]).map(drop)
}

/// The texts of the calls that failed.
fn failures(database: Result<Box<dyn Database>, EngineError>) -> Vec<String> {
    let mut database = match database {
        Ok(database) => database,
        Err(error) => return vec![texts(&error)],
    };
    let results = [
        apply(&mut *database, Stamp::at(CLOCK.cast_unsigned())),
        database.load(&["a"]).map(drop),
        database.changes(Version::new(1), Duration::ZERO).map(drop),
        database.sessions(None, 10).map(drop),
        database.purge(Stamp::at(9), 10).map(drop),
    ];
    let errors = results.iter().filter_map(|result| result.as_ref().err());
    errors.map(texts).collect()
}

const CODES: [&str; 14] = [
    "P0001", "08006", "22021", "23505", "25006", "28000", "3D000", "42501", "42P01", "53300",
    "57014", "57P01", "XX000", "ZZ999",
];

#[test]
fn no_error_of_a_statement_has_a_word_of_the_server() {
    for code in CODES {
        for (step, part) in [
            (Step::Simple, "SHOW"),
            (Step::Simple, "SET jit"),
            (Step::Simple, "COMMIT"),
            (Step::Prepare, ""),
            (Step::Execute, ""),
        ] {
            let fake = Fake::new(move |at, sql, _| {
                let ready = super::fake::message(b'Z', b"I");
                (at == step && sql.contains(part))
                    .then(|| Reply::Octets([error(b'E', code, VALUE), ready].concat()))
            });
            let failed = failures(fake.start(LONG).connect("default"));
            assert!(!failed.is_empty(), "{code} {part}");
            for text in &failed {
                assert!(
                    text.contains(&format!("(SQLSTATE {code})")),
                    "{code} {part}: {text}"
                );
                assert!(!text.contains(VALUE), "{code} {part}: {text}");
            }
        }
    }
    // Before it is sent anything, its words say what is wrong.
    let fake = Fake::new(|at, _, _| {
        (at == Step::Startup)
            .then(|| Reply::Octets(error(b'E', "53300", "sorry, too many clients")))
    });
    let error = fake
        .start(LONG)
        .connect("default")
        .map(drop)
        .expect_err("it refuses");
    assert!(texts(&error).contains("ERROR: sorry, too many clients (SQLSTATE 53300)"));
}

#[test]
fn a_trigger_that_quotes_a_row_shows_no_value() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let (engine, namespace, mut admin) = (engine(&address), namespace(), client(&address));
    for (code, name) in [
        ("P0001", "raised exception"),
        ("23514", "integrity constraint violation"),
        ("42501", "insufficient privilege"),
        ("53100", "disk full"),
        ("57014", "query canceled"),
    ] {
        let trigger = format!(
            "CREATE OR REPLACE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = convert_from(NEW.record, 'UTF8'), \
             DETAIL = convert_from(NEW.record, 'UTF8'), HINT = convert_from(NEW.record, 'UTF8'), \
             TABLE = convert_from(NEW.record, 'UTF8'); END $$; \
             CREATE TRIGGER quoting BEFORE INSERT ON cookiejar_cookies FOR EACH ROW \
             WHEN (NEW.namespace = '{namespace}') EXECUTE FUNCTION quoting()"
        );
        admin.batch_execute(&trigger).expect("a trigger");
        let mut database = connect(&engine, &namespace);
        let clock = database.hello().expect("it answers").clock;
        let applied = apply(&mut *database, Stamp::at(clock));
        let remove = "DROP TRIGGER quoting ON cookiejar_cookies; DROP FUNCTION quoting()";
        admin.batch_execute(remove).expect("removed");
        let text = texts(&applied.expect_err("it is refused"));
        assert!(
            text.contains(&format!("ERROR: {name} (SQLSTATE {code})")),
            "{text}"
        );
        assert!(!text.contains(VALUE), "{code}: {text}");
    }
}
