//! What an import adds goes into SQLite's search all at once; nobody must be able to tell.

use diesel::connection::SimpleConnection;
use mahalleh::db::Conn;
use serde_json::json;

use super::{counts, csv, office, state};
use crate::support::{Client, on_both};

const SEARCHED: [&str; 5] = ["agencies", "neighborhoods", "users", "initiatives", "responsibilities"];
const HEADING: &str = "code,neighborhood_code,domain,title\n";

async fn found(who: &Client, list: &str, word: &str) -> usize {
    who.get(&format!("/{list}?q={word}")).await.is(200).items().len()
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
            // And a title that an import changes is found by its new words alone.
            let job = csv(&office, &format!("dataset=initiatives&mode={mode}"), &format!("{HEADING}{m}-3,sheikh,sport,{m}changed\n")).await;
            assert_eq!(counts(&job), [0, 1, 0, 0]);
            assert_eq!(found(&office, "initiatives", &format!("{m}changed")).await, 1);
            assert_eq!(found(&office, "initiatives", &format!("{m}no3no")).await, 0);
        }
        // An import that writes nothing leaves nothing waiting.
        let job = csv(&office, "dataset=initiatives", &format!("{HEADING}z-1,sheikh,sport,nothing\nz-2,sheikh,sport,\n")).await;
        assert_eq!(state(&job), "rejected");
        assert_eq!(found(&office, "initiatives", "nothing").await, 0);
        app.write(|conn| {
            let Conn::Sqlite(sqlite) = conn else { return Ok(()) };
            for table in SEARCHED {
                // 1: against the rows themselves.
                let check = format!("INSERT INTO {table}_search ({table}_search, rank) VALUES ('integrity-check', 1)");
                sqlite.batch_execute(&check).unwrap_or_else(|error| panic!("{table}: {error}"));
            }
            // A name that was left there could not be inserted again.
            sqlite.batch_execute(&SEARCHED.map(|table| format!("INSERT INTO waiting_search VALUES ('{table}', 0); DELETE FROM waiting_search;")).concat())?;
            Ok(())
        })
        .await;
    }
}
