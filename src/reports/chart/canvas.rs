//! The sheet that charts are drawn on. Places are given from left to right; in Persian the whole is mirrored.

use svg::{
    Document, Node,
    node::element::{Circle, Group, Line, Path, Rectangle, Text, Title},
};

use super::{
    paint::{GRID, INK, PALE, fill, patterns},
    room::cut,
    words::{Words, isolated},
};
use crate::{figures::Health, http::language::Language};

/// The width of every chart.
pub const WIDTH: f64 = 800.0;
/// The margin at both sides.
pub const MARGIN: f64 = 24.0;

/// Fonts that are there, on whatever system; no font is fetched.
const FONTS: &str = "Vazirmatn, Tahoma, 'Noto Naskh Arabic', 'Noto Sans Arabic', 'DejaVu Sans', sans-serif";

/// Which end of a text, or its middle, is at the place given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct TextStyle {
    /// Which end of the text, or its middle, is at its place.
    pub anchor: Anchor,
    /// Its size, in pixels.
    pub size: u8,
    /// Its colour.
    pub colour: &'static str,
    /// Whether it is bold.
    pub bold: bool,
}

/// The usual text.
pub const TEXT: TextStyle = TextStyle { anchor: Anchor::Start, size: 13, colour: INK, bold: false };
/// Small text beside things.
pub const SMALL: TextStyle = TextStyle { anchor: Anchor::Start, size: 11, colour: PALE, bold: false };

/// A drawing under way.
pub struct Canvas {
    root: Group,
    language: Language,
    title: String,
    /// Its height, in pixels.
    height: f64,
}

/// A number as SVG takes it, without digits that nobody sees.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

impl Canvas {
    /// A sheet with a title, a line below it that names the unit, and the source at its foot; `height` with one line there.
    pub fn new(words: &Words, title: &str, unit: &str, height: f64) -> Self {
        let mut canvas = Self { root: Group::new(), language: words.language, title: title.to_owned(), height };
        // Bold letters are a tenth broader.
        canvas.text(MARGIN, 34.0, TextStyle { size: 18, bold: true, ..TEXT }, &cut(title, (WIDTH - 2.0 * MARGIN) / 1.1, 18));
        canvas.text(MARGIN, 55.0, TextStyle { size: 12, ..SMALL }, unit);
        canvas.line((MARGIN, height - 34.0), (WIDTH - MARGIN, height - 34.0), GRID, None);
        let mut foot = height - 14.0;
        for line in words.foot() {
            canvas.text(MARGIN, foot, SMALL, &line);
            canvas.height = foot + 14.0;
            foot += 17.0;
        }
        canvas
    }

    const fn is_mirrored(&self) -> bool {
        !self.language.is_english()
    }

    fn x(&self, x: f64) -> f64 {
        if self.is_mirrored() { WIDTH - x } else { x }
    }

    /// Text at a place; `y` is its baseline.
    pub fn text(&mut self, x: f64, y: f64, style: TextStyle, content: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let mut text = Text::new(printable(content))
            .set("x", px(self.x(x)))
            .set("y", px(y))
            .set("font-size", i32::from(style.size))
            .set("fill", style.colour)
            .set("text-anchor", anchor)
            .set("direction", if self.is_mirrored() { "rtl" } else { "ltr" })
            .set("unicode-bidi", "embed");
        if style.bold {
            text = text.set("font-weight", "bold");
        }
        self.root.append(text);
    }

    /// The name of a thing at a place, cut to its room in pixels; it may be of the other direction than the chart.
    pub fn name(&mut self, x: f64, y: f64, style: TextStyle, room: f64, name: &str) {
        self.text(x, y, style, &isolated(&cut(name, room, style.size)));
    }

