//! Bars: progress against plan by neighbourhood or domain, and word kept by agency.

use super::{
    super::{
        agencies::{Agencies, AgenciesReport, AgencyWord},
        domains::{DomainFigures, Domains, DomainsReport},
        neighborhoods::{Neighborhoods, NeighborhoodsReport},
        scope::View,
    },
    Chart,
    canvas::{Anchor, Canvas, MARGIN, SMALL, TEXT, TextStyle, WIDTH},
    paint::{BLUE, GRID, INK, PALE, fill},
    words::Words,
};
use crate::figures::{Health, Percent};

/// Where the names end and the bars begin.
const BARS: f64 = 262.0;
/// The room of a name before its bar.
const NAMES: f64 = BARS - 10.0 - MARGIN;
/// Where 100 % lies.
const FULL: f64 = 636.0;
/// Where the first row begins.
const TOP: f64 = 112.0;
/// A row's height.
const ROW: f64 = 32.0;

/// A row: its name, progress, plan and health.
struct Bar {
    name: String,
    progress: Option<Percent>,
    planned: Option<Percent>,
    health: Option<Health>,
}

fn height(rows: usize) -> f64 {
    TOP + ROW * f64::from(u32::try_from(rows.max(1)).unwrap_or(u32::MAX)) + 50.0
}

/// Where a percentage lies.
fn at(percent: Percent) -> f64 {
    BARS + (FULL - BARS) * f64::from(percent.0.clamp(0, 1000)) / 1000.0
}

/// The lines at 0, 25, 50, 75 and 100 percent with their numbers.
fn grid(canvas: &mut Canvas, words: &Words, bottom: f64) {
    for quarter in [0, 250, 500, 750, 1000] {
        let x = at(Percent(quarter));
        canvas.line((x, TOP - 8.0), (x, bottom), GRID, None);
        let label = words.number(i64::from(quarter / 10)) + words.say("٪", "%");
        canvas.text(x, TOP - 13.0, TextStyle { anchor: Anchor::Middle, ..SMALL }, &label);
    }
}

fn rows_of(canvas: &mut Canvas, words: &Words, rows: &[Bar]) {
    let mut top = TOP;
    for row in rows {
        let middle = top + ROW / 2.0 + 4.5;
        canvas.name(BARS - 10.0, middle, TextStyle { anchor: Anchor::End, ..TEXT }, NAMES, &row.name);
        match row.progress {
            Some(progress) => {
                canvas.rect((BARS, top + 6.0), (at(progress) - BARS, ROW - 12.0), fill(row.health), Some(INK));
                if let Some(planned) = row.planned {
                    let x = at(planned);
                    canvas.thick_line((x, top + 2.0), (x, top + ROW - 2.0), INK, 3.0, None);
                }
                let standing = row.health.map_or("", |health| words.health(health));
                canvas.text(FULL + 14.0, middle, TEXT, &words.percent(progress));
                canvas.text(WIDTH - MARGIN, middle, TextStyle { anchor: Anchor::End, ..SMALL }, standing);
            }
            None => canvas.text(BARS + 8.0, middle, SMALL, words.say("کار زنده‌ای نیست", "nothing live")),
        }
        top += ROW;
    }
    if rows.is_empty() {
        nothing(canvas, words);
    }
}

fn nothing(canvas: &mut Canvas, words: &Words) {
    canvas.text(BARS + 8.0, TOP + 20.0, SMALL, words.say("چیزی برای نمایش نیست", "nothing to show"));
}

fn progress_chart(words: &Words, title: &str, rows: &[Bar]) -> Canvas {
    let height = height(rows.len());
    let unit =
        words.say("پیشرفت تأییدشده در برابر برنامه؛ درصد وزن کارها", "Verified progress against plan; percent of the weight of work");
    let mut canvas = Canvas::new(words, title, unit, height);
    let next = canvas.health_legend(words, MARGIN, 78.0);
    canvas.thick_line((next + 4.0, 66.0), (next + 4.0, 81.0), INK, 3.0, None);
    canvas.text(next + 12.0, 78.0, SMALL, words.say("برنامه تا تاریخ گزارش", "plan on the report's day"));
    grid(&mut canvas, words, height - 46.0);
    rows_of(&mut canvas, words, rows);
    canvas
}

