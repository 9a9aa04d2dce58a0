//! Cases: claims, their tokens, and releases within a batch.

use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use super::{
    Case, ClaimDatabase, ClaimOwner, Connection, Granted, Namespace, SessionBatch, Stamp, batch,
    set, values,
};
use crate::persist::engine::{EngineError, MAX_AHEAD, MAX_CLAIM};

pub(super) const CASES: &[Case] = &[
    ("a claim has one owner at a time", one_owner),
    ("the owner renews its claim, and keeps the token", renewed),
    ("a claim lapses, and is then anybody's", lapsed),
    ("a batch releases a claim, and only its owner's", released),
    ("the next owner is granted the entries of the last", entries),
    (
        "a release alone makes no session and takes no version",
        release,
    ),
    ("a batch that is rejected releases nothing", rejected),
    ("a claim is apart from its session", apart),
    ("tokens increase over purges and namespaces", tokens),
    ("any name can be claimed", names),
    ("of concurrent calls one is granted the claim", race),
];

/// Longer than any case takes. A thousandth of it is less than `SHORT`.
const LONG: Duration = Duration::from_secs(60);
/// In milliseconds.
const SHORT: u64 = 80;

const A: ClaimOwner = ClaimOwner::new(1);
const B: ClaimOwner = ClaimOwner::new(u128::MAX);
const C: ClaimOwner = ClaimOwner::new(1 << 127);

