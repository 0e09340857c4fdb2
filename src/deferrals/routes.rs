//! `/deferrals`.

use actix_web::{HttpRequest, get, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Deferral, DeferralFilter, DeferralPage, DeferralTransition, NewDeferral},
    queries::Deferrals,
    write,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Create, Read, Transition},
    },
    http::{
        answer::{self, Answer},
        body::Body,
        export::{self, Export},
        page::List,
        path::PathId,
    },
};

/// Registers the operations; the export before the item, whose path would match it.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(export_deferrals).service(list_deferrals).service(create_deferral).service(get_deferral).service(transition_deferral);
}

/// List deferrals.
#[utoipa::path(tag = "deferrals", operation_id = "listDeferrals", params(DeferralFilter), responses((status = 200, body = DeferralPage)))]
#[get("/api/v1/deferrals")]
async fn list_deferrals(who: Can<Read, Deferrals>, app: Data<App>, request: HttpRequest, list: List<Deferrals>) -> Answer {
    answer::page::<_, DeferralPage>(&app, &who, &request, list).await
}

/// Export deferrals as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "deferrals", operation_id = "exportDeferrals", params(DeferralFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/deferrals/export")]
async fn export_deferrals(who: CanTake<Deferrals>, app: Data<App>, request: HttpRequest, export: Export<Deferrals>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a deferral.
#[utoipa::path(tag = "deferrals", operation_id = "getDeferral", responses((status = 200, body = Deferral)))]
#[get("/api/v1/deferrals/{id}")]
async fn get_deferral(who: Can<Read, Deferrals>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Deferrals>(&app, &who, id.0).await
}

/// Ask for a deferral.
#[utoipa::path(tag = "deferrals", operation_id = "createDeferral", request_body = NewDeferral, responses((status = 201, body = Deferral)))]
#[post("/api/v1/deferrals")]
async fn create_deferral(who: Can<Create, Deferrals>, app: Data<App>, body: Body<NewDeferral>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, body.value.into())?;
        answer::created::<Deferrals>(tx, row)
    })
    .await
}

/// Decide a deferral.
#[utoipa::path(tag = "deferrals", operation_id = "transitionDeferral", request_body = DeferralTransition, responses((status = 200, body = Deferral)))]
#[post("/api/v1/deferrals/{id}/transitions")]
async fn transition_deferral(who: Can<Transition, Deferrals>, app: Data<App>, id: PathId, body: Body<DeferralTransition>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::transition(tx, id.0, &body.if_match, body.value)?;
        answer::changed::<Deferrals>(tx, row)
    })
    .await
}
