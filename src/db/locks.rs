//! The locks that a write holds while it decides, so that READ COMMITTED allows no write skew (DESIGN §4, decision 2). There are
//! none on SQLite, which has one writer.

use std::collections::BTreeSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, connection::SimpleConnection, define_sql_function,
    sql_types::Integer,
};

use super::{
    Conn, Id,
    schema::{clients, initiatives, neighborhoods, provinces, users},
};
use crate::error::ApiError;

/// The row that a write locks, for all that lies below it.
#[derive(Debug, Clone, Copy)]
pub enum Root {
    /// A province: its users, agencies and domains, which are few and which everything else refers to.
    Province,
    /// A neighbourhood, its mandates and new initiatives.
    Neighborhood(Id),
    /// An initiative with its responsibilities and deferrals.
    Initiative(Id),
    /// A service account with its reach, its secrets and the tokens that they give.
    Client(Id),
}

/// Several roots, by the folded keys of their codes.
#[derive(Debug, Clone)]
pub enum Roots {
    /// As [`Root::Neighborhood`].
    Neighborhoods(BTreeSet<String>),
    /// Neighbourhoods, as [`lock_referred`].
    ReferredNeighborhoods(BTreeSet<String>),
    /// As [`Root::Initiative`].
    Initiatives(BTreeSet<String>),
}

/// Locks the rows of a province that meet a condition, in the order of their ids.
macro_rules! held {
    ($pg:expr, $table:ident, $province:expr, $named:expr, $how:ident) => {
        $table::table.filter($table::province_id.eq($province).and($named)).order($table::id).select($table::id).$how().load::<Id>($pg)?
    };
}

/// Locks a root row until the transaction ends; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another transaction holds it for too long.
pub fn lock(conn: &mut Conn, province_id: i32, root: Root) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    match root {
        Root::Province => {
            provinces::table.find(province_id).select(provinces::id).for_no_key_update().first::<i32>(pg).optional()?;
        }
        Root::Neighborhood(id) => drop(held!(pg, neighborhoods, province_id, neighborhoods::id.eq(id), for_no_key_update)),
        Root::Initiative(id) => drop(held!(pg, initiatives, province_id, initiatives::id.eq(id), for_no_key_update)),
        Root::Client(id) => drop(held!(pg, clients, province_id, clients::id.eq(id), for_no_key_update)),
    }
    Ok(())
}

/// The purposes of advisory locks of a province.
mod purpose {
    /// The chain of events, to which one sealer adds at a time.
    pub const SEALS: i32 = 1_835_100_261;
    /// Imports, of which one that writes its whole file is alone.
    pub const IMPORTS: i32 = 1_836_212_588;
    /// Agencies and domains: many refer to them anew, or one becomes inactive.
    pub const REFERENCES: i32 = 1_836_212_589;
}

define_sql_function! {
    /// Held with others until the transaction ends; gives nothing.
    fn pg_advisory_xact_lock_shared(purpose: Integer, province: Integer) -> Nullable<Text>;
}

define_sql_function! {
    /// Held alone until the transaction ends; gives nothing.
    fn pg_advisory_xact_lock(purpose: Integer, province: Integer) -> Nullable<Text>;
}

/// Holds what a write newly refers to until the transaction ends: the neighbourhood that it adds to against all changes, agencies and
/// domains against becoming inactive, none of them against others who refer to them too. Nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another transaction changes one for too long.
pub fn lock_referred(conn: &mut Conn, province_id: i32, neighborhood: Option<Id>) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    // NOBODY is the id of no neighbourhood.
    let named = neighborhoods::province_id.eq(province_id).and(neighborhoods::id.eq(neighborhood.unwrap_or(Id::NOBODY)));
    let place = neighborhoods::table.filter(named).select(neighborhoods::id).limit(1).for_share().single_value();
    // One statement, since every new initiative begins with it.
    diesel::select((place, pg_advisory_xact_lock_shared(purpose::REFERENCES, province_id))).execute(pg)?;
    Ok(())
}

