//! The colours of charts, which colour-blind people can tell apart (Okabe and Ito), and the patterns over them.

use svg::{
    Node,
    node::element::{Definitions, Element, Pattern, Rectangle},
};

use crate::figures::Health;

/// The colour of text and outlines.
pub const INK: &str = "#222222";
/// The colour of what is less important.
pub const PALE: &str = "#5F6368";
/// Lines of a grid.
pub const GRID: &str = "#D5D8DC";
/// Blue.
pub const BLUE: &str = "#0072B2";
/// Sky blue.
pub const SKY: &str = "#56B4E9";
/// Orange.
pub const ORANGE: &str = "#E69F00";
/// Vermilion.
pub const VERMILION: &str = "#D55E00";
const GREEN: &str = "#009E73";

/// How a health is filled: green is plain, orange striped, vermilion crossed.
pub const fn fill(health: Option<Health>) -> &'static str {
    match health {
        Some(Health::OnTrack) => GREEN,
        Some(Health::AtRisk) => "url(#at_risk)",
        Some(Health::Late) => "url(#late)",
        None => "#B8BCC0",
    }
}

/// The patterns that fills name.
pub fn patterns() -> Definitions {
    let pattern = |id: &str, colour: &str, marks: &str| {
        Pattern::new()
            .set("id", id)
            .set("width", 8)
            .set("height", 8)
            .set("patternUnits", "userSpaceOnUse")
            .add(Rectangle::new().set("width", 8).set("height", 8).set("fill", colour))
            .add(stroked(marks))
    };
    Definitions::new()
        .add(pattern("at_risk", ORANGE, "M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6"))
        .add(pattern("late", VERMILION, "M0 0 L8 8 M8 0 L0 8"))
        .add(pattern("second", SKY, "M0 4 L8 4"))
}

fn stroked(marks: &str) -> Element {
    let mut path = Element::new("path");
    path.assign("d", marks);
    path.assign("stroke", "#FFFFFF");
    path.assign("stroke-width", "1.4");
    path.assign("stroke-opacity", "0.75");
    path
}
