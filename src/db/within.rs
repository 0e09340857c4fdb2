//! `column IN (SELECT …)` for a boxed query, which the connection enum's own `eq_any` cannot take.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

use super::MultiBackend;

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

impl<C, Q> Expression for Within<C, Q> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<QS>, Q, QS> AppearsOnTable<QS> for Within<C, Q> {}
impl<C: SelectableExpression<QS>, Q, QS> SelectableExpression<QS> for Within<C, Q> {}

impl<C, Q, G> ValidGrouping<G> for Within<C, Q> {
    type IsAggregate = is_aggregate::No;
}

impl<C, Q> QueryId for Within<C, Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<MultiBackend>, Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Within<C, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