/// Waits, before an agency or a domain becomes inactive, for those who are referring to one, and keeps others from it until the
/// transaction ends. Nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where that takes too long, as while an import writes its whole file.
pub fn lock_ending(conn: &mut Conn, province_id: i32) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    // Not for as long as others: who comes to refer waits behind it.
    pg.batch_execute("SET LOCAL lock_timeout = '3s'")?;
    diesel::select(pg_advisory_xact_lock(purpose::REFERENCES, province_id)).execute(pg)?;
    Ok(())
}

/// Locks a user against changes until the transaction ends, while logins elsewhere go on; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another transaction changes the user for too long.
pub fn lock_user(conn: &mut Conn, province_id: i32, user: Id) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    drop(held!(pg, users, province_id, users::id.eq(user), for_share));
    Ok(())
}

/// As [`lock_user`], but waits no longer than a second: an import of users holds them to its end, and those who log in would hold all
/// connections meanwhile.
///
/// # Errors
/// `busy` where another transaction changes the user for too long.
pub fn lock_user_briefly(conn: &mut Conn, province_id: i32, user: Id) -> Result<(), ApiError> {
    if let Conn::Postgres(pg) = conn {
        pg.batch_execute("SET LOCAL lock_timeout = '1s'")?;
    }
    lock_user(conn, province_id, user)
}

/// What a transaction of an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The whole file: it locks what it changes in the order of the file.
    File,
    /// A batch: it locks in the order of ids.
    Batch,
}

/// Keeps other imports from writing in a province until the transaction ends: all of them for one that writes its whole file in it, and
/// that one for a batch. Nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another import holds it for too long.
pub fn lock_imports(conn: &mut Conn, province_id: i32, written: Written) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    match written {
        Written::File => diesel::select(pg_advisory_xact_lock(purpose::IMPORTS, province_id)).execute(pg)?,
        Written::Batch => diesel::select(pg_advisory_xact_lock_shared(purpose::IMPORTS, province_id)).execute(pg)?,
    };
    Ok(())
}

/// Keeps other sealers from a province's chain of events until the transaction ends; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another seals for too long.
pub fn lock_seals(conn: &mut Conn, province_id: i32) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    diesel::select(pg_advisory_xact_lock(purpose::SEALS, province_id)).execute(pg)?;
    Ok(())
}

/// What [`lock_all`] holds.
#[derive(Debug)]
pub enum Held {
    /// All there is: SQLite has one writer.
    All,
    /// These rows.
    These(BTreeSet<Id>),
}

impl Held {
    /// Refuses rows that are not held: a row that was made, or got its code, while this one waited for locks may still change.
    ///
    /// # Errors
    /// `busy`, upon which the whole is tried again.
    pub fn check(&self, ids: impl IntoIterator<Item = Id>) -> Result<(), ApiError> {
        match self {
            Self::These(held) if ids.into_iter().any(|id| !held.contains(&id)) => Err(ApiError::busy()),
            _ => Ok(()),
        }
    }
}

/// Locks the rows of these codes' keys, in the order of their ids; nothing on SQLite.
///
/// # Errors
/// `busy` where another transaction holds one for too long.
pub fn lock_all(conn: &mut Conn, province_id: i32, roots: Roots) -> Result<Held, ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(Held::All) };
    let ids = match roots {
        Roots::Neighborhoods(keys) => held!(pg, neighborhoods, province_id, neighborhoods::code_key.eq_any(keys), for_no_key_update),
        Roots::ReferredNeighborhoods(keys) => held!(pg, neighborhoods, province_id, neighborhoods::code_key.eq_any(keys), for_share),
        Roots::Initiatives(keys) => held!(pg, initiatives, province_id, initiatives::code_key.eq_any(keys), for_no_key_update),
    };
    Ok(Held::These(ids.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_held_is_refused() {
        assert!(Held::All.check([Id::NOBODY]).is_ok());
        assert!(Held::These([Id::NOBODY].into()).check([Id::NOBODY]).is_ok());
        assert!(Held::These(BTreeSet::new()).check([Id::NOBODY]).is_err());
        assert!(Held::These(BTreeSet::new()).check([]).is_ok());
    }
}
