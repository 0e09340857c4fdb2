//! `/clients`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Client, ClientFilter, ClientPage, ClientPatch, NewClient, SecretRotation},
    queries::{ClientRow, Clients},
    secrets, write,
};
use crate::{
    app::App,
    auth::{
        Can,
        can::{Create, Delete, Read, Update},
    },
    error::ApiError,
    http::{
        answer::{self, Answer, Reply},
        body::{Body, PatchBody},
        conditional::RequiredIfMatch,
        idempotency::IdempotencyKey,
        page::List,
        path::PathId,
        resource::Resource,
    },
    tx::Tx,
};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(update_client)
        .service(delete_client)
        .service(issue_client_secret);
}

/// List service accounts.
#[utoipa::path(tag = "clients", operation_id = "listClients", params(ClientFilter), responses((status = 200, body = ClientPage)))]
#[get("/api/v1/clients")]
async fn list_clients(who: Can<Read, Clients>, app: Data<App>, request: HttpRequest, list: List<Clients>) -> Answer {
    answer::page::<_, ClientPage>(&app, &who, &request, list).await
}

/// Get a service account.
#[utoipa::path(tag = "clients", operation_id = "getClient", responses((status = 200, body = Client)))]
#[get("/api/v1/clients/{id}")]
async fn get_client(who: Can<Read, Clients>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Clients>(&app, &who, id.0).await
}

/// Add a service account.
///
/// The answer shows its secret, once: `client_id` and `client_secret` are what `/api/v1/oauth/token` takes. Repeated with the
/// same Idempotency-Key within 24 hours, the request is answered with the same secret.
#[utoipa::path(tag = "clients", operation_id = "createClient", request_body = NewClient, responses((status = 201, body = Client)))]
#[post("/api/v1/clients")]
async fn create_client(who: Can<Create, Clients>, app: Data<App>, body: Body<NewClient>) -> Answer {
    let secret = secrets::make(&app.world);
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, &body.value.into(), &secret)?;
        issued(tx, row, secret)
    })
    .await
}

/// Change a service account.
#[utoipa::path(tag = "clients", operation_id = "updateClient", request_body = ClientPatch, responses((status = 200, body = Client)))]
#[patch("/api/v1/clients/{id}")]
async fn update_client(who: Can<Update, Clients>, app: Data<App>, id: PathId, change: PatchBody<ClientPatch>) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &change.if_match, |fields| change.patch.onto(fields))?;
        answer::changed::<Clients>(tx, row)
    })
    .await
}

/// Remove a service account that has done nothing yet.
///
/// One that has done something is made inactive instead.
#[utoipa::path(tag = "clients", operation_id = "deleteClient", responses((status = 204)))]
#[delete("/api/v1/clients/{id}")]
async fn delete_client(who: Can<Delete, Clients>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Give a service account a new secret.
///
/// The answer shows it, once. The present secret, and the tokens that it gave, stay good for `overlap_hours`; an earlier
/// one whose overlap is not over ends at once, so that there are never more than two.
#[utoipa::path(tag = "clients", operation_id = "issueClientSecret", request_body = SecretRotation, responses((status = 201, body = Client)))]
#[post("/api/v1/clients/{id}/secrets")]
async fn issue_client_secret(who: Can<Update, Clients>, app: Data<App>, id: PathId, body: Body<SecretRotation>) -> Answer {
    let secret = secrets::make(&app.world);
    app.write(&who, body.key, move |tx| {
        let row = write::rotate(tx, id.0, &secret, body.value.hours())?;
        issued(tx, row, secret)
    })
    .await
}

/// The answer with the secret, which is shown nowhere else; stored under an Idempotency-Key it is encrypted.
fn issued(tx: &mut Tx<'_>, row: ClientRow, secret: String) -> Result<Reply, ApiError> {
    let (id, version) = (row.id, row.version);
    let (conn, scope) = tx.split();
    let mut item = Clients::item(conn, scope, row)?;
    item.client_secret = Some(secret);
    Ok(Reply { confidential: true, ..Reply::created(format!("{}/{id}", Clients::PATH), version, &item)? })
}
