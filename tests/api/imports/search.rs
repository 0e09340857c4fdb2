//! What an import adds goes into SQLite's search all at once; nobody must be able to tell.

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, dsl::sql, sql_types::Text};
use mahalleh::db::Conn;
use serde_json::json;

use super::{by_code, counts, csv, office, state};
use crate::support::{Client, TestApp, on_both};

const SEARCHED: [&str; 5] = ["agencies", "neighborhoods", "users", "initiatives", "responsibilities"];
const HEADING: &str = "code,neighborhood_code,domain,title\n";

async fn found(who: &Client, list: &str, word: &str) -> usize {
    who.get(&format!("/{list}?q={word}")).await.is(200).items().len()
}

/// SQLite's search holds what the rows hold, and nothing waits for it. Asked beside the server and between its commits: other tests'
/// writes wait for theirs.
async fn assert_search_is_whole(app: &TestApp) {
    let file = app.read(|conn| {
        let Conn::Sqlite(sqlite) = conn else { return Ok(None) };
        Ok(Some(diesel::select(sql::<Text>("(SELECT file FROM pragma_database_list WHERE name = 'main')")).get_result::<String>(sqlite)?))
    });
    let Some(file) = file.await else { return };
    let mut conn = SqliteConnection::establish(&file).expect("the database");
    let mut run = |statement: &str| conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    run("PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE");
    for table in SEARCHED {
        // 1: against the rows themselves.
        run(&format!("INSERT INTO {table}_search ({table}_search, rank) VALUES ('integrity-check', 1)"));
    }
    for left in ["changed_search", "waiting_search"] {
        run(&format!(
            "CREATE TEMP TABLE nothing_waits (n INTEGER CHECK (n = 0)); INSERT INTO nothing_waits SELECT COUNT(*) FROM {left}; DROP TABLE nothing_waits"
        ));
    }
    run("ROLLBACK");
}

on_both! {
    async fn what_an_import_adds_is_found_at_once(app: TestApp) {
        let office = office(&app).await;
        for mode in ["atomic", "per_row"] {
            let m = &mode[..3];
            // Enough for statements of a hundred, of ten and of one row.
            let rows: String = (0..113).map(|n| format!("{m}-{n},sheikh,sport,عنوان {m}no{n}no\n")).collect();
            let files = [
                ("agencies", format!("code,name,kind\n{m}-a,عنوان {m}no1no,ورزش\n")),
                ("neighborhoods", format!("code,name,city\n{m}-n,عنوان {m}no1no,قم\n")),
                ("users", format!("username,display_name,role\n{m}-u,عنوان {m}no1no,ناظر\n")),
                ("initiatives", format!("{HEADING}{rows}")),
                ("responsibilities", format!("initiative_code,code,agency_code,part,title,due_on\n{m}-7,r,edu,همکار,عنوان {m}no1no,2027-01-01\n")),
            ];
            for (dataset, text) in files {
                let job = csv(&office, &format!("dataset={dataset}&mode={mode}"), &text).await;
                assert_eq!(state(&job), "succeeded", "{dataset} {mode} {}", job.text());
                assert_eq!(found(&office, dataset, &format!("{m}no1no")).await, 1, "{dataset} {mode}");
            }
            for n in [0, 99, 100, 109, 110, 112] {
                assert_eq!(found(&office, "initiatives", &format!("{m}no{n}no")).await, 1, "{mode} {n}");
            }
            // What is added one by one afterwards is found as before.
            let body = json!({"code": format!("{m}-later"), "name": format!("بعد {m}later"), "kind": "other"});
            office.post("/agencies", body).await.is(201);
            assert_eq!(found(&office, "agencies", &format!("{m}later")).await, 1);
            // And titles that an import changes are found by their new words alone, beside some that are new and one as it was.
            let changed: String = (3..116).map(|n| format!("{m}-{n},sheikh,sport,{m}to{n}to\n")).collect();
            let job = csv(&office, &format!("dataset=initiatives&mode={mode}"), &format!("{HEADING}{changed}{m}-2,sheikh,sport,عنوان {m}no2no\n")).await;
            assert_eq!(counts(&job), [3, 110, 1, 0]);
            for n in [3, 57, 112, 115] {
                assert_eq!(found(&office, "initiatives", &format!("{m}to{n}to")).await, 1, "{mode} {n}");
                assert_eq!(found(&office, "initiatives", &format!("{m}no{n}no")).await, 0, "{mode} {n}");
            }
            assert_eq!(found(&office, "initiatives", &format!("{m}no2no")).await, 1);
            let other = format!("initiative_code,code,agency_code,part,title,due_on\n{m}-7,r,sport,همکار,{m}other,2027-01-01\n");
            assert_eq!(counts(&csv(&office, &format!("dataset=responsibilities&mode={mode}"), &other).await), [0, 1, 0, 0]);
            assert_eq!((found(&office, "responsibilities", &format!("{m}other")).await, found(&office, "responsibilities", &format!("{m}no1no")).await), (1, 0));
            // Another agency takes part now, and the first no longer does.
            let seven = by_code(&office, "initiatives", &format!("{m}-7")).await;
            for (agency, parts) in [("edu", 0), ("sport", 1)] {
                let agency = by_code(&office, "agencies", agency).await["id"].as_str().expect("an id").to_owned();
                let taken = office.get(&format!("/initiatives?agency_id={agency}&code={m}-7")).await.is(200).items().len();
                assert_eq!(taken, parts, "{agency} {seven}");
            }
        }
        // An import that writes nothing leaves nothing waiting.
        let job = csv(&office, "dataset=initiatives", &format!("{HEADING}z-1,sheikh,sport,nothing\nz-2,sheikh,sport,\n")).await;
        assert_eq!(state(&job), "rejected");
        assert_eq!(found(&office, "initiatives", "nothing").await, 0);
        assert_search_is_whole(&app).await;
    }
}
