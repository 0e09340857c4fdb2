//! The same requests give the same answers on both databases, where the two differ by nature (STYLE §5): order of text and
//! of nulls, LIKE, unique violations, types.

use reqwest::Url;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, NewNeighborhood, TestApp, databases, in_system};

/// What a script was answered: status and body, without ids and what else differs from run to run.
#[derive(Default)]
struct Log(Vec<(String, u16, Value)>);

impl Log {
    fn add(&mut self, answer: Answer) -> Answer {
        let body = if answer.json.is_null() { Value::String(answer.text()) } else { redacted(answer.json.clone()) };
        let asked = answer.request.split("/neighborhoods/0").next().unwrap_or_default().to_owned();
        self.0.push((asked, answer.status, body));
        answer
    }
}

fn redacted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let changing = ["id", "request_id", "next_cursor", "user_id", "mandate_id", "agency_id", "display_name", "username"];
            fields
                .into_iter()
                .map(
                    |(name, value)| {
                        if changing.contains(&name.as_str()) && value.is_string() { (name, json!("…")) } else { (name, redacted(value)) }
                    },
                )
                .collect()
        }
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        other => other,
    }
}

/// Runs a script on both databases and compares what it was told; does nothing where PostgreSQL is not installed.
fn alike(script: impl AsyncFn(&TestApp, &mut Log)) {
    let (Some(sqlite), Some(postgres)) = (databases::shared(Backend::Sqlite), databases::shared(Backend::Postgres)) else { return };
    let told = |shared| {
        in_system(async {
            let app = TestApp::start(shared).await;
            let mut log = Log::default();
            script(&app, &mut log).await;
            let servers = std::mem::take(&mut *app.servers().borrow_mut());
            for server in servers {
                server.stop(false).await;
            }
            log.0
        })
    };
    let (one, other) = (told(sqlite), told(postgres));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
}

/// A neighbourhood that is a second younger than the one before, so that its id sorts after it.
fn next(app: &TestApp) -> NewNeighborhood<'_> {
    app.clock.advance(1);
    app.neighborhood()
}

fn with(path: &str, query: &[(&str, &str)]) -> String {
    let address = Url::parse_with_params(&format!("http://x{path}"), query).expect("an address");
    format!("{path}?{}", address.query().unwrap_or_default())
}

#[test]
fn codes_and_names_have_one_order() {
    alike(async |app, log| {
        // A dictionary order leaves punctuation and case for last; ours is by bytes of the folded code.
        for code in ["b1", "A2", "a-2", "a_2", "a.2", "a2b", "B-1", "10", "9", "Z", "a", "ab", "a-b", "A.b"] {
            next(app).coded(code).named(code).make().await;
        }
        for name in
            ["آب", "اب", "أب", "پل", "بل", "Pol", "pol", "۱۲", "12", "۲", "گاو", "کاو", "كاو", "یک", "يك", "می‌روم", "میروم", "(رضا)", "رضا"]
        {
            next(app).named(name).make().await;
        }
        let viewer = app.viewer().await;
        for sort in ["code", "-code", "name", "-name"] {
            let page = viewer.get(&format!("/neighborhoods?limit=200&sort={sort}")).await.is(200);
            // Codes of the second batch differ from run to run.
            let names = page.each("name");
            if sort.ends_with("name") {
                log.0.push((sort.to_owned(), 200, json!(names)));
            } else {
                let coded: Vec<_> = page.each("code").into_iter().filter(|code| !code.starts_with("n-")).collect();
                log.0.push((sort.to_owned(), 200, json!(coded)));
            }
        }
    });
}

#[test]
fn nulls_stand_at_one_end_and_match_nothing() {
    alike(async |app, log| {
        for (code, population, county) in [
            ("a", json!(null), json!(null)),
            ("b", json!(0), json!("قم")),
            ("c", json!(5), json!(null)),
            ("d", json!(null), json!("كاشان")),
        ] {
            next(app).coded(code).with("population", population).with("county", county).make().await;
        }
        let viewer = app.viewer().await;
        for query in [
            "sort=population",
            "sort=-population",
            "sort=population&limit=1",
            "sort=-population&limit=3",
            "sort=code&county=قم",
            "sort=code&county=قم,کاشان",
            "sort=code&closed=false",
        ] {
            log.add(viewer.get(&format!("/neighborhoods?with_total=true&{query}")).await.is(200));
        }
    });
}

