//! How reports are asked for and given: parameters, pages, freshness and files.

use calamine::{Data, Reader, Xlsx};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::db::{
    Id,
    schema::{agencies, events},
};
use serde_json::{Value, json};

use crate::support::{Client, Programme, id_of, on_both};

const REPORTS: [&str; 9] = ["overview", "neighborhoods", "domains", "agencies", "late", "gaps", "pace", "agenda", "timeline"];

async fn etag(who: &Client, path: &str) -> String {
    who.get(path).await.is(200).header("etag").expect("an ETag").to_owned()
}

on_both! {
    async fn parameters_are_closed_and_judged_together(app: TestApp) {
        let office = app.province().await;
        let both = "/reports/overview?from=2026-11-02&to=2026-11-01&period=1405&day=1&as_of=x";
        office.get(both).await.refused(400, "invalid_parameter").with_errors(&[("day", "unknown_parameter"), ("as_of", "invalid_format")]);
        office.get("/reports/overview?from=2026-11-02&to=2026-11-01").await.refused(400, "invalid_parameter").with_errors(&[("to", "dates_out_of_order")]);
        office.get("/reports/overview?from=2026-11-02&period=1405").await.refused(400, "invalid_parameter").with_errors(&[("period", "excludes_other")]);
        office.get("/reports/overview?period=1405-Q5").await.refused(400, "invalid_parameter").with_errors(&[("period", "invalid_format")]);
        office.get("/reports/overview?as_of=1405-09-01").await.refused(400, "invalid_parameter").with_errors(&[("as_of", "invalid_format")]);
        for (path, place) in [("overview?sort=name", "sort"), ("overview?limit=1", "limit"), ("late?days=1", "days"), ("late/export?limit=5", "limit"), ("pace/chart?format=csv", "format"), ("agenda?format=csv", "format")] {
            office.get(&format!("/reports/{path}")).await.refused(400, "invalid_parameter").with_errors(&[(place, "unknown_parameter")]);
        }
        office.get("/reports/neighborhoods?sort=code").await.refused(400, "invalid_parameter").with_errors(&[("sort", "not_one_of")]);
        office.get("/reports/late?limit=0&cursor=abc").await.refused(400, "invalid_parameter").with_errors(&[("limit", "out_of_range"), ("cursor", "invalid_cursor")]);
        office.get("/reports/late?cursor=abc").await.refused(400, "invalid_parameter").with_errors(&[("cursor", "invalid_cursor")]);
        office.get("/reports/agenda?days=3661").await.refused(400, "invalid_parameter").with_errors(&[("days", "out_of_range")]);
        office.get("/reports/nothing").await.refused(404, "not_found");
    }

    async fn a_period_sets_the_interval_and_a_jalali_day_is_read_where_it_is_asked_for(app: TestApp) {
        let office = app.province().await;
        let filters = office.get("/reports/agencies?period=1405-Q3").await.is(200).json["filters"].clone();
        assert_eq!((&filters["from"], &filters["to"], &filters["period"]), (&json!("2026-09-23"), &json!("2026-12-21"), &json!("1405-Q3")));
        let month = office.get("/reports/agencies?period=2026-07").await.is(200).json["filters"].clone();
        assert_eq!((&month["from"], &month["to"]), (&json!("2026-07-01"), &json!("2026-07-31")));
        let jalali = office.get("/reports/agencies?calendar=jalali&as_of=1405-09-01&from=1405-01-01").await.is(200).json;
        assert_eq!((&jalali["as_of"], &jalali["filters"]["from"]), (&json!("2026-11-22"), &json!("2026-03-21")));
    }

    async fn what_is_not_there_filters_to_nothing(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("in_progress").await;
        let nowhere = "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50";
        for filter in [format!("neighborhood_id={nowhere}"), format!("agency_id={nowhere}"), "domain=nowhere".to_owned()] {
            for report in REPORTS {
                let answer = p.office.get(&format!("/reports/{report}?{filter}")).await.is(200).json;
                assert_eq!(answer["filters"][filter.split('=').next().unwrap()], filter.split('=').nth(1).unwrap());
                if report == "overview" {
                    assert_eq!(answer["totals"]["initiatives"]["total"], 0);
                    assert_eq!(answer["totals"]["progress"], Value::Null);
                    assert_eq!(answer["totals"]["budget_planned_rial"], Value::Null);
                }
            }
        }
    }

    async fn a_write_shows_in_the_very_next_answer_of_either_server(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let other = p.office.at_server(&app.another_server(&[]).await);
        for report in REPORTS {
            let path = format!("/reports/{report}");
            let before = etag(&p.office, &path).await;
            assert_eq!(etag(&other, &path).await, before, "{report}: both servers name one state alike");
            let known = p.office.get(&path).header("if-none-match", &before).await.is(304);
            assert!(known.body.is_empty());
            other.get(&path).header("if-none-match", &before).await.is(304);
            assert_ne!(etag(&p.viewer, &path).await, before, "{report}: reach is in it");
            let english = p.office.get(&path).in_english().await.is(200);
            assert_ne!(english.header("etag"), Some(before.as_str()), "{report}: the language is in it");
        }
        let verified = |answer: Value| answer["totals"]["responsibilities"]["by_status"]["verified"].clone();
        assert_eq!(verified(p.office.get("/reports/overview").await.json), 0);
        let before = etag(&p.office, "/reports/overview").await;
        p.finish(&work).await;
        assert_eq!(verified(p.office.get("/reports/overview").header("if-none-match", &before).await.is(200).json), 2);
        assert_eq!(verified(other.get("/reports/overview").header("if-none-match", &before).await.is(200).json), 2);
        p.office.get("/events").await.is(200);
        assert_eq!(verified(p.office.get("/reports/overview").await.json), 2, "sealing changes nothing");
    }

    async fn a_login_or_an_export_is_no_change(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("in_progress").await;
        let before = etag(&p.office, "/reports/overview").await;
        p.office.get("/reports/overview/export").await.is(200);
        p.office.get("/reports/overview").header("if-none-match", &before).await.is(304);
    }

    async fn sealing_is_no_change_where_an_export_came_between(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.office.get("/events").await.is(200);
        p.office.get("/reports/overview/export").await.is(200);
        p.task(&work.initiative, json!({})).await;
        let before = etag(&p.office, "/reports/overview").await;
        p.office.get("/events").await.is(200);
        p.office.get("/reports/overview").header("if-none-match", &before).await.is(304);
    }

    async fn a_register_that_was_put_back_shares_no_etag_with_the_one_before(app: TestApp) {
        let office = app.province().await;
        let path = "/reports/agencies";
        office.get("/events").await.is(200);
        let mut seen = vec![etag(&office, path).await];
        for code in ["before", "after"] {
            app.clock.advance(1);
            let made = office.post("/agencies", json!({"code": code, "name": code, "kind": "other"})).await.is(201).id();
            let now = etag(&office, path).await;
            assert!(!seen.contains(&now), "{code}: {now} in {seen:?}");
            seen.push(now);
            // As an older copy has it.
            let id = Id::parse(&made).expect("an id");
            app.write(move |conn| {
                diesel::delete(events::table.filter(events::resource_id.eq(id))).execute(conn)?;
                diesel::delete(agencies::table.filter(agencies::id.eq(id))).execute(conn)?;
                Ok(())
            })
            .await;
            assert_eq!(etag(&office, path).await, seen[0]);
        }
    }

    async fn the_day_turns_what_is_due_into_late(app: TestApp) {
        let mut p = Programme::of(&app).await;
        p.work("in_progress").await;
        let late = |answer: Value| answer["totals"]["late"].clone();
        assert_eq!(late(p.office.get("/reports/overview").await.json), 0);
        assert_eq!(late(p.office.get("/reports/overview?as_of=2027-01-01").await.json), 2);
        let before = etag(&p.office, "/reports/overview").await;
        p.wait_days(40).await;
        assert_eq!(late(p.office.get("/reports/overview").header("if-none-match", &before).await.is(200).json), 2);
    }

    async fn a_page_of_late_goes_on_where_it_ended(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for weight in [1, 50, 100] {
            p.task(&work.initiative, json!({"weight": weight})).await;
        }
        let first = p.office.get("/reports/late?as_of=2027-01-10&limit=2").await.is(200);
        let next = first.json["next_cursor"].as_str().expect("a cursor").to_owned();
        assert!(first.header("link").expect("a link").contains(&next));
        assert_eq!(first.json["totals"]["late"], 5);
        let second = p.office.get(&format!("/reports/late?as_of=2027-01-10&limit=2&cursor={next}&with_total=true")).await.is(200).json;
        assert_eq!((first.json.get("total"), &second["total"]), (None, &json!(5)));
        let weights = |page: &Value| page["rows"].as_array().unwrap().iter().map(|row| row["weight"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!([weights(&first.json), weights(&second)].concat(), [100, 60, 50, 40]);
        p.office.get(&format!("/reports/late?as_of=2027-01-11&limit=2&cursor={next}")).await.refused(400, "invalid_parameter");
    }

    async fn a_manager_finds_his_own_place_first(app: TestApp) {
        let p = Programme::of(&app).await;
        for sort in ["gap", "-gap", "name", "-late"] {
            for (who, place) in [(&p.manager, &p.place), (&p.other_manager, &p.other_place)] {
                let rows = who.get(&format!("/reports/neighborhoods?sort={sort}")).await.is(200).json["rows"].clone();
                assert_eq!(rows[0]["neighborhood"]["id"], json!(place), "{sort}");
            }
        }
    }

    async fn every_report_is_a_file_with_its_event(app: TestApp) {
        let p = Programme::of(&app).await;
        p.office.patch(&format!("/neighborhoods/{}", p.place), json!({"name": "=1+1"}), 1).await.is(200);
        p.work("in_progress").await;
        for report in REPORTS {
            let path = format!("/reports/{report}/export");
            let csv = p.office.get(&format!("{path}?bom=true&as_of=2027-03-01")).await.is(200);
            assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
            assert_eq!(csv.header("content-disposition"), Some(format!("attachment; filename*=UTF-8''{report}.csv").as_str()));
            let text = csv.text();
            assert!(text.starts_with('\u{feff}') && text.lines().count() > 1, "{report}: {text}");
            assert!(!text.contains(",=1+1"), "{report}: a formula");
            let book = p.office.get(&format!("{path}?format=xlsx&as_of=2027-03-01")).await.is(200);
            assert!(book.header("content-type").is_some_and(|kind| kind.ends_with("spreadsheetml.sheet")));
            let mut book = Xlsx::new(std::io::Cursor::new(book.body)).expect("a workbook");
            assert_eq!(book.sheet_names(), [report, "تعریف‌ها"]);
            let sheet = book.worksheet_range(report).expect("the report");
            assert_eq!(sheet.width(), text.lines().next().unwrap().split(',').count(), "{report}");
            assert!(sheet.cells().all(|(_, _, cell)| *cell != Data::String("=1+1".into())), "{report}: a formula");
            assert!(book.worksheet_range("تعریف‌ها").expect("the definitions").height() > 2);
            if report == "overview" {
                assert!(sheet.rows().skip(1).all(|row| row[0].to_string().chars().all(|letter| !letter.is_ascii_alphabetic())), "{sheet:?}");
            }
        }
        let events = p.office.get("/events?action=exported&limit=200").await.is(200);
        assert_eq!(events.items().len(), 18);
        assert!(events.items().iter().all(|event| event["resource_type"] == "report"));
        p.office.get("/reports/overview/export?format=xlsx").header("accept", "text/csv").await.refused(406, "not_acceptable");
    }

    async fn a_workbook_holds_numbers_and_dates(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("in_progress").await;
        let open = async |query: &str| {
            let book = p.office.get(&format!("/reports/late/export?format=xlsx&as_of=2027-03-01{query}")).in_english().await.is(200);
            Xlsx::new(std::io::Cursor::new(book.body)).expect("a workbook").worksheet_range("late").expect("the report")
        };
        let sheet = open("").await;
        assert_eq!(sheet.get((0, 8)), Some(&Data::String("due_on".into())));
        let Some(Data::DateTime(due)) = sheet.get((1, 8)) else { panic!("{:?} is no date", sheet.get((1, 8))) };
        // Days since a spreadsheet's beginning.
        let begin = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
        let due = begin + chrono::Duration::days(format!("{}", due.as_f64()).parse().expect("whole days"));
        assert_eq!(due.to_string(), "2026-12-31");
        assert_eq!(sheet.get((1, 10)), Some(&Data::Float(60.0)));
        assert_eq!(open("&calendar=jalali").await.get((1, 8)), Some(&Data::String("1405-10-10".into())));
    }

    async fn a_workbook_says_what_was_asked_for_in_real_dates_and_numbers(app: TestApp) {
        let office = app.province().await;
        let asked = async |query: &str| {
            let book = office.get(&format!("/reports/agenda/export?format=xlsx&days=12&as_of=2026-12-01{query}")).in_english().await.is(200);
            let sheet = Xlsx::new(std::io::Cursor::new(book.body)).expect("a workbook").worksheet_range("definitions").expect("the definitions");
            sheet.rows().skip(1).map(|row| (row[0].to_string(), row[1].clone())).collect::<std::collections::BTreeMap<_, _>>()
        };
        let sheet = asked("&from=2026-01-01&domain=sport").await;
        assert!(matches!((&sheet["as_of"], &sheet["from"]), (Data::DateTime(_), Data::DateTime(_))), "{sheet:?}");
        assert_eq!((&sheet["days"], &sheet["domain"]), (&Data::Float(12.0), &Data::String("sport".into())));
        // One sheet has one calendar.
        let sheet = asked("&from=2026-01-01&to=1405-12-01&calendar=jalali").await;
        assert_eq!(["as_of", "from", "to"].map(|name| sheet[name].to_string()), ["1405-09-10", "1404-10-11", "1405-12-01"]);
    }

    async fn deferrals_of_what_is_late_count_within_the_interval(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let asked = p.lead.post("/deferrals", json!({"responsibility_id": id_of(&work.lead_task), "requested_due_on": "2027-01-01", "reason": "برف"})).await.is(201);
        p.office.transition(&format!("/deferrals/{}", asked.id()), json!({"to": "accepted"})).await.is(200);
        let of = async |interval: &str| {
            let rows = p.office.get(&format!("/reports/late?as_of=2027-02-01{interval}")).await.is(200).json["rows"].clone();
            rows.as_array().expect("rows").iter().map(|row| row["deferrals_accepted"].as_i64().expect("a count")).sum::<i64>()
        };
        assert_eq!((of("").await, of("&from=2026-11-22").await, of("&to=2026-11-21").await, of("&from=2026-11-23").await), (1, 1, 0, 0));
    }

    async fn a_draft_is_in_no_figure_of_who_may_not_see_it(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("draft").await;
        for (name, who) in p.everybody() {
            let sees = matches!(name, "province" | "manager");
            let overview = who.get("/reports/overview").await.is(200).json["totals"].clone();
            assert_eq!(overview["initiatives"]["total"], i64::from(sees), "{name}");
            assert_eq!(overview["responsibilities"]["total"], 2 * i64::from(sees), "{name}");
            let timeline = who.get("/reports/timeline").await.is(200).json;
            assert_eq!(timeline["rows"].as_array().unwrap().len(), usize::from(sees), "{name}");
        }
    }
}
