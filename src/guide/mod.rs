//! The guide: how to use a jar, what it does by default and why, and where it differs from Python and from the RFCs.
//!
//! Start here:
//!
//! - [Using a jar](using)
//! - [Recipes](recipes): the CSRF token, a file, a pasted header, a crawler, coming from other crates
//! - [Each default and its reason](defaults)
//! - [Security](security): what is guarded, and what cannot be
//!
//! Rules:
//!
//! - [Writing a policy](policies)
//! - [The rules of browsers](browsers)
//! - [Redirects](redirects)
//!
//! Keeping and sharing cookies:
//!
//! - [Files](files)
//! - [Sharing a jar](sharing)
//! - [Sessions](sessions)
//! - [Listening to changes](changes)
//! - `persistence`, with feature `persist`: jars and sessions in a database
//! - [Testing](testing)
//!
//! Coming from elsewhere, and background:
//!
//! - [Coming from Python](from_python), and [Python's names](python_names)
//! - [Coming from Scrapy](from_scrapy)
//! - [Differences from the RFCs](rfcs)
//! - [The architecture](architecture): for contributors

pub mod architecture;
pub mod browsers;
pub mod changes;
pub mod defaults;
pub mod files;
pub mod from_python;
pub mod from_scrapy;
#[cfg(feature = "persist")]
pub mod persistence;
pub mod policies;
pub mod python_names;
pub mod recipes;
pub mod redirects;
pub mod rfcs;
pub mod security;
pub mod sessions;
pub mod sharing;
pub mod testing;
pub mod using;

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/laws.rs"]
mod laws;
