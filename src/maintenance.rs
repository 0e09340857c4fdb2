//! What a server does beside its requests: it seals events, analyzes tables that have grown, and deletes what has expired.

use std::{sync::Arc, time::Duration};

use crate::{app::App, auth, db::Target, error::ApiError, events, http::idempotency, imports};

const EACH_SECOND: Duration = Duration::from_secs(1);
const EACH_MINUTE: Duration = Duration::from_secs(60);

/// Maintains the register until it is dropped. What takes its time does not hold up the sealing of events.
pub async fn run(app: Arc<App>) {
    tokio::join!(seal(&app), analyze(&app), clean(&app));
}

async fn seal(app: &App) {
    loop {
        tokio::time::sleep(EACH_SECOND).await;
        if let Err(error) = events::seal_all(app).await {
            tracing::warn!(%error, "events were not sealed; the next round tries again");
        }
    }
}

async fn analyze(app: &App) {
    // SQLite plans by a statement's text alone.
    while matches!(app.db.target(), Target::Postgres(_)) {
        let tried = events::analyze_if_outgrown(app).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "whether the events have outgrown their statistics is not known; the next round tries again");
            false
        });
        // Not again for a minute, in which autovacuum can have the table.
        tokio::time::sleep(if tried { EACH_MINUTE } else { EACH_SECOND }).await;
    }
}

async fn clean(app: &App) {
    loop {
        app.limiter.drop_idle();
        if let Err(error) = delete_expired(app).await {
            tracing::warn!(%error, "old rows were not removed; the next round tries again");
        }
        tokio::time::sleep(EACH_MINUTE).await;
    }
}

async fn delete_expired(app: &App) -> Result<(), ApiError> {
    let now = app.world.now();
    // Each in a write of its own, so that one that fails does not undo the others.
    let keys = app.db.write(move |conn| idempotency::delete_expired(conn, now)).await;
    let logins = app.db.write(move |conn| auth::delete_expired(conn, now)).await;
    let imports = app.db.write(move |conn| imports::delete_expired(conn, now)).await;
    keys.and(logins).and(imports)
}
