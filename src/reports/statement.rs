//! A statement put together from SQL and from queries: grouping and joining is written as SQL, and what may be seen still comes
//! from the queries, and so from `visible(actor)` alone.

use std::marker::PhantomData;

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

use crate::db::{Conn, MultiBackend};

/// A part of a statement.
pub enum Piece {
    /// SQL of ours; holds nothing that a caller wrote.
    Sql(String),
    /// A query, in parentheses.
    Query(Box<dyn QueryFragment<MultiBackend> + Send>),
}

/// A statement that gives rows of the SQL type `T`.
pub struct Statement<T> {
    pieces: Vec<Piece>,
    rows: PhantomData<fn() -> T>,
}

impl<T> Statement<T> {
    /// Begins with SQL.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Sql(sql.into())], rows: PhantomData }
    }

    /// Goes on with SQL.
    #[must_use]
    pub fn sql(mut self, sql: impl Into<String>) -> Self {
        self.pieces.push(Piece::Sql(sql.into()));
        self
    }

    /// Goes on with a query.
    #[must_use]
    pub fn query(mut self, query: impl QueryFragment<MultiBackend> + Send + 'static) -> Self {
        self.pieces.push(Piece::Query(Box::new(query)));
        self
    }
}

impl<T> QueryFragment<MultiBackend> for Statement<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // Dates stand in the text, so there would be no end of prepared statements.
        out.unsafe_to_cache_prepared();
        for piece in &self.pieces {
            match piece {
                Piece::Sql(sql) => out.push_sql(sql),
                Piece::Query(query) => {
                    out.push_sql("(");
                    query.walk_ast(out.reborrow())?;
                    out.push_sql(")");
                }
            }
        }
        Ok(())
    }
}

impl<T> QueryId for Statement<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for Statement<T> {
    type SqlType = T;
}

impl<T> RunQueryDsl<Conn> for Statement<T> {}
