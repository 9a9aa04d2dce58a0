//! The bits of the hosts without a dot, in all orders in which threads may interleave: the actual file of the crate,
//! over the words of `loom`.

use hosts::{DotlessHosts, Word};
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, RwLock};
use loom::thread;

#[path = "../../src/shared/dotless.rs"]
mod hosts;

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

/// The parts of a jar that the bits concern: whether `corp` has a cookie, in the first shard, and whether
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
            labels: DotlessHosts::default(),
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
