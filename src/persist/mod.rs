//! Cookies in a database: they outlive the program, and processes share them.
//!
//! [`engine`] is the contract of the databases: what they store, and how they merge the changes of several processes.

mod attached;
mod claims;
mod database;
pub mod engine;
mod entry;
mod error;
mod front;
mod hourly;
mod jar;
mod loader;
mod options;
mod part;
mod pending;
#[cfg(feature = "postgres-0_19")]
pub mod postgres;
mod reader;
mod recent_stamps;
mod record;
#[cfg(feature = "redis-1")]
pub mod redis;
mod repair;
mod replica;
mod seal;
mod sessions;
#[cfg(feature = "sqlite-system")]
pub mod sqlite;
mod stamp;
mod stamper;
mod state;
mod threads;
mod wait;
mod waiting;
mod writer;

/// The locks that a model replaces (`tests/inside/flush_orders.rs`).
mod sync {
    pub(super) use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
}

pub use error::PersistError;
pub use jar::PersistentCookieJar;
pub use options::{PersistOptions, PersistStatus};
pub use seal::{Seal, SkipReason};
pub use sessions::{Claim, ListedSession, PersistentCookieSessions, SessionKey};
pub use wait::Eventually;

#[cfg(all(test, feature = "inside"))]
#[allow(
    clippy::duplicate_mod,
    dead_code,
    unreachable_pub,
    reason = "it has the files of this module again"
)]
#[path = "../../tests/inside/flush_orders.rs"]
mod flush_orders;

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/writer.rs"]
mod given_up;

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/simulation.rs"]
mod simulation;

/// Its fuzz target steps the private machines.
#[cfg(feature = "inside")]
#[path = "../../fuzz/src/persisted.rs"]
pub mod fuzzed;

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/fuzzed.rs"]
mod replay;
