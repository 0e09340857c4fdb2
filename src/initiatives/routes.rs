//! `/initiatives`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Initiative, InitiativeFilter, InitiativePage, InitiativePatch, InitiativeTransition, NewInitiative},
    queries::Initiatives,
    write,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Create, Delete, Read, Transition, Update},
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
        .service(export_initiatives)
        .service(list_initiatives)
        .service(create_initiative)
        .service(get_initiative)
        .service(update_initiative)
        .service(delete_initiative)
        .service(transition_initiative);
}

/// List initiatives.
#[utoipa::path(tag = "initiatives", operation_id = "listInitiatives", params(InitiativeFilter), responses((status = 200, body = InitiativePage)))]
#[get("/api/v1/initiatives")]
async fn list_initiatives(who: Can<Read, Initiatives>, app: Data<App>, request: HttpRequest, list: List<Initiatives>) -> Answer {
    answer::page::<_, InitiativePage>(&app, &who, &request, list).await
}

/// Export initiatives as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "initiatives", operation_id = "exportInitiatives", params(InitiativeFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/initiatives/export")]
async fn export_initiatives(who: CanTake<Initiatives>, app: Data<App>, request: HttpRequest, export: Export<Initiatives>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get an initiative.
#[utoipa::path(tag = "initiatives", operation_id = "getInitiative", responses((status = 200, body = Initiative)))]
#[get("/api/v1/initiatives/{id}")]
async fn get_initiative(who: Can<Read, Initiatives>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Initiatives>(&app, &who, id.0).await
}

/// Add an initiative.
#[utoipa::path(tag = "initiatives", operation_id = "createInitiative", request_body = NewInitiative, responses((status = 201, body = Initiative)))]
#[post("/api/v1/initiatives")]
async fn create_initiative(who: Can<Create, Initiatives>, app: Data<App>, body: Body<NewInitiative>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Initiatives>(tx, row)
    })
    .await
}

/// Change an initiative.
#[utoipa::path(tag = "initiatives", operation_id = "updateInitiative", request_body = InitiativePatch, responses((status = 200, body = Initiative)))]
#[patch("/api/v1/initiatives/{id}")]
async fn update_initiative(who: Can<Update, Initiatives>, app: Data<App>, id: PathId, change: PatchBody<InitiativePatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.onto(fields))?;
        answer::changed::<Initiatives>(tx, row)
    })
    .await
}

/// Remove an initiative that never left draft and has no responsibilities.
#[utoipa::path(tag = "initiatives", operation_id = "deleteInitiative", responses((status = 204)))]
#[delete("/api/v1/initiatives/{id}")]
async fn delete_initiative(who: Can<Delete, Initiatives>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Move an initiative along its lifecycle.
#[utoipa::path(tag = "initiatives", operation_id = "transitionInitiative", request_body = InitiativeTransition, responses((status = 200, body = Initiative)))]
#[post("/api/v1/initiatives/{id}/transitions")]
async fn transition_initiative(who: Can<Transition, Initiatives>, app: Data<App>, id: PathId, body: Body<InitiativeTransition>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::transition(tx, id.0, &body.if_match, body.value)?;
        answer::changed::<Initiatives>(tx, row)
    })
    .await
}