impl Chart for Neighborhoods {
    fn draw(answer: &NeighborhoodsReport, _: &View<'_>, words: &Words) -> Canvas {
        let bar = |row: &super::super::neighborhoods::NeighborhoodFigures| Bar {
            name: words.name(&row.neighborhood),
            progress: row.progress,
            planned: row.planned_progress,
            health: row.health,
        };
        let rows: Vec<Bar> = answer.rows.iter().map(bar).collect();
        progress_chart(words, words.say("پیشرفت محله‌ها در برابر برنامه", "Neighbourhoods: progress against plan"), &rows)
    }
}

impl Chart for Domains {
    fn draw(answer: &DomainsReport, _: &View<'_>, words: &Words) -> Canvas {
        let bar = |row: &DomainFigures| Bar {
            name: words.name(&row.domain),
            progress: row.progress,
            planned: row.planned_progress,
            health: row.health,
        };
        let rows: Vec<Bar> = answer.rows.iter().map(bar).collect();
        progress_chart(words, words.say("پیشرفت حوزه‌ها در برابر برنامه", "Domains: progress against plan"), &rows)
    }
}

impl Chart for Agencies {
    const BY_INTERVAL: bool = true;

    fn draw(answer: &AgenciesReport, _: &View<'_>, words: &Words) -> Canvas {
        let height = height(answer.rows.len());
        let title = words.say("وفای به عهد دستگاه‌ها", "Word kept by agency");
        let unit = words
            .say("سهم کارهای به‌موقع و تأییدشده از کارهای سررسیده؛ درصد", "Work done in time and verified, of work that was due; percent");
        let mut canvas = Canvas::new(words, title, unit, height);
        let legend = [
            (BLUE, words.say("با مهلت کنونی", "by the present due date"), MARGIN),
            ("url(#second)", words.say("با سررسید مصوب", "by the approved due date"), MARGIN + 210.0),
        ];
        for (colour, text, x) in legend {
            canvas.rect((x, 68.0), (14.0, 12.0), colour, Some(INK));
            canvas.text(x + 19.0, 78.0, SMALL, text);
        }
        grid(&mut canvas, words, height - 46.0);
        let mut top = TOP;
        for row in &answer.rows {
            word_kept(&mut canvas, words, row, top);
            top += ROW;
        }
        if answer.rows.is_empty() {
            nothing(&mut canvas, words);
        }
        canvas
    }
}

/// An agency's two rates: the present one broad, the approved one narrow below it.
fn word_kept(canvas: &mut Canvas, words: &Words, row: &AgencyWord, top: f64) {
    let middle = top + ROW / 2.0 + 4.5;
    canvas.name(BARS - 10.0, middle, TextStyle { anchor: Anchor::End, ..TEXT }, NAMES, &words.name(&row.agency));
    let (kept, baseline) = (row.kept_rate.value, row.kept_rate_baseline.value);
    if let Some(kept) = kept {
        canvas.rect((BARS, top + 4.0), (at(kept) - BARS, 15.0), BLUE, Some(INK));
        canvas.text(FULL + 14.0, middle, TEXT, &words.percent(kept));
    }
    // By the approved dates something may have been due where, since a deferral, nothing is yet.
    if let Some(baseline) = baseline {
        canvas.rect((BARS, top + 20.0), (at(baseline) - BARS, 8.0), "url(#second)", Some(INK));
    }
    if kept.or(baseline).is_none() {
        canvas.text(BARS + 8.0, middle, SMALL, words.say("چیزی سر نرسیده است", "nothing was due"));
        return;
    }
    if kept.is_some() {
        let (kept, due) = (words.number(row.kept), words.number(row.due));
        let of = format!("{kept} {} {due}", words.say("از", "of"));
        canvas.text(WIDTH - MARGIN, middle, TextStyle { anchor: Anchor::End, colour: PALE, ..SMALL }, &of);
    }
}
