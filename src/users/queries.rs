//! Rows, reach, filter, and the writes.

use std::collections::{BTreeSet, HashMap};

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::{count_star, exists},
};

use super::{
    dto::{User, UserFields, UserFilter},
    rules,
};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{mandates, responsibilities, users as table, users::dsl},
        search, update_row,
    },
    error::{ApiError, ProblemCode},
    events::queries::has_acted,
    http::{
        query::{AnyOf, Search},
        resource::{Resource, reads},
    },
    persian,
    policy::{Kind, Role},
    tx::Tx,
};

/// A row, in the order of the columns; not to be printed, since it holds a password's hash.
#[derive(Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct UserRow {
    pub province_id: i32,
    pub id: Id,
    pub username: String,
    pub username_key: String,
    pub display_name: String,
    pub search_key: String,
    pub role: Role,
    pub agency_id: Option<Id>,
    pub active: bool,
    pub password_hash: Option<String>,
    pub must_change_password: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl UserRow {
    /// The writable fields.
    pub fn fields(&self) -> UserFields {
        UserFields {
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            role: self.role,
            agency_id: self.agency_id,
            active: self.active,
        }
    }

    /// Whether it is one of the [`administrators`] that are counted.
    pub fn can_administer(&self) -> bool {
        rules::administers(self.role, self.active) && self.password_hash.is_some()
    }
}

/// The fields with the keys that are derived from them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Columns {
    username: String,
    username_key: String,
    display_name: String,
    search_key: String,
    role: Role,
    agency_id: Option<Id>,
    active: bool,
}

impl From<UserFields> for Columns {
    fn from(fields: UserFields) -> Self {
        Self {
            username_key: persian::code_key(&fields.username),
            search_key: search::key(&[Some(&fields.username), Some(&fields.display_name)]),
            username: fields.username,
            display_name: fields.display_name,
            role: fields.role,
            agency_id: fields.agency_id,
            active: fields.active,
        }
    }
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// The province sees all users; everybody else themselves.
pub fn visible(actor: &Actor) -> Query {
    let province = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    match actor.role {
        Role::Province => province,
        Role::Agency | Role::NeighborhoodManager | Role::Viewer => province.filter(dsl::id.eq(actor.user_id)),
    }
}

fn filtered(conn: &Conn, scope: &Scope, filter: &UserFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(roles)) = filter.role {
        query = query.filter(among(dsl::role, roles));
    }
    if let Some(AnyOf(agencies)) = filter.agency_id {
        query = query.filter(among(dsl::agency_id, agencies));
    }
    if let Some(flag) = filter.active {
        query = query.filter(dsl::active.eq(flag.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    for condition in filter.q.iter().flat_map(|Search(words)| search::contains(conn, "users", words)) {
        query = query.filter(condition);
    }
    query
}

/// Users as lists, totals and exports see them.
pub struct Users;

impl Resource for Users {
    type Filter = UserFilter;
    type Row = UserRow;
    type Item = User;
    const KIND: Kind = Kind::User;
    const PATH: &'static str = "/api/v1/users";

    reads! {
        "username" => username_key: String,
        "updated_at" => updated_at: Timestamp,
    }

    fn items(_: &mut Conn, _: &Scope, rows: Vec<UserRow>) -> Result<Vec<User>, ApiError> {
        Ok(rows.into_iter().map(User::from).collect())
    }
}

/// The user of a name, compared without case.
///
/// # Errors
/// Those of the database.
pub fn resolve(conn: &mut Conn, province_id: i32, username: &str) -> Result<Option<UserRow>, ApiError> {
    let same = dsl::province_id.eq(province_id).and(dsl::username_key.eq(persian::code_key(username)));
    Ok(table::table.filter(same).first(conn).optional()?)
}

/// The users of these names' keys.
///
/// # Errors
/// Those of the database.
pub fn by_keys(conn: &mut Conn, province_id: i32, keys: BTreeSet<String>) -> Result<HashMap<String, UserRow>, ApiError> {
    let rows: Vec<UserRow> = table::table.filter(dsl::province_id.eq(province_id).and(among(dsl::username_key, keys))).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.username_key.clone(), row)).collect())
}

/// How many administrators of the province can log in: active users with the role `province` and a password.
///
/// # Errors
/// Those of the database.
pub fn administrators(conn: &mut Conn, province_id: i32) -> Result<i64, ApiError> {
    let leading = dsl::province_id.eq(province_id).and(dsl::role.eq(Role::Province)).and(dsl::active.eq(true));
    Ok(table::table.filter(leading.and(dsl::password_hash.is_not_null())).select(count_star()).get_result(conn)?)
}

/// Whether another row has this name.
///
/// # Errors
/// Those of the database.
pub fn is_taken(conn: &mut Conn, province_id: i32, username: &str, own: Option<Id>) -> Result<bool, ApiError> {
    Ok(resolve(conn, province_id, username)?.is_some_and(|row| Some(row.id) != own))
}

/// Inserts a row.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: UserFields, password_hash: Option<String>, must_change: bool) -> Result<UserRow, ApiError> {
    let secret = (dsl::password_hash.eq(password_hash), dsl::must_change_password.eq(must_change));
    insert_row!(tx, (Columns::from(fields), secret))
}

/// Writes the fields, and the password where there is a new one, into the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &UserRow, fields: UserFields, password_hash: Option<String>) -> Result<UserRow, ApiError> {
    let secret = password_hash.map(|hash| (dsl::password_hash.eq(hash), dsl::must_change_password.eq(true)));
    update_row!(tx, row, (Columns::from(fields), secret))
}

/// Removes a row on which nothing depends; its sessions go with it.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &UserRow) -> Result<(), ApiError> {
    let (province, id) = (row.province_id, row.id);
    let appointed = mandates::table.filter(mandates::province_id.eq(province).and(mandates::user_id.eq(id)));
    let verified = responsibilities::table.filter(responsibilities::province_id.eq(province).and(responsibilities::verified_by.eq(id)));
    if diesel::select(exists(appointed).or(exists(verified))).get_result(tx.conn)? || has_acted(tx.conn, province, id)? {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((province, id))).execute(tx.conn)?;
    Ok(())
}
