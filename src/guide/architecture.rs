//! # The architecture
//!
//! One step in the life of a cookie is one module, and a module knows nothing of the steps after it: who
//! reads a header knows no policy, a policy knows no store, and the store knows neither.
//!
//! ## Who may know whom
//!
//! A module may import from the floors below its own and, on its own floor, from the modules that stand
//! before it in the row. Peers know none of their floor. A test reads the sources and holds every `crate::`
//! path in them against this table; what is under `cfg(test)` may import anything.
//!
//! | floor | modules |
//! |---|---|
//! | ground: no cookie | `octets`, `options`, `rejection`, `clock`, `domain`, `path`, `date`, `headers` |
//! | first: what is spoken of | `public_suffix`, `settings`, `cookie`, `request`, `redirect` |
//! | second: three peers | `set_cookie`, `policy`, `store` |
//! | third: the jar | `log`, `jar`, `shared` |
//! | the wings | `file`, `sessions`, `client`, `persist`, `testing` |
//!
//! No file is longer than 400 lines before its tests, the formats excepted, whose tables make them long.
//!
//! ## How to add
//!
//! **A rule.** A decision is a private method of a policy that is named as Python or the RFC names it and
//! returns `Result<(), Rejection>`. It stands in `storage.rs` (may the cookie be stored?) or in `retrieval.rs`
//! (may it be sent?) of its policy, begins with the sentence of its source, and is one line in the list of its
//! caller. A new reason is a variant of [`Rejection`] with a row in the table of rejections of the tests; a
//! difference from Python is a row in [its chapter](super::from_python) and in the list of the differential
//! test. No rule reads a clock.
//!
//! **A format.** A file format is a module of [`file`](crate::file) with `read` and `write` over `std::io`, and
//! a type that is a [`CookieFormat`](crate::file::CookieFormat). [`read_any`](crate::file::read_any_with) asks its
//! `recognizes` whether it would take a file. What it reads comes in through the entrance
//! that validates; what it cannot hold it reports. The tests feed it random bytes and read back what it wrote.
//!
//! **A client.** An adapter is a module of [`client`](crate::client), behind a feature, and contains
//! translation only: it implements [`HeaderFields`] with [`ResponseHeaders`] or [`RequestHeaders`] for the
//! client's types and asks the jar at every hop. A decision in there is a bug.

#![expect(unused_imports, reason = "the links of the text")]

use crate::Rejection;
use crate::headers::{HeaderFields, RequestHeaders, ResponseHeaders};
