//! What an error of the server or of the connection means to a jar.

use std::error::Error as _;
use std::io;

use postgres::Error;
use postgres::error::{DbError, Severity, SqlState};

use super::super::engine::{EngineError, shown};

/// The part of an error that contains no value: the server's own text may quote rows, as that of a trigger does.
#[derive(Debug, thiserror::Error)]
pub(super) enum Reported {
    #[error("{severity}: {message} (SQLSTATE {})", code.code())]
    Server {
        severity: Severity,
        code: SqlState,
        message: String,
    },
    #[error("{0}")]
    Connection(String),
}

impl Reported {
    pub(super) fn of(error: &EngineError) -> Option<&Self> {
        match error {
            EngineError::Fatal(cause)
            | EngineError::Refused(cause)
            | EngineError::Unavailable(cause) => cause.downcast_ref(),
            EngineError::StampAhead { .. } => None,
        }
    }

    pub(super) fn is_conflict(&self) -> bool {
        self.has_code(&[
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ])
    }

    /// Whether a pooler sent a statement to a server that has not prepared it.
    pub(super) fn is_lost_statement(&self) -> bool {
        self.has_code(&[
            SqlState::INVALID_SQL_STATEMENT_NAME,
            SqlState::DUPLICATE_PSTATEMENT,
        ])
    }

    fn has_code(&self, codes: &[SqlState]) -> bool {
        matches!(self, Self::Server { code, .. } if codes.contains(code))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a function for `map_err`")]
pub(super) fn translate(error: Error) -> EngineError {
    match error.as_db_error() {
        Some(reported) => server(
            reported,
            condition(valid(reported.code()).code()).to_owned(),
        ),
        None => connection(&error),
    }
}

/// Shows the server's text: a new connection has sent no cookie.
#[expect(clippy::needless_pass_by_value, reason = "a function for `map_err`")]
pub(super) fn translate_connecting(error: Error) -> EngineError {
    match error.as_db_error() {
        Some(reported) => server(reported, shown(reported.message())),
        None => connection(&error),
    }
}

fn valid(code: &SqlState) -> SqlState {
    let octets = code.code().as_bytes();
    if octets.len() == 5 && octets.iter().all(u8::is_ascii_alphanumeric) {
        code.clone()
    } else {
        SqlState::INTERNAL_ERROR
    }
}

/// The names of conditions and of classes (PostgreSQL, appendix A).
const CONDITIONS: [(&str, &str); 33] = [
    ("25006", "read-only transaction"),
    ("40001", "serialization failure"),
    ("40P01", "deadlock detected"),
    ("42501", "insufficient privilege"),
    ("42703", "undefined column"),
    ("42P01", "undefined table"),
    ("53100", "disk full"),
    ("53200", "out of memory"),
    ("53300", "too many connections"),
    ("55P03", "lock not available"),
    ("57014", "query canceled"),
    ("57P01", "admin shutdown"),
    ("57P02", "crash shutdown"),
    ("57P03", "cannot connect now"),
    ("P0001", "raised exception"),
    ("08", "connection exception"),
    ("0A", "feature not supported"),
    ("22", "data exception"),
    ("23", "integrity constraint violation"),
    ("25", "invalid transaction state"),
    ("26", "invalid statement name"),
    ("28", "invalid authorization"),
    ("3D", "invalid catalog name"),
    ("3F", "invalid schema name"),
    ("40", "transaction rollback"),
    ("42", "syntax error or access rule violation"),
    ("53", "insufficient resources"),
    ("54", "program limit exceeded"),
    ("55", "object not in prerequisite state"),
    ("57", "operator intervention"),
    ("58", "system error"),
    ("P0", "PL/pgSQL error"),
    ("XX", "internal error"),
];

fn condition(code: &str) -> &'static str {
    let found = CONDITIONS.iter().find(|(begin, _)| code.starts_with(begin));
    found.map_or("error of the server", |(_, name)| name)
}

fn server(error: &DbError, mut message: String) -> EngineError {
    let code = valid(error.code());
    if code == SqlState::UNDEFINED_TABLE {
        message.push_str("; `Postgres::create_tables` creates the tables");
    }
    let class = &code.code()[..2];
    let is_refused = matches!(class, "22" | "23" | "54");
    // Connections, transactions, resources, an operator's intervention, a server that only replicates, system errors.
    let is_unavailable = matches!(class, "08" | "25" | "40" | "53" | "55" | "57" | "58")
        || matches!(code.code(), "26000" | "42P05");
    let severity = error.parsed_severity().unwrap_or(Severity::Error);
    let reported = Reported::Server {
        severity,
        code,
        message,
    };
    if is_refused {
        EngineError::refused(reported)
    } else if is_unavailable {
        EngineError::unavailable(reported)
    } else {
        EngineError::fatal(reported)
    }
}

fn connection(error: &Error) -> EngineError {
    let Some(source) = error.source() else {
        return EngineError::unavailable(Reported::Connection(error.to_string()));
    };
    let reported = Reported::Connection(format!("{error}: {source}"));
    match source.downcast_ref::<io::Error>().map(io::Error::kind) {
        // A message that is too long for the protocol.
        Some(io::ErrorKind::InvalidInput) => EngineError::refused(reported),
        Some(_) => EngineError::unavailable(reported),
        None => EngineError::fatal(reported),
    }
}
