//! Who is calling: logins, tokens, and the state of a user that every request is judged by (CONTRACT §2).

mod actor;
mod cache;
mod caller;
pub mod can;
mod dto;
mod grant;
pub mod keys;
mod login_queues;
mod oauth;
pub mod password;
pub mod queries;
mod routes;
mod session;
mod throttle;
mod token;

pub use actor::{Actor, Scope};
pub use cache::Auth;
pub use caller::{Anybody, Caller};
pub use can::{Can, CanTake};
pub use grant::Grant;
pub use oauth::CHALLENGE;
pub use routes::configure;
pub use token::{Claims, issue as issue_token};

use crate::{
    clients,
    db::{Conn, Timestamp},
    error::ApiError,
};

/// Removes sessions, secrets and failures that no longer count.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    queries::delete_expired(conn, now)?;
    clients::secrets::delete_expired(conn, now)?;
    throttle::delete_expired(conn, now)
}
