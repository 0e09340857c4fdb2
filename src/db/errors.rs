//! What a database error means to the caller: one mapping for both databases.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error};

use crate::{
    error::{ApiError, Code},
    fault::{Fault, FaultCode},
};

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::DatabaseError(kind, information) => from_database(kind, information.as_ref()),
            Error::BrokenTransactionManager => Self::unavailable("broken transaction manager"),
            other => Self::internal(other),
        }
    }
}

/// The name that both databases give a violated unique key: `table.column` (DESIGN §4).
///
/// PostgreSQL names the constraint so; SQLite lists the columns, of which the last tells.
pub fn violated_key(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> &str {
    match information.constraint_name() {
        Some(name) => name,
        None => information.message().rsplit([' ', ',']).next().unwrap_or_default(),
    }
}

fn from_database(kind: Kind, information: &(dyn DatabaseErrorInformation + Send + Sync)) -> ApiError {
    let message = information.message();
    match kind {
        Kind::UniqueViolation => already_there(violated_key(information), message),
        Kind::ForeignKeyViolation => torn(information.constraint_name(), message),
        Kind::SerializationFailure => ApiError { cause: Some(message.to_owned()), ..ApiError::busy() },
        Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction => ApiError::unavailable(message),
        _ if is_contention(message) => ApiError { cause: Some(message.to_owned()), ..ApiError::busy() },
        _ if is_outage(message) => ApiError::unavailable(message),
        _ => ApiError::internal(message),
    }
}

/// Parents are looked up before an insert and children before a removal, so this is a race of the two, which PostgreSQL's words
/// tell apart and whose constraints are named `table.column`; where they are in another language, another try tells more.
fn torn(constraint: Option<&str>, message: &str) -> ApiError {
    let reference = constraint.and_then(|name| name.split_once('.')).map(|(_, column)| format!("/{column}"));
    match reference {
        _ if message.starts_with("update or delete on table") => ApiError::new(Code::InUse),
        Some(pointer) if message.starts_with("insert or update on table") => ApiError::at(&pointer, FaultCode::UnknownReference),
        _ => ApiError { cause: Some(message.to_owned()), ..ApiError::busy() },
    }
}

fn already_there(key: &str, message: &str) -> ApiError {
    let field = match key {
        "deferrals.responsibility_id" => return ApiError::new(Code::DeferralOpen),
        "users.username_key" => "/username",
        key if matches!(key.rsplit('.').next(), Some("code_key" | "code")) => "/code",
        _ => return ApiError::internal(message),
    };
    ApiError { faults: vec![Fault::at(field, FaultCode::AlreadyExists)], ..ApiError::new(Code::AlreadyExists) }
}

fn is_contention(message: &str) -> bool {
    ["database is locked", "database table is locked", "lock timeout", "deadlock detected", "statement timeout"]
        .iter()
        .any(|known| message.contains(known))
}

fn is_outage(message: &str) -> bool {
    [
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "disk is full",
        "disk I/O error",
        "could not connect",
        "no connection to the server",
        "SSL connection has been closed",
    ]
    .iter()
    .any(|known| message.contains(known))
}
