//! `kill -9` of the process that writes: the file opens, no response is half stored, and acknowledged ones are stored.

use std::env;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cookiejar::persist::{PersistOptions, PersistentCookieJar};

use super::{Place, Program, content, folder, jar, open, set, url};

/// The number of sessions that change in turn.
const SESSIONS: u32 = 5;

const LINGER: Duration = Duration::from_millis(20);

/// The number of responses between two flushes, which take longer than the linger.
const FLUSH_EVERY: u64 = 256;

const LANES: u64 = 4;

const BETWEEN_RESPONSES: Duration = Duration::from_micros(100);

fn microseconds() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    u64::try_from(since.as_micros()).expect("a time of today")
}

/// The child's loop until it is killed: responses of three cookies with one value, which is a time that grows.
pub(super) fn store_for_ever(place: &Place, first: u64) {
    let sessions = open(place, LINGER);
    let mut last = first;
    for number in 0_u64.. {
        let key = u32::try_from(number % u64::from(SESSIONS)).expect("small");
        last = microseconds().max(last + 1);
        let cookies = ["a", "b", "c"].map(|name| format!("{name}={last}"));
        set(
            &jar(&sessions, key),
            &cookies.each_ref().map(String::as_str),
        );
        thread::sleep(BETWEEN_RESPONSES);
        if number % FLUSH_EVERY == FLUSH_EVERY - 1 {
            sessions.flush().wait().expect("it is written");
            println!("\nacknowledged {last}");
        }
    }
}

/// The values of the sessions after a kill, in order. Half a response is a failure.
fn stored(place: &Place) -> Vec<u64> {
    if let Place::File(file) = place {
        let connection = rusqlite::Connection::open(file).expect("it opens");
        let check: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("it is read");
        assert_eq!(check, "ok");
    }
    let sessions = open(place, LINGER);
    let value = |key| {
        let pairs = content(&jar(&sessions, key));
        let values: Vec<_> = pairs.iter().map(|pair| &pair[2..]).collect();
        match values[..] {
            [] => 0,
            [a, b, c] if a == b && b == c => a.parse().expect("a number"),
            _ => panic!("half a response: {pairs:?}"),
        }
    };
    let values = (0..SESSIONS).map(value).collect();
    assert_eq!(sessions.status().skipped, 0);
    values
}

/// How often the writer is killed: a thousand times by `COOKIEJAR_KILLS=1000`.
fn kills(thorough: usize) -> usize {
    match env::var("COOKIEJAR_KILLS") {
        Ok(kills) => kills.parse().expect("a number"),
        Err(_) if cookiejar_tests::is_thorough() => thorough,
        Err(_) => 20,
    }
}

#[test]
fn nothing_acknowledged_is_lost_whenever_the_writer_is_killed() {
    let (folder, _) = folder();
    let place = |lane| Place::File(folder.path().join(format!("{lane}.db")));
    kill_writers(place, kills(1_000));
}

#[cfg(feature = "redis-1")]
#[test]
fn nothing_acknowledged_is_lost_whenever_the_writer_to_redis_is_killed() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "kills of a writer to Redis");
    let place = |lane| Place::new_in_redis(&address, &format!("killed-{lane}"));
    kill_writers(place, kills(200));
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn nothing_acknowledged_is_lost_whenever_the_writer_to_postgres_is_killed() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "kills of a writer to PostgreSQL");
    let place = |lane| Place::new_in_postgres(&address, &format!("killed-{lane}"));
    kill_writers(place, kills(200));
}

/// Kills writers side by side, each in a place of its own: a kill is mostly waiting.
fn kill_writers(place: impl Fn(u64) -> Place, kills: usize) {
    let lanes: Vec<_> = (0..LANES).map(|lane| (lane, place(lane))).collect();
    let each = kills.div_ceil(lanes.len());
    let mut tails: Vec<_> = thread::scope(|scope| {
        let lanes: Vec<_> = lanes
            .iter()
            .map(|(lane, place)| scope.spawn(move || kill_the_writer(place, each, *lane)))
            .collect();
        let tails = lanes.into_iter().map(ScopedJoinHandle::join);
        tails.flat_map(|tails| tails.expect("all kills")).collect()
    });
    tails.sort_unstable();
    let (p99, most) = (tails[tails.len() * 99 / 100 - 1], tails[tails.len() - 1]);
    let kills = tails.len();
    eprintln!("{kills} kills: 99 % lost at most {p99} us, the most {most} us");
}

/// Returns how much each kill lost, in microseconds.
fn kill_the_writer(place: &Place, kills: usize, lane: u64) -> Vec<u64> {
    let mut random = 0x2545_f491_4f6c_dd1d_u64 ^ (lane << 40);
    let (mut before, mut tails) = (vec![0; SESSIONS as usize], Vec::new());
    for _ in 0..kills {
        let first = before.iter().copied().max().unwrap_or(0);
        let mut child = Program::start("killed", first, place);
        let mut acknowledged: u64 = child.expect("acknowledged").parse().expect("a number");
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        thread::sleep(Duration::from_micros(random % 60_000));
        child.child.kill().expect("killed");
        let killed = microseconds();
        child.child.wait().expect("dead");
        while let Some(line) = child.next("acknowledged") {
            // The last line can be cut off.
            acknowledged = line
                .parse()
                .map_or(acknowledged, |number: u64| number.max(acknowledged));
        }
        let now = stored(place);
        let latest = now.iter().copied().max().unwrap_or(0);
        assert!(
            latest >= acknowledged,
            "acknowledged and lost: {acknowledged} of {now:?}"
        );
        for (now, before) in now.iter().zip(&before) {
            assert!(now >= before, "an old value came back");
        }
        tails.push(killed.saturating_sub(latest));
        before = now;
    }
    tails
}

/// A jar keeps its database open, and writes pending changes when it is dropped.
pub(super) fn store_and_return(place: &Place) {
    let jar = PersistentCookieJar::with(place.engine(), PersistOptions::new())
        .expect("it opens")
        .jar()
        .clone();
    jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Max-Age=3600")], &url());
    println!("\nstored");
}

#[test]
fn a_program_that_returns_has_lost_nothing() {
    let (_folder, file) = folder();
    let mut child = Program::start("ends", 0, &file);
    child.expect("stored");
    assert!(child.child.wait().expect("it ends").success());
    let jar = PersistentCookieJar::open(&file).expect("it opens").jar();
    assert_eq!(content(&jar), ["sid=31d4"]);
}
