//! A job as it is answered, at once or when it has ended (`Prefer: wait`, RFC 7240).

use std::time::Duration;

use actix_web::{HttpRequest, web::Data};

use super::{
    dto::{Import, ImportState},
    queries::Imports,
};
use crate::{
    app::App,
    auth::Caller,
    db::Id,
    error::ApiError,
    http::{answer::Reply, resource::Resource},
};

/// The longest that `Prefer: wait` holds an answer, in seconds.
const MAX_WAIT_SECONDS: u64 = 30;

/// The job as it is now; `rows_done` is up to the moment where this server works on it.
///
/// # Errors
/// `not_found`; those of the database.
pub async fn seen(app: &Data<App>, who: &Caller, id: Id) -> Result<Import, ApiError> {
    let (scope, shared) = (who.scope(app), app.clone());
    app.db
        .read_now(move |conn| {
            let mut row = Imports::find(conn, &scope.actor, id)?;
            if row.state == ImportState::Running {
                row.rows_done = shared.imports.rows_done(id).map_or(row.rows_done, |done| done.max(row.rows_done));
            }
            Ok(row.item(scope.language.is_english()))
        })
        .await
}

/// How many seconds `Prefer: wait` asks for (RFC 7240), at most 30.
pub fn wish(request: &HttpRequest) -> Option<u64> {
    let preferences = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok()).flat_map(|value| value.split([',', ';']));
    let named = preferences.filter_map(|wish| wish.split_once('=')).filter(|(name, _)| name.trim().eq_ignore_ascii_case("wait"));
    let mut seconds = named.filter_map(|(_, value)| value.trim().trim_matches('"').parse::<u64>().ok());
    seconds.next().map(|seconds| seconds.min(MAX_WAIT_SECONDS))
}

/// The job when it has ended, or after so many seconds.
///
/// # Errors
/// As [`seen`].
pub async fn ended(app: &Data<App>, who: &Caller, id: Id, seconds: u64) -> Result<Reply, ApiError> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        let ended = app.imports.ended.notified();
        let (scope, now) = (who.scope(app), tokio::time::Instant::now());
        let state = app.db.read_now(move |conn| Ok(Imports::find(conn, &scope.actor, id)?.state)).await?;
        // A server that stops has put the job back; nobody on it will end it.
        if state.is_over() || now >= deadline || app.shutdown.is_begun() {
            break;
        }
        // Another server may work on it, and does not notify this one.
        let look = deadline.min(now + Duration::from_millis(250));
        drop(tokio::time::timeout_at(look, ended).await);
    }
    let mut reply = accepted(&seen(app, who, id).await?)?;
    reply.headers.push(("preference-applied".into(), format!("wait={seconds}")));
    Ok(reply)
}

/// A job that was taken in: 202 with its address.
///
/// # Errors
/// As [`Reply::json`].
pub fn accepted(job: &Import) -> Result<Reply, ApiError> {
    let mut reply = Reply::item(202, job.version, job)?;
    reply.headers.push(("location".into(), format!("{}/{}", Imports::PATH, job.id)));
    Ok(reply)
}
