//! The databases that are measured, each with its bars.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cookiejar::persist::PersistOptions;
use cookiejar::persist::engine::Engine;
use cookiejar::persist::redis::Redis;

use super::{File, NAME, Sessions, postgres};

/// A kind of database, and the limits of its figures, in bytes and nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) bytes_a_cookie: Option<f64>,
    pub(super) load_all: f64,
    pub(super) first_touch: f64,
    pub(super) between: f64,
    /// Between two changes, so that each is notified.
    pub(super) pause: Duration,
    make: fn() -> Option<Place>,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind {
        name: "",
        bytes_a_cookie: Some(280.0),
        load_all: 2e9,
        first_touch: 50e3,
        between: 12e6,
        pause: Duration::ZERO,
        make: || Some(Place::File(File::new())),
    },
    Kind {
        name: ", Redis",
        bytes_a_cookie: Some(400.0),
        load_all: 2.5e9,
        first_touch: 150e3,
        between: 1e6,
        pause: Duration::ZERO,
        make: || Namespace::new().map(Place::Redis),
    },
    Kind {
        name: ", PostgreSQL",
        bytes_a_cookie: None,
        load_all: 3e9,
        first_touch: 250e3,
        between: 5e6,
        pause: Duration::from_millis(60),
        make: || postgres::Namespace::new().map(Place::Postgres),
    },
];

impl Kind {
    /// The name of a workload.
    pub(super) fn workload(&self, what: &str) -> String {
        format!("{NAME}{}, {what}", self.name)
    }

    /// An empty database, if there is a server for it.
    pub(super) fn place(&self) -> Option<Place> {
        (self.make)()
    }
}

/// A database that is removed in the end.
pub(super) enum Place {
    File(File),
    Redis(Namespace),
    Postgres(postgres::Namespace),
}

impl Place {
    pub(super) fn open(&self, full_sync: bool, options: PersistOptions) -> Sessions {
        let (engine, namespace): (Arc<dyn Engine>, &str) = match self {
            Self::File(file) => (Arc::new(file.engine().full_sync(full_sync)), "default"),
            Self::Redis(namespace) => (Arc::new(namespace.engine()), &namespace.name),
            Self::Postgres(namespace) => (Arc::new(namespace.engine()), &namespace.name),
        };
        Sessions::open(engine, options.namespace(namespace)).expect("it opens")
    }

    pub(super) fn sessions(&self, linger: Duration) -> Sessions {
        self.open(false, PersistOptions::new().linger(linger))
    }

    /// Bytes of the file without its log, or of the server's memory without the changes of the last minutes.
    pub(super) fn bytes(&self) -> f64 {
        match self {
            Self::File(file) => file.bytes(),
            Self::Redis(namespace) => namespace.bytes(),
            Self::Postgres(namespace) => namespace.bytes(),
        }
    }
}

/// A namespace of a Redis server.
pub(super) struct Namespace {
    address: String,
    name: String,
    /// The server's memory before.
    memory: f64,
}

impl Namespace {
    fn new() -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let address = std::env::var("COOKIEJAR_REDIS").ok()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench-{}-{number}", std::process::id());
        let mut namespace = Self {
            address,
            name,
            memory: 0.0,
        };
        namespace.memory = namespace.used_memory();
        Some(namespace)
    }

    fn engine(&self) -> Redis {
        Redis::url(&self.address).expect("a URL")
    }

    pub(super) fn connect(&self) -> redis::Connection {
        let client = redis::Client::open(&*self.address).expect("a URL");
        client.get_connection().expect("a connection")
    }

    pub(super) fn key(&self, name: &str) -> String {
        format!("cookiejar:{{{}}}:{name}", self.name)
    }

    fn used_memory(&self) -> f64 {
        let info: redis::InfoDict = redis::cmd("INFO")
            .query(&mut self.connect())
            .expect("a reply");
        info.get("used_memory").expect("a number")
    }

    fn bytes(&self) -> f64 {
        let mut trim = redis::cmd("XTRIM");
        trim.arg(self.key("changes")).arg("MAXLEN").arg(0);
        trim.exec(&mut self.connect()).expect("it is trimmed");
        self.used_memory() - self.memory
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let mut connection = self.connect();
        let pattern = self.key("*");
        let keys: Vec<Vec<u8>> = redis::cmd("KEYS")
            .arg(pattern)
            .query(&mut connection)
            .expect("keys");
        for keys in keys.chunks(1_000) {
            redis::cmd("DEL")
                .arg(keys)
                .exec(&mut connection)
                .expect("they are removed");
        }
    }
}
