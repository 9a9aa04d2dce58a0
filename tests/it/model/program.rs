//! Random programs: the calls of a jar, step by step.

use std::sync::Arc;

use cookiejar::jar::ChangeCause;
use cookiejar::policy::{Limits, PublicSuffixes};
use cookiejar::{BrowserPolicy, CookiePolicy, DefaultCookiePolicy, Rejection};

use super::list::names_above;

/// The public suffixes of the policies and of the model.
pub(crate) const SUFFIXES: [&str; 4] = ["com", "example", "uk", "co.uk"];

/// xorshift64*: data from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighboring seeds must not give neighboring numbers, and no seed may give 0.
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(mixed % bound as u64).expect("a small number")
    }

    pub(crate) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn seconds(&mut self, bound: usize) -> i64 {
        i64::try_from(self.below(bound)).expect("a small number")
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn pick_string(&mut self, from: &[String]) -> String {
        from[self.below(from.len())].clone()
    }
}

/// The policy of a jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Browser,
    Default,
}

impl Rules {
    pub(crate) fn policy(self, limits: Limits) -> Arc<dyn CookiePolicy> {
        let suffixes = PublicSuffixes::parse(&SUFFIXES.join("\n")).expect("a list");
        match self {
            Self::Browser => Arc::new(BrowserPolicy::with_suffixes(suffixes).limits(limits)),
            Self::Default => Arc::new(DefaultCookiePolicy::with_suffixes(suffixes).limits(limits)),
        }
    }
}

/// The steps that a program may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All steps.
    All,
    /// The steps that touch only the program's own sites.
    OwnSites,
    /// Of these, the steps that return the same whether expired cookies are present or removed.
    OwnSitesAlive,
}

/// The parameters of a program.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) rules: Rules,
    /// The limits of the jar: one of these at a time.
    pub(crate) limits: Vec<Limits>,
    pub(crate) hosts: Vec<String>,
    pub(crate) partitions: Vec<String>,
    /// The number of different cookie names.
    pub(crate) names: usize,
    /// The maximum lifetime of a cookie with an expiry date, in seconds.
    pub(crate) longest_life: usize,
    /// One step in this many looks cookies up.
    pub(crate) look_ups: usize,
    /// One step in this many removes a large part of the cookies.
    pub(crate) clearances: usize,
}

/// The target of a request.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) https: bool,
    pub(crate) host: String,
    pub(crate) path: &'static str,
    pub(crate) partition: Option<String>,
}

/// A `Set-Cookie` field. Each has a unique value, which identifies it later.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) domain: Option<String>,
    pub(crate) path: Option<&'static str>,
    pub(crate) max_age: Option<i64>,
    pub(crate) secure: bool,
    pub(crate) partitioned: bool,
}

impl Field {
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}={}", self.name, self.value);
        if let Some(domain) = &self.domain {
            text += "; Domain=";
            text += domain;
        }
        if let Some(path) = self.path {
            text += "; Path=";
            text += path;
        }
        if let Some(seconds) = self.max_age {
            text += "; Max-Age=";
            text += &seconds.to_string();
        }
        if self.secure {
            text += "; Secure";
        }
        if self.partitioned {
            text += "; Partitioned";
        }
        text
    }
}

/// A cookie built by hand. Times are seconds from the time of the step.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) value: String,
    /// With its leading dot, if it has one.
    pub(crate) domain: String,
    pub(crate) path: &'static str,
    pub(crate) expires: Option<i64>,
    pub(crate) discard: bool,
    pub(crate) secure: bool,
    pub(crate) partition: Option<String>,
    pub(crate) created: Option<i64>,
}

/// Selects one cookie.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) partition: Option<String>,
    pub(crate) domain: String,
    pub(crate) path: &'static str,
    pub(crate) name: String,
}

/// Selects the cookies that are kept.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    All,
    Except(String),
    ExceptDomain(String),
    Persistent,
    Secure,
}

