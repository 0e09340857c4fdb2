//! The pace: the plan as approved, the plan as it is now, and what was verified.

use super::{
    super::{
        pace::{Pace, PaceMonth, PaceReport},
        scope::View,
    },
    Chart,
    axis::Axis,
    canvas::{Anchor, Canvas, MARGIN, SMALL, TextStyle, WIDTH},
    paint::{BLUE, GRID, ORANGE, PALE},
    words::Words,
};
use crate::figures::Percent;

const HEIGHT: f64 = 460.0;
const TOP: f64 = 130.0;
const BOTTOM: f64 = 392.0;
const LEFT: f64 = 70.0;

fn y(percent: Percent) -> f64 {
    BOTTOM - (BOTTOM - TOP) * f64::from(percent.0.clamp(0, 1000)) / 1000.0
}

/// A line of the chart: what it shows, its colour, thickness and dashes.
struct Curve {
    of: fn(&PaceMonth) -> Option<Percent>,
    colour: &'static str,
    thickness: f64,
    dashes: Option<&'static str>,
    persian: &'static str,
    english: &'static str,
}

const CURVES: [Curve; 3] = [
    Curve {
        of: |month| month.planned_baseline,
        colour: PALE,
        thickness: 2.0,
        dashes: Some("7 4"),
        persian: "برنامهٔ مصوب",
        english: "plan as approved",
    },
    Curve {
        of: |month| month.planned_live,
        colour: ORANGE,
        thickness: 2.0,
        dashes: Some("2 3"),
        persian: "برنامهٔ کنونی",
        english: "plan as it is now",
    },
    Curve { of: |month| month.verified, colour: BLUE, thickness: 3.2, dashes: None, persian: "تأییدشده", english: "verified" },
];

impl Chart for Pace {
    fn draw(answer: &PaceReport, view: &View<'_>, words: &Words) -> Canvas {
        let title = words.say("آهنگ پیشرفت برنامه", "The pace of the programme");
        let unit = words
            .say("درصد وزن همهٔ کارهای زنده، روی هم تا پایان هر ماه", "Cumulative percent of the weight of all live work, by month's end");
        let mut canvas = Canvas::new(words, title, unit, HEIGHT);
        let (Some(first), Some(last)) = (answer.rows.first(), answer.rows.last()) else {
            canvas.text(WIDTH / 2.0, 200.0, TextStyle { anchor: Anchor::Middle, ..SMALL }, words.say("کار زنده‌ای نیست", "nothing live"));
            return canvas;
        };
        for (at, curve) in (0_u8..).zip(&CURVES) {
            let x = MARGIN + 190.0 * f64::from(at);
            canvas.curve(&[(x, 78.0), (x + 34.0, 78.0)], curve.colour, curve.thickness, curve.dashes);
            canvas.text(x + 42.0, 82.0, SMALL, words.say(curve.persian, curve.english));
        }
        let axis = Axis::new(first.starts_on, last.ends_on, LEFT, WIDTH - MARGIN);
        axis.months(&mut canvas, words, TOP, BOTTOM);
        for quarter in [0, 250, 500, 750, 1000] {
            let y = y(Percent(quarter));
            canvas.line((LEFT, y), (WIDTH - MARGIN, y), GRID, None);
            let label = words.number(i64::from(quarter / 10)) + words.say("٪", "%");
            canvas.text(LEFT - 8.0, y + 4.0, TextStyle { anchor: Anchor::End, ..SMALL }, &label);
        }
        for curve in &CURVES {
            // Every curve begins at 0.
            let mut points = vec![(axis.at(first.starts_on), BOTTOM)];
            points.extend(answer.rows.iter().filter_map(|month| {
                let day = month.ends_on.min(if curve.dashes.is_none() { view.as_of } else { month.ends_on });
                Some((axis.at(day), y((curve.of)(month)?)))
            }));
            canvas.curve(&points, curve.colour, curve.thickness, curve.dashes);
            if curve.dashes.is_none() {
                points.iter().skip(1).for_each(|point| canvas.dot(*point, 3.5, curve.colour, "#FFFFFF"));
            }
        }
        axis.today(&mut canvas, words, view.as_of, TOP, BOTTOM);
        canvas
    }
}
