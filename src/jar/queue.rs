//! A bounded queue of changes: the jar puts them in and never waits, a reader takes them out in its own time.
//!
//! It locks its own mutex alone, after the shard's, and asks nobody while it does.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::store::CookieChange;

/// The changes of a jar, to be read by another thread or task; made by
/// [`SharedCookieJar::changes`](crate::SharedCookieJar::changes).
///
/// The queue holds a bounded number of changes, and the jar never waits for its reader: when it is full the
/// oldest change gives way, and the reader hears how many it has missed. It then has what came after that,
/// without another gap, so that a copy of the jar at that moment is a place to go on from.
///
/// The queue ends when the jar is gone, that is, its last clone. Dropping the reader ends it, too.
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
/// # Ok::<(), url::ParseError>(())
/// ```
pub struct Changes<C = CookieChange<'static>> {
    queue: Arc<Queue<C>>,
}

/// What a reader hears next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<C = CookieChange<'static>> {
    /// A change.
    Change(C),
    /// So many changes did not fit into the queue.
    Missed(u64),
}

impl<C> Changes<C> {
    /// Returns what comes next if it is there already.
    pub fn try_next(&mut self) -> Option<Heard<C>> {
        self.queue.lock().take()
    }

    /// Waits for what comes next, for at most this time. Returns `None` if nothing came, or nothing can come
    /// any more.
    pub fn next_within(&mut self, wait: Duration) -> Option<Heard<C>> {
        let nothing = |state: &mut State<C>| !state.is_ended && state.is_empty();
        let state = self.queue.lock();
        let waited = self.queue.came.wait_timeout_while(state, wait, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.take()
    }

    /// Returns what comes next, or `None` once nothing can come any more; else wakes the task when there is
    /// something.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Heard<C>>> {
        let mut state = self.queue.lock();
        match state.take() {
            None if !state.is_ended => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
            heard => Poll::Ready(heard),
        }
    }

    /// Waits for what comes next; `None` once nothing can come any more. Nothing is lost if the future is
    /// dropped.
    pub async fn next(&mut self) -> Option<Heard<C>> {
        poll_fn(|context| self.poll_next(context)).await
    }
}

impl<C> Drop for Changes<C> {
    fn drop(&mut self) {
        self.queue.is_abandoned.store(true, Ordering::Relaxed);
        // What nobody will read must not stay until the jar goes.
        let left = std::mem::take(&mut self.queue.lock().changes);
        drop(left);
    }
}

/// Shows how many changes wait, and none of them.
impl<C> fmt::Debug for Changes<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("waiting", &self.queue.lock().changes.len())
            .finish_non_exhaustive()
    }
}

/// A queue that holds so many changes, of which `C` is what the reader gets.
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
    /// The reader is gone.
    is_abandoned: AtomicBool,
}

struct State<C> {
    changes: VecDeque<C>,
    /// How many gave way; all of them came before those in the queue.
    missed: u64,
    /// All senders are gone.
    is_ended: bool,
    waker: Option<Waker>,
}

impl<C> Queue<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // Nothing is asked while the lock is held: a panic leaves the queue whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes the reader after the lock is released.
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
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.missed == 0
    }

    fn take(&mut self) -> Option<Heard<C>> {
        match std::mem::take(&mut self.missed) {
            0 => self.changes.pop_front().map(Heard::Change),
            missed => Some(Heard::Missed(missed)),
        }
    }
}

/// The jar's end of a queue. The queue ends with the last clone.
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
    /// A listener that puts each change into the queue, as what `wrap` makes of it.
    pub(crate) fn listener(
        self,
        wrap: impl Fn(CookieChange<'static>) -> C + Send + Sync + 'static,
    ) -> Arc<dyn Outlet> {
        Arc::new(Wrapping { sender: self, wrap })
    }

    /// Returns `true` if the reader is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.0.is_abandoned.load(Ordering::Relaxed)
    }
}

/// Where the changes of a jar go into a queue.
pub(crate) trait Outlet: Send + Sync {
    fn push(&self, change: &CookieChange<'_>);

    /// Returns `true` if nobody reads the queue any more.
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
