//! Provinces: the tenants. The command line makes them, and `serve` the first.

use std::sync::Arc;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::max};
use serde_json::json;

use crate::{
    auth::Actor,
    clock::World,
    db::{
        Conn, lock_installation,
        schema::{provinces, provinces::dsl},
    },
    domains,
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    fault::Fault,
    http::fields::{self, Field, Line},
    persian,
    tx::Tx,
};

/// A province.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Province {
    /// Its number, which every row of it carries.
    pub id: i32,
    /// Its code, by which tokens and logins name it.
    pub code: String,
}

/// The province with this code; case does not count.
///
/// # Errors
/// `not_found`.
pub fn find(conn: &mut Conn, code: &str) -> Result<Province, ApiError> {
    Ok(provinces::table.filter(dsl::code_key.eq(persian::code_key(code))).select((dsl::id, dsl::code)).first(conn)?)
}

/// The code of a province.
///
/// # Errors
/// `not_found`.
pub fn code(conn: &mut Conn, province_id: i32) -> Result<String, ApiError> {
    Ok(provinces::table.find(province_id).select(dsl::code).first(conn)?)
}

/// Every province, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<Province>, ApiError> {
    Ok(provinces::table.order(dsl::id).select((dsl::id, dsl::code)).load(conn)?)
}

/// Adds a province with the built-in domains, inside a transaction.
///
/// # Errors
/// 422 where a value is refused; 409 `already_exists`.
pub fn add(conn: &mut Conn, world: &World, code: &str, name: &str, name_en: &str) -> Result<i32, ApiError> {
    let mut faults = Vec::new();
    let code = judged::<fields::Code>("/code", code, &mut faults);
    let name = judged::<Line<200>>("/name", name, &mut faults);
    let name_en = judged::<Line<200>>("/name_en", name_en, &mut faults);
    let (Some(code), Some(name), Some(name_en)) = (code, name, name_en) else { return Err(ApiError::invalid(faults)) };
    lock_installation(conn)?;
    let known = all(conn)?;
    if known.iter().any(|province| persian::code_key(&province.code) == code.key()) {
        return Err(ApiError::taken("code"));
    }
    let id = provinces::table.select(max(dsl::id)).first::<Option<i32>>(conn)?.unwrap_or(0) + 1;
    diesel::insert_into(provinces::table)
        .values((
            (dsl::id.eq(id), dsl::code.eq(&code.0), dsl::code_key.eq(code.key())),
            (dsl::name.eq(&name.0), dsl::name_en.eq(&name_en.0), dsl::created_at.eq(world.now())),
        ))
        .execute(conn)?;
    let mut tx = Tx::new(conn, Arc::new(Actor::operator(id)), world, None);
    let changes = Changes::created(&json!({"code": code.0, "name": name.0, "name_en": name_en.0}))?;
    events::record(&mut tx, EventAction::Created, &Subject::kind("province"), &changes, None)?;
    domains::write::insert_built_in(tx.conn, id, world, world.now())?;
    Ok(id)
}

fn judged<T: Field>(pointer: &str, text: &str, faults: &mut Vec<Fault>) -> Option<T> {
    T::read_text(text).map_err(|refusal| faults.push(Fault::of(pointer, refusal))).ok()
}
