//! What each figure means, in a sentence of either language: the `definition` of an answer, the second sheet of a
//! workbook.

use super::dto::Definition;
use crate::http::language::Language;

/// Figures of a group of initiatives.
pub const GROUP: &[&str] = &[
    "initiatives",
    "progress",
    "planned_progress",
    "gap",
    "health",
    "late",
    "max_days_late",
    "budget_planned_rial",
    "budget_spent_rial",
    "beneficiaries_planned",
    "beneficiaries_reached",
];

/// Name, Persian, English. What stands after an `@` tells apart what two reports call the same.
#[rustfmt::skip]
const FIGURES: &[(&str, &str, &str)] = &[
    ("neighborhoods", "شمار محله‌های باز.", "How many neighbourhoods are open."),
    ("initiatives", "شمار همهٔ طرح‌های در دسترس، به تفکیک وضعیت.", "How many initiatives there are in reach, by status."),
    ("initiatives_by_domain", "شمار همهٔ طرح‌های در دسترس، به تفکیک کد حوزه.", "How many initiatives there are in reach, by the code of their domain."),
    ("responsibilities", "شمار همهٔ مسئولیت‌های در دسترس، به تفکیک وضعیت.", "How many responsibilities there are in reach, by status."),
    ("progress", "میانگین پیشرفت طرح‌ها با وزن هر طرح؛ پیشرفت هر طرح، سهم وزن تأییدشده از وزن مسئولیت‌های زندهٔ آن به درصد است. بی مسئولیت زنده، تهی است نه صفر.",
        "The mean of the initiatives' progress by their weight; an initiative's is the percent of the weight of its live responsibilities that is verified. Null, not 0, where nothing is live."),
    ("planned_progress", "همان میانگین، با «سررسید مصوب تا تاریخ گزارش» به جای «تأییدشده».", "The same mean with \"due by the baseline on the report's day\" in place of \"verified\"."),
    ("gap", "پیشرفت منهای پیشرفت برنامه‌ای، به واحد درصد، پیش از گرد کردن.", "Progress less planned progress, in points, taken before rounding."),
    ("health", "late: بیش از ۱۵ واحد عقب، یا کاری با بیش از ۳۰ روز دیرکرد؛ at_risk: بیش از ۵ واحد عقب یا هر دیرکردی؛ وگرنه on_track.",
        "late: more than 15 points behind, or something late by more than 30 days; at_risk: more than 5 points behind, or anything late; else on_track."),
    ("late", "شمار مسئولیت‌های زنده‌ای که تأیید نشده‌اند و مهلتشان پیش از تاریخ گزارش است.", "How many live responsibilities are not verified and were due before the report's day."),
    ("max_days_late", "بیشترین روزهای دیرکرد؛ بی دیرکرد، تهی.", "The most days that one is late; null where none is."),
    ("budget_planned_rial", "جمع بودجهٔ طرح‌هایی که نه پیش‌نویس‌اند و نه لغوشده، به ریال.", "The budgets of initiatives that are neither draft nor cancelled, in rials."),
    ("budget_spent_rial", "جمع هزینهٔ همان طرح‌ها، به ریال.", "What the same initiatives have spent, in rials."),
    ("beneficiaries_planned", "جمع بهره‌مندان هدف همان طرح‌ها، به نفر.", "The persons that the same initiatives are meant for."),
    ("beneficiaries_reached", "جمع بهره‌مندان همان طرح‌ها، به نفر.", "The persons that the same initiatives have reached."),
    ("due", "مسئولیت‌های زنده‌ای که مهلتشان در بازه و تا تاریخ گزارش است.", "Live responsibilities due within the interval and by the report's day."),
    ("kept", "آن‌هایی از «due» که تأیید شده‌اند و تا مهلتشان انجام شده بودند.", "Those of `due` that are verified and were done by their due date."),
    ("kept_rate", "وفای به عهد: سهم kept از due به درصد؛ اگر چیزی سر نرسیده باشد، تهی.", "Word kept: kept of due in percent; null where nothing was due."),
    ("kept_rate_baseline", "همان سهم، با سررسید مصوب به جای مهلت کنونی.", "The same rate with the baseline's due date throughout."),
    ("median_days_late", "میانهٔ روزهای دیرکرد مسئولیت‌های دیرکرده؛ بی دیرکرد، تهی.", "The median of days late over what is late; null where nothing is."),
    ("unanswered", "مسئولیت‌هایی که بیش از ۷ روز است پیشنهاد شده‌اند و دستگاه پاسخ نداده، در طرح‌هایی که از پیش‌نویس گذشته‌اند.",
        "Responsibilities proposed for more than 7 days without an answer, in initiatives past draft."),
    ("deferrals_requested", "درخواست‌های تمدید که در بازه داده شده‌اند.", "Deferrals asked for within the interval."),
    ("deferrals_accepted", "آن‌هایی از همان درخواست‌ها که پذیرفته شده‌اند.", "Those of them that were accepted."),
    ("deferrals_accepted@late", "درخواست‌های تمدید همان مسئولیت که در بازه داده و پذیرفته شده‌اند.", "Deferrals of it that were asked for within the interval and accepted."),
    ("weight", "وزن مسئولیت در طرح خود، ۱ تا ۱۰۰.", "Its weight in its initiative, 1 to 100."),
    ("returned", "شمار بازگرداندن کارها در بازه.", "How often work was sent back within the interval."),
    ("unreported", "دیرکرده‌هایی که دستگاه هنوز گزارش انجام نداده است.", "Late ones that the agency has not reported done."),
    ("awaiting_verification", "دیرکرده‌هایی که گزارش شده‌اند و در انتظار تأییدند.", "Late ones that are reported and wait for verification."),
    ("days_late", "روزهای گذشته از مهلت تا تاریخ گزارش.", "Days from the due date to the report's day."),
    ("split", "unreported: گزارش‌نشده؛ awaiting_verification: در انتظار تأیید.", "Whether it is unreported or awaits verification."),
    ("kind", "گونهٔ سطر؛ معنای هر گونه جداگانه آمده است.", "What kind of row it is; each kind is told by itself."),
    ("since", "روزی که این کاستی از آن آغاز شده؛ اگر دانسته نباشد، تهی.", "The day since when; null where it is not known."),
    ("no_lead", "طرحی که دستگاه مسئول ندارد و نه تمام شده و نه لغو؛ از روز ساختن آن.", "An initiative without a lead agency, neither completed nor cancelled; since it was made."),
    ("initiative_without_dates", "طرحی که تاریخ شروع یا پایان ندارد و نه تمام شده و نه لغو؛ از روز ساختن آن.", "An initiative without both dates, neither completed nor cancelled; since it was made."),
    ("unaccepted_over_7_days", "مسئولیتی که بیش از ۷ روز است پیشنهاد شده و پذیرفته نشده، در طرحی که از پیش‌نویس گذشته است؛ از روز پیشنهاد.", "A responsibility proposed for more than 7 days and not accepted, in an initiative past draft; since it was proposed."),
    ("neighborhood_without_manager", "محلهٔ بازی که امروز مدیر ندارد؛ از پایان آخرین حکم.", "An open neighbourhood without a manager today; since the last mandate ended."),
    ("agency_without_part", "دستگاه فعالی که در هیچ طرح در دسترسی نقش ندارد.", "An active agency that takes part in no initiative in reach."),
    ("no_initiative_in_domain", "محلهٔ الگو یا توسعه که در این حوزه طرح زنده‌ای ندارد.", "An open model or expansion neighbourhood without a live initiative in an active domain."),
    ("planned_baseline", "درصد وزن همهٔ کارهای زنده که سررسید مصوبشان تا پایان ماه است؛ در جمع کل، تا تاریخ گزارش.", "Percent of all live weight that the baseline has due by the month's end; in the totals, by the report's day."),
    ("planned_live", "همان، با مهلت کنونی.", "The same by the present due dates."),
    ("verified", "درصد وزن همهٔ کارهای زنده که تا پایان ماه تأیید شده است؛ برای ماه‌های پس از تاریخ گزارش تهی؛ در جمع کل، هر چه تأیید شده است.", "Percent of all live weight verified by the month's end; null for months after the report's day; in the totals, all that is verified."),
    ("live_weight", "جمع وزن مسئولیت‌های زنده.", "The weight of all live responsibilities."),
    ("due@agenda", "کار باز که مهلتش در روزهای پیش رو است.", "Open work whose due date lies in the days ahead."),
    ("late@agenda", "کار باز که مهلتش گذشته است.", "Open work whose due date is past."),
    ("to_answer", "مسئولیتی که باید پذیرفته یا رد شود.", "A responsibility to accept or decline."),
    ("to_verify", "کار گزارش‌شده‌ای که باید دیده و تأیید یا بازگردانده شود.", "Reported work to be seen, and verified or returned."),
    ("to_decide", "درخواست تمدیدی که باید دربارهٔ آن تصمیم گرفته شود.", "A deferral to be decided."),
    ("returned@agenda", "کاری که بازگردانده شده و باید از نو انجام و گزارش شود.", "Work that was sent back, to be done and reported anew."),
    ("days_left", "روزهای مانده تا مهلت؛ منفی یعنی گذشته.", "Days until the due date; below zero where it is past."),
];

/// The sentences of these figures.
pub fn of(names: &[&[&str]], language: Language) -> Definition {
    let wanted = |name: &str| names.iter().any(|list| list.contains(&name));
    let known = FIGURES.iter().filter(|(name, ..)| wanted(name));
    let bare = |name: &'static str| name.split('@').next().unwrap_or(name);
    Definition(known.map(|(name, fa, en)| (bare(name), if language.is_english() { *en } else { *fa })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_one_sentence_in_each_language() {
        let mut names: Vec<&str> = FIGURES.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIGURES.len());
        assert!(FIGURES.iter().all(|(_, fa, en)| !fa.is_empty() && !en.is_empty() && fa != en));
        assert_eq!(of(&[GROUP], Language::English).0.len(), GROUP.len());
    }
}
