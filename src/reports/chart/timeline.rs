//! The timeline: each initiative as it is now and as it was approved, its deadlines, and today's line.

use chrono::{Duration, NaiveDate};

use super::{
    super::{
        scope::View,
        timeline::{Timeline, TimelineInitiative, TimelineReport},
    },
    Chart,
    axis::Axis,
    canvas::{Anchor, Canvas, MARGIN, SMALL, TEXT, TextStyle, WIDTH},
    paint::{GRID, INK, PALE, fill},
    room::cut,
    words::{Words, isolated},
};
use crate::responsibilities::ResponsibilityStatus;

const TOP: f64 = 132.0;
const ROW: f64 = 34.0;
const LEFT: f64 = 250.0;
/// The room of a title before its bar.
const NAMES: f64 = LEFT - 10.0 - MARGIN;
/// The most rows that are drawn; how many are left out is told in a line.
const MAX_ROWS: usize = 300;

impl Chart for Timeline {
    fn draw(answer: &TimelineReport, view: &View<'_>, words: &Words) -> Canvas {
        let shown = answer.rows.get(..MAX_ROWS).unwrap_or(&answer.rows);
        let bottom = TOP + ROW * f64::from(u32::try_from(shown.len().max(1)).unwrap_or(u32::MAX));
        let unit = words.say(
            "نوار پهن: برنامهٔ کنونی · نوار باریک: برنامهٔ مصوب، با بریدگی در هر مهلت",
            "Broad bar: the plan as it is now · narrow bar: as approved, notched at each deadline",
        );
        let mut canvas = Canvas::new(words, &title(words, &answer.rows), unit, bottom + 76.0);
        legend(&mut canvas, words);
        match span(shown) {
            Some((first, last)) => {
                let axis = Axis::new(first, last, LEFT, WIDTH - MARGIN);
                axis.months(&mut canvas, words, TOP, bottom);
                let mut top = TOP;
                for row in shown {
                    bar(&mut canvas, words, &axis, row, top);
                    top += ROW;
                }
                axis.today(&mut canvas, words, view.as_of, TOP, bottom);
            }
            None => canvas.text(
                WIDTH / 2.0,
                TOP + 20.0,
                TextStyle { anchor: Anchor::Middle, ..SMALL },
                words.say("طرحی با تاریخ نیست", "no initiative has dates"),
            ),
        }
        if let Some(rest) = answer.rows.len().checked_sub(MAX_ROWS).filter(|rest| *rest > 0) {
            let rest = words.number(i64::try_from(rest).unwrap_or(i64::MAX));
            let text = format!("{} {rest}", words.say("طرح‌هایی که در این نگاره نیامده‌اند:", "Initiatives that are not drawn:"));
            canvas.text(MARGIN, bottom + 34.0, SMALL, &text);
        }
        canvas
    }
}

/// The title, with the name of the neighbourhood where all initiatives are of one.
fn title(words: &Words, rows: &[TimelineInitiative]) -> String {
    let title = words.say("زمان‌بندی طرح‌ها", "Timeline of initiatives");
    match rows.first() {
        Some(first) if rows.iter().all(|row| row.neighborhood.id == first.neighborhood.id) => {
            format!("{title}{} {}", words.say("ی محلهٔ", ":"), words.name(&first.neighborhood))
        }
        _ => title.to_owned(),
    }
}

fn legend(canvas: &mut Canvas, words: &Words) {
    let x = canvas.health_legend(words, MARGIN, 78.0);
    canvas.rect((x, 68.0), (14.0, 12.0), fill(None), Some(INK));
    canvas.text(x + 19.0, 78.0, SMALL, words.say("بی کار زنده", "nothing live"));
    let x = x + 100.0;
    canvas.diamond((x + 6.0, 74.0), 5.0, INK, INK);
    canvas.text(x + 17.0, 78.0, SMALL, words.say("تأییدشده", "verified"));
    canvas.diamond((x + 96.0, 74.0), 5.0, "#FFFFFF", INK);
    canvas.text(x + 107.0, 78.0, SMALL, words.say("مهلت باز", "open deadline"));
}

