//! Cookies in a database: they outlive the program, and processes share them.
//!
//! It decides nothing about cookies: policies do, and jars store. [`engine`] is the contract of the databases: what
//! they store, and how they merge what several processes wrote.

pub mod engine;
mod entry;
#[cfg(feature = "sqlite-system")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "sqlite-system"))))]
pub mod sqlite;
mod stamp;
