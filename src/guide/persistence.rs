//! Cookies in a database: which type to use, what a crash loses, how processes agree, and what is stored.
//!
//! # Which type
//!
//! - [`PersistentCookieJar`] is one jar that outlives the program. `open("jar.db")?.jar()` returns a
//!   [`SharedCookieJar`](crate::SharedCookieJar), which every client accepts and which keeps its database open. It
//!   stores session cookies only if [asked to](PersistOptions::session_cookies).
//! - [`PersistentCookieSessions`] has a jar for each key, for crawlers and services. Any number of processes share the
//!   sessions; a session is loaded when its jar is first asked for.
//!
//! A change is made in memory, a thread of the database writes it within the [linger](PersistOptions::linger), and
//! other processes apply it as soon as they have read it.
//!
//! | engine | for | others have a change after |
//! |---|---|---|
//! | [`sqlite`](crate::persist::sqlite) | one machine, any number of processes, no server | the linger and 10 ms, or 100 ms after a quiet time |
//! | [`redis`](crate::persist::redis) | many machines and the most changes; sessions fit into memory | the linger and a millisecond |
//! | [`postgres`](crate::persist::postgres) | many machines with a PostgreSQL | the linger and 100 ms, or 5 ms with [`listen`](crate::persist::postgres::Postgres::listen) |
//! | [yours](#an-engine-of-your-own) | another database | |
//!
//! # What is guaranteed
//!
//! | | held by |
//! |---|---|
//! | After a [`flush`](PersistentCookieSessions::flush) has returned, what was changed before it is in the database. With SQLite it survives the end of the process, and with [`full_sync`](crate::persist::sqlite::Sqlite::full_sync) a power cut. | `flushed_is_stored`, `nothing_acknowledged_is_lost_whenever_the_writer_is_killed` |
//! | A killed program loses at most the linger and the current batch, and never half a response. | `nothing_acknowledged_is_lost_whenever_the_writer_is_killed`; `after_quiet_all_agree` looks for halves at each step |
//! | No update is lost: all processes and the database reach the same state, which has the latest change of each cookie. | `after_quiet_all_agree`, `four_processes_agree_and_lose_nothing` |
//! | A process never sees its own change undone by an older one, and never returns to an older remote one. | `after_quiet_all_agree`, at each step |
//! | While connected, memory lags by the linger and the database's latency; otherwise [`PersistStatus::behind`] says by how much. | `a_status_says_how_far_memory_and_database_are_apart` |
//! | A look-up does no I/O, takes no additional lock and never waits for a database. | `a_look_up_takes_no_lock_of_the_database` |
//! | No cookie gets into another session. | `processes_share_sessions_and_sessions_share_nothing`; "any text is a session's name" of [`check_engine`] |
//! | An outage costs only memory, one entry per cookie. | `an_outage_costs_nothing`, `a_full_disk_costs_memory_until_there_is_room` |
//! | Cookies are sent in one order in all processes. | `equal_numbers_end_by_identity` |
//!
//! Some changes are given up: those that the database rejects, those for which there is no room
//! ([`max_pending`](PersistOptions::max_pending)), and those of a process that was out of reach for longer than
//! [deletions are remembered](PersistOptions::tombstones). They are counted and reported, the next flush is
//! [`PersistError::GaveUp`], and memory adopts the state of the database. A call that changes more than 4,096 cookies
//! of one session, such as an import, may be split by a crash.
//!
//! `after_quiet_all_agree` is a simulation: processes over a database that loses answers, notifications and its last
//! versions, with clocks that jump, kills, purges and sessions that disappear. `SCHEDULES=1000000 cargo test --release
//! -p cookiejar-tests --features persist --test inside simulation` runs a million schedules, and `SEED=7` one.
//!
//! # How processes agree
//!
//! A change gets a *stamp* in the database's time, later than every stamp that its process has made or seen; all changes of
//! one call have the same. Of two entries of one cookie, the one with the greater stamp wins, so that of two responses one
//! wins on every cookie that they share. A deletion is an entry, too, and remembered for a day. Clearing a session is one
//! number, below which every entry is dead. [`engine`](crate::persist::engine) has the rules word by word.
//!
//! Expiry is not written: every process knows it. Limits hold for what a process sees; two processes may together be over a
//! limit until the next change evicts.
//!
//! If a server lost its last changes, was replaced, or lost a session that a process knows, the process writes what it
//! knows, with the stamps of what it had read, and reloads: running processes refill an emptied database. What was deleted
//! more than ten seconds before a backup was restored may reappear.
//!
//! # One logs in
//!
//! Forty crawlers of one account should log in once. Each looks for the cookie; if there is none, it
//! [claims](PersistentCookieSessions::claim) the session, looks again, logs in, and releases the claim. Who gets no
//! claim [waits for](PersistentCookieSessions::wait_for) the cookie, without polling. The example of `claim` is this
//! recipe.
//!
//! - A release is stored in one transaction with the cookies before it, and a claim is granted with the session read up to
//!   there: the next owner has the cookies of the last.
//! - A claim lapses by the server's clock. Choose a time longer than a login, or [renew](crate::persist::Claim::renew) it.
//! - A server that fails over may lose a claim, and a suspended process outlives its own: then two log in. What must not
//!   be done twice needs the [token](crate::persist::Claim::token).
//!
//! | | held by |
//! |---|---|
//! | 1,000 sessions, eight processes with eight tasks each: 1,000 logins | `each_session_is_logged_in_once_with_sqlite`, `.._redis`, `.._postgres` |
//! | with a holder that is killed, 1,001 | `a_killed_holder_costs_one_more_login_with_sqlite` |
//!
//! # What is stored
//!
//! - An *identity* is domain, path and name, and the partition's key, if any, with NUL between them; the domain has its
//!   leading dot.
//! - A *record* is the JSON of `file::json`, without `name`, `domain`, `host_only`, `path` and `partition`, which the identity
//!   says, and with `order`, the cookie's place in the order of creation. A record that is not a cookie is skipped,
//!   counted and reported with its session and the reason, never with its value.
//! - The name of a session is `=` and the key's text, `-` for the session without a key, and `@` and the last two labels of
//!   the domains for a [`PersistentCookieJar`]. A namespace separates programs in one database.
//!
//! The format has a version. A field may be added to a record without a new version: readers skip unknown fields. At
//! every connection, a program rejects a namespace of a later version, and leaves it unchanged. A program with a later
//! schema upgrades a SQLite file in one transaction when it opens it; programs that already have the file open are
//! rejected at their next connection.
//!
//! # Secrets at rest
//!
//! From its first byte, a SQLite file is readable only by its owner. To encrypt the records, give
//! [`PersistOptions::seal`] a cipher; this is one with the crate `chacha20poly1305`:
//!
//! ```ignore
#![doc = include_str!("cipher.rs")]
//! ```
//!
//! To change the key, let `open` try the old one, too.
//!
//! # Moving and backing up
//!
//! [`export_to`](PersistentCookieSessions::export_to) and [`import_from`](PersistentCookieSessions::import_from) move
//! sessions to the JSON file of [`CookieSessions`](crate::CookieSessions) and back; `snapshot` and `restore` move them
//! between databases. Copy a SQLite file with `VACUUM INTO 'copy.db'`, also while it is in use: a plain copy may miss
//! what is in its log. Restore a copy by renaming it to the file's name after all processes have closed it.
//!
//! # Operating
//!
//! - SQLite: a local disk, not a network's. The file grows to about 280 bytes a cookie.
//! - Redis and Valkey: about 400 bytes a cookie, which must not be evicted: `maxmemory-policy noeviction`. A session's
//!   keys can [expire](crate::persist::redis::Redis::sessions_expire_after). Backups are the server's. The
//!   [module](crate::persist::redis) has more.
//! - PostgreSQL: batches of a namespace are committed one after another;
//!   [`synchronous_commit(false)`](crate::persist::postgres::Postgres::synchronous_commit) makes that cheaper. Backups
//!   are the server's. The [module](crate::persist::postgres) has more.
//! - [`sessions_end_after`](PersistOptions::sessions_end_after) ends unused sessions in every engine, and each process
//!   purges once an hour.
//! - [`PersistStatus::warnings`](crate::persist::PersistStatus::warnings) has what an operator should change.
//!
//! # An engine of your own
//!
//! Implement [`Engine`](crate::persist::engine::Engine) and [`Database`](crate::persist::engine::Database), and run
//! [`check_engine`] against it. An engine without claims returns `None` from
//! [`claims`](crate::persist::engine::Database::claims).
//!
//! [`PersistentCookieJar`]: crate::persist::PersistentCookieJar
//! [`PersistentCookieSessions`]: crate::persist::PersistentCookieSessions
//! [`PersistentCookieSessions::flush`]: crate::persist::PersistentCookieSessions::flush
//! [`PersistOptions`]: crate::persist::PersistOptions
//! [`PersistOptions::linger`]: crate::persist::PersistOptions::linger
//! [`PersistOptions::tombstones`]: crate::persist::PersistOptions::tombstones
//! [`PersistOptions::seal`]: crate::persist::PersistOptions::seal
//! [`PersistStatus::behind`]: crate::persist::PersistStatus::behind
//! [`PersistError::GaveUp`]: crate::persist::PersistError::GaveUp
//! [`check_engine`]: crate::testing::check_engine

#[expect(unused_imports, reason = "links of this page")]
use crate::persist::{PersistOptions, PersistentCookieSessions};
