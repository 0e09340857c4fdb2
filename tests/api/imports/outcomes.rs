//! Every row is exactly one of created, updated, unchanged and rejected, with all its faults.

use super::{by_code, counts, csv, expected, faults, office, send, state};
use crate::support::on_both;

const HEADING: &str = "code,neighborhood_code,domain,title,starts_on,due_on,lead_agency_code,weight\n";

on_both! {
    async fn rows_are_created_updated_unchanged_and_rejected(app: TestApp) {
        let office = office(&app).await;
        let first = format!("{HEADING}A-1,sheikh,education,کلاس,2026-12-01,2027-05-31,edu,20\nA-2,pardis,sport,زمین,,,,\n");
        let job = csv(&office, "dataset=initiatives", &first).await;
        assert_eq!((state(&job), counts(&job)), ("succeeded", [2, 0, 0, 0]));
        assert_eq!((job.json["rows_total"].as_i64(), job.json["rows_done"].as_i64()), (Some(2), Some(2)));
        assert!(job.header("location").is_some_and(|place| place.ends_with(&job.id())));
        assert_eq!(job.header("preference-applied"), Some("wait=30"));
        let made = by_code(&office, "initiatives", "a-1").await;
        assert_eq!((made["status"].as_str(), made["weight"].as_i64(), made["version"].as_i64()), (Some("draft"), Some(20), Some(1)));

        let again = csv(&office, "dataset=initiatives", &first).await;
        assert_eq!((state(&again), counts(&again)), ("succeeded", [0, 0, 2, 0]));
        assert_eq!(by_code(&office, "initiatives", "a-1").await["version"], 1);

        let mixed = format!("{HEADING}a-1,SHEIKH,آموزش,کلاس,2026-12-01,2027-05-31,EDU,30\nA-2,pardis,sport,زمین,,,,\nA-3,nowhere,music,,2027-05-31,2026-12-01,none,101\n");
        let job = csv(&office, "dataset=initiatives&mode=per_row", &mixed).await;
        assert_eq!((state(&job), counts(&job)), ("succeeded", [0, 1, 1, 1]));
        assert_eq!(faults(&office, &job).await, expected(&[
            (3, "title", "required", "-"),
            (3, "weight", "out_of_range", "101"),
            (3, "due_on", "dates_out_of_order", "2026-12-01"),
            (3, "neighborhood_code", "unknown_reference", "nowhere"),
            (3, "domain", "unknown_reference", "music"),
            (3, "lead_agency_code", "unknown_reference", "none"),
        ]));
        let changed = by_code(&office, "initiatives", "A-1").await;
        assert_eq!((changed["code"].as_str(), changed["weight"].as_i64(), changed["version"].as_i64()), (Some("A-1"), Some(30), Some(2)));
    }

    async fn an_atomic_import_with_a_rejection_writes_nothing_and_counts_what_would_have_been(app: TestApp) {
        let office = office(&app).await;
        let text = format!("{HEADING}B-1,sheikh,sport,یک,,,,\nB-2,sheikh,sport,,,,,\nB-3,sheikh,sport,سه,,,,\n");
        for query in ["dataset=initiatives", "dataset=initiatives&dry_run=true"] {
            let job = csv(&office, query, &text).await;
            assert_eq!((state(&job), counts(&job)), ("rejected", [2, 0, 0, 1]), "{query}");
            assert_eq!(faults(&office, &job).await, expected(&[(2, "title", "required", "-")]));
            let outcomes = office.get(&format!("/imports/{}/rows", job.id())).await.is(200).each("outcome");
            assert_eq!(outcomes, ["created", "rejected", "created"]);
        }
        assert!(office.get("/initiatives").await.items().is_empty());
        let dry = csv(&office, "dataset=initiatives&dry_run=true&mode=per_row", &text).await;
        assert_eq!((state(&dry), counts(&dry)), ("succeeded", [2, 0, 0, 1]));
        assert!(office.get("/initiatives").await.items().is_empty());
    }

    async fn a_key_that_stands_twice_rejects_the_later_row(app: TestApp) {
        let office = office(&app).await;
        let text = "code,name,kind\nx1,یک,آموزش\n\nX۱,دو,ورزش\ny,سه,کار\n";
        let job = csv(&office, "dataset=agencies&mode=per_row", text).await;
        assert_eq!(counts(&job), [2, 0, 0, 1]);
        assert_eq!(faults(&office, &job).await, expected(&[(3, "code", "duplicate_key", "X۱")]));
        assert_eq!(by_code(&office, "agencies", "x1").await["name"], "یک");
    }

    /// What a run has written by then, a dry run has not.
    async fn a_key_of_an_earlier_batch_has_the_same_faults_in_a_dry_run(app: TestApp) {
        let office = office(&app).await;
        let line = |code: &str| format!("{{\"code\": \"{code}\", \"name\": \"نام\", \"kind\": \"other\"}}\n");
        let between: String = (0..600).map(|number| line(&format!("e{number}"))).collect();
        let text = format!("{}{between}{{\"code\": \"twice\"}}\n", line("twice"));
        let mut reports = Vec::new();
        for query in ["dataset=agencies&mode=per_row&dry_run=true", "dataset=agencies&mode=per_row"] {
            let job = send(&office, query, "application/x-ndjson", text.clone().into_bytes()).await;
            assert_eq!((state(&job), counts(&job)), ("succeeded", [601, 0, 0, 1]), "{query}");
            reports.push(faults(&office, &job).await);
        }
        assert_eq!(reports[0], expected(&[(602, "code", "duplicate_key", "twice"), (602, "name", "required", "-"), (602, "kind", "required", "-")]));
        assert_eq!(reports[0], reports[1]);
    }

    async fn an_absent_column_leaves_and_an_empty_cell_clears(app: TestApp) {
        let office = office(&app).await;
        csv(&office, "dataset=agencies", "code,name,kind,phone,email,active\nz,زد,کار,025-1,z@z.ir,خیر\n").await;
        let job = csv(&office, "dataset=agencies", "کد,تلفن,فعال\nz,,\n").await;
        assert_eq!(counts(&job), [0, 1, 0, 0]);
        let agency = by_code(&office, "agencies", "z").await;
        assert_eq!((&agency["phone"], agency["email"].as_str(), &agency["active"]), (&serde_json::Value::Null, Some("z@z.ir"), &true.into()));
        let job = csv(&office, "dataset=agencies&mode=per_row", "code,name\nz,\nnew,تازه\n").await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "name", "required", "-"), (2, "kind", "required", "-")]));
    }

    async fn the_report_is_paged_and_speaks_the_readers_language(app: TestApp) {
        let office = office(&app).await;
        let rows: String = (0..7).map(|n| format!("c{n},نام,{}\n", if n % 2 == 0 { "کار" } else { "هنر" })).collect();
        let job = csv(&office, "dataset=agencies&mode=per_row", &format!("code,name,kind\n{rows}")).await;
        let path = format!("/imports/{}/rows?outcome=rejected&limit=2&with_total=true", job.id());
        let first = office.get(&path).await.is(200);
        assert_eq!((first.items().len(), first.json["total"].as_i64()), (2, Some(3)));
        assert!(first.items()[0]["errors"][0]["message"].as_str().is_some_and(|text| text.starts_with("باید یکی")));
        let cursor = first.json["next_cursor"].as_str().expect("a cursor");
        let second = office.get(&format!("{path}&cursor={cursor}")).await.is(200);
        assert_eq!((second.items()[0]["row"].as_i64(), &second.json["next_cursor"]), (Some(6), &serde_json::Value::Null));
        let down = office.get(&format!("{path}&sort=-row")).await.is(200);
        let numbers = |page: &crate::support::Answer| page.items().iter().filter_map(|row| row["row"].as_i64()).collect::<Vec<_>>();
        let rest = office.get(&format!("{path}&sort=-row&cursor={}", down.json["next_cursor"].as_str().expect("a cursor"))).await.is(200);
        assert_eq!((numbers(&down), numbers(&rest)), (vec![6, 4], vec![2]));
        office.get(&format!("{path}&sort=code")).await.refused(400, "invalid_parameter").with_errors(&[("sort", "not_one_of")]);
        office.get(&format!("/imports/{}/rows?cursor={cursor}", job.id())).await.refused(400, "invalid_parameter").with_errors(&[("cursor", "invalid_cursor")]);
        office.get(&format!("/imports/{}/rows?outcome=lost", job.id())).await.refused(400, "invalid_parameter");
    }

    /// A report is kept in batches of five hundred rows, of which a page may want one each.
    async fn the_pages_of_a_report_hold_every_row_that_is_asked_for(app: TestApp) {
        let office = office(&app).await;
        let nameless = [1, 501, 502, 1001, 1600];
        let rows: String = (1..=1600).map(|n| format!("d{n},{},other\n", if nameless.contains(&n) { "" } else { "نام" })).collect();
        let job = csv(&office, "dataset=agencies&dry_run=true", &format!("code,name,kind\n{rows}")).await;
        assert_eq!(counts(&job), [1595, 0, 0, 5]);
        for limit in 1..=6 {
            for sort in ["row", "-row"] {
                let path = format!("/imports/{}/rows?outcome=rejected&limit={limit}&sort={sort}", job.id());
                let mut found: Vec<i64> = Vec::new();
                let mut cursor = String::new();
                loop {
                    let page = office.get(&format!("{path}{cursor}")).await.is(200);
                    assert!(page.items().len() <= limit, "{path}");
                    found.extend(page.items().iter().filter_map(|row| row["row"].as_i64()));
                    let Some(next) = page.json["next_cursor"].as_str() else { break };
                    cursor = format!("&cursor={next}");
                }
                if sort == "-row" {
                    found.reverse();
                }
                assert_eq!(found, nameless, "{path}");
            }
        }
    }
}
