//! The rows of a page with how many there are on all pages together, in one statement.

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};

use super::{Conn, MultiBackend};

/// Each row of a page beside the total.
#[derive(Debug, Clone, Copy)]
pub struct Totalled<P, T> {
    page: P,
    total: T,
}

/// Each row of `page`, in its order, beside the one number that `total` counts.
///
/// The page is a query of its own inside, whose limit keeps its order: with the total among its columns PostgreSQL would take
/// every row apart before it sorts, which costs as much as to count them.
pub const fn totalled<P, T>(page: P, total: T) -> Totalled<P, T> {
    Totalled { page, total }
}

impl<P: QueryFragment<MultiBackend>, T: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Totalled<P, T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT page.*, (");
        self.total.walk_ast(out.reborrow())?;
        out.push_sql(") FROM (");
        self.page.walk_ast(out.reborrow())?;
        out.push_sql(") page");
        Ok(())
    }
}

impl<P, T> QueryId for Totalled<P, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<P: Query, T: Query<SqlType = BigInt>> Query for Totalled<P, T> {
    type SqlType = (P::SqlType, BigInt);
}

impl<P, T> RunQueryDsl<Conn> for Totalled<P, T> {}
