//! The tests of the crate as its users see it.

mod browser;
#[cfg(feature = "psl")]
mod clients;
#[path = "../common/mod.rs"]
mod common;
mod differential;
mod doors;
mod dotless;
mod entrances;
mod events;
mod everyday;
mod faces;
mod files_any;
mod files_browser;
mod files_cookie_store;
mod files_examples;
mod files_exchange;
mod files_exports;
mod files_firefox;
mod files_foreign;
mod files_hold;
mod files_jar;
mod files_others;
mod files_properties;
mod files_strict;
mod files_sync;
mod floods;
#[cfg(all(
    feature = "http",
    feature = "persist",
    feature = "psl",
    feature = "serde"
))]
mod fuzz;
mod headers;
mod jar;
mod limits;
#[cfg(feature = "persist")]
mod merging;
mod model;
mod panics;
#[cfg(all(feature = "persist", feature = "psl"))]
mod persist;
#[cfg(all(feature = "postgres-0_19", feature = "psl"))]
mod persist_postgres;
mod persist_redis;
mod persist_sqlite;
mod policies;
mod properties;
mod rejections;
mod secrets;
#[cfg(feature = "psl")]
mod sessions;
#[cfg(feature = "psl")]
mod shared;
mod shared_domains;
mod suffix_lists;
mod supply;
#[cfg(all(feature = "http", feature = "psl"))]
mod testing;
