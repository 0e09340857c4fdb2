//! `/imports`.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, HeaderName, HeaderValue},
    post,
    web::{Data, Payload},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{
        Import, ImportFilter, ImportMode, ImportPage, ImportRow, ImportRowFilter, ImportRowPage, ImportState, ImportUpload, NewImport,
        RowOutcome, TemplateChoice,
    },
    queries::{self, Imports, JobRow},
    report, template,
    upload::{self, Received},
};
use crate::{
    app::App,
    auth::{Actor, Caller, Can, can},
    db::{Conn, Id},
    error::{ApiError, Code},
    http::{
        answer::{self, Answer, Reply},
        export::Calendar,
        idempotency::Intent,
        page::{self, List, Page as _, PageRequest},
        path::PathId,
        query::{self, AnyOf},
        resource::Resource,
        shape,
    },
    tx::Tx,
};

/// The most jobs of one user that are not over: what waits lies in the database.
const MOST_OPEN: i64 = 50;
/// The longest that `Prefer: wait` holds an answer, in seconds.
const LONGEST_WAIT: u64 = 30;

/// Registers the operations; the template before the item, whose path would match it.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_import_template)
        .service(list_imports)
        .service(create_import)
        .service(get_import)
        .service(list_import_rows)
        .service(cancel_import);
}

/// List imports.
#[utoipa::path(tag = "imports", operation_id = "listImports", params(ImportFilter), responses((status = 200, body = ImportPage)))]
#[get("/api/v1/imports")]
async fn list_imports(who: Can<can::Read, can::Imports>, app: Data<App>, request: HttpRequest, list: List<Imports>) -> Answer {
    answer::page::<_, ImportPage>(&app, &who, &request, list).await
}

/// Get an import.
#[utoipa::path(tag = "imports", operation_id = "getImport", responses((status = 200, body = Import)))]
#[get("/api/v1/imports/{id}")]
async fn get_import(who: Can<can::Read, can::Imports>, app: Data<App>, id: PathId) -> Answer {
    Ok(seen(&app, &who, id.0).await?.into())
}

