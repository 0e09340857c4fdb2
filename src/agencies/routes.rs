//! `/agencies`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Agency, AgencyFilter, AgencyPage, AgencyPatch, NewAgency},
    queries::Agencies,
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
        .service(export_agencies)
        .service(list_agencies)
        .service(create_agency)
        .service(get_agency)
        .service(update_agency)
        .service(delete_agency);
}

/// List agencies.
#[utoipa::path(tag = "agencies", operation_id = "listAgencies", params(AgencyFilter), responses((status = 200, body = AgencyPage)))]
#[get("/api/v1/agencies")]
async fn list_agencies(who: Can<Read, Agencies>, app: Data<App>, request: HttpRequest, list: List<Agencies>) -> Answer {
    answer::page::<_, AgencyPage>(&app, &who, &request, list).await
}

/// Export agencies as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "agencies", operation_id = "exportAgencies", params(AgencyFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/agencies/export")]
async fn export_agencies(who: CanTake<Agencies>, app: Data<App>, request: HttpRequest, export: Export<Agencies>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get an agency.
#[utoipa::path(tag = "agencies", operation_id = "getAgency", responses((status = 200, body = Agency)))]
#[get("/api/v1/agencies/{id}")]
async fn get_agency(who: Can<Read, Agencies>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Agencies>(&app, &who, id.0).await
}

/// Add an agency.
#[utoipa::path(tag = "agencies", operation_id = "createAgency", request_body = NewAgency, responses((status = 201, body = Agency)))]
#[post("/api/v1/agencies")]
async fn create_agency(who: Can<Create, Agencies>, app: Data<App>, body: Body<NewAgency>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Agencies>(tx, row)
    })
    .await
}

/// Change an agency.
#[utoipa::path(tag = "agencies", operation_id = "updateAgency", request_body = AgencyPatch, responses((status = 200, body = Agency)))]
#[patch("/api/v1/agencies/{id}")]
async fn update_agency(who: Can<Update, Agencies>, app: Data<App>, id: PathId, change: PatchBody<AgencyPatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.onto(fields))?;
        answer::changed::<Agencies>(tx, row)
    })
    .await
}

/// Remove an agency that nothing depends on.
#[utoipa::path(tag = "agencies", operation_id = "deleteAgency", responses((status = 204)))]
#[delete("/api/v1/agencies/{id}")]
async fn delete_agency(who: Can<Delete, Agencies>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}
