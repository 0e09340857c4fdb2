//! What is read by id, listed, counted and exported, all within one reach: rows and their number by one filter, in keyset order
//! (CONTRACT §1, "Lists").

use deserr::Deserr;
use serde::Serialize;

use super::{page::PageRequest, shape::Faults};
use crate::{
    auth::{Actor, Scope},
    db::{Conn, Id},
    error::{ApiError, ProblemCode},
    policy::Kind,
};

/// What a resource gives so that it can be read: one by one, listed, counted and exported, all within one reach.
pub trait Resource: 'static {
    /// The query parameters.
    type Filter: Deserr<Faults> + Clone + Send + 'static;
    /// A row of the database.
    type Row: Send + 'static;
    /// A row as it is answered.
    type Item: Serialize;
    /// What one of it is, as in rights and events.
    const KIND: Kind;
    /// The address of the list.
    const PATH: &'static str;
    /// The sort keys; the first is the default.
    const SORTS: &'static [&'static str];
    /// Whether its pages may be remembered: they change only with the day and the register, and are the same for all of the same reach.
    const IS_CACHED: bool = false;
    /// Whether it is sought on the map, and has a GeoJSON form.
    const HAS_MAP: bool = false;

    /// The plural, as in the path.
    fn plural() -> &'static str {
        Self::PATH.rsplit('/').next().unwrap_or_default()
    }

    /// The row of an id, within the actor's reach.
    ///
    /// # Errors
    /// `not_found`.
    fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Self::Row, ApiError>;

    /// The row of an id, where there is one within the actor's reach.
    ///
    /// # Errors
    /// Those of the database.
    fn get_optional(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Option<Self::Row>, ApiError> {
        match Self::find(conn, actor, id) {
            Err(error) if error.code == ProblemCode::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// The row's id and version; an event, which has none, is always of version 1.
    fn identity(row: &Self::Row) -> (Id, i32);

    /// The rows of a page and one more, where there is one.
    ///
    /// # Errors
    /// Those of the database.
    fn rows(conn: &mut Conn, scope: &Scope, filter: &Self::Filter, page: &PageRequest) -> Result<Vec<Self::Row>, ApiError>;

    /// How many rows the filter has.
    ///
    /// # Errors
    /// Those of the database.
    fn total(conn: &mut Conn, scope: &Scope, filter: &Self::Filter) -> Result<i64, ApiError>;

    /// The rows of a page and one more, as [`Self::rows`], and where it is asked for how many the filter has.
    ///
    /// # Errors
    /// Those of the database.
    fn page(conn: &mut Conn, scope: &Scope, filter: &Self::Filter, page: &PageRequest) -> Result<(Vec<Self::Row>, Option<i64>), ApiError> {
        let rows = Self::rows(conn, scope, filter, page)?;
        let total = if page.with_total { Some(Self::total(conn, scope, filter)?) } else { None };
        Ok((rows, total))
    }

    /// The row's value of a sort key, for the cursor.
    fn key(row: &Self::Row, sort: &str) -> String;

    /// The rows as they are answered, with a fixed number of statements.
    ///
    /// # Errors
    /// Those of the database.
    fn items(conn: &mut Conn, scope: &Scope, rows: Vec<Self::Row>) -> Result<Vec<Self::Item>, ApiError>;

    /// One row as it is answered.
    ///
    /// # Errors
    /// Those of the database.
    fn item(conn: &mut Conn, scope: &Scope, row: Self::Row) -> Result<Self::Item, ApiError> {
        Self::items(conn, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
    }

    /// A row that was just inserted, as it is answered.
    ///
    /// # Errors
    /// Those of the database.
    fn new_item(conn: &mut Conn, scope: &Scope, row: Self::Row) -> Result<Self::Item, ApiError> {
        Self::item(conn, scope, row)
    }
}

/// What is the same for every [`Resource`] whose rows have an `id` and a `version`: one row is found by `visible(actor)`, rows and their
/// number by `filtered(conn, scope, filter)`, which needs the connection only for the search, whose SQL differs by database. The
/// arguments are the sort keys, each with its column; the first is the default.
macro_rules! reads {
    ($default:literal => $first:ident: $first_type:ty $(, $name:literal => $column:ident: $type:ty)* $(,)?) => {
        const SORTS: &'static [&'static str] = &[$default $(, $name)*];

        fn find(conn: &mut $crate::db::Conn, actor: &$crate::auth::Actor, id: $crate::db::Id) -> Result<Self::Row, $crate::error::ApiError> {
            Ok(visible(actor).filter(dsl::id.eq(id)).first(conn)?)
        }

        fn identity(row: &Self::Row) -> ($crate::db::Id, i32) {
            (row.id, row.version)
        }

        fn rows(
            conn: &mut $crate::db::Conn,
            scope: &$crate::auth::Scope,
            filter: &Self::Filter,
            page: &$crate::http::page::PageRequest,
        ) -> Result<Vec<Self::Row>, $crate::error::ApiError> {
            let page = $crate::http::resource::keyset_page!(
                filtered(conn, scope, filter), page, $default => $first: $first_type $(, $name => $column: $type)*
            );
            Ok(page.load(conn)?)
        }

        fn total(
            conn: &mut $crate::db::Conn,
            scope: &$crate::auth::Scope,
            filter: &Self::Filter,
        ) -> Result<i64, $crate::error::ApiError> {
            Ok(filtered(conn, scope, filter).select(diesel::dsl::count_star()).get_result(conn)?)
        }

        // In one statement, so that rows and total are of one instant, and PostgreSQL is asked once.
        fn page(
            conn: &mut $crate::db::Conn,
            scope: &$crate::auth::Scope,
            filter: &Self::Filter,
            page: &$crate::http::page::PageRequest,
        ) -> Result<(Vec<Self::Row>, Option<i64>), $crate::error::ApiError> {
            if !page.with_total {
                return Ok((Self::rows(conn, scope, filter, page)?, None));
            }
            let total = filtered(conn, scope, filter).select(diesel::dsl::count_star());
            let rows = $crate::http::resource::keyset_page!(
                filtered(conn, scope, filter), page, $default => $first: $first_type $(, $name => $column: $type)*
            );
            let found: Vec<(Self::Row, i64)> = $crate::db::totalled(rows, total).load(conn)?;
            let (rows, totals): (Vec<Self::Row>, Vec<i64>) = found.into_iter().unzip();
            let total = match totals.first() {
                Some(total) => *total,
                // A page without rows has nothing beside which to tell it; the first one has none because there are none.
                None if page.after.is_none() => 0,
                None => Self::total(conn, scope, filter)?,
            };
            Ok((rows, Some(total)))
        }

        fn key(row: &Self::Row, sort: &str) -> String {
            use $crate::http::cursor::CursorKey;
            match sort {
                $($name => row.$column.encode(),)*
                _ => row.$first.encode(),
            }
        }
    };
}
pub(crate) use reads;

/// A boxed query with the condition, the order and the limit of a page, by the sort key that it asks for.
macro_rules! keyset_page {
    ($query:expr, $page:expr, $default:literal => $first:ident: $first_type:ty $(, $name:literal => $column:ident: $type:ty)*) => {{
        use $crate::http::resource::keyset;
        let (query, page) = ($query, $page);
        match page.sort {
            $($name => keyset!(query, page, $type, dsl::$column, dsl::id),)*
            _ => keyset!(query, page, $first_type, dsl::$first, dsl::id),
        }
    }};
}
pub(crate) use keyset_page;

/// Adds the keyset condition, the order and the limit of a page to a boxed query.
macro_rules! keyset {
    ($query:expr, $page:expr, $type:ty, $column:expr, $id:expr) => {{
        let (query, page) = ($query, $page);
        let after = page.after_key::<$type>()?;
        let query = if page.descending {
            let query = match after {
                Some((key, id)) => query.filter($column.le(key.clone()).and($column.lt(key).or($id.lt(id)))),
                None => query,
            };
            query.order(($column.desc(), $id.desc()))
        } else {
            let query = match after {
                Some((key, id)) => query.filter($column.ge(key.clone()).and($column.gt(key).or($id.gt(id)))),
                None => query,
            };
            query.order(($column.asc(), $id.asc()))
        };
        $crate::db::limited(query, page.fetch())
    }};
}
pub(crate) use keyset;
