//! Charts: what they draw, in which language, and how they are given.

use serde_json::json;

use crate::support::{Programme, on_both};

const CHARTS: [&str; 5] = ["neighborhoods", "domains", "agencies", "pace", "timeline"];

on_both! {
    async fn charts_are_pictures_in_both_languages(app: TestApp) {
        let p = Programme::of(&app).await;
        p.office.patch(&format!("/neighborhoods/{}", p.place), json!({"name": "<b>&محله", "name_en": "<i>Place"}), 1).await.is(200);
        p.work("in_progress").await;
        for chart in CHARTS {
            let persian = p.office.get(&format!("/reports/{chart}/chart")).await.is(200);
            assert_eq!(persian.header("content-type"), Some("image/svg+xml"));
            let text = persian.text();
            assert!(text.contains("direction=\"rtl\"") && text.contains("۱ آذر ۱۴۰۵"), "{chart}: {text}");
            let english = p.office.get(&format!("/reports/{chart}/chart")).in_english().await.is(200).text();
            assert!(english.contains("direction=\"ltr\"") && english.contains("22 Nov 2026") && !english.contains("rtl"), "{chart}: {english}");
            for text in [&text, &english] {
                assert!(text.starts_with("<svg") && text.contains("viewBox=\"0 0 800 "), "{chart}");
                assert!(!text.contains("<b>") && !text.contains("<i>") && !text.contains("http://www.w3.org/1999"), "{chart}");
            }
            let tag = persian.header("etag").expect("an ETag").to_owned();
            p.office.get(&format!("/reports/{chart}/chart")).header("if-none-match", &tag).await.is(304);
            p.office.get(&format!("/reports/{chart}/chart")).header("accept", "application/json").await.refused(406, "not_acceptable");
            let as_xml = p.office.get(&format!("/reports/{chart}/chart")).header("accept", "text/xml").await.is(200);
            assert_eq!((as_xml.header("content-type"), as_xml.text()), (Some("text/xml; charset=utf-8"), text.clone()));
            assert_ne!(as_xml.header("etag"), Some(tag.as_str()), "two media types, two tags");
            let either = p.office.get(&format!("/reports/{chart}/chart")).header("accept", "text/xml, image/svg+xml").await.is(200);
            assert_eq!((either.header("content-type"), either.header("etag")), (Some("image/svg+xml"), Some(tag.as_str())));
            let no_svg = p.office.get(&format!("/reports/{chart}/chart")).header("accept", "text/xml;q=0.9, image/svg+xml;q=0").await.is(200);
            assert_eq!(no_svg.header("content-type"), Some("text/xml; charset=utf-8"));
        }
    }

    async fn a_chart_says_what_it_is_narrowed_to_and_cuts_long_names(app: TestApp) {
        let p = Programme::of(&app).await;
        let long = "محله‌ای با نامی بسیار بلند ".repeat(6);
        p.office.patch(&format!("/neighborhoods/{}", p.place), json!({"name": long.trim(), "name_en": "Sheikhabad"}), 1).await.is(200);
        p.work("in_progress").await;
        for chart in CHARTS {
            let whole = p.office.get(&format!("/reports/{chart}/chart")).in_english().await.is(200).text();
            assert!(!whole.contains(" · neighbourhood: ") && !whole.contains(" · from "), "{chart}");
            let query = format!("neighborhood_id={}&agency_id={}&domain=education&designation=none&from=2026-11-01&to=2026-11-30", p.place, p.lead_id);
            let english = p.office.get(&format!("/reports/{chart}/chart?{query}")).in_english().await.is(200).text();
            assert!(english.contains("neighbourhood: \u{2068}Sheikhabad\u{2069}") && english.contains("agency: "), "{chart}: {english}");
            // Only word kept is bound by an interval.
            assert_eq!(english.contains(" · from 1 Nov 2026 · to 30 Nov 2026"), chart == "agencies", "{chart}: {english}");
            let persian = p.office.get(&format!("/reports/{chart}/chart?neighborhood_id={}&from=2026-11-01", p.place)).await.is(200).text();
            assert!(persian.contains("محله: \u{2068}محله‌ای با نامی"), "{chart}: {persian}");
            // A filter that has no room beside the others has a line of its own.
            assert!(english.contains("domain: ") && english.contains("designation: \u{2068}none"), "{chart}: {english}");
            // The title, which no picture shows, may have all of it.
            assert!(!persian.split("</title>").nth(1).expect("a drawing").contains(long.trim()), "{chart}: {persian}");
        }
        let persian = p.office.get("/reports/agencies/chart?period=1405-Q3").await.is(200).text();
        assert!(persian.contains(" · از ۱ مهر ۱۴۰۵ · تا ۳۰ آذر ۱۴۰۵"), "{persian}");
    }

    async fn what_was_due_by_the_approved_dates_is_drawn_where_nothing_else_is(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-02-20").await;
        p.office.moves(&deferral, "accepted").await.is(200);
        let path = format!("/reports/agencies/chart?agency_id={}&as_of=", p.helper_id);
        let drawn = async |as_of: &str| p.office.get(&format!("{path}{as_of}")).in_english().await.is(200).text();
        // What the legend and the definition have of it is there in any case.
        let bars = |chart: &str| chart.matches("url(#second)").count();
        let (before, after) = (drawn("2026-12-30").await, drawn("2027-01-05").await);
        assert!(before.contains("nothing was due") && !after.contains("nothing was due"), "{after}");
        assert_eq!(bars(&after), bars(&before) + 1, "{after}");
    }
}
