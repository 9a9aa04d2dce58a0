//! The clock of a [`TestJar`](super::TestJar).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::clock::{Clock, date_time, system_seconds};

/// The clock of a [`TestJar`](super::TestJar), for an application that accepts one. Clones share one time.
///
/// ```
/// use cookiejar::jar::Clock;
/// use cookiejar::testing::TestJar;
/// use time::Duration;
///
/// let mut jar = TestJar::new("https://acme.com");
/// let clock = jar.clock();
/// jar.advance(Duration::MINUTE);
/// assert_eq!(clock.now(), jar.now());
/// ```
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    source: Source,
    ahead: AtomicI64,
}

#[derive(Debug)]
enum Source {
    Fixed(i64),
    System(i64),
}

impl TestClock {
    pub(super) fn fixed(seconds: i64) -> Self {
        Self::new(Source::Fixed(seconds))
    }

    pub(super) fn system() -> Self {
        Self::new(Source::System(system_seconds()))
    }

    fn new(source: Source) -> Self {
        let ahead = AtomicI64::new(0);
        Self(Arc::new(Hands { source, ahead }))
    }

    pub(super) fn advance(&self, step: Duration) {
        self.0
            .ahead
            .fetch_add(step.whole_seconds(), Ordering::Relaxed);
    }

    pub(super) fn elapsed(&self) -> Duration {
        match self.0.source {
            Source::Fixed(_) => Duration::ZERO,
            Source::System(since) => Duration::seconds(system_seconds().saturating_sub(since)),
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = match self.0.source {
            Source::Fixed(seconds) => seconds,
            Source::System(_) => system_seconds(),
        };
        date_time(seconds.saturating_add(self.0.ahead.load(Ordering::Relaxed)))
    }
}
