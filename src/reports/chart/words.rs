//! The words, digits and dates of charts in both languages.

use chrono::{Datelike, NaiveDate};

use super::{
    super::dto::NamedRef,
    canvas::{MARGIN, SMALL, WIDTH},
    room::{cut, taken},
};
use crate::{
    figures::{Health, Percent},
    http::{export::Calendar, language::Language},
    persian,
};

/// The language and the calendar of a chart.
pub struct Words {
    /// The language of its words, and so its direction.
    pub language: Language,
    /// The calendar of its dates.
    pub calendar: Calendar,
    as_of: NaiveDate,
    /// What the chart is narrowed to, filter by filter; empty where it speaks of all.
    pub narrowed: Vec<String>,
}

const GREGORIAN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const GREGORIAN_IN_PERSIAN: [&str; 12] =
    ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"];
const JALALI_IN_ENGLISH: [&str; 12] =
    ["Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"];

impl Words {
    /// The words of a chart whose report is of the day `as_of`.
    pub const fn new(language: Language, calendar: Calendar, as_of: NaiveDate) -> Self {
        Self { language, calendar, as_of, narrowed: Vec::new() }
    }

    /// The text in the chart's language.
    pub const fn say(&self, persian: &'static str, english: &'static str) -> &'static str {
        if self.language.is_english() { english } else { persian }
    }

    /// A text with the digits of the language.
    pub fn digits(&self, text: &str) -> String {
        if self.language.is_english() {
            return text.to_owned();
        }
        let digit = |c: char| match c {
            '0'..='9' => char::from_u32(u32::from(c) - u32::from('0') + 0x06F0).unwrap_or(c),
            '.' => '٫',
            other => other,
        };
        text.chars().map(digit).collect()
    }

    /// A percentage.
    pub fn percent(&self, percent: Percent) -> String {
        let number = self.digits(&format!("{:.1}", percent.number()));
        format!("{number}{}", self.say("٪", "%"))
    }

    /// A whole number.
    pub fn number(&self, number: i64) -> String {
        self.digits(&number.to_string())
    }

    /// The word for a health.
    pub const fn health(&self, health: Health) -> &'static str {
        match health {
            Health::OnTrack => self.say("طبق برنامه", "on track"),
            Health::AtRisk => self.say("در خطر", "at risk"),
            Health::Late => self.say("عقب‌مانده", "late"),
        }
    }

    /// The name of a thing: the English one where it has one.
    pub fn name(&self, of: &NamedRef) -> String {
        let english = of.name_en.as_ref().filter(|_| self.language.is_english());
        english.unwrap_or(&of.name).clone()
    }

    /// Year and month of a day.
    pub fn month_of(&self, day: NaiveDate) -> (i32, u32) {
        match self.calendar {
            Calendar::Gregorian => (day.year(), day.month()),
            Calendar::Jalali => {
                let (year, month, _) = persian::to_jalali(day);
                (year, month)
            }
        }
    }

    /// A month's name.
    pub fn month(&self, month: u32) -> &'static str {
        let at = usize::try_from(month).unwrap_or(1).saturating_sub(1);
        let names = match (self.calendar, self.language) {
            (Calendar::Gregorian, Language::English) => GREGORIAN,
            (Calendar::Gregorian, Language::Persian) => GREGORIAN_IN_PERSIAN,
            (Calendar::Jalali, Language::English) => JALALI_IN_ENGLISH,
            (Calendar::Jalali, Language::Persian) => return persian::month_name(month).unwrap_or_default(),
        };
        names.get(at).copied().unwrap_or_default()
    }

    /// A day as it is written in a letter.
    pub fn day(&self, day: NaiveDate) -> String {
        let number = match self.calendar {
            Calendar::Gregorian => day.day(),
            Calendar::Jalali => persian::to_jalali(day).2,
        };
        let (year, month) = self.month_of(day);
        format!("{} {} {}", self.digits(&number.to_string()), self.month(month), self.digits(&year.to_string()))
    }

    /// The lines at the foot: the source, and each filter whole where there is room for it.
    pub fn foot(&self) -> Vec<String> {
        let source = self.say("منبع: سامانهٔ محله · تاریخ گزارش:", "Source: Mahalleh register · as of");
        let parts = [format!("{source} {}", self.day(self.as_of))].into_iter().chain(self.narrowed.iter().cloned());
        let room = WIDTH - 2.0 * MARGIN;
        let mut lines: Vec<String> = Vec::new();
        for part in parts {
            let part = cut(&part, room, SMALL.size);
            let joined = lines.last().map(|line| format!("{line} · {part}")).filter(|joined| taken(joined, SMALL.size) <= room);
            match (lines.last_mut(), joined) {
                (Some(line), Some(joined)) => *line = joined,
                _ => lines.push(part),
            }
        }
        lines
    }
}

/// A name within other words: it keeps its own direction, and cannot turn theirs (Unicode's FSI and PDI).
pub fn isolated(name: &str) -> String {
    let bare: String = name.chars().filter(|c| !persian::is_embedding(*c)).collect();
    format!("\u{2068}{bare}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_filter_is_left_out_at_the_foot() {
        let mut words = Words::new(Language::English, Calendar::Gregorian, NaiveDate::MIN);
        assert_eq!(words.foot().len(), 1);
        words.narrowed = vec!["agency: short".into(), format!("neighbourhood: {}", "wide ".repeat(60)), "domain: health".into()];
        let foot = words.foot();
        assert_eq!(foot.len(), 3, "{foot:?}");
        assert!(foot[0].ends_with(" · agency: short") && foot[1].ends_with('…') && foot[2] == "domain: health", "{foot:?}");
    }

    #[test]
    fn days_and_numbers_in_both_languages() {
        let day: NaiveDate = "2026-11-22".parse().expect("a day");
        let fa = Words::new(Language::Persian, Calendar::Jalali, day);
        let en = Words::new(Language::English, Calendar::Gregorian, day);
        assert_eq!(fa.day(day), "۱ آذر ۱۴۰۵");
        assert_eq!(en.day(day), "22 Nov 2026");
        assert_eq!(fa.percent(Percent(425)), "۴۲٫۵٪");
        assert_eq!(en.percent(Percent(-50)), "-5.0%");
        assert_eq!(isolated("a\u{202E}b"), "\u{2068}ab\u{2069}");
        assert_eq!(Words::new(Language::Persian, Calendar::Gregorian, day).day(day), "۲۲ نوامبر ۲۰۲۶");
        assert_eq!(Words::new(Language::English, Calendar::Jalali, day).day(day), "1 Azar 1405");
    }
}
