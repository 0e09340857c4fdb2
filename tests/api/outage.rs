//! A database that is lost, locked or of another version: clear answers meanwhile, and all well afterwards. In databases of their own.

use std::future::IntoFuture;

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    Backend, TestApp,
    watch::{grown, on_each},
};

#[test]
fn what_a_lost_database_breaks_off_is_unavailable_and_comes_back_by_itself() {
    grown(Backend::Postgres, async |app| {
        let office = app.province().await;
        // Many at once, so that each connection of the pools is in use.
        let reads = async || join_all((0..40).map(|_| office.get("/agencies?limit=1").into_future())).await;
        let writes = async || join_all((0..40).map(|_| office.post("/neighborhoods", app.neighborhood().body()).into_future())).await;
        for round in 0..3 {
            let mut other = app.app.db.target().connect(true).expect("a connection");
            let others =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            assert!(reads().await.iter().all(|answer| answer.status == 200) && writes().await.iter().all(|answer| answer.status == 201));
            sql_query(others).execute(&mut other).expect("all sessions end");
            // Readers and writers find it out once each, and not each connection by itself.
            let read = office.get("/agencies?limit=1").await.refused(503, "unavailable");
            assert!(read.header("retry-after").is_some(), "round {round}");
            assert!(reads().await.iter().all(|answer| answer.status == 200), "round {round}");
            office.post("/neighborhoods", app.neighborhood().body()).await.refused(503, "unavailable");
            assert!(writes().await.iter().all(|answer| answer.status == 201), "round {round}");
        }
    });
}

/// While somebody else holds what a write needs.
async fn a_write_that_waits_too_long_is_busy(app: &TestApp) {
    let office = app.province().await;
    let agency = office.get("/agencies?limit=1").await.is(200).items()[0].clone();
    let (path, version) = (format!("/agencies/{}", agency["id"].as_str().expect("an id")), agency["version"].as_i64().expect("a version"));
    let mut other = app.app.db.target().connect(true).expect("a connection");
    office.get("/events?limit=1").await.is(200);
    office.post("/neighborhoods", app.neighborhood().body()).await.is(201);
    other.batch_execute(if other.is_postgres() { "BEGIN; LOCK TABLE agencies" } else { "BEGIN IMMEDIATE" }).expect("a lock");
    let answer = office.patch(&path, json!({"phone": "025-1"}), version).await.refused(503, "busy");
    assert!(answer.header("retry-after").is_some());
    // What waited to be sealed is told later.
    assert!(!office.get("/events?limit=1").await.is(200).items().is_empty());
    other.batch_execute("ROLLBACK").expect("an end");
    office.patch(&path, json!({"phone": "025-1"}), version).await.is(200);
}

on_each!(grown: a_write_that_waits_too_long_is_busy);

async fn a_schema_of_another_version_is_not_ready(app: &TestApp) {
    let ready = async || app.anonymous().at(reqwest::Method::GET, "/readyz").await;
    ready().await.is(200);
    let change = |sql: &'static str| app.write(move |conn| Ok(sql_query(sql).execute(conn)?));
    change("UPDATE __diesel_schema_migrations SET version = '00' || version WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)").await;
    ready().await.refused(503, "unavailable");
    app.anonymous().at(reqwest::Method::GET, "/livez").await.is(200);
    change("UPDATE __diesel_schema_migrations SET version = substr(version, 3) WHERE version LIKE '0020%'").await;
    ready().await.is(200);
}

on_each!(grown: a_schema_of_another_version_is_not_ready);
