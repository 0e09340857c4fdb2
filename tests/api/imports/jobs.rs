//! Jobs: idempotent, cancelled, listed, resumed.

use serde_json::json;

use super::{counts, csv, ended, office, state};
use crate::support::on_both;

on_both! {
    async fn the_same_key_and_file_give_the_same_job(app: TestApp) {
        let office = office(&app).await;
        let send = |text: &'static str| office.request(reqwest::Method::POST, "/imports?dataset=agencies").key("k-1").body("text/csv", text);
        let first = send("code,name,kind\na,الف,کار\n").await.is(202);
        let again = send("code,name,kind\na,الف,کار\n").await.is(202);
        assert_eq!((first.id(), again.header("idempotent-replayed")), (again.id(), Some("true")));
        assert_eq!(again.header("location"), first.header("location"));
        send("code,name,kind\nb,ب,کار\n").await.refused(422, "idempotency_key_reused");
        // The same bytes as another format say something else.
        let lines = office.request(reqwest::Method::POST, "/imports?dataset=agencies").key("k-1").body("application/x-ndjson", "code,name,kind\na,الف,کار\n");
        lines.await.refused(422, "idempotency_key_reused");
        assert_eq!(office.get("/imports?dataset=agencies&with_total=true").await.json["total"], 1);
    }

    async fn a_waiting_job_is_cancelled_and_one_that_is_over_is_not(app: TestApp) {
        let office = app.province().await;
        let job = office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code\n").await.is(202);
        assert_eq!((state(&job), job.header("etag").is_some(), &job.json["rows_total"]), ("queued", true, &serde_json::Value::Null));
        let path = format!("/imports/{}/cancel", job.id());
        let cancelled = office.post(&path, json!({})).await.is(200);
        assert_eq!(state(&cancelled), "cancelled");
        assert!(cancelled.json["finished_at"].is_string());
        office.post(&path, json!({})).await.refused(409, "illegal_transition");
        let event = office.get("/events?resource_type=import").await.is(200).items()[0].clone();
        assert_eq!((&event["action"], &event["resource_id"], &event["version"]), (&json!("transitioned"), &json!(job.id()), &cancelled.json["version"]));
        assert_eq!(event["changes"], json!([{"field": "state", "before": "queued", "after": "cancelled"}]));
        app.imports();
        let done = csv(&office, "dataset=agencies", "code,name,kind\nz,ز,کار\n").await;
        office.post(&format!("/imports/{}/cancel", done.id()), json!({})).await.refused(409, "illegal_transition");
        assert_eq!(state(&office.get(&format!("/imports/{}", job.id())).await.is(200)), "cancelled");
    }

    async fn who_asks_again_waits_for_the_same_end(app: TestApp) {
        let office = office(&app).await;
        let send = || office.request(reqwest::Method::POST, "/imports?dataset=agencies").key("k-2").header("prefer", "wait=30").body("text/csv", "code,name,kind\na,الف,کار\n");
        let (first, again) = (send().await.is(202), send().await.is(202));
        assert_eq!((state(&first), state(&again)), ("succeeded", "succeeded"));
        assert_eq!((counts(&again), again.id(), again.header("idempotent-replayed")), ([1, 0, 0, 0], first.id(), Some("true")));
        assert_eq!(again.header("preference-applied"), first.header("preference-applied"));
    }

    async fn a_rejected_import_that_was_broken_off_while_it_reported_begins_anew(app: TestApp) {
        use diesel::{ExpressionMethods, RunQueryDsl};
        use mahalleh::db::schema::import_batches::dsl;
        let office = app.province().await;
        let mut file = String::from("code,name,kind\n");
        file.extend((1..=501).map(|row| format!("a-{row},الف,{}\n", if row == 501 { "nothing" } else { "کار" })));
        let job = office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", file).await.is(202);
        let (province, id) = (app.province_id, mahalleh::db::Id::parse(&job.id()).expect("an id"));
        app.write(move |conn| {
            let part = (dsl::province_id.eq(province), dsl::import_id.eq(id), dsl::first_row.eq(1), dsl::last_row.eq(500));
            let counts = (dsl::created.eq(500), dsl::updated.eq(0), dsl::unchanged.eq(0), dsl::rejected.eq(0), dsl::report.eq(""));
            Ok(diesel::insert_into(dsl::import_batches).values((part, counts)).execute(conn)?)
        })
        .await;
        app.imports();
        let ended = ended(&office, &job.id()).await;
        assert_eq!((state(&ended), counts(&ended)), ("rejected", [500, 0, 0, 1]), "{}", ended.text());
    }

    async fn who_has_fifty_jobs_waiting_waits(app: TestApp) {
        let office = app.province().await;
        let send = || office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code\n");
        let keyed = |key| office.request(reqwest::Method::POST, "/imports?dataset=agencies").header("idempotency-key", key).body("text/csv", "code\n");
        let first = keyed("first").await.is(202);
        for _ in 1..50 {
            send().await.is(202);
        }
        keyed("another").await.refused(429, "too_many_requests");
        let again = keyed("first").await.is(202);
        assert_eq!((again.id(), again.header("idempotent-replayed")), (first.id(), Some("true")));
        assert_eq!(send().await.refused(429, "too_many_requests").header("retry-after"), Some("30"));
        let another = app.user(mahalleh::policy::Role::Province, None).await;
        another.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code\n").await.is(202);
    }

    async fn files_that_arrive_count_as_jobs(app: TestApp) {
        let office = app.province().await;
        let send = || office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code\n");
        send().await.is(202);
        let user = office.user_id.expect("a user");
        let mut arriving: Vec<_> = (1..50).map(|_| app.app.imports.arrive(user)).collect();
        send().await.refused(429, "too_many_requests");
        arriving.pop();
        send().await.is(202);
        drop(arriving);
        send().await.is(202);
    }

    async fn a_job_that_no_worker_survives_is_given_up(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::{Timestamp, schema::imports};
        let office = app.province().await;
        let job = office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code,name,kind\na,b,sport\n").await.is(202);
        // As after the death of eight servers, the last of which held it.
        let province = app.province_id;
        let long_ago = Timestamp::from_micros(0).expect("an instant");
        let held = (imports::attempts.eq(8), imports::state.eq("running"), imports::lease_owner.eq(Some(mahalleh::db::Id::NOBODY)), imports::lease_until.eq(Some(long_ago)));
        app.write(move |conn| Ok(diesel::update(imports::table.filter(imports::province_id.eq(province))).set(held).execute(conn)?)).await;
        app.imports();
        let ended = ended(&office, &job.id()).await;
        assert_eq!((ended.json["state"].as_str(), ended.json["error"]["code"].as_str()), (Some("failed"), Some("internal")));
    }

    async fn a_file_that_is_not_whole_is_not_imported(app: TestApp) {
        use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::schema::import_chunks::dsl;
        let office = app.province().await;
        let line = |code: char| format!("{{\"code\": \"{code}\", \"name\": \"الف\", \"kind\": \"other\"}}{}\n", " ".repeat(600_000));
        // Long enough for two pieces however much the last read before the end of the first brings along.
        let text = ['a', 'b', 'c', 'd', 'e'].map(line).concat();
        let send = || office.request(reqwest::Method::POST, "/imports?dataset=agencies&dry_run=true").body("application/x-ndjson", text.clone());
        let province = app.province_id;
        let id = mahalleh::db::Id::parse(&send().await.is(202).id()).expect("an id");
        let pieces = dsl::province_id.eq(province).and(dsl::import_id.eq(id));
        let lost = app.write(move |conn| Ok(diesel::delete(dsl::import_chunks.filter(pieces.and(dsl::number.eq(1)))).execute(conn)?)).await;
        assert_eq!(lost, 1, "the second piece");
        app.imports();
        let ended = ended(&office, &id.to_string()).await;
        assert_eq!((state(&ended), ended.json["error"]["code"].as_str()), ("failed", Some("unreadable_file")), "{}", ended.text());
    }

    async fn others_write_between_the_batches_of_an_import_by_row(app: TestApp) {
        let office = office(&app).await;
        let rows: String = (0..5000).map(|n| format!("b{n},نام,کار\n")).collect();
        let file = format!("code,name,kind\n{rows}");
        let job = office.request(reqwest::Method::POST, "/imports?dataset=agencies&mode=per_row").body("text/csv", file).await.is(202);
        let (mut written, path) = (0, format!("/imports/{}", job.id()));
        while !matches!(state(&office.get(&path).await.is(200)), "succeeded" | "failed") {
            office.post("/agencies", json!({"code": format!("o-{written}"), "name": "دیگر", "kind": "other"})).await.is(201);
            written += 1;
        }
        // There are ten batches; on SQLite, which has one writer, in each pause who waits is let in.
        let is_sqlite = matches!(app.app.db.target(), mahalleh::db::Target::Sqlite(_));
        assert!(written >= if is_sqlite { 5 } else { 1 }, "{written}");
        assert_eq!(counts(&office.get(&path).await), [5000, 0, 0, 0]);
    }

    async fn without_a_wait_the_job_is_answered_at_once_and_read_until_it_ends(app: TestApp) {
        let office = office(&app).await;
        let job = office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code,name,kind\nq,ق,کار\n").await.is(202);
        assert_eq!(job.header("preference-applied"), None);
        let path = format!("/imports/{}", job.id());
        let seen = ended(&office, &job.id()).await;
        assert_eq!((state(&seen), counts(&seen)), ("succeeded", [1, 0, 0, 0]));
        let tag = seen.header("etag").expect("a tag").to_owned();
        office.get(&path).header("if-none-match", &tag).await.is(304);
    }

    async fn what_is_asked_for_wrongly_is_refused_before_the_file(app: TestApp) {
        let office = app.province().await;
        let send = |query: &str| office.request(reqwest::Method::POST, &format!("/imports?{query}")).body("text/csv", "code\n");
        send("dataset=cats&mode=some&dry_run=yes&calendar=maya&size=1").await.refused(400, "invalid_parameter").with_errors(&[
            ("calendar", "not_one_of"), ("dataset", "not_one_of"), ("dry_run", "not_one_of"), ("mode", "not_one_of"), ("size", "unknown_parameter"),
        ]);
        send("").await.refused(400, "invalid_parameter").with_errors(&[("dataset", "required")]);
        send("dataset=agencies&format=xlsx").await.refused(400, "invalid_parameter").with_errors(&[("format", "not_one_of")]);
        office.get("/imports/template?dataset=agencies&format=pdf").await.refused(400, "invalid_parameter").with_errors(&[("format", "not_one_of")]);
        office.get("/imports/0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80/rows").await.refused(404, "not_found");
    }
}
