//! The columns' names in Persian, for people who open a workbook.

use crate::http::language::Language;

/// Name in the API, Persian heading.
const HEADINGS: &[(&str, &str)] = &[
    ("figure", "شاخص"),
    ("part", "بخش"),
    ("value", "مقدار"),
    ("totals", "جمع"),
    ("definition", "تعریف"),
    ("definitions", "تعریف‌ها"),
    ("as_of", "تاریخ گزارش"),
    ("from", "از"),
    ("to", "تا"),
    ("period", "دوره"),
    ("calendar", "تقویم"),
    ("days", "روزهای پیش رو"),
    ("sort", "ترتیب"),
    ("domain", "حوزه"),
    ("neighborhood_id", "شناسهٔ محله"),
    ("agency_id", "شناسهٔ دستگاه"),
    ("neighborhoods", "محله‌ها"),
    ("initiatives", "طرح‌ها"),
    ("initiatives_by_domain", "طرح‌ها به تفکیک حوزه"),
    ("responsibilities", "مسئولیت‌ها"),
    ("neighborhood_code", "کد محله"),
    ("neighborhood_name", "محله"),
    ("designation", "نوع محله"),
    ("manager", "مدیر محله"),
    ("domain_code", "کد حوزه"),
    ("domain_name", "حوزه"),
    ("agency_code", "کد دستگاه"),
    ("agency_name", "دستگاه"),
    ("initiative_code", "کد طرح"),
    ("initiative_title", "طرح"),
    ("initiative_starts_on", "شروع طرح"),
    ("initiative_due_on", "پایان طرح"),
    ("initiative_status", "وضعیت طرح"),
    ("responsibility_code", "کد مسئولیت"),
    ("responsibility_title", "مسئولیت"),
    ("initiatives_total", "طرح‌ها"),
    ("initiatives_draft", "پیش‌نویس"),
    ("initiatives_proposed", "پیشنهادشده"),
    ("initiatives_approved", "مصوب"),
    ("initiatives_in_progress", "در حال اجرا"),
    ("initiatives_blocked", "متوقف"),
    ("initiatives_completed", "پایان‌یافته"),
    ("initiatives_cancelled", "لغوشده"),
    ("responsibilities_total", "مسئولیت‌ها"),
    ("responsibilities_proposed", "پیشنهادشده"),
    ("responsibilities_accepted", "پذیرفته"),
    ("responsibilities_declined", "ردشده"),
    ("responsibilities_reported", "گزارش‌شده"),
    ("responsibilities_verified", "تأییدشده"),
    ("responsibilities_returned", "بازگردانده"),
    ("responsibilities_withdrawn", "کنارگذاشته"),
    ("progress", "پیشرفت (٪)"),
    ("planned_progress", "پیشرفت برنامه‌ای (٪)"),
    ("gap", "فاصله با برنامه (واحد)"),
    ("health", "سلامت"),
    ("late", "دیرکرده"),
    ("max_days_late", "بیشترین دیرکرد (روز)"),
    ("budget_planned_rial", "بودجه (ریال)"),
    ("budget_spent_rial", "هزینه (ریال)"),
    ("beneficiaries_planned", "بهره‌مندان هدف"),
    ("beneficiaries_reached", "بهره‌مندان"),
    ("due", "سررسیده"),
    ("kept", "به‌موقع"),
    ("kept_rate", "وفای به عهد (٪)"),
    ("due_baseline", "سررسیدهٔ مصوب"),
    ("kept_baseline", "به‌موقع با سررسید مصوب"),
    ("kept_rate_baseline", "وفای به عهد با سررسید مصوب (٪)"),
    ("median_days_late", "میانهٔ دیرکرد (روز)"),
    ("unanswered", "بی‌پاسخ"),
    ("deferrals_requested", "تمدید خواسته"),
    ("deferrals_accepted", "تمدید پذیرفته"),
    ("returned", "بارهای بازگشت"),
    ("due_on", "مهلت"),
    ("baseline_due_on", "سررسید مصوب"),
    ("days_late", "روزهای دیرکرد"),
    ("days_left", "روزهای مانده"),
    ("split", "چشم‌به‌راه"),
    ("unreported", "گزارش‌نشده"),
    ("awaiting_verification", "در انتظار تأیید"),
    ("weight", "وزن"),
    ("kind", "گونه"),
    ("resource_type", "نوع مورد"),
    ("resource_id", "شناسه"),
    ("code", "کد"),
    ("name", "نام"),
    ("since", "از تاریخ"),
    ("no_lead", "بی دستگاه مسئول"),
    ("initiative_without_dates", "طرح بی‌تاریخ"),
    ("unaccepted_over_7_days", "بی‌پاسخ بیش از ۷ روز"),
    ("neighborhood_without_manager", "محلهٔ بی‌مدیر"),
    ("agency_without_part", "دستگاه بی‌نقش"),
    ("no_initiative_in_domain", "حوزهٔ بی‌طرح"),
    ("starts_on", "شروع"),
    ("ends_on", "پایان"),
    ("planned_baseline", "برنامهٔ مصوب (٪)"),
    ("planned_live", "برنامهٔ کنونی (٪)"),
    ("verified", "تأییدشده (٪)"),
    ("live_weight", "وزن زنده"),
    ("to_answer", "برای پاسخ"),
    ("to_verify", "برای تأیید"),
    ("to_decide", "برای تصمیم"),
    ("requested_due_on", "مهلت خواسته"),
    ("status", "وضعیت"),
    ("reported_done_on", "تاریخ انجام"),
];

/// A column's heading; in English its name.
pub fn heading(name: &str, language: Language) -> String {
    let persian = HEADINGS.iter().find(|(column, _)| *column == name).map(|(_, heading)| *heading);
    persian.filter(|_| !language.is_english()).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::{Report, agencies, agenda, domains, gaps, late, neighborhoods, overview, pace, timeline};

    #[test]
    fn every_column_has_a_persian_heading() {
        let mut names: Vec<&str> = HEADINGS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), HEADINGS.len());
        let reports = [
            overview::Overview::COLUMNS,
            neighborhoods::Neighborhoods::COLUMNS,
            domains::Domains::COLUMNS,
            agencies::Agencies::COLUMNS,
            late::Late::COLUMNS,
            gaps::Gaps::COLUMNS,
            pace::Pace::COLUMNS,
            agenda::Agenda::COLUMNS,
            timeline::Timeline::COLUMNS,
        ];
        for column in reports.into_iter().flatten() {
            assert!(names.contains(column), "{column}");
        }
    }
}