impl Wish {
    pub(crate) fn keeps(&self, name: &str, domain: &str, discard: bool, secure: bool) -> bool {
        match self {
            Self::All => true,
            Self::Except(other) => name != other,
            Self::ExceptDomain(other) => domain != other,
            Self::Persistent => !discard,
            Self::Secure => secure,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// The clock moves by this many seconds.
    Advance(i64),
    Clear,
    ClearDomain(String),
    ClearExpired,
    ClearIn(String),
    ClearPath(String, &'static str),
    ClearSession,
    /// Continues with a copy, after the original was emptied.
    Copy,
    Cookies(Target),
    /// Empties a copy, and continues with the original.
    CopyAside,
    /// Removes all cookies, and stores each one again that matches the selection.
    Drain(Wish),
    Explain(Target),
    Extract(Target, Vec<Field>),
    Get(Key),
    Header(Target),
    /// The `Cookie` header of a request that already has one, and whether that one is replaced.
    Merge(Target, bool),
    Remove(Key),
    /// All cookies are written to a file and read from it into another jar.
    Restore,
    Retain(Wish),
    Set(Made),
    SetIfOk(Target, Made),
    /// Another one of the world's limits.
    SetLimits(usize),
}

/// The result of a step. A cookie is represented by its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    ExtractReport {
        stored: usize,
        replaced: usize,
        removed: usize,
        evicted: usize,
        rejected: Vec<(String, Rejection)>,
    },
    Cookie(Option<String>),
    Cookies(Vec<String>),
    Count(Option<usize>),
    Done,
    Header(Option<String>),
    Set(Result<Option<ChangeCause>, Rejection>),
    Verdicts(Vec<(String, Result<(), Rejection>)>),
}

const PATHS: [&str; 5] = ["/", "/a", "/a/", "/a/b", "/b"];
const REQUEST_PATHS: [&str; 6] = ["/", "/a", "/a/", "/a/b", "/a/b/c", "/bc"];

/// Generates the steps of a program.
pub(crate) struct Program<'w> {
    world: &'w World,
    scope: Scope,
    pub(crate) random: Random,
    values: usize,
}

impl<'w> Program<'w> {
    pub(crate) fn new(world: &'w World, seed: u64) -> Self {
        Self {
            world,
            scope: Scope::All,
            random: Random::new(seed),
            values: 0,
        }
    }

    pub(crate) fn set_scope(&mut self, scope: Scope) {
        self.scope = scope;
    }

    pub(crate) fn step(&mut self) -> Step {
        let (world, scope) = (self.world, self.scope);
        if self.random.one_in(world.clearances)
            && let Some(step) = self.clearance()
        {
            return step;
        }
        if self.random.one_in(world.look_ups) {
            let target = self.target();
            return match self.random.below(8) {
                0..4 => Step::Header(target),
                4 => Step::Merge(target, self.random.one_in(2)),
                5..7 if scope != Scope::OwnSitesAlive => Step::Explain(target),
                _ => Step::Cookies(target),
            };
        }
        match self.random.below(30) {
            0..3 if scope == Scope::All => Step::Advance(self.random.seconds(12)),
            3 if scope != Scope::OwnSitesAlive => Step::Remove(self.key()),
            4..6 if scope != Scope::OwnSitesAlive => Step::Get(self.key()),
            6..9 => Step::Set(self.made()),
            9..12 => self.set_if_ok(),
            _ => {
                let from = self.target();
                let fields = 1 + self.random.below(3);
                let fields = (0..fields).map(|_| self.field(&from)).collect();
                Step::Extract(from, fields)
            }
        }
    }

    /// Usually in a response of a host that may set the cookie.
    fn set_if_ok(&mut self) -> Step {
        let made = self.made();
        let mut from = self.target();
        if self.random.below(3) > 0 {
            let host = made.domain.trim_start_matches('.');
            host.clone_into(&mut from.host);
        }
        if self.random.below(4) > 0 {
            from.partition.clone_from(&made.partition);
        }
        Step::SetIfOk(from, made)
    }