/// Import a file: CSV, NDJSON or XLSX as the body or as the part `file` of a form.
///
/// The answer is the job; `Prefer: wait=N` holds it until the job has ended, at most N and never more than 30 seconds.
#[utoipa::path(
    tag = "imports", operation_id = "createImport", params(NewImport),
    request_body(content((Vec<u8> = "application/octet-stream"), (ImportUpload = "multipart/form-data"))),
    responses((status = 202, body = Import))
)]
#[post("/api/v1/imports")]
async fn create_import(who: Can<can::Create, can::Imports>, app: Data<App>, request: HttpRequest, payload: Payload) -> Answer {
    let intent = Intent::of(&request)?;
    let options: NewImport = read(&request)?;
    if !options.dataset.allows(who.actor.role) {
        return Err(ApiError::forbidden());
    }
    // Before the file is taken in, where the answer is none that is stored.
    let (actor, key, now) = (Arc::clone(&who.actor), intent.clone(), app.world.now());
    let early = move |conn: &mut Conn| if key.is_used(conn, &actor, now)? { Ok(()) } else { has_room(conn, &actor) };
    app.db.read_now(early).await?;
    let received = upload::receive(&app, who.actor.province_id, &request, &options, payload).await?;
    let intent = intent.bind(&request, &received.digest.to_be_bytes());
    let answered = app.write(&who, intent, move |tx| queue(tx, &options, received)).await;
    let earlier = answered.as_ref().ok().and_then(replayed);
    if answered.is_err() || earlier.is_some() {
        upload::discard(&app, who.actor.province_id, received.id).await;
    } else {
        app.imports.arrived.notify_waiters();
    }
    let answer = answered?;
    let Some(seconds) = wish(&request) else { return Ok(answer) };
    let mut answer = waited(&app, &who, earlier.unwrap_or(received.id), seconds).await?;
    if earlier.is_some() {
        answer.headers_mut().insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// The import of an answer that was given before; who lost that one waits for the same end.
fn replayed(answer: &HttpResponse) -> Option<Id> {
    answer.headers().get("idempotent-replayed")?;
    Id::parse(answer.headers().get(header::LOCATION)?.to_str().ok()?.rsplit('/').next()?)
}

/// List what became of each row.
#[utoipa::path(tag = "imports", operation_id = "listImportRows", params(ImportRowFilter), responses((status = 200, body = ImportRowPage)))]
#[get("/api/v1/imports/{id}/rows")]
async fn list_import_rows(who: Can<can::Read, can::Imports>, app: Data<App>, request: HttpRequest) -> Answer {
    let id = request.match_info().get("id").and_then(Id::parse).ok_or_else(ApiError::not_found)?;
    let (filter, page): (ImportRowFilter, PageRequest) = page::read(&request, &["row"])?;
    let is_asked = |outcome: &RowOutcome| filter.outcome.as_ref().is_none_or(|AnyOf(outcomes)| outcomes.contains(outcome));
    let asked: Vec<RowOutcome> = RowOutcome::ALL.iter().copied().filter(is_asked).collect();
    let (scope, wanted) = (who.scope(&app), page.clone());
    let (mut found, total) = app
        .db
        .read(move |conn| {
            let job = Imports::find(conn, &scope.actor, id)?;
            let after = wanted.after_key::<i64>()?;
            let is_beyond = |row: i64| after.is_none_or(|(after, _)| if wanted.descending { row < after } else { row > after });
            let mut found: Vec<ImportRow> = Vec::new();
            for batch in queries::batches(conn, &job, &wanted, &asked)? {
                let mut rows = report::decode(&batch, scope.language.is_english())?;
                if wanted.descending {
                    rows.reverse();
                }
                found.extend(rows.into_iter().filter(|row| is_beyond(row.row) && asked.contains(&row.outcome)));
            }
            let counts = job.counts();
            let total = wanted.with_total.then(|| asked.iter().map(|outcome| counts.of(*outcome)).sum());
            Ok((found, total))
        })
        .await?;
    let next = page.cut_by(&mut found, |row| (row.row.to_string(), id));
    let mut reply = answer::tagged(&ImportRowPage::new(found, next.clone(), total))?;
    if let Some(cursor) = next {
        reply.headers.push((header::LINK.as_str().into(), answer::link(&request, &cursor)));
    }
    Ok(reply.into())
}

/// Cancel an import.
///
/// What `per_row` has written by then stays; one that is over answers 409.
#[utoipa::path(tag = "imports", operation_id = "cancelImport", responses((status = 200, body = Import)))]
#[post("/api/v1/imports/{id}/cancel")]
async fn cancel_import(who: Can<can::Create, can::Imports>, app: Data<App>, request: HttpRequest, id: PathId) -> Answer {
    let intent = Intent::of(&request)?.bind(&request, &[]);
    let scope = who.scope(&app);
    // Who may not see it, may not stop it either, nor does a request that is only answered as it was before; one that works here lets
    // go of its transaction first.
    let (key, now) = (intent.clone(), app.world.now());
    let stops = app
        .db
        .read_now(move |conn| Ok(!Imports::find(conn, &scope.actor, id.0)?.state.is_over() && !key.is_used(conn, &scope.actor, now)?))
        .await?;
    if stops {
        app.imports.give_up(id.0);
    }
    app.write(&who, intent, move |tx| {
        let row = tx.find::<Imports>(id.0)?;
        let row = queries::cancel(tx, &row)?;
        answer::reply::<Imports>(tx, 200, row)
    })
    .await
}

/// Get a template: Persian headings, an example row, and in a spreadsheet lists of what may be chosen.
#[utoipa::path(tag = "imports", operation_id = "getImportTemplate", params(TemplateChoice), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/imports/template")]
async fn get_import_template(who: Can<can::Read, can::Imports>, app: Data<App>, request: HttpRequest) -> Answer {
    let choice: TemplateChoice = read(&request)?;
    template::answer(&app, &who, &request, choice).await
}

/// All parameters of a request.
fn read<T: deserr::Deserr<shape::Faults>>(request: &HttpRequest) -> Result<T, ApiError> {
    let (pairs, mut faults) = query::pairs(request.query_string());
    let read = shape::parameters::<T>(pairs).map_err(|more| faults.extend(more)).ok();
    read.filter(|_| faults.is_empty()).ok_or_else(|| ApiError::parameters(faults))
}

/// Refuses another job of a user who has too many that are not over.
fn has_room(conn: &mut Conn, actor: &Actor) -> Result<(), ApiError> {
    if queries::open_of(conn, actor.province_id, actor.user_id)? < MOST_OPEN {
        return Ok(());
    }
    Err(ApiError { retry_after: Some(30), ..ApiError::new(Code::TooManyRequests) })
}

/// Makes the job of a file that has arrived.
fn queue(tx: &mut Tx<'_>, options: &NewImport, received: Received) -> Result<Reply, ApiError> {
    let actor = tx.actor().clone();
    has_room(tx.conn, &actor)?;
    let now = tx.now();
    let row = JobRow {
        province_id: actor.province_id,
        id: received.id,
        user_id: actor.user_id,
        dataset: options.dataset,
        mode: options.mode.unwrap_or(ImportMode::Atomic),
        dry_run: options.dry_run.is_some_and(|flag| flag.0),
        calendar: options.calendar.unwrap_or(Calendar::Gregorian),
        format: received.format,
        request_id: tx.request_id().map(str::to_owned),
        bytes: received.bytes,
        state: ImportState::Queued,
        attempts: 0,
        lease_owner: None,
        lease_until: None,
        rows_total: None,
        rows_done: 0,
        last_row: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        error_code: None,
        error_args: None,
        error_row: None,
        started_at: None,
        finished_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    queries::insert(tx, &row)?;
    Ok(accepted(Reply::item(202, row.version, &row.clone().item(false))?, row.id))
}

fn accepted(mut reply: Reply, id: Id) -> Reply {
    reply.status = 202;
    reply.headers.push(("location".into(), format!("{}/{id}", Imports::PATH)));
    reply
}

/// The job as it is now, with how far this server is with it.
async fn seen(app: &Data<App>, who: &Caller, id: Id) -> Result<Reply, ApiError> {
    let (scope, shared) = (who.scope(app), app.clone());
    app.db
        .read_now(move |conn| {
            let mut row = Imports::find(conn, &scope.actor, id)?;
            if row.state == ImportState::Running {
                row.rows_done = shared.imports.rows_done(id).map_or(row.rows_done, |done| done.max(row.rows_done));
            }
            Reply::item(200, row.version, &row.item(scope.language.is_english()))
        })
        .await
}

/// How many seconds `Prefer: wait` asks for (RFC 7240), at most 30.
fn wish(request: &HttpRequest) -> Option<u64> {
    let preferences = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok()).flat_map(|value| value.split([',', ';']));
    let named = preferences.filter_map(|wish| wish.split_once('=')).filter(|(name, _)| name.trim().eq_ignore_ascii_case("wait"));
    let mut seconds = named.filter_map(|(_, value)| value.trim().trim_matches('"').parse::<u64>().ok());
    seconds.next().map(|seconds| seconds.min(LONGEST_WAIT))
}

/// The job when it has ended, or after so many seconds.
async fn waited(app: &Data<App>, who: &Caller, id: Id, seconds: u64) -> Answer {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        let ended = app.imports.ended.notified();
        let (scope, now) = (who.scope(app), tokio::time::Instant::now());
        let state = app.db.read_now(move |conn| Ok(Imports::find(conn, &scope.actor, id)?.state)).await?;
        if state.is_over() || now >= deadline {
            break;
        }
        // Another server may be the one that works on it.
        let look = deadline.min(now + Duration::from_millis(250));
        drop(tokio::time::timeout_at(look, ended).await);
    }
    let mut answer = HttpResponse::from(accepted(seen(app, who, id).await?, id));
    if let Ok(value) = HeaderValue::from_str(&format!("wait={seconds}")) {
        answer.headers_mut().insert(HeaderName::from_static("preference-applied"), value);
    }
    Ok(answer)
}
