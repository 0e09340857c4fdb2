//! Reports as pictures for a letter: SVG, 800 wide, right to left in Persian and left to right in English.
//!
//! Colours are those of Okabe and Ito, which colour-blind people can tell apart; patterns and words say the same without
//! colour. No font is fetched.

mod axis;
mod bars;
mod canvas;
mod pace;
mod timeline;
mod words;

use super::{Report, scope::View};
use crate::{error::ApiError, http::memory::Remembered};
use canvas::Canvas;

/// A report that can be drawn.
pub trait Chart: Report {
    /// Draws it.
    fn draw(answer: &Self::Answer, view: &View<'_>) -> Canvas;
}

/// A report as SVG.
///
/// # Errors
/// None; the shape is that of all renderings.
#[expect(clippy::unnecessary_wraps, reason = "the shape that renderings have")]
pub fn svg<R: Chart>(answer: &R::Answer, view: &View<'_>) -> Result<Remembered, ApiError> {
    Ok(Remembered { body: R::draw(answer, view).finish().into(), next: None })
}
