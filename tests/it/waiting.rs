//! Changes that wait, and those who wait for them to be written, in all orders in which threads may meet: the very file
//! of the crate, over the locks of `loom`. A wake-up that is lost is a thread that never ends, which `loom` reports.

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

/// A database as far as waiting is concerned: what waits stands under the lock of the cookies, a signal tells the
/// writer of work, and another one tells all who wait of progress.
#[derive(Default)]
struct Database {
    shard: Mutex<Pending>,
    work: Signal,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    /// How many changes were made.
    made: u32,
    written: u32,
}

impl Database {
    fn change(&self) {
        self.shard.lock().expect("no panic").made += 1;
        self.work.raise();
    }

    /// The thread that writes.
    fn write(&self, progress: &Signal) {
        loop {
            let changes = self.work.changes();
            let made = {
                let shard = self.shard.lock().expect("no panic");
                (shard.made > shard.written).then_some(shard.made)
            };
            match made {
                Some(made) => {
                    // Here is the database, without a lock.
                    self.shard.lock().expect("no panic").written = made;
                    progress.raise();
                }
                None if self.is_closed.load(Ordering::Acquire) => return,
                None => self.work.wait(changes, None),
            }
        }
    }

    /// What was made before the call is written.
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
