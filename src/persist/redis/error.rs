//! What an error of Redis means to a jar.
//!
//! The server's own text is not passed on: it may repeat arguments, such as a password.

use ::redis::{ErrorKind, RedisError};

use super::super::engine::EngineError;

/// Errors that pass by themselves: a server that starts, fails over, is busy or full.
const PASSING: [(&str, &str); 10] = [
    ("BUSY", "the server runs a script"),
    ("CLUSTERDOWN", "the cluster is down"),
    ("EXECABORT", "the server discarded the transaction"),
    ("LOADING", "the server loads its data"),
    ("MASTERDOWN", "the replica has no master"),
    ("MISCONF", "the server cannot save its data"),
    ("NOREPLICAS", "the server has too few replicas"),
    ("NOSCRIPT", "the server forgot the scripts"),
    ("OOM", "the server's memory is full"),
    ("READONLY", "the server is a replica"),
];

const LASTING: [(&str, &str); 6] = [
    ("MOVED", "the namespace is on another node of the cluster"),
    ("NOAUTH", "the server requires a password"),
    ("NOPERM", "the user may not use a command or key"),
    ("WRONGPASS", "the server refused the user or the password"),
    ("WRONGTYPE", "a key of the namespace is another program's"),
    ("NOPROTO", "the server does not speak the protocol"),
];

pub(super) fn of_server(code: &str, details: Option<&str>) -> EngineError {
    let details = details.unwrap_or_default();
    // Redis 6.2 puts the error of a command within a script into the text.
    let in_script = code == "ERR" && details.contains("script");
    let named = |(name, _): &&(&str, &str)| {
        *name == code || in_script && details.split([' ', '-', ':']).any(|word| word == *name)
    };
    if let Some((_, text)) = PASSING.iter().find(named) {
        return EngineError::unavailable(*text);
    }
    if let Some((_, text)) = LASTING.iter().find(named) {
        return EngineError::fatal(*text);
    }
    if details.starts_with("max number of clients") {
        return EngineError::unavailable("the server has too many clients");
    }
    EngineError::fatal("the server answered with an error")
}

pub(super) fn translate(error: RedisError) -> EngineError {
    match error.kind() {
        ErrorKind::Server(_) | ErrorKind::Extension => {
            of_server(error.code().unwrap_or("ERR"), error.detail())
        }
        ErrorKind::AuthenticationFailed => {
            EngineError::fatal("the server refused the user or the password")
        }
        ErrorKind::InvalidClientConfig | ErrorKind::RESP3NotSupported => {
            EngineError::fatal(error.category().to_owned())
        }
        ErrorKind::Io => EngineError::unavailable(error),
        _ => EngineError::unavailable(error.category().to_owned()),
    }
}
