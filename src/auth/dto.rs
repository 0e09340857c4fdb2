//! Bodies and answers.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder,
        schema::{SchemaType, Type},
    },
};

use super::{
    Actor,
    password::{GivenPassword, NewPassword},
    queries::LoginUser,
};
use crate::{
    db::Id,
    http::{
        fields::{Code, Line, inline_schema},
        shape::Faults,
    },
    policy::{self, Role},
};

/// The name and password of a user.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct LoginRequest {
    /// The user's login name; case does not count.
    pub username: Line<200>,
    /// The password.
    pub password: GivenPassword,
    /// The province's code; needed only where the server has several.
    #[deserr(default)]
    pub province: Option<Code>,
}

/// A refresh token.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "1_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE"}))]
pub struct RefreshRequest {
    /// The refresh token of the last login or refresh.
    pub refresh_token: Line<200>,
}

/// The old and the new password.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"current_password": "mahalleh-demo", "new_password": "a-longer-secret"}))]
pub struct PasswordChange {
    /// The present password.
    pub current_password: GivenPassword,
    /// The new password: at least ten characters, and none of the common ones.
    pub new_password: NewPassword,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct TokenPair {
    /// The access token, to send as `Authorization: Bearer`.
    #[schema(
        min_length = 20,
        max_length = 4096,
        pattern = "^[A-Za-z0-9_.-]+$",
        examples("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln")
    )]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(min_length = 6, max_length = 6, pattern = "^Bearer$", examples("Bearer"))]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(minimum = 1, maximum = 86400, examples(900))]
    pub expires_in: i64,
    /// The refresh token, to use once in `POST /api/v1/auth/refresh`.
    #[schema(min_length = 20, max_length = 200, pattern = "^[A-Za-z0-9_-]+$", examples("1_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE"))]
    pub refresh_token: String,
    /// Seconds until the refresh token expires.
    #[schema(minimum = 1, maximum = 31_536_000, examples(2_592_000))]
    pub refresh_expires_in: i64,
    /// The user who logged in, as in `/api/v1/me`.
    pub user: Me,
}

/// A kind of thing and what one may do to it: `resource:action`.
struct Permission;

inline_schema!(
    Permission,
    "Permission",
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(3))
        .max_length(Some(64))
        .pattern(Some("^[a-z_]+:[a-z_]+$"))
);

/// The caller, and what the caller may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The user's id; of a service account its `client_id`.
    pub user_id: Id,
    /// Login name; of a service account its `client_id`.
    #[schema(value_type = Code)]
    pub username: String,
    /// Display name.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// The code of the caller's province.
    #[schema(value_type = Code)]
    pub province: String,
    /// Role.
    pub role: Role,
    /// The agency that the user works for; null unless the role is `agency`.
    pub agency_id: Option<Id>,
    /// The neighbourhoods managed by a mandate valid today; of a service account those it acts in.
    #[schema(max_items = 10000)]
    pub neighborhood_ids: Vec<Id>,
    /// What the role may do, as `resource:action`.
    #[schema(value_type = Vec<Permission>, max_items = 200)]
    pub permissions: Vec<String>,
    /// Whether the password must be changed, because somebody else chose it.
    pub must_change_password: bool,
}

impl Me {
    /// The answer for a user, with the neighbourhoods of the mandates.
    pub fn new(user: &LoginUser, neighborhood_ids: Vec<Id>) -> Self {
        Self {
            user_id: user.id,
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            province: user.province.clone(),
            role: user.role,
            agency_id: user.agency_id,
            neighborhood_ids,
            permissions: policy::permissions(user.role, false),
            must_change_password: user.must_change_password,
        }
    }

    /// The answer for a service account, which has no password, so none to change.
    pub fn for_client(actor: &Actor, province: String) -> Self {
        Self {
            user_id: actor.user_id,
            username: actor.username.clone(),
            display_name: actor.display_name.clone(),
            province,
            role: actor.role,
            agency_id: actor.agency_id,
            neighborhood_ids: actor.neighborhood_ids.clone(),
            permissions: policy::permissions(actor.role, true),
            must_change_password: false,
        }
    }
}
