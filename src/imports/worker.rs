//! Workers take jobs from the database under a lease, so that several servers share the work, and another goes on where one dies.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::web::Data;

use super::{
    file::FileFault,
    queries::{self, JobRow},
    runner,
    running::Running,
};
use crate::{
    app::App,
    auth::{self, Actor},
    db::{Conn, Target, in_transaction},
    error::{ApiError, ProblemCode},
    fault::FaultCode,
};

/// How long a worker may be silent before another takes its job over, in seconds.
const LEASE_SECONDS: i64 = 10;
/// How often a worker renews its lease.
const LEASE_RENEWAL_INTERVAL: Duration = Duration::from_secs(2);
/// How often an idle worker looks for jobs that other servers took in or abandoned.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long a worker rests after a job that broke off; longer where the database could not be reached, or gave no connection.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
const UNREACHABLE_PAUSE: Duration = Duration::from_secs(5);
/// How often a job is begun before it counts as one that breaks its worker.
const MAX_ATTEMPTS: i32 = 5;

/// Works on imports, one after the other, until the server stops; on those of one province where one is given.
pub async fn work(app: Data<App>, only: Option<i32>) {
    let owner = app.world.new_id();
    while !app.shutdown.is_begun() {
        let (world, own, arrived) = (app.world.clone(), app.imports.running(), app.imports.arrived.notified());
        let claim = move |conn: &mut Conn| queries::claim(conn, owner, own, only, world.now(), world.now().plus_seconds(LEASE_SECONDS));
        match app.db.write(claim).await {
            Ok(Some(job)) => attempt(&app, job).await,
            Ok(None) => drop(tokio::time::timeout(POLL_INTERVAL, arrived).await),
            Err(error) => {
                tracing::warn!(%error, "no import could be claimed; the next look tries again");
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        }
    }
}

async fn attempt(app: &Data<App>, job: JobRow) {
    let (id, attempts) = (job.id, job.attempts);
    let running = app.imports.begin(id, job.written().total());
    // A job that was not put back after its last attempt took its server down: it must not do so at each start.
    let outcome =
        if attempts > MAX_ATTEMPTS { Err(ApiError::internal("no worker survives it")) } else { work_on(app, &job, &running).await };
    if let Err(error) = outcome {
        tracing::warn!(import = %id, %error, attempts, "an import broke off");
        // `already_exists`: somebody else made the item after it was looked up; the next attempt finds it and changes it.
        let is_transient = matches!(error.code, ProblemCode::Busy | ProblemCode::Unavailable | ProblemCode::AlreadyExists);
        let unreachable = error.code == ProblemCode::Unavailable;
        let ends = attempts >= MAX_ATTEMPTS && !is_transient;
        let world = app.world.clone();
        let put_back = app
            .db
            .write(move |conn| {
                if ends {
                    queries::fail(conn, &job, &FileFault::bare(FaultCode::ImportBroke), world.now())
                } else {
                    queries::release(conn, &job, if is_transient { job.attempts - 1 } else { job.attempts }, world.now())
                }
            })
            .await;
        if let Err(error) = put_back {
            tracing::warn!(import = %id, %error, "an import was not put back; its lease will run out");
        }
        tokio::time::sleep(if unreachable { UNREACHABLE_PAUSE } else { RETRY_PAUSE }).await;
    }
    app.imports.end(id, &running);
}

/// Runs a job, renews its lease meanwhile, and has it given up where its user or the user's rights have changed.
async fn work_on(app: &Data<App>, job: &JobRow, running: &Arc<Running>) -> Result<(), ApiError> {
    let user = user_of(app, job).await?;
    let (shared, held, flags, began_for) = (app.clone(), job.clone(), Arc::clone(running), user.clone());
    let mut work = tokio::task::spawn_blocking(move || runner::run(&shared, &held, &flags, began_for));
    let mut own = None;
    loop {
        if let Ok(done) = tokio::time::timeout(LEASE_RENEWAL_INTERVAL, &mut work).await {
            return done.unwrap_or_else(|_| Err(ApiError::internal("a panic while working on an import")));
        }
        match beat(app, job, running, &mut own).await {
            Ok(true) => {}
            Ok(false) => app.imports.give_up(job.id),
            Err(error) => tracing::debug!(%error, "the lease of an import was not renewed; the next beat tries again"),
        }
        // The job is put back and begun again, with the rights that the user has then.
        if user_of(app, job).await.is_ok_and(|now| now != user) {
            app.imports.give_up(job.id);
        }
    }
}

/// The user of a job as of now; none where no longer active.
async fn user_of(app: &Data<App>, job: &JobRow) -> Result<Option<Arc<Actor>>, ApiError> {
    let (province, user, today) = (job.province_id, job.user_id, app.world.today());
    Ok(app.db.read_now(move |conn| auth::queries::get_actor(conn, province, user, today)).await?.map(Arc::new))
}

/// Renews the lease; `false` where the job is no longer this worker's. On PostgreSQL over a connection of its own, since those of requests
/// may all wait for what the import has locked. On SQLite this waits for the import's own transaction; nobody else can take the job over
/// meanwhile either.
async fn beat(app: &Data<App>, job: &JobRow, running: &Arc<Running>, own: &mut Option<Conn>) -> Result<bool, ApiError> {
    let (held, running, world) = (job.clone(), Arc::clone(running), app.world.clone());
    let renew = move |conn: &mut Conn| {
        let (done, until) = (running.rows_done.load(Ordering::Relaxed), world.now().plus_seconds(LEASE_SECONDS));
        queries::keep_lease(conn, &held, done, until)
    };
    let (known, target) = (own.take(), app.db.target().clone());
    if matches!(target, Target::Sqlite(_)) {
        return app.db.write(renew).await;
    }
    let beaten = tokio::task::spawn_blocking(move || {
        let mut conn = known.map_or_else(|| target.connect(true), Ok)?;
        in_transaction(&mut conn, renew).map(|is_held| (conn, is_held))
    });
    let (conn, is_held) = beaten.await.map_err(ApiError::internal)??;
    *own = Some(conn);
    Ok(is_held)
}
