//! `column IN (…)` of values that are bound, written so that a connection prepares it once and not at each request.

use diesel::{
    Expression, QueryResult,
    backend::Backend,
    query_builder::{AstPass, QueryFragment},
    serialize::ToSql,
    sql_types::{HasSqlType, IntoNotNullable},
};

use super::condition::condition;

/// The longest list that is filled up to a power of two; a longer one is a statement of its own.
const MAX_PADDED: usize = 256;

/// The condition that a column's value is one of these; it holds for no row where the list is empty.
///
/// Diesel's own `eq_any` makes a statement that is prepared anew each time, since it differs with the number of values.
/// Here the list is as long as the next power of two, its last value repeated: nine statements serve all lengths.
#[derive(Debug, Clone)]
pub struct Among<C, T> {
    column: C,
    values: Vec<T>,
}

/// `column IN (values)`.
pub fn among<C: Expression, T>(column: C, values: impl IntoIterator<Item = T>) -> Among<C, T> {
    Among { column, values: values.into_iter().collect() }
}

condition!(Among);

impl<C, T, DB> QueryFragment<DB> for Among<C, T>
where
    C: Expression<SqlType: IntoNotNullable> + QueryFragment<DB>,
    DB: Backend + HasSqlType<<C::SqlType as IntoNotNullable>::NotNullable>,
    T: ToSql<<C::SqlType as IntoNotNullable>::NotNullable, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            out.push_sql("1=0");
            return Ok(());
        };
        let mut places = self.values.len();
        if places > MAX_PADDED {
            out.unsafe_to_cache_prepared();
        } else {
            places = places.next_power_of_two();
        }
        self.column.walk_ast(out.reborrow())?;
        for (number, value) in self.values.iter().chain(std::iter::repeat(last)).take(places).enumerate() {
            out.push_sql(if number == 0 { " IN (" } else { ", " });
            out.push_bind_param(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
