//! What a database error means to the caller: one mapping for both databases.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error};

use crate::{
    error::{ApiError, ProblemCode},
    fault::FaultCode,
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
/// PostgreSQL's constraints bear that name; SQLite lists the key's columns, of which the last tells.
fn violated_key(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> &str {
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
        Kind::SerializationFailure => ApiError::busy().with_cause(message),
        Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction => ApiError::unavailable(message),
        _ if is_contention(message) => ApiError::busy().with_cause(message),
        _ if is_outage(message) => ApiError::unavailable(message),
        _ => ApiError::internal(message),
    }
}

/// The error of a violated foreign key. Parents are looked up before an insert and children before a removal, so this is a race
/// of the two. PostgreSQL's message tells which of them lost; where it is in another language, or no body has such a field, it
/// is `busy`, and another try tells more.
fn torn(constraint: Option<&str>, message: &str) -> ApiError {
    let error = match constraint.and_then(reference) {
        Some(_) if message.starts_with("update or delete on table") => ApiError::new(ProblemCode::InUse),
        Some(pointer) if message.starts_with("insert or update on table") => ApiError::at(pointer, FaultCode::UnknownReference),
        _ => ApiError::busy(),
    };
    error.with_cause(message)
}

/// The pointer to the body's field that a foreign key holds, by the name of its constraint.
fn reference(constraint: &str) -> Option<&'static str> {
    Some(match constraint {
        "initiatives.neighborhood_id" | "mandates.neighborhood_id" => "/neighborhood_id",
        "initiatives.domain" => "/domain",
        "initiatives.lead_agency_id" => "/lead_agency_id",
        "responsibilities.initiative_id" => "/initiative_id",
        "responsibilities.agency_id" | "users.agency_id" | "clients.agency_id" => "/agency_id",
        "deferrals.responsibility_id" => "/responsibility_id",
        "mandates.user_id" => "/user_id",
        "client_neighborhoods.neighborhood_id" => "/neighborhood_ids",
        _ => return None,
    })
}

fn already_there(key: &str, message: &str) -> ApiError {
    let field = match key {
        "deferrals.responsibility_id" => return ApiError::new(ProblemCode::DeferralOpen),
        "users.username_key" => "username",
        key if matches!(key.rsplit('.').next(), Some("code_key" | "code")) => "code",
        _ => return ApiError::internal(message),
    };
    ApiError::taken(field)
}

fn is_contention(message: &str) -> bool {
    ["database is locked", "database table is locked", "lock timeout", "deadlock detected", "canceling statement"]
        .iter()
        .any(|known| message.contains(known))
}

fn is_outage(message: &str) -> bool {
    [
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "disk is full",
        "No space left on device",
        "disk I/O error",
        "readonly database",
        "could not connect",
        "no connection to the server",
        "SSL connection has been closed",
    ]
    .iter()
    .any(|known| message.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_loses_a_race_with_a_removal_is_told_what_a_later_try_would_be() {
        let insert = r#"insert or update on table "initiatives" violates foreign key constraint "initiatives.lead_agency_id""#;
        let delete =
            r#"update or delete on table "agencies" violates foreign key constraint "initiatives.lead_agency_id" on table "initiatives""#;
        let of = |constraint, message| {
            let error = torn(constraint, message);
            assert_eq!(error.cause.as_deref(), Some(message));
            (error.code, error.faults.first().map(|fault| (fault.location().to_owned(), fault.code)))
        };
        let lead = Some("initiatives.lead_agency_id");
        assert_eq!(of(lead, insert), (ProblemCode::ValidationFailed, Some(("/lead_agency_id".to_owned(), FaultCode::UnknownReference))));
        assert_eq!(of(lead, delete), (ProblemCode::InUse, None));
        assert_eq!(of(lead, "Einfügen oder Aktualisieren in Tabelle »initiatives« verletzt Fremdschlüssel").0, ProblemCode::Busy);
        assert_eq!(of(Some("sessions.user_id"), insert).0, ProblemCode::Busy);
        assert_eq!(of(None, "FOREIGN KEY constraint failed").0, ProblemCode::Busy);
    }
}
