//! What the columns are called, in each format.

use calamine::Data;
use serde_json::Value;

use super::{SHEET_TYPE, sheet};
use crate::support::{Programme, on_both};

/// CONTRACT §4: what an import takes, with the Persian headings.
const IMPORTED: [(&str, &[(&str, &str)]); 5] = [
    (
        "agencies",
        &[
            ("code", "کد"),
            ("name", "نام"),
            ("name_en", "نام انگلیسی"),
            ("kind", "نوع"),
            ("phone", "تلفن"),
            ("email", "رایانامه"),
            ("active", "فعال"),
        ],
    ),
    (
        "neighborhoods",
        &[
            ("code", "کد"),
            ("name", "نام"),
            ("name_en", "نام انگلیسی"),
            ("county", "شهرستان"),
            ("city", "شهر"),
            ("district", "منطقه"),
            ("population", "جمعیت"),
            ("households", "خانوار"),
            ("profile_as_of", "تاریخ آمار"),
            ("designation", "نوع محله"),
            ("designated_on", "تاریخ تعیین"),
            ("latitude", "عرض جغرافیایی"),
            ("longitude", "طول جغرافیایی"),
        ],
    ),
    (
        "initiatives",
        &[
            ("code", "کد"),
            ("neighborhood_code", "کد محله"),
            ("domain", "حوزه"),
            ("title", "عنوان"),
            ("description", "شرح"),
            ("objective", "هدف"),
            ("starts_on", "تاریخ شروع"),
            ("due_on", "تاریخ پایان"),
            ("lead_agency_code", "دستگاه مسئول"),
            ("weight", "وزن"),
            ("budget_planned_rial", "بودجه"),
            ("budget_spent_rial", "هزینه"),
            ("beneficiaries_planned", "بهره‌مندان هدف"),
            ("beneficiaries_reached", "بهره‌مندان"),
        ],
    ),
    (
        "responsibilities",
        &[
            ("initiative_code", "کد طرح"),
            ("code", "کد"),
            ("agency_code", "دستگاه"),
            ("part", "نقش"),
            ("title", "عنوان"),
            ("deliverable", "خروجی"),
            ("acceptance_criterion", "معیار پذیرش"),
            ("weight", "وزن"),
            ("due_on", "مهلت"),
        ],
    ),
    (
        "users",
        &[("username", "نام کاربری"), ("display_name", "نام نمایشی"), ("role", "نقش"), ("agency_code", "دستگاه"), ("active", "فعال")],
    ),
];

on_both! {
    async fn every_file_begins_with_the_columns_of_the_import(app: TestApp) {
        let office = app.province().await;
        for (dataset, columns) in IMPORTED {
            let csv = office.get(&format!("/{dataset}/export?format=csv")).await.is(200);
            let names: Vec<String> = csv::Reader::from_reader(csv.body.as_slice()).headers().expect("headings").iter().map(str::to_owned).collect();
            let wanted: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(names[..columns.len()], wanted, "{dataset}");
            let xlsx = office.get(&format!("/{dataset}/export?format=xlsx")).await.is(200);
            let (_, rows) = sheet(&xlsx);
            let headings: Vec<Data> = columns.iter().map(|(_, heading)| Data::String((*heading).to_owned())).collect();
            assert_eq!(rows[0][..columns.len()], headings, "{dataset}");
            assert_eq!(rows[0].len(), names.len(), "{dataset}: the same columns");
        }
    }

    async fn the_head_of_an_export_is_no_export(app: TestApp) {
        let office = app.province().await;
        for path in ["/agencies/export?format=csv", "/agencies/export?format=xlsx", "/reports/overview/export"] {
            let began = std::time::Instant::now();
            let head = office.request(reqwest::Method::HEAD, path).await.is(200);
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "{path}: no rows are waited for");
            assert!(head.body.is_empty() && head.header("content-disposition").is_some(), "{path}");
        }
        // An export's event is written after its answer; once that of a later one is there, those of the heads would be.
        office.get("/agencies/export?format=csv").await.is(200);
        assert_eq!(office.exports().await.len(), 1);
    }

    async fn every_list_is_exported_in_every_format(app: TestApp) {
        app.neighborhood().make().await;
        let office = app.province().await;
        for list in ["agencies", "deferrals", "domains", "events", "initiatives", "mandates", "neighborhoods", "responsibilities", "users"] {
            let xlsx = office.get(&format!("/{list}/export?format=xlsx")).await.is(200);
            assert_eq!(xlsx.header("content-type"), Some(SHEET_TYPE));
            assert_eq!(xlsx.header("content-disposition"), Some(format!("attachment; filename*=UTF-8''{list}.xlsx").as_str()));
            let (name, rows) = sheet(&xlsx);
            assert!(!name.is_ascii(), "{list}: a Persian name, not {name}");
            let lines = office.get(&format!("/{list}/export?format=ndjson")).await.is(200).text().lines().count();
            // The exports before are events themselves.
            assert!(rows.len() == lines + 1 || list == "events", "{list}: {} rows and {lines} lines", rows.len());
            for heading in &rows[0] {
                assert!(matches!(heading, Data::String(text) if !text.is_ascii()), "{list}: {heading}");
            }
            if list != "neighborhoods" {
                office.get(&format!("/{list}/export?format=geojson")).await.refused(400, "invalid_parameter").with_errors(&[("format", "not_one_of")]);
            }
        }
    }

    async fn the_keys_of_ndjson_are_the_headings_of_csv(app: TestApp) {
        app.neighborhood().make().await;
        let viewer = app.viewer().await;
        let csv = viewer.get("/neighborhoods/export").await.is(200);
        let mut names: Vec<String> = csv::Reader::from_reader(csv.body.as_slice()).headers().expect("headings").iter().map(str::to_owned).collect();
        let line: Value = serde_json::from_slice(&viewer.get("/neighborhoods/export?format=ndjson").await.is(200).body).expect("JSON");
        let mut keys: Vec<String> = line.as_object().expect("an object").keys().cloned().collect();
        names.sort();
        keys.sort();
        assert_eq!(keys, names);
    }

    async fn a_field_of_a_line_says_what_the_field_of_the_answer_says(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("completed").await;
        p.work("proposed").await;
        let viewer = app.viewer().await;
        for who in [&p.office, &p.lead, &p.helper, &p.manager, &viewer] {
            for list in ["agencies", "deferrals", "domains", "initiatives", "mandates", "neighborhoods", "responsibilities", "users"] {
                let lines = who.get(&format!("/{list}/export?format=ndjson")).await.is(200).text();
                let items = who.get(&format!("/{list}?limit=200")).await.is(200);
                assert_eq!(lines.lines().count(), items.items().len(), "{list}");
                for (line, item) in lines.lines().zip(items.items()) {
                    let line: Value = serde_json::from_str(line).expect("JSON");
                    // What is an object in the answer is a few columns, or one word, in a file.
                    let same = |name: &String| item.get(name).is_some_and(|value| !value.is_object());
                    for (name, value) in line.as_object().expect("an object").iter().filter(|(name, _)| same(name)) {
                        assert_eq!(*value, item[name], "{list}: {name}");
                    }
                }
            }
        }
    }
}
