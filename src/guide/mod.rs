//! The guide: how a jar is used, what it does unless told otherwise and why, and where it parts
//! from Python and from the RFCs.
//!
//! - [Using a jar](using)
//! - [Each default and its reason](defaults)
//! - [Writing a policy](policies)
//! - [The rules of browsers](browsers)
//! - [Files](files)
//! - [Sharing a jar](sharing)
//! - [Sessions](sessions)
//! - `persistence`, with feature `persist`: jars and sessions in a database
//! - [Redirects](redirects)
//! - [Testing](testing)
//! - [Coming from Python: the examples of its documentation, the differences, the oddities that are kept](from_python)
//! - [Differences from the RFCs](rfcs)
//! - [The architecture: which module may know which, and how to add a rule, a format, a client](architecture)

pub mod architecture;
pub mod browsers;
pub mod defaults;
pub mod files;
pub mod from_python;
#[cfg(feature = "persist")]
#[cfg_attr(docsrs, doc(cfg(feature = "persist")))]
pub mod persistence;
pub mod policies;
pub mod redirects;
pub mod rfcs;
pub mod sessions;
pub mod sharing;
pub mod testing;
pub mod using;

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/laws.rs"]
mod laws;
