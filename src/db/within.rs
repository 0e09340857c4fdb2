//! `column IN (SELECT …)` for a boxed query, which the connection enum's own `eq_any` cannot take.

use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment},
};

use super::{MultiBackend, condition::condition};

/// The condition that a column's value is among those that a query selects.
#[derive(Debug, Clone)]
pub struct Within<C, Q> {
    column: C,
    query: Q,
}

/// `column IN (query)`.
pub const fn within<C, Q>(column: C, query: Q) -> Within<C, Q> {
    Within { column, query }
}

condition!(Within);

impl<C: QueryFragment<MultiBackend>, Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Within<C, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
