//! The keys of a namespace.

/// The shortest time that the server keeps a session: as long as a jar remembers deletions by default.
pub(super) const SHORTEST_LIFE_MILLIS: u128 = 24 * 60 * 60 * 1_000;

pub(super) struct Keys {
    prefix: String,
    pub(super) namespace: Vec<u8>,
    pub(super) changes: Vec<u8>,
    pub(super) used: Vec<u8>,
    pub(super) old: Vec<u8>,
}

impl Keys {
    pub(super) fn new(namespace: &str) -> Self {
        // The braces make it the part that a cluster hashes.
        let prefix = format!("cookiejar:{{{namespace}}}:");
        let key = |name: &str| format!("{prefix}{name}").into_bytes();
        Self {
            namespace: key("namespace"),
            changes: key("changes"),
            used: key("used"),
            old: key("old"),
            prefix,
        }
    }

    pub(super) fn session(&self, name: &str) -> Vec<u8> {
        format!("{}session:{name}", self.prefix).into_bytes()
    }

    /// Returns the keys of a script, in its order: those of the namespace, then those of each session. A script of the
    /// whole namespace gets those of the session without a name.
    pub(super) fn of_script(&self, sessions: &[&str]) -> Vec<Vec<u8>> {
        let keys = [&self.namespace, &self.changes, &self.used, &self.old];
        let mut keys: Vec<_> = keys.map(Clone::clone).into();
        for name in sessions {
            keys.push(self.session(name));
            keys.push(format!("{}claim:{name}", self.prefix).into_bytes());
        }
        keys
    }
}
