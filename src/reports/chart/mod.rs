//! Reports as pictures for a letter: SVG, 800 wide, right to left in Persian and left to right in English.
//!
//! Colours are those of Okabe and Ito, which colour-blind people can tell apart; patterns and words say the same without
//! colour. No font is fetched.

mod axis;
mod bars;
mod canvas;
mod narrowed;
mod pace;
mod paint;
mod room;
mod timeline;
mod words;

use super::{Report, scope::View};
use crate::{db::Conn, error::ApiError, http::answer_cache::CachedAnswer};
use canvas::Canvas;
use words::Words;

/// A report that can be drawn.
pub trait Chart: Report {
    /// Whether it shows what `from` and `to` bound.
    const BY_INTERVAL: bool = false;

    /// Draws it.
    fn draw(answer: &Self::Answer, view: &View<'_>, words: &Words) -> Canvas;
}

/// A report as SVG.
///
/// # Errors
/// Those of the database, which knows the names of what it is narrowed to.
pub fn svg<R: Chart>(conn: &mut Conn, answer: &R::Answer, view: &View<'_>) -> Result<CachedAnswer, ApiError> {
    let mut words = Words::new(view.query.language, view.query.calendar, view.as_of);
    words.narrowed = narrowed::narrowed(conn, view, &words, R::BY_INTERVAL)?;
    Ok(CachedAnswer::new(R::draw(answer, view, &words).finish().into(), None))
}
