//! A query whose limit is part of its text.

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

use super::{Conn, MultiBackend};

/// The first rows of a query.
///
/// Diesel binds a limit. PostgreSQL then can't know that a page is short, and plans the query anew at each request; with the
/// number in the text it plans it once for a connection.
#[derive(Debug, Clone, Copy)]
pub struct Limited<Q> {
    query: Q,
    limit: i64,
}

/// `query LIMIT n`; the query must have no limit of its own.
pub const fn limited<Q>(query: Q, limit: i64) -> Limited<Q> {
    Limited { query, limit }
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Limited<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", self.limit));
        Ok(())
    }
}

impl<Q> QueryId for Limited<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Limited<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Limited<Q> {}
