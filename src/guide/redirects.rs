//! # Redirects
//!
//! A client that follows redirects itself asks the jar at every hop, and gives it every response.
//! [`redirect`](crate::redirect) changes the headers from one hop to the next:
//!
//! - The `Cookie` header that the jar wrote is never sent to the next hop. One that was set by hand is kept
//!   until the scheme, host or port changes.
//! - `Authorization` is kept within one origin, [by default](crate::redirect::Credentials).
//! - Every hop that a redirect leads to is an [unverifiable](crate::redirect::RedirectRules::unverifiable) transaction.
//! - At most 10 redirects are followed, and one URL is requested at most 4 times, as in Python.
//!
//! [`RedirectRules`](crate::redirect::RedirectRules) has a client as an example.
