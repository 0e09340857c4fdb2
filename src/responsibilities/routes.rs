//! `/responsibilities`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{NewResponsibility, Responsibility, ResponsibilityFilter, ResponsibilityPage, ResponsibilityPatch, ResponsibilityTransition},
    queries::Responsibilities,
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
        .service(export_responsibilities)
        .service(list_responsibilities)
        .service(create_responsibility)
        .service(get_responsibility)
        .service(update_responsibility)
        .service(delete_responsibility)
        .service(transition_responsibility);
}

/// List responsibilities.
#[utoipa::path(tag = "responsibilities", operation_id = "listResponsibilities", params(ResponsibilityFilter), responses((status = 200, body = ResponsibilityPage)))]
#[get("/api/v1/responsibilities")]
async fn list_responsibilities(
    who: Can<Read, Responsibilities>,
    app: Data<App>,
    request: HttpRequest,
    list: List<Responsibilities>,
) -> Answer {
    answer::page::<_, ResponsibilityPage>(&app, &who, &request, list).await
}

/// Export responsibilities as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "responsibilities", operation_id = "exportResponsibilities", params(ResponsibilityFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/responsibilities/export")]
async fn export_responsibilities(
    who: CanTake<Responsibilities>,
    app: Data<App>,
    request: HttpRequest,
    export: Export<Responsibilities>,
) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a responsibility.
#[utoipa::path(tag = "responsibilities", operation_id = "getResponsibility", responses((status = 200, body = Responsibility)))]
#[get("/api/v1/responsibilities/{id}")]
async fn get_responsibility(who: Can<Read, Responsibilities>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Responsibilities>(&app, &who, id.0).await
}

/// Add a responsibility.
#[utoipa::path(tag = "responsibilities", operation_id = "createResponsibility", request_body = NewResponsibility, responses((status = 201, body = Responsibility)))]
#[post("/api/v1/responsibilities")]
async fn create_responsibility(who: Can<Create, Responsibilities>, app: Data<App>, body: Body<NewResponsibility>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Responsibilities>(tx, row)
    })
    .await
}

/// Change a responsibility.
#[utoipa::path(tag = "responsibilities", operation_id = "updateResponsibility", request_body = ResponsibilityPatch, responses((status = 200, body = Responsibility)))]
#[patch("/api/v1/responsibilities/{id}")]
async fn update_responsibility(
    who: Can<Update, Responsibilities>,
    app: Data<App>,
    id: PathId,
    change: PatchBody<ResponsibilityPatch>,
) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, change.patch)?;
        answer::changed::<Responsibilities>(tx, row)
    })
    .await
}

/// Remove a responsibility that was only ever part of a draft.
#[utoipa::path(tag = "responsibilities", operation_id = "deleteResponsibility", responses((status = 204)))]
#[delete("/api/v1/responsibilities/{id}")]
async fn delete_responsibility(who: Can<Delete, Responsibilities>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Move a responsibility along its lifecycle.
#[utoipa::path(tag = "responsibilities", operation_id = "transitionResponsibility", request_body = ResponsibilityTransition, responses((status = 200, body = Responsibility)))]
#[post("/api/v1/responsibilities/{id}/transitions")]
async fn transition_responsibility(
    who: Can<Transition, Responsibilities>,
    app: Data<App>,
    id: PathId,
    body: Body<ResponsibilityTransition>,
) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::transition(tx, id.0, &body.if_match, body.value)?;
        answer::changed::<Responsibilities>(tx, row)
    })
    .await
}
