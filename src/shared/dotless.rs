//! Which names of a single label may have cookies, told without a lock.
//!
//! It knows no name and no shard: it is given hashes.

use std::sync::atomic::{AtomicU64, Ordering};

/// One bit for each hash of a name of a single label that may have cookies: nearly no jar has such cookies,
/// and no request shall lock the first shard to learn that.
///
/// A bit is set while the lock of the first shard is held, and all are cleared while the locks of all
/// shards are: none is ever missing for a cookie that is there. Who looks a request's cookies up holds
/// the lock of its home shard first, and asks then: whoever stored a cookie there that is seen now had
/// set the bits of those stored before.
#[derive(Debug, Default)]
pub(super) struct DotlessHosts<W = AtomicU64>(W);

/// What the bits are kept in.
pub(super) trait Word {
    fn set(&self, bits: u64);
    fn bits(&self) -> u64;
    fn clear(&self);
}

/// The locks put the bits into their order, so that nothing else has to.
impl Word for AtomicU64 {
    fn set(&self, bits: u64) {
        self.fetch_or(bits, Ordering::Relaxed);
    }

    fn bits(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.store(0, Ordering::Relaxed);
    }
}

impl<W: Word> DotlessHosts<W> {
    /// A name of this hash gets a cookie.
    pub(super) fn note(&self, hash: u64) {
        self.0.set(bit(hash));
    }

    /// Whether a name of this hash may have cookies; the hash is asked for only if any name may.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        let bits = self.0.bits();
        bits != 0 && bits & bit(hash()) != 0
    }

    /// No name has cookies any more.
    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Clone for DotlessHosts {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.bits()))
    }
}

fn bit(hash: u64) -> u64 {
    1 << (hash % 64)
}

#[cfg(test)]
mod tests {
    use loom::sync::atomic::{AtomicU64, Ordering};
    use loom::sync::{Arc, RwLock};
    use loom::thread;

    use super::{DotlessHosts, Word};

    impl Word for AtomicU64 {
        fn set(&self, bits: u64) {
            self.fetch_or(bits, Ordering::Relaxed);
        }

        fn bits(&self) -> u64 {
            self.load(Ordering::Relaxed)
        }

        fn clear(&self) {
            self.store(0, Ordering::Relaxed);
        }
    }

    /// A jar as far as the bits are concerned: whether `corp` has a cookie, in the first shard, and whether
    /// `www.corp` has one, in another.
    struct Jar {
        corp: RwLock<bool>,
        www: RwLock<bool>,
        labels: DotlessHosts<AtomicU64>,
    }

    impl Jar {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                corp: RwLock::new(false),
                www: RwLock::new(false),
                labels: DotlessHosts(AtomicU64::new(0)),
            })
        }

        fn set_corp(&self) {
            let mut corp = self.corp.write().expect("no panic");
            self.labels.note(1);
            *corp = true;
        }

        fn set_www(&self) {
            *self.www.write().expect("no panic") = true;
        }

        /// A look-up for `www.corp`: whether each has a cookie.
        fn look_up(&self) -> (bool, bool) {
            let www = self.www.read().expect("no panic");
            if !self.labels.may_have(|| 1) {
                return (false, *www);
            }
            drop(www);
            let corp = self.corp.read().expect("no panic");
            (*corp, *self.www.read().expect("no panic"))
        }

        fn clear(&self) {
            let mut corp = self.corp.write().expect("no panic");
            let mut www = self.www.write().expect("no panic");
            (*corp, *www) = (false, false);
            self.labels.clear();
        }
    }

    #[test]
    fn no_look_up_sees_the_second_cookie_without_the_first() {
        loom::model(|| {
            let jar = Jar::new();
            let writer = thread::spawn({
                let jar = Arc::clone(&jar);
                move || {
                    jar.set_corp();
                    jar.set_www();
                }
            });
            let seen = jar.look_up();
            assert_ne!(seen, (false, true));
            writer.join().expect("no panic");
            assert_eq!(jar.look_up(), (true, true));
        });
    }

    #[test]
    fn no_cookie_is_there_that_no_look_up_finds() {
        loom::model(|| {
            let jar = Jar::new();
            let writer = thread::spawn({
                let jar = Arc::clone(&jar);
                move || jar.set_corp()
            });
            jar.clear();
            writer.join().expect("no panic");
            let is_there = *jar.corp.read().expect("no panic");
            assert_eq!(jar.look_up().0, is_there);
        });
    }
}
