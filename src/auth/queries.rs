//! Users as logins and tokens need them, and the families of their tokens.

mod families;

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::exists};

pub use families::{
    RefreshTokenRow, delete_expired, get_refresh_token, insert_refresh_token, insert_session, revoke_session, revoke_sessions,
    use_refresh_token,
};

use super::{Actor, Claims};
use crate::{
    clients,
    clock::tehran_day,
    db::{
        Conn, Id, Timestamp,
        schema::{mandates, provinces, sessions, users},
    },
    error::{ApiError, ProblemCode},
    mandates::queries::valid_on,
    persian,
    policy::Role,
};

/// The user or the service account of a token, if user and session are still good.
///
/// # Errors
/// 401 `invalid_token` where they are not.
pub fn load_actor(conn: &mut Conn, claims: &Claims, now: Timestamp, today: NaiveDate) -> Result<Actor, ApiError> {
    if claims.client_id.is_some() {
        return clients::queries::load_actor(conn, claims, now, today);
    }
    let session = sessions::province_id.eq(users::province_id).and(sessions::user_id.eq(users::id)).and(sessions::id.eq(claims.sid));
    let user = users::table
        .inner_join(provinces::table.on(provinces::id.eq(users::province_id)))
        .inner_join(sessions::table.on(session))
        .filter(provinces::code_key.eq(persian::code_key(&claims.province)).and(users::id.eq(claims.sub)))
        .filter(users::active.eq(true).and(sessions::revoked_at.is_null()).and(sessions::expires_at.gt(now)))
        .select((users::province_id, users::username, users::display_name, users::role, users::agency_id))
        .first::<(i32, String, String, Role, Option<Id>)>(conn)
        .optional()?;
    let Some((province_id, username, display_name, role, agency_id)) = user else { return Err(ApiError::new(ProblemCode::InvalidToken)) };
    let neighborhood_ids = neighborhood_ids(conn, province_id, claims.sub, role, today)?;
    Ok(Actor {
        province_id,
        user_id: claims.sub,
        username,
        display_name,
        role,
        agency_id,
        neighborhood_ids,
        session_id: claims.sid,
        is_client: false,
    })
}

/// A user or service account as it is now, whatever session it is in; none where it is no longer active.
///
/// # Errors
/// Those of the database.
pub fn get_actor(conn: &mut Conn, province_id: i32, user: Id, today: NaiveDate) -> Result<Option<Actor>, ApiError> {
    let Some(login) = get_user(conn, province_id, user)? else {
        return clients::queries::get_actor(conn, province_id, user, today);
    };
    if !login.active {
        return Ok(None);
    }
    let neighborhood_ids = neighborhood_ids(conn, province_id, user, login.role, today)?;
    Ok(Some(login.actor(Id::NOBODY, neighborhood_ids)))
}

/// Whether a caller is still what it was when it was let in: active, of the same role and agency, with no less reach, and in a session
/// (or with a secret) that has not ended.
///
/// # Errors
/// Those of the database.
pub fn is_unchanged(conn: &mut Conn, actor: &Actor, now: Timestamp) -> Result<bool, ApiError> {
    let present = get_actor(conn, actor.province_id, actor.user_id, tehran_day(now))?;
    let same = present.is_some_and(|present| {
        (present.role, present.agency_id) == (actor.role, actor.agency_id)
            && actor.neighborhood_ids.iter().all(|place| present.neighborhood_ids.contains(place))
    });
    if !same {
        return Ok(false);
    }
    if actor.is_client {
        return clients::secrets::is_good(conn, actor.province_id, actor.session_id, now);
    }
    let session = sessions::province_id.eq(actor.province_id).and(sessions::id.eq(actor.session_id));
    let good = session.and(sessions::revoked_at.is_null()).and(sessions::expires_at.gt(now));
    Ok(diesel::select(exists(sessions::table.filter(good))).get_result(conn)?)
}

