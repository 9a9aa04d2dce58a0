//! The policy and the clock of a shared jar, and replacing them for all clones.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::SharedCookieJar;
use super::shards::Shard;
use crate::clock::{Clock, JarClock};
use crate::policy::CookiePolicy;

/// The policy and clock of the calls of a jar. All shards of a jar share them through a counted pointer, and so do
/// all jars of sessions: only a session with its own rules pays for them (bench `sessions`).
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) policy: Arc<dyn CookiePolicy>,
    pub(crate) clock: JarClock,
}

impl Rules {
    pub(crate) fn new(policy: Arc<dyn CookiePolicy>, clock: JarClock) -> Arc<Self> {
        Arc::new(Self { policy, clock })
    }

    #[inline]
    pub(super) fn now(&self, given: Option<i64>) -> i64 {
        given.unwrap_or_else(|| self.clock.seconds())
    }
}

pub(super) struct Held(pub(super) Arc<Rules>);

impl Deref for Held {
    type Target = dyn CookiePolicy;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &*self.0.policy
    }
}

/// The policy and the clock; see the methods of the same names of [`CookieJar`](crate::CookieJar).
impl SharedCookieJar {
    /// Returns the policy.
    #[must_use]
    pub fn policy(&self) -> Arc<dyn CookiePolicy> {
        let _asking = self.inner.enter();
        Arc::clone(&self.rules().policy)
    }

    /// Replaces the policy for all clones of the jar, and returns the old one. A call in progress still uses the old
    /// one.
    pub fn set_policy(&self, policy: Arc<dyn CookiePolicy>) -> Arc<dyn CookiePolicy> {
        let _asking = self.inner.enter();
        self.replace_policy(&mut self.inner.write_all(), policy)
    }

    /// Changes the policy for all clones of the jar, if it is a `P`, and returns the result of `update`; returns
    /// `None` for a policy of another type, which is left unchanged.
    ///
    /// `update` changes a copy, without a lock. If another thread has replaced the policy meanwhile, it is called again
    /// with a copy of that one.
    ///
    /// ```
    /// use cookiejar::{BrowserPolicy, DefaultCookiePolicy, SharedCookieJar};
    /// use url::Url;
    ///
    /// let url = Url::parse("https://ads.example/")?;
    /// let jar = SharedCookieJar::new();
    /// jar.update_policy(|policy: &mut DefaultCookiePolicy| policy.set_blocked_domains(["ads.example"]))
    ///     .expect("the default policy");
    /// assert_eq!(jar.extract_cookies(&[("Set-Cookie", "id=1")], &url).stored, 0);
    /// assert!(jar.update_policy(|_: &mut BrowserPolicy| ()).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a policy of another type is not changed"]
    pub fn update_policy<P, T>(&self, mut update: impl FnMut(&mut P) -> T) -> Option<T>
    where
        P: CookiePolicy + Clone + 'static,
    {
        let _asking = self.inner.enter();
        loop {
            let current = Arc::clone(&self.rules().policy);
            let mut changed = (*current).as_any().downcast_ref::<P>()?.clone();
            let result = update(&mut changed);
            let mut parts = self.inner.write_all();
            if Arc::ptr_eq(&parts[0].rules.policy, &current) {
                self.replace_policy(&mut parts, Arc::new(changed));
                return Some(result);
            }
        }
    }

    fn replace_policy(
        &self,
        parts: &mut [impl DerefMut<Target = Shard>],
        policy: Arc<dyn CookiePolicy>,
    ) -> Arc<dyn CookiePolicy> {
        let clock = parts[0].rules.clock.clone();
        let old = self.replace_rules(parts, &Rules::new(policy, clock));
        Arc::clone(&old.policy)
    }

    /// Replaces the system clock for all clones of the jar.
    pub fn set_clock(&self, clock: impl Clock + 'static) {
        self.use_clock(&JarClock::Custom(Arc::new(clock)));
    }

    pub(crate) fn use_clock(&self, clock: &JarClock) {
        let _asking = self.inner.enter();
        let mut parts = self.inner.write_all();
        let policy = Arc::clone(&parts[0].rules.policy);
        self.replace_rules(&mut parts, &Rules::new(policy, clock.clone()));
    }

    /// A session may have its own rules, which stay.
    pub(crate) fn follow(&self, old: &Arc<Rules>, new: &Arc<Rules>) -> bool {
        let _asking = self.inner.enter();
        let mut parts = self.inner.write_all();
        let follows = Arc::ptr_eq(&parts[0].rules, old);
        if follows {
            self.replace_rules(&mut parts, new);
        }
        follows
    }

    fn replace_rules(
        &self,
        parts: &mut [impl DerefMut<Target = Shard>],
        new: &Arc<Rules>,
    ) -> Arc<Rules> {
        // The limits of another policy require the cookies to be counted again.
        self.inner.room.store(0, Ordering::Relaxed);
        let old = Arc::clone(&parts[0].rules);
        for part in parts {
            part.rules = Arc::clone(new);
        }
        old
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.inner.read(0).rules)
    }

    pub(crate) fn now_seconds(&self) -> i64 {
        let _asking = self.inner.enter();
        self.rules().clock.seconds()
    }
}
