//! `/domains`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Domain, DomainFilter, DomainPage, DomainPatch, NewDomain},
    queries::Domains,
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
        .service(export_domains)
        .service(list_domains)
        .service(create_domain)
        .service(get_domain)
        .service(update_domain)
        .service(delete_domain);
}

/// List domains.
#[utoipa::path(tag = "domains", operation_id = "listDomains", params(DomainFilter), responses((status = 200, body = DomainPage)))]
#[get("/api/v1/domains")]
async fn list_domains(who: Can<Read, Domains>, app: Data<App>, request: HttpRequest, list: List<Domains>) -> Answer {
    answer::page::<_, DomainPage>(&app, &who, &request, list).await
}

/// Export domains as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "domains", operation_id = "exportDomains", params(DomainFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/domains/export")]
async fn export_domains(who: CanTake<Domains>, app: Data<App>, request: HttpRequest, export: Export<Domains>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a domain.
#[utoipa::path(tag = "domains", operation_id = "getDomain", responses((status = 200, body = Domain)))]
#[get("/api/v1/domains/{id}")]
async fn get_domain(who: Can<Read, Domains>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Domains>(&app, &who, id.0).await
}

/// Add a domain.
#[utoipa::path(tag = "domains", operation_id = "createDomain", request_body = NewDomain, responses((status = 201, body = Domain)))]
#[post("/api/v1/domains")]
async fn create_domain(who: Can<Create, Domains>, app: Data<App>, body: Body<NewDomain>) -> Answer {
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, |next| body.value.fields(next))?;
        answer::created::<Domains>(tx, row)
    })
    .await
}

/// Change a domain.
#[utoipa::path(tag = "domains", operation_id = "updateDomain", request_body = DomainPatch, responses((status = 200, body = Domain)))]
#[patch("/api/v1/domains/{id}")]
async fn update_domain(who: Can<Update, Domains>, app: Data<App>, id: PathId, change: PatchBody<DomainPatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.onto(fields))?;
        answer::changed::<Domains>(tx, row)
    })
    .await
}

/// Remove a domain that nothing depends on.
#[utoipa::path(tag = "domains", operation_id = "deleteDomain", responses((status = 204)))]
#[delete("/api/v1/domains/{id}")]
async fn delete_domain(who: Can<Delete, Domains>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}