/// The neighbourhoods of a manager's mandates that are valid on a day; others have none.
///
/// # Errors
/// Those of the database.
pub fn neighborhood_ids(conn: &mut Conn, province_id: i32, user: Id, role: Role, day: NaiveDate) -> Result<Vec<Id>, ApiError> {
    if role != Role::NeighborhoodManager {
        return Ok(Vec::new());
    }
    Ok(mandates::table
        .filter(mandates::province_id.eq(province_id).and(mandates::user_id.eq(user)).and(valid_on(day)))
        .order((mandates::valid_from, mandates::neighborhood_id))
        .select(mandates::neighborhood_id)
        .load(conn)?)
}

/// A user who wants to log in.
#[derive(Clone, Queryable)]
pub struct LoginUser {
    /// The tenant.
    pub province_id: i32,
    /// The tenant's code, for the token.
    pub province: String,
    /// The user's id.
    pub id: Id,
    /// Login name.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// Whether the user may log in.
    pub active: bool,
    /// What a password is checked against; none until the province gives one.
    pub password_hash: Option<String>,
    /// Whether the password is one that somebody else chose.
    pub must_change_password: bool,
}

impl LoginUser {
    /// The same as an actor, in a session.
    pub fn actor(&self, session_id: Id, neighborhood_ids: Vec<Id>) -> Actor {
        Actor {
            province_id: self.province_id,
            user_id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            role: self.role,
            agency_id: self.agency_id,
            neighborhood_ids,
            session_id,
            is_client: false,
        }
    }
}

/// The users of a province, as logins need them.
#[diesel::dsl::auto_type]
fn users_of(province_id: i32) -> _ {
    users::table.inner_join(provinces::table.on(provinces::id.eq(users::province_id))).filter(users::province_id.eq(province_id)).select((
        users::province_id,
        provinces::code,
        users::id,
        users::username,
        users::display_name,
        users::role,
        users::agency_id,
        users::active,
        users::password_hash,
        users::must_change_password,
    ))
}

/// The user of this name in a province, where there is one.
///
/// # Errors
/// Those of the database.
pub fn get_user_by_name(conn: &mut Conn, province_id: i32, username: &str) -> Result<Option<LoginUser>, ApiError> {
    Ok(users_of(province_id).filter(users::username_key.eq(persian::code_key(username))).first(conn).optional()?)
}

/// The user of this id in a province, where there is one.
///
/// # Errors
/// Those of the database.
pub fn get_user(conn: &mut Conn, province_id: i32, user: Id) -> Result<Option<LoginUser>, ApiError> {
    Ok(users_of(province_id).filter(users::id.eq(user)).first(conn).optional()?)
}

/// The user of this id in a province.
///
/// # Errors
/// Those of the database; `not_found`.
pub fn find_user(conn: &mut Conn, province_id: i32, user: Id) -> Result<LoginUser, ApiError> {
    get_user(conn, province_id, user)?.ok_or_else(ApiError::not_found)
}

/// The provinces that a login may mean: the one with this code; without a code all, but at most two, since two are ambiguous already.
///
/// # Errors
/// Those of the database.
pub fn provinces_meant(conn: &mut Conn, code: Option<&str>) -> Result<Vec<i32>, ApiError> {
    let ids = provinces::table.select(provinces::id).limit(2);
    Ok(match code {
        Some(code) => ids.filter(provinces::code_key.eq(persian::code_key(code))).load(conn)?,
        None => ids.load(conn)?,
    })
}

/// Stores the password that a user has chosen. Where it had to be changed, `must_change_password` is cleared and the user's new version given.
///
/// # Errors
/// Those of the database.
pub fn set_password(conn: &mut Conn, province_id: i32, user: Id, hash: String, now: Timestamp) -> Result<Option<i32>, ApiError> {
    let this = users::table.filter(users::province_id.eq(province_id).and(users::id.eq(user)));
    diesel::update(this).set(users::password_hash.eq(hash)).execute(conn)?;
    Ok(diesel::update(this.filter(users::must_change_password))
        .set((users::must_change_password.eq(false), users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .returning(users::version)
        .get_result(conn)
        .optional()?)
}
