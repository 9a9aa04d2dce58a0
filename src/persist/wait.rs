//! Pending results: a future, or a blocking call.
//!
//! A signal wakes all waiters when something has changed, and each checks for itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

// In the model of `tests/inside/flush_orders.rs` these are loom's.
use super::sync::{Arc, Condvar, Mutex, MutexGuard};

#[derive(Debug, Default)]
pub(crate) struct Signal {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: u64,
    wakers: Vec<Waker>,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changes(&self) -> u64 {
        self.lock().changes
    }

    pub(crate) fn raise(&self) {
        let mut waiting = self.lock();
        waiting.changes += 1;
        let wakers = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        self.changed.notify_all();
        for waker in wakers {
            waker.wake();
        }
    }

    pub(crate) fn wait(&self, changes: u64, end: Option<Instant>) {
        let mut waiting = self.lock();
        while waiting.changes == changes {
            let Some(end) = end else {
                waiting = self
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(waiting, rest);
            (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns `false` if something has already changed.
    fn register(&self, changes: u64, waker: &Waker) -> bool {
        let mut waiting = self.lock();
        let is_current = waiting.changes == changes;
        if is_current && !waiting.wakers.iter().any(|known| known.will_wake(waker)) {
            waiting.wakers.push(waker.clone());
        }
        is_current
    }
}

/// A pending result: a future, or [`wait`](Self::wait) in code that is not async.
///
/// Dropping it does not stop the work that it waits for.
#[must_use = "it does nothing unless it is awaited or waited for"]
pub struct Eventually<T> {
    signal: Arc<Signal>,
    look: Box<dyn FnMut() -> Option<T> + Send>,
    end: Option<Instant>,
}

impl<T> Eventually<T> {
    pub(crate) fn new(
        signal: &Arc<Signal>,
        look: impl FnMut() -> Option<T> + Send + 'static,
    ) -> Self {
        Self {
            signal: Arc::clone(signal),
            look: Box::new(look),
            end: None,
        }
    }

    pub(crate) fn until(self, end: Option<Instant>) -> Self {
        Self { end, ..self }
    }

    pub(crate) fn look(&mut self) -> Option<T> {
        (self.look)()
    }

    /// Blocks the thread until the result is ready.
    pub fn wait(mut self) -> T {
        loop {
            let changes = self.signal.changes();
            if let Some(result) = (self.look)() {
                return result;
            }
            self.signal.wait(changes, self.end);
        }
    }

    /// Blocks the thread until the result is ready, for at most `at_most`. Returns `None` after that.
    pub fn wait_at_most(mut self, at_most: Duration) -> Option<T> {
        let Some(end) = Instant::now().checked_add(at_most) else {
            return Some(self.wait());
        };
        loop {
            let changes = self.signal.changes();
            let result = (self.look)();
            if result.is_some() || Instant::now() >= end {
                return result;
            }
            let own = self.end.map_or(end, |own| own.min(end));
            self.signal.wait(changes, Some(own));
        }
    }
}

impl<T> Future for Eventually<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        loop {
            let changes = self.signal.changes();
            if let Some(result) = (self.look)() {
                return Poll::Ready(result);
            }
            if self.signal.register(changes, cx.waker()) {
                return Poll::Pending;
            }
        }
    }
}

impl<T> fmt::Debug for Eventually<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eventually").finish_non_exhaustive()
    }
}
