//! # Testing
//!
//! [`TestJar`](crate::testing::TestJar) is a jar for unit tests of a web application: it has a base URL, so that
//! paths are enough, a clock that starts at the beginning of 2026 and moves only when told to, and assertions that
//! panic with what was found and the reason. It opens no connection; [`call`](crate::testing::TestJar::call) hands a
//! request with its cookies to the application itself.
//!
//! An application that computes `Expires` from the system's clock is tested
//! [in real time](crate::testing::TestJar::in_real_time); [the module](crate::testing#which-clock) lists which
//! clock to use.
//!
//! An application on this machine that sets `Secure` cookies without TLS needs nothing else: the policy of a
//! new test jar is [`BrowserPolicy`]. Under [`DefaultCookiePolicy`] it needs
//! [`loopback_is_secure`](DefaultCookiePolicy::loopback_is_secure).

#![expect(unused_imports, reason = "the links of the text")]

use crate::{BrowserPolicy, DefaultCookiePolicy};
