//! `/neighborhoods`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Neighborhood, NeighborhoodFields, NeighborhoodFilter, NeighborhoodPage, NeighborhoodPatch, NewNeighborhood},
    queries::{self, NeighborhoodRow, Neighborhoods},
    rules,
};
use crate::{
    app::App,
    auth::{Can, can},
    db::Root,
    error::ApiError,
    events::{self, Changes, Deed, Subject},
    http::{
        answer::{self, Answer, Reply},
        body::{Body, Change},
        conditional::IfMatch,
        export::{self, Export},
        idempotency::Intent,
        page::List,
        path::PathId,
    },
    tx::Tx,
};

/// Registers the operations; the export before the item, whose path would match it.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(export_neighborhoods)
        .service(list_neighborhoods)
        .service(create_neighborhood)
        .service(get_neighborhood)
        .service(update_neighborhood)
        .service(delete_neighborhood);
}

/// List neighbourhoods.
#[utoipa::path(tag = "neighborhoods", operation_id = "listNeighborhoods", params(NeighborhoodFilter), responses((status = 200, body = NeighborhoodPage)))]
#[get("/api/v1/neighborhoods")]
async fn list_neighborhoods(who: Can<can::Read, can::Neighborhoods>, app: Data<App>, request: HttpRequest, list: List<Neighborhoods>) -> Answer {
    answer::page::<_, NeighborhoodPage>(&app, &who, &request, list).await
}

/// Export neighbourhoods as CSV, NDJSON or GeoJSON.
#[utoipa::path(tag = "neighborhoods", operation_id = "exportNeighborhoods", params(NeighborhoodFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/neighborhoods/export")]
async fn export_neighborhoods(who: Can<can::Read, can::Neighborhoods>, app: Data<App>, request: HttpRequest, export: Export<Neighborhoods>) -> Answer {
    export::stream(&app, who.clone(), &request, export)
}

/// Get a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "getNeighborhood", responses((status = 200, body = Neighborhood)))]
#[get("/api/v1/neighborhoods/{id}")]
async fn get_neighborhood(who: Can<can::Read, can::Neighborhoods>, app: Data<App>, id: PathId) -> Answer {
    let scope = who.scope(&app);
    let reply = app
        .db
        .read(move |conn| {
            let row = queries::find(conn, &scope.actor, id.0)?;
            Reply::item(200, row.version, &queries::item(conn, &scope, row)?)
        })
        .await?;
    Ok(reply.into())
}

/// Add a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "createNeighborhood", request_body = NewNeighborhood, responses((status = 201, body = Neighborhood)))]
#[post("/api/v1/neighborhoods")]
async fn create_neighborhood(who: Can<can::Create, can::Neighborhoods>, app: Data<App>, body: Body<NewNeighborhood>) -> Answer {
    let fields = NeighborhoodFields::from(body.value);
    app.write(&who, body.intent, move |tx| {
        let row = create(tx, fields)?;
        Reply::created(format!("/api/v1/neighborhoods/{}", row.id), row.version, &item(tx, row)?)
    })
    .await
}

/// Change a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "updateNeighborhood", request_body = NeighborhoodPatch, responses((status = 200, body = Neighborhood)))]
#[patch("/api/v1/neighborhoods/{id}")]
async fn update_neighborhood(who: Can<can::Update, can::Neighborhoods>, app: Data<App>, id: PathId, change: Change<NeighborhoodPatch>) -> Answer {
    app.write(&who, Intent::default(), move |tx| {
        tx.lock(Root::Neighborhood(id.0))?;
        let row = queries::find(tx.conn, &tx.scope().actor.clone(), id.0)?;
        let old = row.fields();
        let new = change.patch.onto(old.clone());
        let changes = Changes::between(&old, &new)?;
        rules::writable(tx.actor(), row.id).check(&changes)?;
        change.seen.check(row.version)?;
        if changes.is_empty() {
            return Reply::item(200, row.version, &item(tx, row)?);
        }
        queries::check_code(tx.conn, row.province_id, &new.code, Some(row.id))?;
        let row = queries::update(tx, &row, new)?;
        events::record(tx, Deed::Updated, &subject(&row), &changes, None)?;
        Reply::item(200, row.version, &item(tx, row)?)
    })
    .await
}

/// Remove a neighbourhood that nothing depends on.
#[utoipa::path(tag = "neighborhoods", operation_id = "deleteNeighborhood", responses((status = 204)))]
#[delete("/api/v1/neighborhoods/{id}")]
async fn delete_neighborhood(who: Can<can::Delete, can::Neighborhoods>, app: Data<App>, id: PathId, seen: IfMatch) -> Answer {
    app.write(&who, Intent::default(), move |tx| {
        tx.lock(Root::Neighborhood(id.0))?;
        let row = queries::find(tx.conn, &tx.scope().actor.clone(), id.0)?;
        seen.0.check(row.version)?;
        queries::delete(tx, &row)?;
        events::record(tx, Deed::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Adds a neighbourhood, with its event.
///
/// # Errors
/// 409 `already_exists`.
pub fn create(tx: &mut Tx<'_>, fields: NeighborhoodFields) -> Result<NeighborhoodRow, ApiError> {
    queries::check_code(tx.conn, tx.province_id(), &fields.code, None)?;
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, fields)?;
    events::record(tx, Deed::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

fn subject(row: &NeighborhoodRow) -> Subject {
    Subject::new("neighborhood", row.id, row.version).in_neighborhood(row.id)
}

fn item(tx: &mut Tx<'_>, row: NeighborhoodRow) -> Result<Neighborhood, ApiError> {
    let (conn, scope) = tx.split();
    queries::item(conn, scope, row)
}
