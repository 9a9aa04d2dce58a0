//! # Testing
//!
//! [`TestJar`](crate::testing::TestJar) is a jar for unit tests of a web application, with a base URL, a clock and
//! assertions; [`call`](crate::testing::TestJar::call) hands a request with its cookies to the application itself.
//!
//! [The module](crate::testing#which-clock) lists which clock to use.
//!
//! An application on this machine that sets `Secure` cookies without TLS needs nothing else: the policy of a
//! new test jar is [`BrowserPolicy`]. Under [`DefaultCookiePolicy`] it needs
//! [`loopback_is_secure`](DefaultCookiePolicy::loopback_is_secure).

#![expect(unused_imports, reason = "the links of the text")]

use crate::{BrowserPolicy, DefaultCookiePolicy};
