//! The policy and the clock of a shared jar, and replacing them for all who share it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::SharedCookieJar;
use super::shards::Shard;
use crate::clock::{Clock, JarClock};
use crate::policy::CookiePolicy;

/// What the calls of a jar go by. All shards of a jar have the same, and so have all jars of sessions, each a
/// counted pointer: a session of its own pays for one (bench `sessions`).
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) policy: Arc<dyn CookiePolicy>,
    pub(crate) clock: JarClock,
}

impl Rules {
    pub(crate) fn new(policy: Arc<dyn CookiePolicy>, clock: JarClock) -> Arc<Self> {
        Arc::new(Self { policy, clock })
    }

    /// The time, in seconds since the epoch, unless it is given.
    #[inline]
    pub(super) fn now(&self, given: Option<i64>) -> i64 {
        given.unwrap_or_else(|| self.clock.seconds())
    }
}

/// The policy that a call goes by, held without a lock.
pub(super) struct Held(pub(super) Arc<Rules>);

impl Deref for Held {
    type Target = dyn CookiePolicy;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &*self.0.policy
    }
}

/// Its policy and its clock; see the calls of the same names of [`CookieJar`](crate::CookieJar).
impl SharedCookieJar {
    /// The policy.
    #[must_use]
    pub fn policy(&self) -> Arc<dyn CookiePolicy> {
        let _asking = self.enter();
        Arc::clone(&self.rules().policy)
    }

    /// Puts another policy in the place of the old one for all who share the jar, and gives the old one
    /// back. A call that is under way still goes by the old one.
    pub fn set_policy(&self, policy: Arc<dyn CookiePolicy>) -> Arc<dyn CookiePolicy> {
        let _asking = self.enter();
        self.replace_policy(&mut self.write_all(), policy)
    }

    /// Changes the policy for all who share the jar, if it is a `P`, and returns what `update` returns; `None`
    /// for a policy of another type, which stays as it is.
    ///
    /// A copy of the policy is changed, without a lock, and then takes its place. If another thread has
    /// meanwhile replaced the policy, `update` is called again with a copy of that one.
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
        let _asking = self.enter();
        loop {
            let current = Arc::clone(&self.rules().policy);
            let mut changed = (*current).as_any().downcast_ref::<P>()?.clone();
            let result = update(&mut changed);
            let mut parts = self.write_all();
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

    /// Replaces the system clock for all who share the jar.
    pub fn set_clock(&self, clock: impl Clock + 'static) {
        self.use_clock(&JarClock::Custom(Arc::new(clock)));
    }

    /// Takes the clock of another jar.
    pub(crate) fn use_clock(&self, clock: &JarClock) {
        let _asking = self.enter();
        let mut parts = self.write_all();
        let policy = Arc::clone(&parts[0].rules.policy);
        self.replace_rules(&mut parts, &Rules::new(policy, clock.clone()));
    }

    /// Goes by new rules if the jar went by these, and returns whether it does: a session may have its own.
    pub(crate) fn follow(&self, old: &Arc<Rules>, new: &Arc<Rules>) -> bool {
        let _asking = self.enter();
        let mut parts = self.write_all();
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
        // By the limits of another policy the cookies have to be counted anew.
        self.inner.room.store(0, Ordering::Relaxed);
        let old = Arc::clone(&parts[0].rules);
        for part in parts {
            part.rules = Arc::clone(new);
        }
        old
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.read(0).rules)
    }

    /// The time by the jar's clock, in seconds since the epoch.
    pub(crate) fn now_seconds(&self) -> i64 {
        let _asking = self.enter();
        self.rules().clock.seconds()
    }
}