    /// A rectangle; `fill` may name a pattern.
    pub fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str, stroke: Option<&str>) {
        let left = if self.is_mirrored() { WIDTH - x - width } else { x };
        let mut rect = Rectangle::new()
            .set("x", px(left))
            .set("y", px(y))
            .set("width", px(width.max(0.0)))
            .set("height", px(height))
            .set("fill", fill);
        if let Some(stroke) = stroke {
            rect = rect.set("stroke", stroke).set("stroke-width", 1);
        }
        self.root.append(rect);
    }

    /// A line, dashed where a pattern of dashes is given.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, dashes: Option<&str>) {
        self.thick_line(from, to, colour, 1.0, dashes);
    }

    /// A line of some thickness.
    pub fn thick_line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, thickness: f64, dashes: Option<&str>) {
        let mut line = Line::new()
            .set("x1", px(self.x(from.0)))
            .set("y1", px(from.1))
            .set("x2", px(self.x(to.0)))
            .set("y2", px(to.1))
            .set("stroke", colour)
            .set("stroke-width", px(thickness));
        if let Some(dashes) = dashes {
            line = line.set("stroke-dasharray", dashes);
        }
        self.root.append(line);
    }

    /// A curve through points.
    pub fn curve(&mut self, points: &[(f64, f64)], colour: &str, thickness: f64, dashes: Option<&str>) {
        let steps =
            points.iter().enumerate().map(|(at, (x, y))| format!("{}{} {}", if at == 0 { 'M' } else { 'L' }, px(self.x(*x)), px(*y)));
        let mut path = Path::new()
            .set("d", steps.collect::<Vec<_>>().join(" "))
            .set("fill", "none")
            .set("stroke", colour)
            .set("stroke-width", px(thickness))
            .set("stroke-linejoin", "round");
        if let Some(dashes) = dashes {
            path = path.set("stroke-dasharray", dashes);
        }
        self.root.append(path);
    }

    /// A dot.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, stroke: &str) {
        let dot = Circle::new().set("cx", px(self.x(x))).set("cy", px(y)).set("r", px(radius));
        self.root.append(dot.set("fill", fill).set("stroke", stroke).set("stroke-width", 1));
    }

    /// A square on its corner.
    pub fn diamond(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, stroke: &str) {
        let x = self.x(x);
        let path = format!(
            "M{} {} L{} {} L{} {} L{} {} Z",
            px(x),
            px(y - radius),
            px(x + radius),
            px(y),
            px(x),
            px(y + radius),
            px(x - radius),
            px(y)
        );
        self.root.append(Path::new().set("d", path).set("fill", fill).set("stroke", stroke).set("stroke-width", 1));
    }

    /// The colours and patterns of health with their words, in a row.
    pub fn health_legend(&mut self, words: &Words, mut x: f64, y: f64) -> f64 {
        for health in [Health::OnTrack, Health::AtRisk, Health::Late] {
            self.rect((x, y - 10.0), (14.0, 12.0), fill(Some(health)), Some(INK));
            self.text(x + 19.0, y, SMALL, words.health(health));
            x += 90.0;
        }
        x
    }

    /// The document.
    pub fn finish(self) -> String {
        let (language, direction) = if self.is_mirrored() { ("fa", "rtl") } else { ("en", "ltr") };
        Document::new()
            .set("viewBox", format!("0 0 {} {}", px(WIDTH), px(self.height)))
            .set("width", px(WIDTH))
            .set("height", px(self.height))
            .set("role", "img")
            .set("lang", language)
            .set("direction", direction)
            .set("font-family", FONTS)
            .add(Title::new(printable(&self.title)))
            .add(patterns())
            .add(Rectangle::new().set("width", px(WIDTH)).set("height", px(self.height)).set("fill", "#FFFFFF"))
            .add(self.root)
            .to_string()
    }
}

/// Text without what XML cannot hold.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let words = Words::new(Language::English, crate::http::export::Calendar::Gregorian, chrono::NaiveDate::MIN);
        let mut canvas = Canvas::new(&words, "<script>&\"", "unit", 100.0);
        canvas.text(0.0, 0.0, TEXT, "a\u{0}<b>");
        let drawn = canvas.finish();
        assert!(!drawn.contains("<script>") && drawn.contains("&lt;script&gt;&amp;") && drawn.contains("a&lt;b&gt;"), "{drawn}");
    }
}
