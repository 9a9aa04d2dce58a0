//! # The architecture
//!
//! For contributors: how the sources are arranged, and how to add a rule, a format, a client or an engine.
//!
//! ## The life of a cookie
//!
//! ```text
//! header bytes -> attributes -> Cookie -> policy says yes -> store                    extract_cookies
//! request -> domains in reach -> policy says yes -> cookies in order -> header bytes  add_cookie_header
//! ```
//!
//! One step is one module, and a module does not know the steps after it. [`jar`](crate::jar) combines them.
//!
//! | module | step |
//! |---|---|
//! | `set_cookie` | reads `Set-Cookie` and `Set-Cookie2`, in two dialects, into cookies |
//! | `policy` | decides: may this cookie be stored, may it be sent? |
//! | `store` | keeps cookies by domain, path and name, in the order of sending; counts them by site, sweeps, evicts |
//! | `jar` | the calls: reads, asks, stores, selects, writes the header. `shared` has the same calls over locks |
//!
//! ## Floors
//!
//! A module may import from the floors below its own and, on its own floor, from the modules before it in the row.
//! Peers do not import each other. A test reads the sources and compares every `crate::` path in them with this table;
//! code under `cfg(test)` may import anything.
//!
//! | floor | modules |
//! |---|---|
//! | ground: no cookie | `octets`, `options`, `rejection`, `clock`, `domain`, `path`, `date`, `headers` |
//! | first: cookies and requests | `public_suffix`, `settings`, `cookie`, `request`, `redirect` |
//! | second: three peers | `set_cookie`, `policy`, `store` |
//! | third: the jar | `log`, `jar`, `shared` |
//! | the wings | `file`, `sessions`, `client`, `persist`, `testing` |
//!
//! A file has at most 400 lines before its tests, except formats, whose tables make them long.
//!
//! Three laws hold everywhere. Time is an input: only a jar's clock reads it, and every rule gets a `now`. Bytes are
//! hostile until `cookie`'s builder, the only place that validates, has made a [`Cookie`] of them; files and
//! databases use it, too. Every store change is sent to one sink, from which reports, logs and listeners get it.
//!
//! ## The workspace
//!
//! | folder | what |
//! |---|---|
//! | `src` | the crate, with short unit tests next to the code |
//! | `tests` | a package of three test programs: `inside` is the crate with all its unit tests, `it` uses what is public, `process` has tests that need a process of their own |
//! | `tests/oracle` | Python's `http.cookiejar`, asked for its answers, and the list of deliberate differences |
//! | `benches` | measurements, each with a lower bound and other libraries |
//! | `examples` | `quick_start` and others of the crate, and a package of those that need clients |
//! | `.ci` | the checks that a change must pass: `.ci/run` |
//!
//! ## How to add a rule
//!
//! 1. Write the test: a row in the table of rejections (`tests/it/rejections.rs`), with the reason.
//! 2. Add a variant to [`Rejection`] if no reason fits, with a sentence as its text.
//! 3. Write the rule as a private method of its policy, named as Python or the RFC names it, that returns
//!    `Result<(), Rejection>`. Put it into `storage.rs` (may the cookie be stored?) or `retrieval.rs` (may it be
//!    sent?), begin it with the sentence of its source, and add one line to the list of its caller. It reads no
//!    clock.
//! 4. A rule with a switch gets a line in [the chapter of defaults](super::defaults). A difference from Python gets one
//!    in [its chapter](super::from_python) and one in `tests/oracle`, whose run fails if the difference does not exist.
//!
//! ## How to add a format
//!
//! 1. Write a module of [`file`](crate::file) with `read` and `write` over [`std::io`], and a type that implements
//!    [`CookieFormat`](crate::file::CookieFormat), whose `recognizes` says for [`read_any`](crate::file::read_any_with)
//!    whether it would take a file. The module's documentation has a table of verdicts: what is read, what is skipped,
//!    what is an error.
//! 2. Build cookies with [`Cookie::builder`]. A line or an entry that is not a cookie is skipped and reported; a cookie
//!    that the format cannot hold is reported by the writer.
//! 3. Test it with files that other programs wrote (`tests/fixtures`), with random bytes, with every prefix of a file,
//!    and by reading back what was written.
//!
//! ## How to add a client
//!
//! 1. Write a module of [`client`](crate::client) behind a feature with the client's version, such as `ureq-3`. It
//!    contains translation only: a decision there is a bug.
//! 2. Implement [`HeaderFields`], with [`ResponseHeaders`] and [`RequestHeaders`], for the client's types, and ask the
//!    jar at every hop, with the URL of that hop. [`redirect`](crate::redirect) says what is sent to the next hop.
//! 3. Say in the module's documentation what the client does not pass on.
//! 4. Add it to the tests that all clients share, `tests/it/clients/matrix.rs`, and give it an example.
//!
//! ## How to add an engine
//!
//! An engine stores and merges entries, and knows no cookies. Implement `Engine` and `Database` of `persist::engine`,
//! whose documentation has the rules of merging, and run `testing::check_engine` against it.

#![expect(unused_imports, reason = "the links of the text")]

use crate::headers::{HeaderFields, RequestHeaders, ResponseHeaders};
use crate::{Cookie, Rejection};
