//! Memory that is freed: after many cookies were added and removed, a jar is as small as an empty one, and so is
//! the process.
//!
//! Each jar is tested in a separate process, which is this program with a variable in its environment. It
//! is filled again and again, and emptied in another way each time. Two figures are checked:
//!
//! - The bytes that the program has allocated and not freed, which are the same on
//!   every machine.
//! - The memory that the process holds, on Linux with the GNU C library. Left to itself, that allocator
//!   keeps some freed blocks of each small size at hand, and one of them at the far end of the heap is
//!   enough to keep the whole heap from the system; and the larger the blocks were that were freed, the
//!   larger an end of the heap it keeps. The processes disable both (`mallopt(3)`), so
//!   that they hold only the memory of the jar: a separate block in the midst of the heap
//!   would show.

use std::env;
use std::process::Command;
use std::sync::LazyLock;

use cookiejar::jar::ManualClock;
use cookiejar::policy::{Limits, PublicSuffixes};
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, RequestContext, SharedCookieJar};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const CHILD: &str = "COOKIEJAR_MEMORY_CHILD";
const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

/// The number of cookies that are added and removed each time; in a thorough run, eight times this is a million.
static COOKIES: LazyLock<usize> = LazyLock::new(
    || cookiejar_tests::share!("cookies that come and go eight times", 25_000, of 125_000),
);

fn cookies() -> usize {
    *COOKIES
}

fn hosts() -> usize {
    cookies() / RESPONSE.len()
}

/// The response of each host.
const RESPONSE: [(&str, &str); 5] = [
    ("Set-Cookie", "sid=31d4d96e407aad42; Max-Age=60; HttpOnly"),
    ("Set-Cookie", "theme=dark; Path=/; Max-Age=60"),
    ("Set-Cookie", "cart=3; Path=/shop; Max-Age=60"),
    ("Set-Cookie", "lang=en; Path=/; Max-Age=60; SameSite=Lax"),
    ("Set-Cookie", "seen=1; Path=/; Max-Age=60"),
];

/// The ways to remove the cookies.
#[derive(Debug, Clone, Copy)]
enum Way {
    Clear,
    ClearDomain,
    ClearExpired,
    Deletion,
    Drain,
    Retain,
    /// Writes after the cookies have expired, each of which sweeps a few.
    Writes,
    /// The same if one host had all the cookies.
    WritesToOneHost,
}

/// A million cookies in all.
const WAYS: [Way; 8] = [
    Way::Clear,
    Way::ClearDomain,
    Way::ClearExpired,
    Way::Deletion,
    Way::Drain,
    Way::Retain,
    Way::Writes,
    Way::WritesToOneHost,
];

impl Way {
    /// The number of hosts that always have a cookie. With them a jar keeps its indexes, which it drops
    /// as a whole when it is almost empty.
    fn lasting(self) -> usize {
        match self {
            Self::Clear | Self::Drain | Self::Retain => 0,
            _ => 16,
        }
    }
}

/// The number of writes that sweep all expired cookies: those to one part of a jar sweep two hosts or 64
/// cookies of a crowded one.
fn writes(way: Way, in_parts: bool) -> usize {
    match way {
        Way::WritesToOneHost => cookies() / 64 + 1,
        _ if in_parts => hosts(),
        _ => hosts() / 2,
    }
}

fn host(number: usize) -> String {
    format!("host{number}.example")
}

