//! An import whose server is killed goes on at the next one, with the same report, never half-applied, never twice.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{PATIENCE, Place, Server};
use crate::support::in_system;

const ROWS: usize = 3000;

fn file() -> String {
    let rows: String = (0..ROWS)
        .map(|n| if n % 500 == 499 { format!("i{n},place,sport,\n") } else { format!("i{n},place,sport,عنوان شمارهٔ {n}\n") })
        .collect();
    format!("code,neighborhood_code,domain,title\n{rows}")
}

fn upload(server: &Server, token: &str, query: &str, text: &str) -> String {
    let (url, token, text) = (format!("{}/api/v1/imports?{query}", server.address), token.to_owned(), text.to_owned());
    in_system(async move {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.post(url).bearer_auth(token).header("content-type", "text/csv").body(text);
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    })
}

fn job(server: &Server, token: &str, id: &str) -> Value {
    server.send(Method::GET, &format!("/api/v1/imports/{id}"), Some(token), None).1
}

/// Waits until `enough` holds of the job.
fn wait(server: &Server, token: &str, id: &str, enough: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let job = job(server, token, id);
        if enough(&job) {
            return job;
        }
        assert!(began.elapsed() < PATIENCE * 2, "{job}");
        std::thread::sleep(Duration::from_millis(15));
    }
}

fn is_over(job: &Value) -> bool {
    !matches!(job["state"].as_str(), Some("queued" | "running"))
}

/// Imports agencies and waits until it is over, whatever comes of it.
pub(super) fn imported(server: &Server, token: &str, text: &str) -> Value {
    let id = upload(server, token, "dataset=agencies&mode=per_row", text);
    wait(server, token, &id, is_over)
}

fn total(server: &Server, token: &str, path: &str) -> i64 {
    let (status, page) = server.send(Method::GET, &format!("/api/v1{path}with_total=true&limit=1"), Some(token), None);
    assert_eq!(status, 200, "{page}");
    page["total"].as_i64().expect("a total")
}

/// Uploads, kills the server in the midst of it, and lets another one finish.
fn killed(place: &Place, mode: &str) -> (Server, String, Value) {
    let server = place.serve();
    let password = server.password().expect("a password");
    let token = server.province_token(&password);
    let body = json!({"code": "place", "name": "محله", "city": "قم"});
    assert_eq!(server.send(Method::POST, "/api/v1/neighborhoods", Some(&token), Some(body)).0, 201);
    let id = upload(&server, &token, &format!("dataset=initiatives&mode={mode}"), &file());
    let midway = wait(&server, &token, &id, |job| job["rows_done"].as_i64() > Some(400));
    assert_eq!(midway["state"], "running", "{midway}");
    assert_eq!(server.stop("KILL"), None);
    let again = place.serve();
    let done = wait(&again, &token, &id, is_over);
    (again, token, done)
}

/// On both databases at once: most of the time goes into waiting for the lease of the one that was killed.
fn each_place(check: impl Fn(Place) + Sync) {
    std::thread::scope(|scope| {
        for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
            let check = &check;
            scope.spawn(move || check(place));
        }
    });
}

#[test]
fn a_killed_import_by_row_goes_on_where_it_was() {
    each_place(|place| {
        let (server, token, job) = killed(&place, "per_row");
        let bad = i64::try_from(ROWS / 500).expect("few");
        let good = i64::try_from(ROWS).expect("few") - bad;
        assert_eq!(
            (job["state"].as_str(), job["created"].as_i64(), job["rejected"].as_i64()),
            (Some("succeeded"), Some(good), Some(bad)),
            "{job}"
        );
        assert_eq!(total(&server, &token, "/initiatives?"), good);
        let rows = format!("/imports/{}/rows?", job["id"].as_str().expect("an id"));
        assert_eq!(total(&server, &token, &rows), good + bad);
        assert_eq!(server.stop("TERM"), Some(0));
        place.done(&["verify-events"]);
    });
}

#[test]
fn a_killed_atomic_import_is_run_again_as_a_whole() {
    each_place(|place| {
        let (server, token, job) = killed(&place, "atomic");
        let bad = i64::try_from(ROWS / 500).expect("few");
        assert_eq!(
            (job["state"].as_str(), job["rejected"].as_i64(), job["rows_done"].as_u64()),
            (Some("rejected"), Some(bad), Some(3000)),
            "{job}"
        );
        assert_eq!(total(&server, &token, "/initiatives?"), 0);
    });
}

#[test]
fn a_server_that_is_told_to_stop_leaves_its_import_for_the_next() {
    let place = Place::sqlite();
    let server = place.serve();
    let password = server.password().expect("a password");
    let token = server.province_token(&password);
    let rows: String = (0..ROWS).map(|n| format!("a{n},نام,کار\n")).collect();
    let id = upload(&server, &token, "dataset=agencies&mode=per_row", &format!("code,name,kind\n{rows}"));
    wait(&server, &token, &id, |job| job["rows_done"].as_i64() > Some(0));
    assert_eq!(server.stop("TERM"), Some(0));
    // It is put back, so that no lease has to run out first.
    assert_eq!(place.count("imports WHERE state = 'queued' AND lease_owner IS NULL AND attempts = 0"), 1);
    let again = place.serve();
    let done = wait(&again, &token, &id, is_over);
    assert_eq!((done["state"].as_str(), done["created"].as_u64()), (Some("succeeded"), Some(3000)), "{done}");
    assert_eq!(total(&again, &token, "/agencies?"), 3000);
}
