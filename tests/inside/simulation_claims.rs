//! Claims in the simulation: one holder at a time, and the next one has the cookies of the last.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::claims;
use super::super::engine::{Answer, ClaimOwner, EngineError, Granted, History};
use super::{Cookie, Engine, Process, SESSIONS, Stamp, World, named};

/// How long a claim is asked for, in milliseconds.
const LEASE: u64 = 4_000;

/// A claim of a process, by session.
pub(super) type Claims = BTreeMap<&'static str, Claiming>;

pub(super) struct Claiming {
    owner: ClaimOwner,
    lease: Lease,
    stage: Stage,
}

/// From the grant to its end, by the clock of the server's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lease {
    from: u64,
    until: u64,
}

impl Lease {
    fn new(from: u64) -> Self {
        let until = from + LEASE;
        Self { from, until }
    }

    fn overlaps(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

enum Stage {
    Answered(Result<Answer<Option<Granted>>, EngineError>),
    Granted(Granted, History),
    Held(u64),
}

/// What the last owner had when it released a claim that had not lapsed.
pub(super) struct Left {
    token: u64,
    lease: Lease,
    cookies: Vec<(Cookie, Stamp)>,
}

impl World {
    /// A schedule with claims is determined by its seed, and so are its claims, so that older seeds keep their schedules.
    pub(super) fn has_claims(seed: u64) -> bool {
        seed % 5 == 3
    }

    pub(super) fn step_claim(&mut self) {
        let sides = self.processes.len() as u64;
        let number = usize::try_from(self.claim_dice.roll(sides)).expect("small");
        let session = self.claim_dice.pick(&SESSIONS);
        if !self.processes[number].sessions.contains_key(session) {
            return;
        }
        match self.processes[number].claims.remove(session) {
            None => self.ask_claim(number, session),
            Some(claiming) => self.go_on(number, session, claiming),
        }
    }

    fn ask_claim(&mut self, number: usize, session: &'static str) {
        let id = self.claim_dice.roll(u64::MAX);
        let owner = ClaimOwner::new(u128::from(id));
        self.send_claim(number, session, owner);
    }

    fn send_claim(&mut self, number: usize, session: &'static str, owner: ClaimOwner) {
        let process = &mut self.processes[number];
        let claims = process.database.claims().expect("it has claims");
        let answer = claims.claim(session, owner, Duration::from_millis(LEASE));
        let text = format!("{number} claims {session} for {owner:?}: {answer:?}");
        let lease = answer.as_ref().map(|answer| Lease::new(answer.clock));
        let claiming = Claiming {
            owner,
            lease: lease.unwrap_or_default(),
            stage: Stage::Answered(answer),
        };
        process.claims.insert(session, claiming);
        self.note(|| text);
    }

    fn go_on(&mut self, number: usize, session: &'static str, claiming: Claiming) {
        let Claiming {
            owner,
            lease,
            stage,
        } = claiming;
        let stage = match stage {
            Stage::Answered(Err(_)) => return self.end(number, session, owner),
            Stage::Answered(Ok(answer)) => {
                let replica = &self.processes[number].replica;
                claims::granted(replica, &session.into(), &answer);
                let Some(granted) = answer.value else {
                    return;
                };
                Stage::Granted(granted, answer.history)
            }
            Stage::Granted(granted, history) => {
                let state = self.processes[number].replica.state();
                let is_same = state.front().history.as_ref() == Some(&history);
                let is_read = state.is_read_up_to(session, granted.version);
                drop(state);
                if !is_same {
                    return self.send_claim(number, session, owner);
                }
                if is_read {
                    self.check_holder(number, session, lease, granted);
                    Stage::Held(granted.token)
                } else {
                    Stage::Granted(granted, history)
                }
            }
            Stage::Held(token) if self.claim_dice.one_in(3) => {
                self.leave(number, session, lease, token);
                return self.end(number, session, owner);
            }
            held @ Stage::Held(_) => held,
        };
        let claiming = Claiming {
            owner,
            lease,
            stage,
        };
        self.processes[number].claims.insert(session, claiming);
    }

    /// Releases a claim.
    fn end(&mut self, number: usize, session: &'static str, owner: ClaimOwner) {
        let replica = &self.processes[number].replica;
        replica.state().release(replica, &session.into(), owner);
        self.note(|| format!("{number} releases {session} of {owner:?}"));
    }

    fn leave(&mut self, number: usize, session: &'static str, lease: Lease, token: u64) {
        let memory = &self.processes[number].sessions[session];
        let cookies = memory.cookies();
        let stamped = cookies.into_iter().map(|cookie| {
            let stamp = self.stamps[cookie.value().unwrap_or_default()];
            (cookie, stamp)
        });
        let left = Left {
            token,
            lease,
            cookies: stamped.collect(),
        };
        self.left.insert(session, left);
    }

    fn is_sane(&self, number: usize) -> bool {
        let happened = self.happened;
        let faulty = happened.discontinuity || happened.restamped || happened.lost;
        !(faulty || self.allows.clocks || self.allows.purges || self.processes[number].gave_up)
    }

    fn check_holder(
        &mut self,
        number: usize,
        session: &'static str,
        lease: Lease,
        granted: Granted,
    ) {
        let holds = |process: &Process| {
            let claiming = process.claims.get(session);
            claiming.is_some_and(|claiming| {
                matches!(claiming.stage, Stage::Held(_)) && lease.overlaps(claiming.lease)
            })
        };
        assert!(
            !self.processes.iter().any(holds) || self.happened.discontinuity,
            "{number} is granted {session}, which another holds\n{}",
            self.log.join("\n")
        );
        let last = self.tokens.entry(session).or_default();
        let (token, before) = *last;
        *last = (*last).max((granted.token, lease));
        assert!(
            granted.token > token || lease.from < before.from || self.happened.discontinuity,
            "token {} after {token}",
            granted.token
        );
        let Some(left) = self.left.remove(session) else {
            return;
        };
        let was_released = lease.from < left.lease.until && granted.token > left.token;
        if !was_released || !self.is_sane(number) {
            return;
        }
        let content = self.processes[number].sessions[session].content();
        let seconds = super::seconds(self.time.load(Ordering::Relaxed));
        for (cookie, stamp) in left.cookies {
            let (name, value) = named(&cookie);
            let is_newer = match content.get(&name) {
                Some(value) => self.stamps[value] >= stamp,
                None => self.was_removed(session, &name, stamp) || cookie.is_expired_at(seconds),
            };
            assert!(
                is_newer,
                "{number} holds {session} without {name}={value}\n{}",
                self.log.join("\n")
            );
        }
    }

    fn was_removed(&self, session: &str, name: &str, stamp: Stamp) -> bool {
        self.made.iter().any(|(of, made, at, _)| {
            *of == session && made.is_none_or(|made| made == name) && *at >= stamp
        })
    }

    /// Ends all claims.
    pub(super) fn end_claims(&mut self) {
        for number in 0..self.processes.len() {
            for (session, claiming) in std::mem::take(&mut self.processes[number].claims) {
                self.end(number, session, claiming.owner);
            }
        }
    }

    /// No process holds a claim, except those that were killed.
    pub(super) fn check_claims(&mut self) {
        for session in SESSIONS {
            let owner = ClaimOwner::new(1);
            let mut database = self.engine.connect(super::NAMESPACE).expect("connects");
            let claims = database.claims().expect("it has claims");
            let granted = claims.claim(session, owner, Duration::from_millis(LEASE));
            assert!(
                granted.expect("an answer").value.is_some() || self.allows.kills,
                "{session} is still claimed\n{}",
                self.log.join("\n")
            );
        }
    }
}