#[test]
fn searches_take_every_character_as_it_stands() {
    alike(async |app, log| {
        let names = [
            "صد % درصد",
            "خط_زیر",
            r"پشت\راه",
            "نقل\"قول",
            "تک'نقل",
            "ABC def",
            "abc DEF",
            "شیخ‌آباد",
            "شيخ آباد",
            "اﷲ",
            "ﻻله",
            "ı İ ß",
            "Ⅷ",
            "٪ ؟ ،",
        ];
        for (number, name) in names.iter().enumerate() {
            next(app).coded(&format!("c{number:02}")).named(name).make().await;
        }
        let viewer = app.viewer().await;
        let more = [
            "%", "_", "\\", "\\%", "%_", "a%c", "a_c", "''", "\"\"", "*", "^", "abc", "ABC", "c0", "c01", "شیخ", "له", "ss", "SS", "ß",
            "i", "viii", "٪", "آ", "اب", "a b c",
        ];
        for words in names.iter().chain(&more) {
            let page = log.add(viewer.get(&with("/neighborhoods", &[("sort", "code"), ("with_total", "true"), ("q", words)])).await);
            // A word of fewer than three letters matches the beginning of a name alone.
            if names.contains(words) && words.split_whitespace().all(|word| word.chars().count() > 2) {
                assert!(page.is(200).items().iter().any(|item| item["name"] == *words), "{words} does not find itself");
            }
        }
    });
}

#[test]
fn violations_are_told_alike() {
    alike(async |app, log| {
        let office = app.province().await;
        let place = app.neighborhood().coded("Taken").make().await;
        let path = format!("/neighborhoods/{}", place.id());
        log.add(office.post("/neighborhoods", app.neighborhood().coded("tAKEN").body()).await);
        log.add(office.post("/neighborhoods", app.neighborhood().coded("taken ").body()).await);
        let other = app.neighborhood().coded("other").make().await;
        log.add(office.patch(&format!("/neighborhoods/{}", other.id()), json!({"code": "TAKEN"}), 1).await);
        app.manager(&[&place.id()]).await;
        log.add(office.delete(&path, 1).await);
        log.add(office.patch(&path, json!({"population": 1}), 5).await);
        log.add(office.post("/agencies", json!({"code": "x", "name": "ایکس", "kind": "other"})).await);
        log.add(office.post("/agencies", json!({"code": "X", "name": "ایکس", "kind": "other"})).await);
        log.add(office.post("/domains", json!({"code": "SPORT", "name": "ورزش"})).await);
        log.add(office.post("/users", json!({"username": "v", "display_name": "و", "role": "viewer"})).await);
        log.add(office.post("/users", json!({"username": "V", "display_name": "و", "role": "viewer"})).await);
    });
}

#[test]
fn numbers_dates_instants_and_documents_come_back_alike() {
    alike(async |app, log| {
        let office = app.province().await;
        for (number, location) in
            [json!([50, 34]), json!([50.876_400_000_1, -0.0]), json!([1e-7, 89.999_999_999_999]), json!([-180, -90]), json!([0.1, 0.2])]
                .into_iter()
                .enumerate()
        {
            let place = next(app)
                .coded(&format!("g{number}"))
                .with("location", json!({"coordinates": location, "type": "Point"}))
                .with("population", 1_000_000_000)
                .with("designated_on", "1900-01-01")
                .with("closed_on", "2199-12-31");
            log.add(place.make().await);
        }
        for query in [
            "sort=code",
            "sort=-updated_at",
            "sort=code&updated_since=2026-11-22T08:00:02Z",
            "sort=code&bbox=0,0,60,60",
            "sort=code&closed=true",
        ] {
            log.add(office.get(&format!("/neighborhoods?{query}")).await.is(200));
        }
        // The very text of an export, but for the ids.
        let csv = office.get("/neighborhoods/export?format=csv&sort=code").await.is(200);
        let mut reader = csv::Reader::from_reader(csv.body.as_slice());
        let id = reader.headers().expect("headings").iter().position(|name| name == "id").expect("an id");
        for row in reader.records() {
            let cells: Vec<String> =
                row.expect("a row").iter().enumerate().filter(|(column, _)| *column != id).map(|(_, cell)| cell.to_owned()).collect();
            log.0.push(("row".to_owned(), 200, json!(cells)));
        }
    });
}

#[test]
fn sums_are_exact_beyond_what_a_double_holds() {
    use diesel::{
        RunQueryDsl,
        dsl::sql,
        sql_types::{BigInt, Nullable},
    };
    alike(async |app, log| {
        let sum = app
            .read(|conn| {
                let rows = "CAST(SUM(x) AS BIGINT) FROM (SELECT 9007199254740993 AS x UNION ALL SELECT 9007199254740992 UNION ALL SELECT 1) AS rows";
                Ok(diesel::select(sql::<Nullable<BigInt>>(rows)).get_result::<Option<i64>>(conn)?)
            })
            .await;
        assert_eq!(sum, Some(18_014_398_509_481_986));
        log.0.push(("sum".to_owned(), 200, json!(sum)));
    });
}