/// Bytes of blocks that are not freed.
pub(super) fn live() -> usize {
    let stats = super::ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// KiB of memory that the process holds, if the system reports it.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// At most one tenth more than an empty jar.
#[track_caller]
fn assert_within(now: usize, empty: usize, what: &str) {
    assert!(now * 10 <= empty * 11, "{what}: {now}, {empty} when empty");
}

/// The two jars have the same calls.
macro_rules! come_and_go {
    ($jar:ident, $clock:ident, $in_parts:expr) => {
        |way: Way| {
            $clock.set(NOW);
            for number in 0..way.lasting() {
                let domain = format!("lasting{number}.example");
                let cookie = Cookie::builder("lasting", "1").domain(&domain);
                $jar.set_cookie(cookie.build().expect("a cookie"));
            }
            let before = live();
            fill(way, |response, host| {
                let request = RequestContext::new("https", host, None, "/");
                $jar.extract_cookies(response, request).stored
            });
            assert_eq!($jar.len(), cookies() + way.lasting());
            let full = live();
            match way {
                Way::Clear => $jar.clear(),
                Way::ClearDomain => {
                    for number in 0..hosts() {
                        assert_eq!($jar.clear_domain(&host(number)), Ok(RESPONSE.len()));
                    }
                }
                Way::ClearExpired => {
                    $clock.advance(Duration::minutes(2));
                    assert_eq!($jar.clear_expired_cookies(), cookies());
                }
                Way::Deletion => {
                    let deletion = RESPONSE
                        .map(|(name, field)| (name, field.replace("Max-Age=60", "Max-Age=0")));
                    for number in 0..hosts() {
                        let host = host(number);
                        let request = RequestContext::new("https", &host, None, "/");
                        let report = $jar.extract_cookies(&deletion, request);
                        assert_eq!(report.removed, RESPONSE.len());
                    }
                }
                Way::Drain => {
                    let drained = $jar.drain();
                    assert_eq!(drained.into_iter().count(), cookies());
                }
                Way::Retain => assert_eq!($jar.retain(|_| false), cookies()),
                Way::Writes | Way::WritesToOneHost => {
                    $clock.advance(Duration::minutes(2));
                    for number in 0..writes(way, $in_parts) {
                        // A cookie that has already expired: it leaves nothing behind.
                        let host = host(if matches!(way, Way::Writes) {
                            number
                        } else {
                            0
                        });
                        let cookie = Cookie::builder("none", "").domain(&host).expires(NOW);
                        let change = $jar.set_cookie(cookie.build().expect("a cookie"));
                        assert_eq!(change, None);
                    }
                }
            }
            assert_eq!($jar.len(), way.lasting(), "{way:?}");
            let (after, shown) = (live(), format!("{:?}", $jar));
            $jar.clear();
            Round {
                before,
                full,
                after,
                shown,
            }
        }
    };
}

/// The bytes of one round, and the jar's own figures at its end.
struct Round {
    before: usize,
    full: usize,
    after: usize,
    shown: String,
}

/// A table keeps room for eight times its contents.
const TABLES: usize = 8 * 1024;

/// Fills a jar through responses.
fn fill(way: Way, mut extract: impl FnMut(&[(&str, String)], &str) -> usize) {
    let mut stored = 0;
    let mut response = RESPONSE.map(|(name, field)| (name, field.to_owned()));
    for number in 0..hosts() {
        match way {
            Way::WritesToOneHost => {
                for ((_, field), (_, plain)) in response.iter_mut().zip(RESPONSE) {
                    *field = format!("n{number}-{plain}");
                }
                stored += extract(&response, &host(0));
            }
            _ => stored += extract(&response, &host(number)),
        }
    }
    assert_eq!(stored, cookies());
}

/// Adds and removes a million cookies, and checks each way of removing them.
fn come_and_go(mut by: impl FnMut(Way) -> Round) {
    let (empty, empty_resident) = (live(), resident());
    for way in WAYS {
        let round = by(way);
        let Round {
            before,
            full,
            after,
            shown,
        } = &round;
        println!(
            "{way:?}: {after} bytes, {before} before, {full} when full; {} and {:?} KiB held, {empty} and {empty_resident:?} when empty",
            live(),
            resident()
        );
        assert!(*full > 100 * cookies(), "{full} bytes were no cookies");
        let tables = if way.lasting() > 0 { TABLES } else { 0 };
        assert_within(*after, before + tables, "bytes");
        assert_within(live(), empty, "bytes");
        let domains = format!("domains: {},", way.lasting());
        assert!(
            !shown.contains("domains: ") || shown.contains(&domains),
            "{way:?}: {shown}"
        );
        if cfg!(all(target_os = "linux", target_env = "gnu"))
            && let (Some(now), Some(empty)) = (resident(), empty_resident)
        {
            assert_within(now, empty, "KiB");
        }
    }
}

fn policy() -> DefaultCookiePolicy {
    DefaultCookiePolicy::with_suffixes(PublicSuffixes::none()).limits(Limits::none())
}

/// Not a test itself: the child process of the tests below.
#[test]
fn child() {
    let Ok(which) = env::var(CHILD) else { return };
    let clock = ManualClock::new(NOW);
    match &*which {
        "plain" => {
            let empty = || {
                let mut jar = CookieJar::with_policy(policy());
                jar.set_clock(clock.clone());
                jar
            };
            // A process that has run all its code once is larger because of it.
            let mut jar = empty();
            come_and_go!(jar, clock, false)(Way::Clear);
            drop(jar);
            let mut jar = empty();
            come_and_go(come_and_go!(jar, clock, false));
        }
        "shared" => {
            let empty = || {
                let jar = SharedCookieJar::with_policy(policy());
                jar.set_clock(clock.clone());
                jar
            };
            let jar = empty();
            come_and_go!(jar, clock, true)(Way::Clear);
            drop(jar);
            let jar = empty();
            come_and_go(come_and_go!(jar, clock, true));
        }
        other => panic!("no jar {other}"),
    }
}

/// Tests a jar in a separate process, on its main thread.
#[track_caller]
fn run(which: &str) {
    let _quiet = super::quiet();
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args([
        "--exact",
        "memory::child",
        "--nocapture",
        "--test-threads=1",
    ]);
    cookiejar_tests::share_list(&mut command).env(CHILD, which);
    command.env(
        "GLIBC_TUNABLES",
        "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0:glibc.malloc.trim_threshold=131072",
    );
    let output = command.output().expect("a child");
    let told = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    println!("{told}");
    assert!(output.status.success(), "{told}\n{error}");
    let ways = told.matches("KiB held").count();
    assert_eq!(ways, WAYS.len(), "{told}");
}

#[test]
fn of_a_plain_jar() {
    run("plain");
}

#[test]
fn of_a_shared_jar() {
    run("shared");
}