impl Connection {
    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        self.0.claims()
    }

    #[track_caller]
    fn claim(&mut self, session: &str, owner: ClaimOwner, time: Duration) -> Option<Granted> {
        let claims = self.claims().expect("an engine always has its claims");
        claims.claim(session, owner, time).expect("an answer").value
    }

    #[track_caller]
    fn granted(&mut self, session: &str, owner: ClaimOwner) -> Granted {
        let granted = self.claim(session, owner, LONG);
        granted.expect("the claim is granted")
    }

    /// Waits for the end of a claim of `SHORT`, by the server's clock.
    fn wait_until_lapsed(&mut self) {
        let (over, end) = (self.clock() + SHORT, Instant::now() + LONG);
        while self.clock() <= over {
            assert!(Instant::now() < end, "the server's clock stands still");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn connect(namespace: &Namespace<'_>) -> Option<Connection> {
    let mut database = namespace.connect();
    database.claims().is_some().then_some(database)
}

fn releasing(owner: ClaimOwner, part: SessionBatch<'_>) -> SessionBatch<'_> {
    SessionBatch {
        released: Some(owner),
        ..part
    }
}

fn one_owner(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let mut other = namespace.connect();
    database.granted("s", A);
    assert_eq!(other.claim("s", B, LONG), None);
    assert_eq!(database.claim("s", C, LONG), None);
    let neighbor = other.granted("t", B);
    assert_eq!(database.claim("t", A, LONG), None);
    assert_eq!(other.granted("t", B).token, neighbor.token);
}

fn renewed(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let short = Duration::from_millis(SHORT);
    let first = database.granted("s", A);
    let again = namespace.connect().granted("s", A);
    assert_eq!(again, first);
    database.claim("s", A, short).expect("it is renewed");
    database.granted("s", A);
    database.wait_until_lapsed();
    assert_eq!(database.claim("s", B, LONG), None, "renewed for longer");
    database.claim("s", A, short).expect("it is renewed");
    database.wait_until_lapsed();
    database.granted("s", B);
}

fn lapsed(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let short = Duration::from_millis(SHORT);
    let first = database.claim("s", A, short).expect("it is granted");
    database.wait_until_lapsed();
    let second = database.claim("s", A, short).expect("it is granted");
    assert!(second.token > first.token, "a lapsed claim is not renewed");
    database.wait_until_lapsed();
    let third = database.granted("s", B);
    assert!(third.token > second.token);
    assert_eq!(database.claim("s", A, LONG), None);
    database.apply(&[releasing(A, batch("s", &[]))]);
    assert_eq!(database.claim("s", A, LONG), None, "it is another's now");
}

fn released(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let first = database.granted("s", A);
    database.granted("t", A);
    database.apply(&[releasing(B, batch("s", &[]))]);
    assert_eq!(database.claim("s", B, LONG), None, "another's release");
    database.set("s", &[set("a", Stamp::default(), "1")]);
    assert_eq!(database.claim("s", B, LONG), None, "a batch without one");

    database.apply(&[releasing(A, batch("s", &[])), batch("t", &[])]);
    let second = database.granted("s", B);
    assert!(second.token > first.token);
    assert_eq!(database.claim("t", B, LONG), None);
    // A batch may be sent again.
    database.apply(&[releasing(A, batch("s", &[]))]);
    assert_eq!(database.claim("s", A, LONG), None);

    let both = [releasing(B, batch("s", &[])), releasing(A, batch("t", &[]))];
    database.apply(&both);
    database.granted("s", C);
    database.granted("t", C);
}

fn entries(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let stamp = database.ago(5);
    let first = database.granted("s", A);
    assert_eq!(first.version, database.version());
    let entries = [set("a", stamp, "1")];
    let applied = database.apply(&[releasing(A, batch("s", &entries))]);
    assert_eq!(applied.taken, 1);
    let second = database.granted("s", B);
    assert_eq!(second.version, applied.version);
    assert_eq!(values(&database.entries("s")), ["1"]);

    let older = [set("a", Stamp::new(stamp.get() - 1), "older")];
    let cleared = SessionBatch {
        cleared: Some(Stamp::new(stamp.get() - 1)),
        ..releasing(B, batch("s", &older))
    };
    database.apply(&[cleared]);
    database.granted("s", A);
}

fn release(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let before = database.version();
    database.granted("s", A);
    let applied = database.apply(&[releasing(A, batch("s", &[]))]);
    assert_eq!((applied.version, applied.taken), (before, 0));
    assert_eq!(database.find("s"), None);
    assert_eq!(database.changes(before).sessions, []);
    database.granted("s", B);
}

fn rejected(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    database.granted("s", A);
    let far = Stamp::at(database.clock() + MAX_AHEAD + 60_000);
    let entries = [set("a", far, "1")];
    let result = database.0.apply(&[releasing(A, batch("s", &entries))]);
    assert!(matches!(result, Err(EngineError::StampAhead { .. })));
    assert_eq!(database.claim("s", B, LONG), None);
}

fn apart(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let before = database.version();
    let granted = database.granted("s", A);
    assert_eq!((granted.version, database.version()), (before, before));
    assert_eq!(database.find("s"), None);
    assert_eq!(database.listed(), [""; 0]);
    assert_eq!(database.changes(before).sessions, []);

    let stamp = database.ago(5);
    database.set("s", &[set("a", stamp, "1")]);
    database.apply(&[SessionBatch {
        cleared: Some(Stamp::new(stamp.get() + 1)),
        ended: true,
        ..batch("s", &[])
    }]);
    assert_eq!(database.claim("s", B, LONG), None, "it ended, unreleased");
}

fn tokens(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let mut last = database.clock() * 1_000;
    for _ in 0..3 {
        let token = database.granted("s", A).token;
        assert!(token >= last && token < 1 << 53, "{token} after {last}");
        database.apply(&[releasing(A, batch("s", &[]))]);
        last = token + 1;
    }
    let short = Duration::from_millis(SHORT);
    let lapsing = database.claim("s", A, short).expect("it is granted");
    let held = database.granted("t", A);
    assert!(held.token > lapsing.token);
    database.wait_until_lapsed();
    let now = database.ago(0);
    assert_eq!(database.purge(now), 0, "claims do not count");
    assert_eq!(database.claim("t", B, LONG), None, "it has not lapsed");
    assert!(database.granted("s", B).token > held.token);
}

fn names(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let names = [
        "", "\0", "a", "a\0", "a\0b", "a:b", "{a}", "A", "é", "e\u{301}",
    ];
    for name in names {
        let granted = database.claim(name, A, MAX_CLAIM);
        granted.unwrap_or_else(|| panic!("{name:?} is not claimed yet"));
    }
    for name in names {
        assert_eq!(database.claim(name, B, LONG), None, "{name:?}");
        database.apply(&[releasing(A, batch(name, &[]))]);
        database.granted(name, B);
    }
}

fn race(namespace: &Namespace<'_>) {
    let Some(mut database) = connect(namespace) else {
        return;
    };
    let names: Vec<_> = (0..20).map(|number| format!("session {number}")).collect();
    let names = &names;
    let granted = std::thread::scope(|scope| {
        let claim = |number: u128| {
            let mut database = namespace.connect();
            scope.spawn(move || {
                let owner = ClaimOwner::new(number);
                let granted = names.iter().map(|name| database.claim(name, owner, LONG));
                granted.collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (1..=4).map(claim).collect();
        let joined = threads.into_iter().map(ScopedJoinHandle::join);
        let granted = joined.map(|granted| granted.expect("the thread ends"));
        granted.collect::<Vec<_>>()
    });
    let mut tokens = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let of_name = granted.iter().filter_map(|granted| granted[number]);
        let of_name: Vec<_> = of_name.map(|granted| granted.token).collect();
        assert_eq!(of_name.len(), 1, "{name}: {of_name:?}");
        tokens.extend(of_name);
        assert_eq!(database.claim(name, C, LONG), None);
    }
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), names.len(), "each claim has its own token");
}
