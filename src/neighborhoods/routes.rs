//! `/neighborhoods`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Neighborhood, NeighborhoodFilter, NeighborhoodPage, NeighborhoodPatch, NewNeighborhood},
    queries::Neighborhoods,
    write,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Create, Delete, Read, Update},
    },
    http::{
        answer::{self, Answer, Reply},
        body::{Body, PatchBody},
        conditional::RequiredIfMatch,
        export::{self, Export},
        idempotency::IdempotencyKey,
        page::List,
        path::PathId,
    },
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
async fn list_neighborhoods(who: Can<Read, Neighborhoods>, app: Data<App>, request: HttpRequest, list: List<Neighborhoods>) -> Answer {
    answer::page::<_, NeighborhoodPage>(&app, &who, &request, list).await
}

/// Export neighbourhoods as CSV, XLSX, NDJSON or GeoJSON.
#[utoipa::path(tag = "neighborhoods", operation_id = "exportNeighborhoods", params(NeighborhoodFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/neighborhoods/export")]
async fn export_neighborhoods(who: CanTake<Neighborhoods>, app: Data<App>, request: HttpRequest, export: Export<Neighborhoods>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "getNeighborhood", responses((status = 200, body = Neighborhood)))]
#[get("/api/v1/neighborhoods/{id}")]
async fn get_neighborhood(who: Can<Read, Neighborhoods>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Neighborhoods>(&app, &who, id.0).await
}

/// Add a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "createNeighborhood", request_body = NewNeighborhood, responses((status = 201, body = Neighborhood)))]
#[post("/api/v1/neighborhoods")]
async fn create_neighborhood(who: Can<Create, Neighborhoods>, app: Data<App>, body: Body<NewNeighborhood>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Neighborhoods>(tx, row)
    })
    .await
}

/// Change a neighbourhood.
#[utoipa::path(tag = "neighborhoods", operation_id = "updateNeighborhood", request_body = NeighborhoodPatch, responses((status = 200, body = Neighborhood)))]
#[patch("/api/v1/neighborhoods/{id}")]
async fn update_neighborhood(who: Can<Update, Neighborhoods>, app: Data<App>, id: PathId, change: PatchBody<NeighborhoodPatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.onto(fields))?;
        answer::changed::<Neighborhoods>(tx, row)
    })
    .await
}

/// Remove a neighbourhood that nothing depends on.
#[utoipa::path(tag = "neighborhoods", operation_id = "deleteNeighborhood", responses((status = 204)))]
#[delete("/api/v1/neighborhoods/{id}")]
async fn delete_neighborhood(who: Can<Delete, Neighborhoods>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}
