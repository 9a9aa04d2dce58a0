//! Cookies in a database: which face, what a crash loses, how processes agree, and what is stored.
//!
//! # Which face
//!
//! - [`PersistentCookieJar`]: one jar that outlives the program. `open("jar.db")?.jar()` is a
//!   [`SharedCookieJar`](crate::SharedCookieJar) for every client, and keeps its database open.
//! - [`PersistentCookieSessions`]: a jar for each key, for crawlers and services. Any number of processes have the same
//!   sessions; a session is loaded when its jar is first asked for.
//!
//! Both are in memory where it counts: a look-up does no I/O and takes no lock that a jar without a database does not take. A
//! change is made in memory, and one of three threads of ours writes it.
//!
//! ```
//! use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
//! use cookiejar::testing::MemoryEngine;
//! use url::Url;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = Url::parse("https://acme.com/")?;
//! let engine = MemoryEngine::new();
//! let open = || PersistentCookieSessions::<u64>::open(engine.clone(), PersistOptions::new());
//! let (one, other) = (open()?, open()?); // two processes
//! one.jar(&7).wait()?.extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
//! one.flush().wait()?;
//! assert_eq!(other.jar(&7).wait()?.cookie_header(&url).expect("a cookie"), "sid=31d4");
//! # Ok(())
//! # }
//! ```
//!
//! # What is guaranteed
//!
//! | | held by |
//! |---|---|
//! | what a [`flush`](PersistentCookieSessions::flush) returned for is in the database | `flushed_is_stored` |
//! | a killed program loses at most the [linger](PersistOptions::linger) and the batch under way, and never half a response | `nothing_acknowledged_is_lost_whenever_the_writer_is_killed`; `after_quiet_all_agree` looks for halves at each step |
//! | no update is lost: all processes and the database come to the same state, for each cookie the latest change | `after_quiet_all_agree`, `four_processes_agree_and_lose_nothing` |
//! | a process never sees its change undone by an older one, and never goes back to an older remote one | `after_quiet_all_agree`, at each step |
//! | an outage costs memory alone: one entry a cookie | `an_outage_costs_nothing`, `a_full_disk_costs_memory_until_there_is_room` |
//! | no session's cookie gets into another | `processes_share_sessions_and_sessions_share_nothing`, and "any text is a session's name" of [`check_engine`] |
//!
//! What breaks them is counted and reported, never silent: changes that the database refused, and those of a process that was
//! out of reach for longer than [deletions are remembered](PersistOptions::tombstones). The next flush is
//! [`PersistError::GaveUp`], and memory takes what the database has.
//!
//! `after_quiet_all_agree` is a simulation: processes over a database that loses answers, notifications and its last versions,
//! with clocks that jump, kills, purges and sessions that disappear, each schedule from a seed.
//! `SCHEDULES=1000000 cargo test --release -p cookiejar-tests --features persist --test inside simulation` runs a
//! million of them, and `SEED=7` one.
//!
//! # How processes agree
//!
//! A change gets a *stamp* in the database's time, later than every stamp that its process has made or seen. Of two entries of one
//! cookie the one with the greater stamp stays, wherever and whenever they meet. All changes of one call have one stamp, so
//! of two responses one wins on every cookie that they share. A deletion is an entry, too, and remembered for a day; clearing a
//! session is one number, below which every entry is dead. [`engine`](crate::persist::engine) has the rules word by word.
//!
//! Expiry is written nowhere: every process knows it. Limits hold for what a process sees; two processes may together be
//! over a limit until the next change evicts.
//!
//! # When the database comes back another
//!
//! If a server lost its last changes, another one took over, or a session is gone that a process knows, the process writes what it
//! knows, stamped with what it had read, and loads anew: an emptied database is refilled by those who run. What was deleted more
//! than ten seconds before a backup was put back may come back with it.
//!
//! # What is stored
//!
//! An identity is domain, path and name, and the partition's key where there is one, with NUL between them; the domain has its
//! leading dot. A record is the JSON of `file::json`, with `order`, the cookie's place in the order of creation. The name of a
//! session is `=` and the key's text, `-` for the session without a key, and `@` and the last two labels of the domains for a
//! [`PersistentCookieJar`]. Records are read as a stranger's: one that is not a cookie is skipped and counted.
//!
//! # Moving
//!
//! From sessions in a file: [`CookieSessions::load`](crate::CookieSessions::load), then
//! [`restore`](PersistentCookieSessions::restore) of their `snapshot`. Back: the other way round. A SQLite file is copied
//! while it is in use with `VACUUM INTO 'copy.db'`.
//!
//! # An engine of your own
//!
//! Write [`Engine`](crate::persist::engine::Engine) and [`Database`](crate::persist::engine::Database), and run
//! [`check_engine`] against it.
//!
//! [`PersistentCookieJar`]: crate::persist::PersistentCookieJar
//! [`PersistentCookieSessions`]: crate::persist::PersistentCookieSessions
//! [`PersistentCookieSessions::flush`]: crate::persist::PersistentCookieSessions::flush
//! [`PersistOptions`]: crate::persist::PersistOptions
//! [`PersistOptions::linger`]: crate::persist::PersistOptions::linger
//! [`PersistOptions::tombstones`]: crate::persist::PersistOptions::tombstones
//! [`PersistError::GaveUp`]: crate::persist::PersistError::GaveUp
//! [`check_engine`]: crate::testing::check_engine

#[expect(unused_imports, reason = "links of this page")]
use crate::persist::{PersistOptions, PersistentCookieSessions};
