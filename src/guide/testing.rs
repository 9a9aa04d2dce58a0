//! # Testing
//!
//! [`TestJar`](crate::testing::TestJar) is a jar for unit tests of a web application. It has a base URL, so that paths
//! are enough, a clock that moves only when told to, and assertions that panic with what was found and the reason.
//! [Its module](crate::testing) has an example with axum, and lists which clock to use.
//!
//! An application on this machine that sets `Secure` cookies without TLS needs nothing else: the policy of a
//! new test jar is [`BrowserPolicy`]. Under [`DefaultCookiePolicy`] it needs
//! [`loopback_is_secure`](DefaultCookiePolicy::loopback_is_secure).

#![expect(unused_imports, reason = "the links of the text")]

use crate::{BrowserPolicy, DefaultCookiePolicy};
