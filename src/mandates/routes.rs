//! `/mandates`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Mandate, MandateFilter, MandatePage, MandatePatch, NewMandate},
    queries::Mandates,
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
        .service(export_mandates)
        .service(list_mandates)
        .service(create_mandate)
        .service(get_mandate)
        .service(update_mandate)
        .service(delete_mandate);
}

/// List mandates.
#[utoipa::path(tag = "mandates", operation_id = "listMandates", params(MandateFilter), responses((status = 200, body = MandatePage)))]
#[get("/api/v1/mandates")]
async fn list_mandates(who: Can<Read, Mandates>, app: Data<App>, request: HttpRequest, list: List<Mandates>) -> Answer {
    answer::page::<_, MandatePage>(&app, &who, &request, list).await
}

/// Export mandates as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "mandates", operation_id = "exportMandates", params(MandateFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/mandates/export")]
async fn export_mandates(who: CanTake<Mandates>, app: Data<App>, request: HttpRequest, export: Export<Mandates>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a mandate.
#[utoipa::path(tag = "mandates", operation_id = "getMandate", responses((status = 200, body = Mandate)))]
#[get("/api/v1/mandates/{id}")]
async fn get_mandate(who: Can<Read, Mandates>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Mandates>(&app, &who, id.0).await
}

/// Add a mandate.
#[utoipa::path(tag = "mandates", operation_id = "createMandate", request_body = NewMandate, responses((status = 201, body = Mandate)))]
#[post("/api/v1/mandates")]
async fn create_mandate(who: Can<Create, Mandates>, app: Data<App>, body: Body<NewMandate>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Mandates>(tx, row)
    })
    .await
}

/// Change a mandate.
#[utoipa::path(tag = "mandates", operation_id = "updateMandate", request_body = MandatePatch, responses((status = 200, body = Mandate)))]
#[patch("/api/v1/mandates/{id}")]
async fn update_mandate(who: Can<Update, Mandates>, app: Data<App>, id: PathId, change: PatchBody<MandatePatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.clone().onto(fields))?;
        answer::changed::<Mandates>(tx, row)
    })
    .await
}

/// Remove a mandate that has not begun.
#[utoipa::path(tag = "mandates", operation_id = "deleteMandate", responses((status = 204)))]
#[delete("/api/v1/mandates/{id}")]
async fn delete_mandate(who: Can<Delete, Mandates>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}
