//! # Redirects
//!
//! A client that follows redirects itself asks the jar at every hop, and gives it every response.
//! [`redirect`](crate::redirect) changes the headers from one hop to the next, by the rules of browsers and of Python: the
//! `Cookie` header that the jar wrote is never sent to the next hop, what was set by hand stays within its origin, and
//! every further hop is an unverifiable transaction of the first hop's host.
//!
//! [`RedirectRules`](crate::redirect::RedirectRules) has a client as an example.
