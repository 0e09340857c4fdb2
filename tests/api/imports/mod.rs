//! Imports (CONTRACT §4).

mod formats;
mod jobs;
mod outcomes;
mod rights;
mod rules;
mod search;
mod workbooks;

use serde_json::Value;

use crate::support::{Answer, Client, TestApp};

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The job once it is over.
pub async fn ended(who: &Client, id: &str) -> Answer {
    loop {
        let now = who.get(&format!("/imports/{id}")).await.is(200);
        if !matches!(state(&now), "queued" | "running") {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Sends CSV and waits for the job to end.
pub async fn csv(who: &Client, query: &str, text: &str) -> Answer {
    send(who, query, "text/csv", text.as_bytes().to_vec()).await
}

/// Sends a file and waits for the job to end.
pub async fn send(who: &Client, query: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
    let request = who.request(reqwest::Method::POST, &format!("/imports?{query}")).header("prefer", "wait=30").in_english();
    let job = request.body(media_type, bytes).await.is(202);
    assert!(!matches!(job.json["state"].as_str(), Some("queued" | "running")), "{}", job.text());
    job
}

/// The counts of a job: created, updated, unchanged, rejected.
pub fn counts(job: &Answer) -> [i64; 4] {
    ["created", "updated", "unchanged", "rejected"].map(|name| job.json[name].as_i64().unwrap_or_else(|| panic!("{}", job.text())))
}

/// The state of a job.
pub fn state(job: &Answer) -> &str {
    job.json["state"].as_str().expect("a state")
}

/// The faults of the rejected rows: row, column, code, value.
pub async fn faults(who: &Client, job: &Answer) -> Vec<(i64, String, String, String)> {
    let page = who.get(&format!("/imports/{}/rows?outcome=rejected&limit=200", job.id())).in_english().await.is(200);
    let mut faults = Vec::new();
    for row in page.items() {
        let number = row["row"].as_i64().expect("a row");
        for error in row["errors"].as_array().expect("errors") {
            let text = |name: &str| error[name].as_str().unwrap_or("-").to_owned();
            assert!(!text("message").contains('{'), "{error}");
            faults.push((number, text("column"), text("code"), text("value")));
        }
    }
    faults
}

/// The same, as written in a test.
pub fn expected(faults: &[(i64, &str, &str, &str)]) -> Vec<(i64, String, String, String)> {
    faults.iter().map(|(row, column, code, value)| (*row, (*column).to_owned(), (*code).to_owned(), (*value).to_owned())).collect()
}

/// A province with a place, two agencies and its office; its server works on imports.
pub async fn office(app: &TestApp) -> Client {
    app.imports();
    let office = app.province().await;
    app.agency_of("edu").await;
    app.agency_of("sport").await;
    let text = "code,name,city\nsheikh,شیخ‌آباد,قم\npardis,پردیسان,قم\n";
    assert_eq!(counts(&csv(&office, "dataset=neighborhoods", text).await), [2, 0, 0, 0]);
    office
}

/// The item of a code.
pub async fn by_code(who: &Client, list: &str, code: &str) -> Value {
    who.get(&format!("/{list}?code={code}")).await.is(200).items().first().cloned().unwrap_or_else(|| panic!("no {code} in {list}"))
}
