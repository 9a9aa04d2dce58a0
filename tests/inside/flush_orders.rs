//! Pending changes, the writer and flushes, in all orders in which threads may interleave: the files of the crate, over
//! the locks of `loom`, which reports a lost wake-up: a thread that never ends.
//!
//! The loops of the threads are repeated here in their shortest form.

use std::task::{Context, Wake, Waker};

use loom::thread;

use self::pending::{Cookies, Pending, Place};
use self::replica::Replica;
use self::sync::{Arc, Condvar, Mutex};
use self::wait::{Eventually, Signal};
use self::writer::Writer;
use super::engine::{self, Database, Engine, WriterId};
use super::{PersistError, part, record, seal, stamper};
use crate::cookie::Cookie;
use crate::testing::MemoryEngine;

mod sync {
    pub(super) use std::sync::{Arc, TryLockError};

    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
}

#[path = "../../src/persist/front.rs"]
mod front;
#[path = "../../src/persist/pending.rs"]
mod pending;
#[path = "../../src/persist/recent_stamps.rs"]
mod recent_stamps;
#[path = "../../src/persist/repair.rs"]
mod repair;
#[path = "../../src/persist/replica.rs"]
mod replica;
#[path = "../../src/persist/state.rs"]
mod state;
#[path = "../../src/persist/wait.rs"]
mod wait;
#[path = "../../src/persist/waiting.rs"]
mod waiting;
#[path = "../../src/persist/writer.rs"]
mod writer;

const SESSION: &str = "=anna";

/// The pending changes of a session whose cookies do not matter.
#[derive(Default)]
struct Jar(Mutex<Pending>);

struct Nothing;

impl Cookies for Nothing {
    fn put(&mut self, _: &Arc<[u8]>, _: Cookie) {}

    fn remove(&mut self, _: &[u8]) {}

    fn identities(&self) -> Vec<Arc<[u8]>> {
        Vec::new()
    }

    fn all(&self) -> Vec<Arc<Cookie>> {
        Vec::new()
    }
}

impl Place for Jar {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        work(&mut self.0.lock().expect("no panic"), &mut Nothing);
    }
}

/// An opened database.
struct Opened {
    engine: MemoryEngine,
    replica: Replica,
    jar: Arc<Jar>,
    work: Arc<Signal>,
    progress: Arc<Signal>,
}

impl Opened {
    fn new() -> Arc<Self> {
        let (work, jar) = (Arc::<Signal>::default(), Arc::<Jar>::default());
        let announced = Arc::clone(&work);
        let replica = Replica::new(|| 1_767_225_600_000, move || announced.raise());
        let place = Arc::clone(&jar) as Arc<dyn Place>;
        replica.state().register(&SESSION.into(), place);
        let engine = MemoryEngine::new();
        engine.set_time(1_767_225_600_000);
        Arc::new(Self {
            engine,
            replica,
            jar,
            work,
            progress: Arc::default(),
        })
    }

    fn connect(&self) -> Box<dyn Database> {
        self.engine.connect("default").expect("it connects")
    }

    /// What a jar does with a change.
    fn change(&self, cookie: &str) {
        let cookie = Cookie::builder(cookie, "1").domain("acme.com").build();
        let cookie = cookie.expect("a cookie");
        self.jar.locked(&mut |pending, _| {
            let (before, stamp) = (pending.len(), self.replica.stamp());
            pending.set(&cookie, stamp);
            self.replica.count(before, pending);
            self.replica.announce(&SESSION.into(), pending);
        });
    }

    /// The thread that writes.
    fn write(&self) {
        let (mut writer, mut database) = (Writer::new(WriterId::new(1)), self.connect());
        loop {
            let changes = self.work.changes();
            if self.replica.is_closed() {
                return;
            }
            if !writer.has_work(&self.replica) {
                self.work.wait(changes, None);
                continue;
            }
            while let Some(batch) = writer.prepare(&self.replica) {
                let result = database.apply(&batch.sessions());
                writer.settle(&self.replica, batch, result);
            }
            self.progress.raise();
        }
    }

    fn flush(opened: &Arc<Self>) -> Eventually<()> {
        use std::sync::atomic::Ordering;

        let number = opened.replica.flushes.fetch_add(1, Ordering::AcqRel) + 1;
        opened.work.raise();
        let own = Arc::clone(opened);
        Eventually::new(&opened.progress, move || {
            (own.replica.state().flushed >= number).then_some(())
        })
    }

    /// The names of the stored cookies.
    fn stored(&self) -> Vec<String> {
        let loaded = self.connect().load(&[SESSION]).expect("it loads").value;
        let sessions = loaded.sessions.into_iter().flatten();
        let entries = sessions.flat_map(|session| session.entries);
        let name = |entry: &engine::Entry| {
            let id = record::parse(&entry.identity).expect("an identity");
            String::from_utf8_lossy(id.name()).into_owned()
        };
        let mut names: Vec<_> = entries.map(|entry| name(&entry)).collect();
        names.sort();
        names
    }
}

/// Runs a future to its end on this thread.
fn block_on<T>(future: Eventually<T>) -> T {
    #[derive(Default)]
    struct Task {
        is_woken: Mutex<bool>,
        woken: Condvar,
    }
    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            *self.is_woken.lock().expect("no panic") = true;
            self.woken.notify_one();
        }
    }
    let task = Arc::new(Task::default());
    let waker = Waker::from(Arc::clone(&task));
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(value) =
            future.as_mut().poll(&mut Context::from_waker(&waker))
        {
            return value;
        }
        let mut is_woken = task.is_woken.lock().expect("no panic");
        while !*is_woken {
            is_woken = task.woken.wait(is_woken).expect("no panic");
        }
        *is_woken = false;
    }
}

fn model(wait: fn(Eventually<()>)) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        let opened = Opened::new();
        let writer = {
            let opened = Arc::clone(&opened);
            thread::spawn(move || opened.write())
        };
        let other = {
            let opened = Arc::clone(&opened);
            thread::spawn(move || opened.change("b"))
        };
        opened.change("a");
        wait(Opened::flush(&opened));
        assert!(opened.stored().contains(&"a".to_owned()));
        other.join().expect("no panic");
        wait(Opened::flush(&opened));
        assert_eq!(opened.stored(), ["a", "b"]);
        opened.replica.close();
        opened.work.raise();
        writer.join().expect("no panic");
    });
}

#[test]
fn a_flush_that_blocks_ends_when_all_is_written() {
    model(Eventually::wait);
}

#[test]
fn a_flush_that_is_awaited_ends_when_all_is_written() {
    model(block_on);
}
