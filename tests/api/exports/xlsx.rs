//! Spreadsheets, read back cell by cell.

use std::{future::IntoFuture, time::Duration};

use actix_web::rt;
use calamine::{Data, DataType};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use super::{part, sheet};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::support::{Answer, Backend, on_both, programme::Programme, watch::grown};

/// The row of a sheet as a map from heading to cell.
fn cell<'a>(rows: &'a [Vec<Data>], row: usize, heading: &str) -> &'a Data {
    let at = rows[0].iter().position(|cell| cell.get_string() == Some(heading)).unwrap_or_else(|| panic!("no column {heading}"));
    &rows[row][at]
}

fn text(data: &Data) -> &str {
    data.get_string().unwrap_or_else(|| panic!("{data:?} is no text"))
}

/// A real date, not a text that looks like one.
fn date(data: &Data) -> String {
    let Data::DateTime(day) = data else { panic!("{data:?} is no date") };
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

fn long_boundary() -> Value {
    let mut ring: Vec<Value> = (0..4000).map(|step| json!([50.0 + f64::from(step) / 20_000.0, 34.0])).collect();
    ring.extend([json!([50.2, 35.0]), json!([50.0, 34.0])]);
    json!({"type": "Polygon", "coordinates": [ring]})
}

fn exported(answer: Answer) -> Vec<Vec<Data>> {
    sheet(&answer.is(200)).1
}

on_both! {
    async fn dates_numbers_and_truths_are_real(app: TestApp) {
        let place = app.neighborhood().coded("007").with("population", 12345).with("profile_as_of", "2026-03-21").with("designated_on", "1900-01-15");
        place.with("location", json!({"type": "Point", "coordinates": [50.8764, 34.6416]})).make().await;
        let office = app.province().await;
        let rows = exported(office.get("/neighborhoods/export?format=xlsx").await);
        assert_eq!(rows.len(), 2);
        assert_eq!(cell(&rows, 1, "کد"), &Data::String("007".to_owned()));
        assert_eq!(cell(&rows, 1, "جمعیت"), &Data::Float(12345.0));
        assert_eq!((cell(&rows, 1, "عرض جغرافیایی"), cell(&rows, 1, "طول جغرافیایی")), (&Data::Float(34.6416), &Data::Float(50.8764)));
        assert_eq!(date(cell(&rows, 1, "تاریخ آمار")), "2026-03-21");
        // Spreadsheets disagree on the days before March 1900.
        assert_eq!(text(cell(&rows, 1, "تاریخ تعیین")), "1900-01-15");
        assert_eq!(cell(&rows, 1, "شهرستان"), &Data::Empty);
        for (code, active) in [("a", true), ("b", false)] {
            office.post("/agencies", json!({"code": code, "name": "دستگاه", "kind": "other", "active": active})).await.is(201);
            let agencies = exported(office.get(&format!("/agencies/export?format=xlsx&code={code}")).await);
            assert_eq!(cell(&agencies, 1, "فعال"), &Data::Bool(active));
        }
    }

    async fn every_field_of_an_initiative_comes_through(app: TestApp) {
        let programme = Programme::of(&app).await;
        let text_of_lines = "سطر یکم\nسطر \"دوم\" <&> _x0041_";
        let more = json!({"code": "I-1", "description": text_of_lines, "budget_planned_rial": 9_999_999_999_999_i64, "weight": 100});
        let made = programme.office.post("/initiatives", programme.initiative_body(more)).await.is(201);
        let rows = exported(programme.office.get("/initiatives/export?format=xlsx&code=I-1").await);
        assert_eq!(text(cell(&rows, 1, "عنوان")), made.json["title"].as_str().expect("a title"));
        assert_eq!(cell(&rows, 1, "بودجه"), &Data::Float(9_999_999_999_999.0));
        assert_eq!(date(cell(&rows, 1, "تاریخ شروع")), "2026-11-01");
        assert_eq!(text(cell(&rows, 1, "زمان ایجاد")), made.json["created_at"].as_str().expect("an instant"));
        assert_eq!(text(cell(&rows, 1, "شناسه")), made.id());
        assert_eq!(cell(&rows, 1, "پیشرفت (درصد)"), &Data::Empty);
        let shown = text(cell(&rows, 1, "شرح")).replace("_x005F_", "_");
        assert_eq!(shown, text_of_lines);
    }

    async fn jalali_dates_are_text(app: TestApp) {
        app.neighborhood().with("profile_as_of", "2026-05-21").make().await;
        let rows = exported(app.viewer().await.get("/neighborhoods/export?format=xlsx&calendar=jalali").await);
        assert_eq!(text(cell(&rows, 1, "تاریخ آمار")), "1405-02-31");
    }

    async fn formulas_are_defused(app: TestApp) {
        app.neighborhood().named("=1+1").with("county", "'-x").with("district", "@y").make().await;
        let rows = exported(app.viewer().await.get("/neighborhoods/export?format=xlsx").await);
        assert_eq!((text(cell(&rows, 1, "نام")), text(cell(&rows, 1, "شهرستان")), text(cell(&rows, 1, "منطقه"))), ("'=1+1", "''-x", "'@y"));
    }

    async fn what_no_cell_holds_says_so(app: TestApp) {
        app.neighborhood().with("boundary", long_boundary()).make().await;
        let rows = exported(app.viewer().await.get("/neighborhoods/export?format=xlsx").await);
        assert!(text(cell(&rows, 1, "مرز")).starts_with("(بلندتر از گنجایش یک خانه"));
    }

    async fn the_sheet_is_laid_out_for_reading(app: TestApp) {
        for number in 0..3 {
            app.neighborhood().coded(&format!("n{number}")).with("profile_as_of", "2026-03-21").make().await;
        }
        let answer = app.viewer().await.get("/neighborhoods/export?format=xlsx&sort=-code").await.is(200);
        let (name, rows) = sheet(&answer);
        assert_eq!(name, "محله‌ها");
        assert_eq!((1..4).map(|row| text(cell(&rows, row, "کد"))).collect::<Vec<_>>(), ["n2", "n1", "n0"]);
        let xml = part(&answer, "xl/worksheets/sheet1.xml");
        for wanted in [r#"rightToLeft="1""#, r#"<pane ySplit="1""#, r#"state="frozen""#, r#"<autoFilter ref="A1:U4""#, "<cols><col "] {
            assert!(xml.contains(wanted), "{wanted} in {}", &xml[..xml.len().min(2000)]);
        }
        assert!(part(&answer, "xl/styles.xml").contains("yyyy-mm-dd"));
    }

    async fn a_sheet_holds_more_rows_than_a_page(app: TestApp) {
        use std::future::IntoFuture;
        let office = app.province().await;
        for batch in 0..4 {
            let posts = (0..101).map(|number| office.post("/neighborhoods", app.neighborhood().coded(&format!("n{batch}-{number:03}")).body()).into_future());
            assert!(futures_util::future::join_all(posts).await.iter().all(|answer| answer.status == 201));
        }
        let rows = exported(office.get("/neighborhoods/export?format=xlsx&sort=code").await);
        assert_eq!(rows.len(), 405);
        let codes: Vec<&str> = (1..405).map(|row| text(cell(&rows, row, "کد"))).collect();
        assert!(codes.is_sorted() && codes[0] == "n0-000" && codes[403] == "n3-100");
        assert_eq!(exported(office.get("/neighborhoods/export?format=xlsx&code=nothing").await).len(), 1, "headings alone");
    }

    async fn it_is_recorded_with_its_filter_and_rows(app: TestApp) {
        app.neighborhood().make().await;
        let office = app.province().await;
        office.get("/neighborhoods/export?format=xlsx&closed=false").await.is(200);
        let event = &office.exports().await[0];
        assert_eq!(event["resource_type"], "neighborhood");
        let after = |field: &str| event["changes"].as_array().expect("changes").iter().find(|change| change["field"] == field).map(|change| change["after"].clone());
        assert_eq!((after("format"), after("rows"), after("complete")), (Some(json!("xlsx")), Some(json!(1)), Some(json!(true))));
        assert_eq!(after("query"), Some(json!("format=xlsx&closed=false")));
    }

    async fn a_client_that_takes_no_spreadsheet_is_told(app: TestApp) {
        let viewer = app.viewer().await;
        viewer.get("/neighborhoods/export?format=xlsx").header("accept", "text/csv").await.refused(406, "not_acceptable");
        viewer.get("/neighborhoods/export?format=xlsx").header("accept", crate::exports::SHEET_TYPE).await.is(200);
    }
}

/// A few are made at a time; who waits too long for his turn is told to come again, and has exported nothing.
#[test]
fn a_spreadsheet_is_not_waited_for_without_end() {
    grown(Backend::Sqlite, async |app| {
        let office = app.province().await;
        let mut others = Vec::new();
        while let Ok(Ok(turn)) = timeout(Duration::from_millis(50), app.app.sheets.turn()).await {
            others.push(turn);
        }
        assert_eq!(others.len(), 4);
        let refused = office.get("/agencies/export?format=xlsx").await.refused(503, "busy");
        assert!(refused.header("retry-after").is_some());
        let waiting = rt::spawn(office.get("/agencies/export?format=xlsx").into_future());
        sleep(Duration::from_millis(300)).await;
        assert!(!waiting.is_finished(), "there is a turn");
        others.pop();
        waiting.await.expect("it ends").is(200);
        assert_eq!(office.exports().await.len(), 1);
    });
}

/// No byte of a workbook is sent before it is made, so that nothing but the end of his side tells that he hung up.
#[test]
fn a_spreadsheet_is_not_made_for_who_hung_up() {
    grown(Backend::Postgres, async |app| {
        let office = app.province().await;
        // What he asks for takes its time.
        let mut other = app.app.db.target().connect(true).expect("a connection");
        other.batch_execute("BEGIN; LOCK TABLE agencies").expect("a lock");
        let mut socket = TcpStream::connect(office.address()).await.expect("a connection");
        let token = office.token.as_deref().expect("a token");
        let request = format!("GET /api/v1/agencies/export?format=xlsx HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.expect("the server takes it");
        sleep(Duration::from_millis(500)).await;
        drop(socket);
        sleep(Duration::from_millis(500)).await;
        other.batch_execute("ROLLBACK").expect("an end");
        let changes = office.exports().await[0]["changes"].as_array().expect("changes").clone();
        let complete = changes.iter().find(|change| change["field"] == "complete").expect("whether it was complete");
        assert_eq!(complete["after"], false, "{changes:?}");
    });
}
