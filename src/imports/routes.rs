//! `/imports`.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    post,
    web::{Data, Payload},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{
        Import, ImportFilter, ImportPage, ImportRow, ImportRowFilter, ImportRowPage, ImportUpload, NewImport, RowOutcome, TemplateChoice,
    },
    queries::{self, Imports},
    report, template, upload, wait, write,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Create, Read},
    },
    db::{Conn, Id},
    error::{ApiError, ProblemCode},
    http::{
        answer::{self, Answer, Reply},
        idempotency::{self, IdempotencyKey},
        page::{self, List, Page as _, PageRequest},
        path::PathId,
        query::{self, AnyOf},
        resource::Resource,
    },
};

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
async fn list_imports(who: Can<Read, Imports>, app: Data<App>, request: HttpRequest, list: List<Imports>) -> Answer {
    answer::page::<_, ImportPage>(&app, &who, &request, list).await
}

/// Get an import.
#[utoipa::path(tag = "imports", operation_id = "getImport", responses((status = 200, body = Import)))]
#[get("/api/v1/imports/{id}")]
async fn get_import(who: Can<Read, Imports>, app: Data<App>, id: PathId) -> Answer {
    let job = wait::seen(&app, &who, id.0).await?;
    Ok(Reply::item(200, job.version, &job)?.into())
}

/// Import a file: CSV, NDJSON or XLSX as the body or as the part “file” of a form.
///
/// The answer is the job; `Prefer: wait=N` holds it until the job has ended or N seconds have passed, never more than 30.
#[utoipa::path(
    tag = "imports", operation_id = "createImport", params(NewImport),
    request_body(content((Vec<u8> = "application/octet-stream"), (ImportUpload = "multipart/form-data"))),
    responses((status = 202, body = Import))
)]
#[post("/api/v1/imports")]
async fn create_import(who: Can<Create, Imports>, app: Data<App>, request: HttpRequest, payload: Payload) -> Answer {
    let (key, options): (_, NewImport) = IdempotencyKey::beside(&request, query::read(&request))?;
    if !options.dataset.allows(who.actor.role) {
        return Err(ApiError::forbidden());
    }
    // Refused before the file is taken in, unless a stored answer is to be replayed.
    let arriving = app.imports.arrive(who.actor.user_id);
    let (actor, given, now, before) = (Arc::clone(&who.actor), key.clone(), app.world.now(), arriving.before);
    let early = move |conn: &mut Conn| if given.is_used(conn, &actor, now)? { Ok(()) } else { write::has_room(conn, &actor, before) };
    app.db.read_now(early).await?;
    let received = upload::receive(&app, who.actor.province_id, &request, &options, payload).await?;
    // The format, too, decides what a file says.
    let key = key.bind(&request, &[&received.digest.to_be_bytes()[..], received.format.as_str().as_bytes()].concat());
    let answered = app.write(&who, key, move |tx| wait::accepted(&write::create(tx, &options, received)?.item(false))).await;
    let earlier = answered.as_ref().ok().and_then(replayed);
    drop(arriving);
    // Where the database went away meanwhile, the job may be there all the same; a file without one is removed within a day.
    let is_unknown = answered.as_ref().is_err_and(|error| error.code == ProblemCode::Unavailable);
    if (answered.is_err() && !is_unknown) || earlier.is_some() {
        upload::discard(&app, who.actor.province_id, received.id).await;
    } else {
        app.imports.arrived.notify_waiters();
    }
    let answer = answered?;
    let Some(seconds) = wait::wish(&request) else { return Ok(answer) };
    // The import was taken in, even where the wait for it fails.
    let Ok(mut reply) = wait::ended(&app, &who, earlier.unwrap_or(received.id), seconds).await else { return Ok(answer) };
    if earlier.is_some() {
        reply.headers.push((idempotency::REPLAYED.into(), "true".into()));
    }
    Ok(reply.into())
}

/// The import that a replayed answer is about: whoever lost the first answer waits for the same import.
fn replayed(answer: &HttpResponse) -> Option<Id> {
    answer.headers().get(idempotency::REPLAYED)?;
    Id::parse(answer.headers().get(header::LOCATION)?.to_str().ok()?.rsplit('/').next()?)
}

/// List the rows of an import with their outcomes.
#[utoipa::path(tag = "imports", operation_id = "listImportRows", params(ImportRowFilter), responses((status = 200, body = ImportRowPage)))]
#[get("/api/v1/imports/{id}/rows")]
async fn list_import_rows(who: Can<Read, Imports>, app: Data<App>, request: HttpRequest) -> Answer {
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
    let mut reply = Reply::tagged(&ImportRowPage::new(found, next.clone(), total))?;
    if let Some(cursor) = next {
        reply.headers.push((header::LINK.as_str().into(), answer::link(&request, &cursor)));
    }
    Ok(reply.into())
}

/// Cancel an import.
///
/// What `per_row` has written by then stays; an import that is over already answers 409.
#[utoipa::path(tag = "imports", operation_id = "cancelImport", responses((status = 200, body = Import)))]
#[post("/api/v1/imports/{id}/cancel")]
async fn cancel_import(who: Can<Create, Imports>, app: Data<App>, request: HttpRequest, id: PathId) -> Answer {
    let key = IdempotencyKey::of(&request)?.bind(&request, &[]);
    let scope = who.scope(&app);
    // A worker on this server lets go of its transaction first. Neither a caller who may not see the import stops it, nor a request
    // that is only answered from the stored answer.
    let (given, now) = (key.clone(), app.world.now());
    let stops = app
        .db
        .read_now(move |conn| Ok(!Imports::find(conn, &scope.actor, id.0)?.state.is_over() && !given.is_used(conn, &scope.actor, now)?))
        .await?;
    if stops {
        app.imports.give_up(id.0);
    }
    app.write(&who, key, move |tx| {
        let row = write::cancel(tx, id.0)?;
        answer::changed::<Imports>(tx, row)
    })
    .await
}

/// Get a template: Persian headings, an example row and, in XLSX, drop-down lists of the allowed values.
#[utoipa::path(tag = "imports", operation_id = "getImportTemplate", params(TemplateChoice), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/imports/template")]
async fn get_import_template(who: CanTake<Imports>, app: Data<App>, request: HttpRequest) -> Answer {
    let choice: TemplateChoice = query::read(&request)?;
    template::answer(&app, &who, &request, choice).await
}
