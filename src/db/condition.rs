//! The traits that Diesel needs of a condition on a column, apart from how its SQL is written.

/// Implements those traits for a struct of a column and one more part; its prepared statements are found by their text.
macro_rules! condition {
    ($name:ident) => {
        impl<C, T> diesel::Expression for $name<C, T> {
            type SqlType = diesel::sql_types::Bool;
        }

        impl<C: diesel::AppearsOnTable<QS>, T, QS> diesel::AppearsOnTable<QS> for $name<C, T> {}
        impl<C: diesel::SelectableExpression<QS>, T, QS> diesel::SelectableExpression<QS> for $name<C, T> {}

        impl<C, T, G> diesel::expression::ValidGrouping<G> for $name<C, T> {
            type IsAggregate = diesel::expression::is_aggregate::No;
        }

        impl<C, T> diesel::query_builder::QueryId for $name<C, T> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}
pub(super) use condition;
