//! The locks that a write holds while it decides, so that READ COMMITTED allows no write skew (DESIGN §4, decision 2). There are
//! none on SQLite, which has one writer.

use std::collections::BTreeSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::Integer,
};

use super::{
    Conn, Id,
    schema::{agencies, clients, domains, initiatives, neighborhoods, provinces, users},
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
    /// An agency that is about to be inactive: nobody refers to it anew meanwhile.
    Agency(Id),
    /// A domain that is about to be inactive, likewise.
    Domain(Id),
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
    /// Agencies, as [`lock_referred`].
    ReferredAgencies(BTreeSet<String>),
    /// All domains, as [`lock_referred`].
    ReferredDomains,
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
        // Who refers to one holds its key, so another lock would not wait for him.
        Root::Agency(id) => drop(held!(pg, agencies, province_id, agencies::id.eq(id), for_update)),
        Root::Domain(id) => drop(held!(pg, domains, province_id, domains::id.eq(id), for_update)),
    }
    Ok(())
}

/// What a write newly refers to, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Referred<'a> {
    /// The neighbourhood that it adds to.
    pub neighborhood: Option<Id>,
    /// The folded key of a domain's code.
    pub domain: Option<&'a str>,
    /// An agency.
    pub agency: Option<Id>,
}

/// Holds what a write refers to until the transaction ends: a neighbourhood against all changes, a domain and an agency against
/// becoming inactive, none of them against others who refer to it too. In one statement; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another transaction changes one for too long.
pub fn lock_referred(conn: &mut Conn, province_id: i32, referred: &Referred<'_>) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    macro_rules! one {
        ($table:ident, $named:expr, $how:ident) => {
            $table::table.filter($table::province_id.eq(province_id).and($named)).select($table::id).limit(1).$how().single_value()
        };
    }
    let place = one!(neighborhoods, neighborhoods::id.eq(referred.neighborhood.unwrap_or(Id::NOBODY)), for_share);
    let domain = one!(domains, domains::code_key.eq(referred.domain.unwrap_or_default()), for_key_share);
    let agency = one!(agencies, agencies::id.eq(referred.agency.unwrap_or(Id::NOBODY)), for_key_share);
    diesel::select((place, domain, agency)).execute(pg)?;
    Ok(())
}

/// Locks a user against changes until the transaction ends, while he may still log in elsewhere; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another transaction changes him for too long.
pub fn lock_user(conn: &mut Conn, province_id: i32, user: Id) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    // Not for long: an import of users holds them to its end, and those who log in would hold all connections meanwhile.
    pg.batch_execute("SET LOCAL lock_timeout = '1s'")?;
    drop(held!(pg, users, province_id, users::id.eq(user), for_share));
    Ok(())
}

/// What a transaction of an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
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
pub fn lock_imports(conn: &mut Conn, province_id: i32, share: Share) -> Result<(), ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    let shared = match share {
        Share::File => "",
        Share::Batch => "_shared",
    };
    // Two numbers: the first names the purpose, other than the sealer's, the second the province.
    sql_query(format!("SELECT pg_advisory_xact_lock{shared}(1836212588, $1)")).bind::<Integer, _>(province_id).execute(pg)?;
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
        Roots::ReferredAgencies(keys) => held!(pg, agencies, province_id, agencies::code_key.eq_any(keys), for_key_share),
        Roots::ReferredDomains => held!(pg, domains, province_id, domains::province_id.eq(province_id), for_key_share),
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
