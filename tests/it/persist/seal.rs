//! Records that are encrypted.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use cookiejar::Rejection;
use cookiejar::persist::engine::{Database, Engine, Entry, SessionBatch, Stamp};
use cookiejar::persist::{PersistError, Seal, SkipReason};
use cookiejar::testing::MemoryEngine;

/// The cipher of the guide.
#[path = "../../../src/guide/cipher.rs"]
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is the text of the guide")]
mod cipher;

use super::{Sessions, header, jar, key, options, set};

/// Stands in for a cipher: the same key and the same place are needed to open what it sealed. It does not resist an
/// attacker.
struct StandIn(u64);

impl StandIn {
    fn mask(&self, place: &[u8], number: usize) -> u8 {
        let mut hasher = DefaultHasher::new();
        (self.0, place, number).hash(&mut hasher);
        hasher.finish().to_le_bytes()[0]
    }

    fn masked(&self, place: &[u8], bytes: &[u8]) -> Vec<u8> {
        let bytes = bytes.iter().enumerate();
        bytes
            .map(|(number, byte)| byte ^ self.mask(place, number))
            .collect()
    }

    fn tag(&self, place: &[u8], bytes: &[u8]) -> [u8; 8] {
        let mut hasher = DefaultHasher::new();
        (self.0, place, bytes).hash(&mut hasher);
        hasher.finish().to_le_bytes()
    }
}

impl Seal for StandIn {
    fn seal(&self, place: &[u8], value: &[u8]) -> Vec<u8> {
        [&self.tag(place, value)[..], &self.masked(place, value)].concat()
    }

    fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (tag, sealed) = sealed.split_at_checked(8)?;
        let value = self.masked(place, sealed);
        (tag == self.tag(place, &value)).then_some(value)
    }
}

fn open(engine: &MemoryEngine, key: u64) -> Sessions {
    Sessions::open(engine.clone(), options().seal(StandIn(key))).expect("it opens")
}

fn stored(database: &mut dyn Database, session: &str) -> Vec<Entry> {
    let loaded = database.load(&[session]).expect("it loads").value;
    let sessions = loaded.sessions.into_iter().flatten();
    sessions.flat_map(|session| session.entries).collect()
}

fn store(database: &mut dyn Database, session: &str, entry: Entry) {
    let batch = SessionBatch {
        session,
        entries: &[entry],
        ..SessionBatch::default()
    };
    database.apply(&[batch]).expect("it is stored");
}

#[test]
fn records_are_sealed_and_opened() {
    let engine = MemoryEngine::new();
    let here = open(&engine, 7);
    let anna = jar(&here, "anna");
    set(&anna, "sid=31d4secret");
    set(&anna, "gone=1");
    set(&anna, "gone=1; Max-Age=0");
    here.flush().wait().expect("it is written");
    let mut database = engine.connect("default").expect("it connects");
    for entry in stored(&mut *database, "=anna") {
        let bytes = entry
            .record
            .map_or_else(Vec::new, |record| record.bytes.to_vec());
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }
    let there = open(&engine, 7);
    assert_eq!(header(&jar(&there, "anna")), "sid=31d4secret");
    let saved = there
        .snapshot()
        .next()
        .expect("a session")
        .expect("it is read");
    assert_eq!(saved.cookies.len(), 1);
    assert_eq!(there.status().skipped, 0);

    let stranger = open(&engine, 8);
    assert!(jar(&stranger, "anna").is_empty());
    assert_eq!(stranger.status().skipped, 1);
    let unsealed = super::sessions(&engine);
    assert!(jar(&unsealed, "anna").is_empty());
    assert_eq!(unsealed.status().skipped, 1);
}

