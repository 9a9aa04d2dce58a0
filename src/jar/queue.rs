//! A bounded queue of changes: the jar adds them and never waits; a reader removes them at its own pace.
//!
//! It locks only its own mutex, after the shard's, and calls no other code while it does.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::store::CookieChange;

/// The changes of a jar, to be read by another thread or task; created by
/// [`SharedCookieJar::changes`](crate::SharedCookieJar::changes).
///
/// The jar never waits for its reader: when the queue is full, the oldest change is dropped, and the reader learns how
/// many it missed. It can then resume from a copy of the jar.
///
/// The queue ends when the last clone of the jar is dropped. Dropping the reader ends it, too.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use cookiejar::SharedCookieJar;
/// use cookiejar::jar::{ChangeCause, Heard};
/// use url::Url;
///
/// let jar = SharedCookieJar::new();
/// let mut changes = jar.changes(NonZeroUsize::new(100).expect("not zero"));
/// jar.extract_cookies(&[("Set-Cookie", "a=1")], &Url::parse("https://acme.com/")?);
/// jar.clear();
///
/// let mut causes = Vec::new();
/// while let Some(heard) = changes.try_next() {
///     match heard {
///         Heard::Change(change) => causes.push(change.cause),
///         Heard::Missed(number) => panic!("{number} changes missed"),
///     }
/// }
/// assert_eq!(causes, [ChangeCause::Stored, ChangeCause::Cleared]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Changes<C = CookieChange<'static>> {
    queue: Arc<Queue<C>>,
}

/// What a reader receives next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<C = CookieChange<'static>> {
    /// A change.
    Change(C),
    /// The number of changes that did not fit into the queue.
    Missed(u64),
}

impl<C> Changes<C> {
    /// Returns what is next, or `None` if the queue is empty.
    pub fn try_next(&mut self) -> Option<Heard<C>> {
        self.queue.lock().take()
    }

    /// Waits for what is next, for at most this time. Returns `None` if nothing arrived or the queue has ended.
    pub fn next_within(&mut self, wait: Duration) -> Option<Heard<C>> {
        let nothing = |state: &mut State<C>| !state.is_ended && state.changes.is_empty();
        let state = self.queue.lock();
        let waited = self.queue.came.wait_timeout_while(state, wait, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.take()
    }

    /// Returns what is next, or `None` once the queue has ended; otherwise wakes the task when something arrives.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Heard<C>>> {
        // Cloned and dropped without the lock: both are code of the program.
        let waker = context.waker().clone();
        let mut state = self.queue.lock();
        match state.take() {
            None if !state.is_ended => {
                let earlier = state.waker.replace(waker);
                drop(state);
                drop(earlier);
                Poll::Pending
            }
            heard => {
                drop(state);
                Poll::Ready(heard)
            }
        }
    }

    /// Waits for what is next; returns `None` once the queue has ended. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Heard<C>> {
        poll_fn(|context| self.poll_next(context)).await
    }
}

impl<C> Drop for Changes<C> {
    fn drop(&mut self) {
        self.queue.is_abandoned.store(true, Ordering::Relaxed);
        // Unread changes must not stay until the jar is dropped.
        let mut state = self.queue.lock();
        let left = (std::mem::take(&mut state.changes), state.waker.take());
        drop(state);
        drop(left);
    }
}

/// Shows the number of waiting changes, but no contents.
impl<C> fmt::Debug for Changes<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("waiting", &self.queue.lock().changes.len())
            .finish_non_exhaustive()
    }
}

pub(crate) fn queue<C>(capacity: NonZeroUsize) -> (Sender<C>, Changes<C>) {
    let queue = Arc::new(Queue {
        state: Mutex::new(State {
            changes: VecDeque::new(),
            missed: 0,
            is_ended: false,
            waker: None,
        }),
        came: Condvar::new(),
        capacity: capacity.get(),
        is_abandoned: AtomicBool::new(false),
    });
    let sender = Sender(Arc::new(Ending(Arc::clone(&queue))));
    (sender, Changes { queue })
}

struct Queue<C> {
    state: Mutex<State<C>>,
    came: Condvar,
    capacity: usize,
    is_abandoned: AtomicBool,
}

struct State<C> {
    changes: VecDeque<C>,
    /// All older than those in the queue. Unless it is 0, the queue is not empty.
    missed: u64,
    is_ended: bool,
    waker: Option<Waker>,
}

impl<C> Queue<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // No other code runs while the lock is held: a panic leaves the queue consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State<C>)) {
        let mut state = self.lock();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        self.came.notify_one();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn push(&self, new: C) {
        self.change(|state| {
            if state.changes.len() == self.capacity {
                state.changes.pop_front();
                state.missed += 1;
            }
            state.changes.push_back(new);
        });
    }
}

impl<C> State<C> {
    fn take(&mut self) -> Option<Heard<C>> {
        match std::mem::take(&mut self.missed) {
            0 => self.changes.pop_front().map(Heard::Change),
            missed => Some(Heard::Missed(missed)),
        }
    }
}

pub(crate) struct Sender<C>(Arc<Ending<C>>);

impl<C> Clone for Sender<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Ending<C>(Arc<Queue<C>>);

impl<C> Drop for Ending<C> {
    fn drop(&mut self) {
        self.0.change(|state| state.is_ended = true);
    }
}

impl<C: Send + 'static> Sender<C> {
    pub(crate) fn listener(
        self,
        wrap: impl Fn(CookieChange<'static>) -> C + Send + Sync + 'static,
    ) -> Arc<dyn Outlet> {
        Arc::new(Wrapping { sender: self, wrap })
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.0.is_abandoned.load(Ordering::Relaxed)
    }
}

pub(crate) trait Outlet: Send + Sync {
    fn push(&self, change: &CookieChange<'_>);

    fn is_abandoned(&self) -> bool;
}

struct Wrapping<C, F> {
    sender: Sender<C>,
    wrap: F,
}

impl<C, F> Outlet for Wrapping<C, F>
where
    C: Send + 'static,
    F: Fn(CookieChange<'static>) -> C + Send + Sync,
{
    fn push(&self, change: &CookieChange<'_>) {
        if !self.sender.is_abandoned() {
            self.sender
                .0
                .0
                .push((self.wrap)(change.clone().into_owned()));
        }
    }

    fn is_abandoned(&self) -> bool {
        self.sender.is_abandoned()
    }
}
