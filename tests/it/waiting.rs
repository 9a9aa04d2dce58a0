//! Pending changes, and the threads that wait until they are written, in all orders in which threads may interleave:
//! the actual file of the crate, over the locks of `loom`, which reports a lost wake-up: a thread that never ends.

use std::task::{Context, Wake, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use sync::{Arc, Condvar, Mutex};
use wait::{Eventually, Signal};

mod sync {
    pub(super) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
}

#[allow(
    dead_code,
    unreachable_pub,
    reason = "of the crate, where all of it is used"
)]
#[path = "../../src/persist/wait.rs"]
mod wait;

/// The parts of a database that concern waiting: the lock of the cookies protects the pending changes, one signal wakes
/// the writer, and another one wakes all threads that wait for progress.
#[derive(Default)]
struct Database {
    shard: Mutex<Pending>,
    work: Signal,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    /// The number of changes made.
    made: u32,
    written: u32,
}

impl Database {
    fn change(&self) {
        self.shard.lock().expect("no panic").made += 1;
        self.work.raise();
    }

    /// The writer thread.
    fn write(&self, progress: &Signal) {
        loop {
            let changes = self.work.changes();
            let made = {
                let shard = self.shard.lock().expect("no panic");
                (shard.made > shard.written).then_some(shard.made)
            };
            match made {
                Some(made) => {
                    // The database would be written here, without a lock.
                    self.shard.lock().expect("no panic").written = made;
                    progress.raise();
                }
                None if self.is_closed.load(Ordering::Acquire) => return,
                None => self.work.wait(changes, None),
            }
        }
    }

    /// Everything made before the call has been written.
    fn flush(database: &Arc<Self>, progress: &Arc<Signal>) -> Eventually<u32> {
        let own = Arc::clone(database);
        let made = database.shard.lock().expect("no panic").made;
        Eventually::new(progress, move || {
            let written = own.shard.lock().expect("no panic").written;
            (written >= made).then_some(written)
        })
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.work.raise();
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
        fn wake(self: std::sync::Arc<Self>) {
            *self.is_woken.lock().expect("no panic") = true;
            self.woken.notify_one();
        }
    }
    let task = std::sync::Arc::new(Task::default());
    let waker = Waker::from(std::sync::Arc::clone(&task));
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

fn model(wait: fn(Eventually<u32>) -> u32) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(if cookiejar_tests::is_thorough() { 3 } else { 2 });
    model.check(move || {
        let (database, progress) = (Arc::new(Database::default()), Arc::new(Signal::default()));
        let writer = {
            let (database, progress) = (Arc::clone(&database), Arc::clone(&progress));
            thread::spawn(move || database.write(&progress))
        };
        let other = {
            let database = Arc::clone(&database);
            thread::spawn(move || database.change())
        };
        database.change();
        assert!(wait(Database::flush(&database, &progress)) >= 1);
        other.join().expect("no panic");
        assert_eq!(wait(Database::flush(&database, &progress)), 2);
        database.close();
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