#[test]
fn a_record_is_opened_at_its_own_place_only() {
    let engine = MemoryEngine::new();
    let here = open(&engine, 7);
    set(&jar(&here, "anna"), "sid=31d4");
    here.flush().wait().expect("it is written");
    let mut database = engine.connect("default").expect("it connects");
    let mut other = engine.connect("other").expect("it connects");
    let [entry] = <[Entry; 1]>::try_from(stored(&mut *database, "=anna")).expect("an entry");

    // The record of another session, another namespace, another cookie, and an earlier time.
    store(&mut *database, "=bert", entry.clone());
    store(&mut *other, "=anna", entry.clone());
    let identity = String::from_utf8_lossy(&entry.identity).replace("sid", "uid");
    let named = Entry {
        identity: identity.into_bytes().into(),
        ..entry.clone()
    };
    store(&mut *database, "=carl", named);
    let later = Entry {
        stamp: Stamp::new(entry.stamp.get() + 1),
        ..entry
    };
    store(&mut *database, "=dora", later);

    let heard = Arc::new(Mutex::new(Vec::new()));
    let opened = |namespace: &str| {
        let heard = Arc::clone(&heard);
        let options = options()
            .namespace(namespace)
            .seal(StandIn(7))
            .on_error(move |error| {
                if let PersistError::Skipped { session, reason } = error {
                    heard
                        .lock()
                        .expect("no panic")
                        .push((session.clone(), *reason));
                }
            });
        Sessions::open(engine.clone(), options).expect("it opens")
    };
    let (there, elsewhere) = (opened("default"), opened("other"));
    for name in ["bert", "carl", "dora"] {
        assert!(jar(&there, name).is_empty(), "{name}");
    }
    assert!(jar(&elsewhere, "anna").is_empty());
    assert_eq!(header(&jar(&there, "anna")), "sid=31d4");
    assert_eq!((there.status().skipped, elsewhere.status().skipped), (3, 1));
    super::until("all are reported", || {
        heard.lock().expect("no panic").len() == 4
    });
    let expected =
        ["=bert", "=carl", "=dora", "=anna"].map(|name| (key(name), SkipReason::NotOpened));
    assert_eq!(*heard.lock().expect("no panic"), expected);
}

#[test]
fn the_cipher_of_the_guide_seals_for_one_place() {
    use chacha20poly1305::KeyInit;

    let cipher = |key: u8| cipher::Cipher(KeyInit::new(&[key; 32].into()));
    let sealed = cipher(1).seal(b"here", b"the record");
    assert!(!sealed.windows(6).any(|part| part == b"record"));
    assert_eq!(
        cipher(1).open(b"here", &sealed).as_deref(),
        Some(&b"the record"[..])
    );
    assert_ne!(
        cipher(1).seal(b"here", b"the record"),
        sealed,
        "nonces are drawn"
    );
    assert_eq!(cipher(1).open(b"there", &sealed), None);
    assert_eq!(cipher(2).open(b"here", &sealed), None);
    assert_eq!(cipher(1).open(b"here", &sealed[..20]), None);
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert_eq!(cipher(1).open(b"here", &altered), None);
    }

    let engine = MemoryEngine::new();
    let open = |key| Sessions::open(engine.clone(), options().seal(cipher(key))).expect("it opens");
    let sessions = open(1);
    set(&jar(&sessions, "anna"), "a=1");
    sessions.close().expect("it is written");
    assert_eq!(header(&jar(&open(1), "anna")), "a=1");
    assert_eq!(header(&jar(&open(2), "anna")), "");
}

#[test]
fn each_reason_for_a_skipped_record_is_told() {
    let told = [
        (SkipReason::AheadOfClock, "its stamp is ahead of the clock"),
        (SkipReason::Field, "a field is missing or of another type"),
        (SkipReason::NotOpened, "it could not be opened"),
    ];
    for (reason, text) in told {
        assert_eq!(reason.to_string(), text);
    }
    let reason = Rejection::ControlCharacter;
    assert_eq!(SkipReason::Rejected(reason).to_string(), reason.to_string());
}
