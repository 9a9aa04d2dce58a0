//! A thread with a connection. The client waits for its server without end, and may not be used inside a runtime: so a
//! call hands its work to the thread, and waits for the result only as long as it may.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::super::engine::EngineError;
use super::session::Session;

/// How many threads may wait for a server that does not respond before new ones are delayed, and by how much for each.
const MOST_STALLED: usize = 12;
const DELAY: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// The thread ends, with the connection, after this is dropped and the server has responded or closed the connection.
pub(super) struct Worker {
    jobs: Sender<Job>,
    stalled: Arc<Stalled>,
    /// The thread has the other one.
    alive: Weak<()>,
}

impl Worker {
    pub(super) fn start(
        stalled: &Arc<Stalled>,
        at_most: Duration,
        open: impl FnOnce() -> Result<Session, EngineError> + Send + 'static,
    ) -> Result<Self, EngineError> {
        stalled.check()?;
        let alive = Arc::new(());
        let (jobs, queue) = mpsc::channel::<Job>();
        let (opened, result) = mpsc::sync_channel(1);
        let worker = Self {
            jobs,
            stalled: Arc::clone(stalled),
            alive: Arc::downgrade(&alive),
        };
        let run = move || {
            match open() {
                Ok(mut session) => {
                    let _ = opened.send(Ok(()));
                    for job in queue {
                        job(&mut session);
                    }
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            }
            drop(alive);
        };
        let thread = thread::Builder::new().name("cookiejar-postgres".into());
        thread.spawn(run).map_err(EngineError::unavailable)?;
        worker.wait(&result, at_most)?;
        Ok(worker)
    }

    /// Runs `work` on the thread. After a timeout the connection is of no use.
    pub(super) fn call<T: Send + 'static>(
        &self,
        at_most: Duration,
        work: impl FnOnce(&mut Session) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (done, result) = mpsc::sync_channel(1);
        let job = move |session: &mut Session| {
            let _ = done.send(work(session));
        };
        // If the thread has ended, so has the job's side of the result.
        let _ = self.jobs.send(Box::new(job));
        self.wait(&result, at_most)
    }

    fn wait<T>(
        &self,
        result: &Receiver<Result<T, EngineError>>,
        at_most: Duration,
    ) -> Result<T, EngineError> {
        match result.recv_timeout(at_most) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                self.stalled.add(&self.alive);
                Err(EngineError::unavailable(
                    "the server did not respond in time",
                ))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(EngineError::unavailable("the connection has ended"))
            }
        }
    }
}

/// The threads that still wait for a server after their calls have timed out. Each has a connection, so that new ones are
/// opened less and less often.
#[derive(Default)]
pub(super) struct Stalled(Mutex<(Vec<Weak<()>>, Option<Instant>)>);

impl Stalled {
    fn lock(&self) -> MutexGuard<'_, (Vec<Weak<()>>, Option<Instant>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, thread: &Weak<()>) {
        let mut stalled = self.lock();
        stalled.0.push(Weak::clone(thread));
        stalled.1 = Some(Instant::now());
    }

    fn check(&self) -> Result<(), EngineError> {
        let mut stalled = self.lock();
        stalled.0.retain(|thread| thread.strong_count() > 0);
        let surplus = (stalled.0.len() + 1).saturating_sub(MOST_STALLED);
        let delay = DELAY * u32::try_from(surplus).unwrap_or(u32::MAX);
        match stalled.1 {
            Some(last) if last.elapsed() < delay => Err(EngineError::unavailable(
                "the server did not respond on earlier connections",
            )),
            _ => Ok(()),
        }
    }
}