/// The last day of an initiative as approved.
fn approved_end(row: &TimelineInitiative) -> Option<NaiveDate> {
    let counted = row.responsibilities.iter().filter(|own| own.status.counts());
    approved(row.due_on?, counted.map(|own| (own.due_on, own.baseline_due_on)))
}

/// The present last day; where a deadline was moved onto that day, a deferral may have moved it too (DESIGN §2), and the latest
/// deadline as approved stands for it.
fn approved(due_on: NaiveDate, mut deadlines: impl Iterator<Item = (NaiveDate, Option<NaiveDate>)> + Clone) -> Option<NaiveDate> {
    let latest = deadlines.clone().filter_map(|(_, baseline)| baseline).max()?;
    let is_moved = deadlines.any(|(live, baseline)| live == due_on && baseline.is_some_and(|baseline| baseline < live));
    Some(if is_moved { latest } else { due_on })
}

/// From the first start to the last deadline, with a little air.
fn span(rows: &[TimelineInitiative]) -> Option<(NaiveDate, NaiveDate)> {
    let days = || rows.iter().flat_map(|row| [row.starts_on, row.due_on, approved_end(row)]).flatten();
    let air = Duration::days(7);
    Some((days().min()?.checked_sub_signed(air)?, days().max()?.checked_add_signed(air)?))
}

fn bar(canvas: &mut Canvas, words: &Words, axis: &Axis, row: &TimelineInitiative, top: f64) {
    canvas.line((MARGIN, top + ROW), (WIDTH - MARGIN, top + ROW), GRID, None);
    canvas.name(MARGIN, top + 15.0, TextStyle { size: 12, ..TEXT }, NAMES, &row.initiative.title);
    // The number first: after letters the percent sign would change sides.
    let progress = row.progress.map(|progress| format!("{} · ", words.percent(progress))).unwrap_or_default();
    let style = TextStyle { size: 10, ..SMALL };
    let place = isolated(&cut(&words.name(&row.neighborhood), NAMES - 50.0, style.size));
    canvas.text(MARGIN, top + 29.0, style, &format!("{progress}{place}"));
    let (Some(starts), Some(due)) = (row.starts_on, row.due_on) else {
        canvas.text(LEFT + 8.0, top + 20.0, SMALL, words.say("بی‌تاریخ", "without dates"));
        return;
    };
    let (from, to) = (axis.at(starts), axis.at(due));
    canvas.rect((from, top + 5.0), ((to - from).max(2.0), 14.0), fill(row.health), Some(INK));
    if let Some(approved) = approved_end(row) {
        canvas.rect((from, top + 23.0), ((axis.at(approved) - from).max(2.0), 5.0), PALE, None);
    }
    for own in row.responsibilities.iter().filter(|own| own.status.counts()) {
        if let Some(baseline) = own.baseline_due_on {
            let x = axis.at(baseline);
            canvas.thick_line((x, top + 22.0), (x, top + 29.0), "#FFFFFF", 2.5, None);
        }
        let inside = if own.status == ResponsibilityStatus::Verified { INK } else { "#FFFFFF" };
        canvas.diamond((axis.at(own.due_on), top + 12.0), 4.5, inside, INK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_as_approved_is_the_end_that_no_deferral_has_moved() {
        let day = |number| NaiveDate::from_ymd_opt(2026, 7, number).unwrap_or_default();
        let end = |due_on, deadlines: &[(u32, Option<u32>)]| {
            approved(day(due_on), deadlines.iter().map(|(live, baseline)| (day(*live), baseline.map(day))))
        };
        assert_eq!(end(27, &[(21, Some(21))]), Some(day(27)));
        assert_eq!(end(27, &[(21, Some(11))]), Some(day(27)));
        assert_eq!(end(30, &[(30, Some(21)), (25, Some(25))]), Some(day(25)));
        assert_eq!(end(27, &[(27, Some(27)), (27, Some(1))]), Some(day(27)));
        assert_eq!(end(27, &[(21, None)]), None);
    }
}
