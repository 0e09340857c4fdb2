//! `/users`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{NewUser, User, UserFilter, UserPage, UserPatch},
    queries::Users,
    write,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Create, Delete, Read, Update},
        password::{self, NewPassword},
    },
    error::ApiError,
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
    config.service(export_users).service(list_users).service(create_user).service(get_user).service(update_user).service(delete_user);
}

/// List users.
#[utoipa::path(tag = "users", operation_id = "listUsers", params(UserFilter), responses((status = 200, body = UserPage)))]
#[get("/api/v1/users")]
async fn list_users(who: Can<Read, Users>, app: Data<App>, request: HttpRequest, list: List<Users>) -> Answer {
    answer::page::<_, UserPage>(&app, &who, &request, list).await
}

/// Export users as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "users", operation_id = "exportUsers", params(UserFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/users/export")]
async fn export_users(who: CanTake<Users>, app: Data<App>, request: HttpRequest, export: Export<Users>) -> Answer {
    export::stream(&app, who.clone(), &request, export).await
}

/// Get a user.
#[utoipa::path(tag = "users", operation_id = "getUser", responses((status = 200, body = User)))]
#[get("/api/v1/users/{id}")]
async fn get_user(who: Can<Read, Users>, app: Data<App>, id: PathId) -> Answer {
    answer::item::<Users>(&app, &who, id.0).await
}

/// Add a user.
#[utoipa::path(tag = "users", operation_id = "createUser", request_body = NewUser, responses((status = 201, body = User)))]
#[post("/api/v1/users")]
async fn create_user(who: Can<Create, Users>, app: Data<App>, body: Body<NewUser>) -> Answer {
    let mut new = body.value;
    let hash = hashed(&app, new.take_password()).await?;
    let must_change = hash.is_some();
    app.write(&who, body.key, move |tx| {
        let row = write::create(tx, new.into(), hash, must_change)?;
        answer::created::<Users>(tx, row)
    })
    .await
}

/// Change a user.
#[utoipa::path(tag = "users", operation_id = "updateUser", request_body = UserPatch, responses((status = 200, body = User)))]
#[patch("/api/v1/users/{id}")]
async fn update_user(who: Can<Update, Users>, app: Data<App>, id: PathId, change: PatchBody<UserPatch>) -> Answer {
    let PatchBody { mut patch, if_match } = change;
    let hash = hashed(&app, patch.take_password()).await?;
    app.write(&who, IdempotencyKey::none(), move |tx| {
        let row = write::update(tx, id.0, &if_match, |fields| patch.onto(fields), hash)?;
        answer::changed::<Users>(tx, row)
    })
    .await
}

/// Remove a user who has done nothing yet.
#[utoipa::path(tag = "users", operation_id = "deleteUser", responses((status = 204)))]
#[delete("/api/v1/users/{id}")]
async fn delete_user(who: Can<Delete, Users>, app: Data<App>, id: PathId, if_match: RequiredIfMatch) -> Answer {
    app.write(&who, IdempotencyKey::none(), move |tx| {
        write::delete(tx, id.0, &if_match.0)?;
        Ok(Reply::no_content())
    })
    .await
}

/// The hash of a password, made before the transaction, which must not wait for Argon2.
async fn hashed(app: &App, password: Option<NewPassword>) -> Result<Option<String>, ApiError> {
    match password {
        Some(password) => password::hash_aside(app, password).await.map(Some),
        None => Ok(None),
    }
}