    /// A step that removes many cookies, or looks at all; `None` for one outside the scope.
    fn clearance(&mut self) -> Option<Step> {
        let step = match self.random.below(16) {
            0 => Step::Clear,
            1..3 => Step::ClearDomain(self.stored_domain()),
            3 => Step::ClearPath(self.stored_domain(), self.random.pick(&PATHS)),
            4 => Step::ClearExpired,
            5 => Step::ClearSession,
            6 => Step::Copy,
            7 => Step::CopyAside,
            8 => Step::Drain(self.wish()),
            9 => Step::Restore,
            10..12 => match self.world.partitions.len() {
                0 => Step::Retain(self.wish()),
                some => Step::ClearIn(self.world.partitions[self.random.below(some)].clone()),
            },
            12..14 => Step::Retain(self.wish()),
            _ => Step::SetLimits(self.random.below(self.world.limits.len())),
        };
        let whole_jar = matches!(
            step,
            Step::Clear
                | Step::ClearExpired
                | Step::ClearSession
                | Step::Copy
                | Step::CopyAside
                | Step::Drain(_)
                | Step::Restore
                | Step::SetLimits(_)
        );
        match self.scope {
            Scope::All => Some(step),
            Scope::OwnSites => (!whole_jar).then_some(step),
            // Each call that removes cookies returns their number.
            Scope::OwnSitesAlive => None,
        }
    }

    fn wish(&mut self) -> Wish {
        // The one for its own domain spares all other sites.
        if self.scope != Scope::All {
            return Wish::ExceptDomain(self.stored_domain());
        }
        match self.random.below(6) {
            0 => Wish::All,
            1..3 => Wish::Except(self.name()),
            3 => Wish::ExceptDomain(self.stored_domain()),
            4 => Wish::Persistent,
            _ => Wish::Secure,
        }
    }

    fn name(&mut self) -> String {
        format!("n{}", self.random.below(self.world.names))
    }

    fn value(&mut self) -> String {
        self.values += 1;
        format!("v{}", self.values)
    }

    fn partition(&mut self) -> Option<String> {
        match self.world.partitions.len() {
            0 => None,
            some => self
                .world
                .partitions
                .get(self.random.below(2 * some))
                .cloned(),
        }
    }

    fn target(&mut self) -> Target {
        Target {
            https: self.random.below(4) > 0,
            host: self.random.pick_string(&self.world.hosts),
            path: self.random.pick(&REQUEST_PATHS),
            partition: self.partition(),
        }
    }

    fn field(&mut self, from: &Target) -> Field {
        let domain = match self.random.below(8) {
            0..4 => None,
            // The host itself or a name above it, with or without a dot before it.
            4..7 => {
                let above: Vec<&str> = names_above(&from.host).collect();
                let name = self.random.pick(&above);
                let dot = self.random.pick(&["", "."]);
                Some(format!("{dot}{name}"))
            }
            _ => Some(self.random.pick_string(&self.world.hosts)),
        };
        let path = match self.random.below(3) {
            0 => None,
            _ => Some(self.random.pick(&PATHS)),
        };
        let life = self.world.longest_life;
        let max_age = match self.random.below(12) {
            0 => Some(0),
            1 => Some(-self.random.seconds(life)),
            2..8 => Some(self.random.seconds(life)),
            _ => None,
        };
        Field {
            name: self.name(),
            value: self.value(),
            domain,
            path,
            max_age,
            secure: self.random.below(3) == 0,
            partitioned: !self.world.partitions.is_empty() && self.random.one_in(3),
        }
    }

    /// The domain of a cookie that may be stored: not a public suffix, except for the host that is
    /// one.
    fn stored_domain(&mut self) -> String {
        let host = self.random.pick_string(&self.world.hosts);
        let above: Vec<&str> = names_above(&host)
            .filter(|name| !SUFFIXES.contains(name))
            .collect();
        match self.random.below(3) {
            0 if !above.is_empty() => format!(".{}", self.random.pick(&above)),
            _ => host,
        }
    }

    fn key(&mut self) -> Key {
        Key {
            partition: self.partition(),
            domain: self.stored_domain(),
            path: self.random.pick(&PATHS),
            name: self.name(),
        }
    }

    fn made(&mut self) -> Made {
        let life = self.world.longest_life;
        let expires = match self.random.below(8) {
            0 => Some(-self.random.seconds(20)),
            1..6 => Some(self.random.seconds(life)),
            _ => None,
        };
        let created = match self.random.below(12) {
            0 => Some(-self.random.seconds(1_000)),
            _ => None,
        };
        Made {
            name: self.name(),
            value: self.value(),
            domain: self.stored_domain(),
            path: self.random.pick(&PATHS),
            expires,
            discard: self.random.one_in(8),
            secure: self.random.one_in(3),
            partition: self.partition(),
            created,
        }
    }
}
