//! What the upkeep removes is what is old, and nothing else. In databases of their own: it removes for all provinces.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::{
    auth,
    db::schema::{idempotency_keys, import_batches, import_chunks, login_failures},
    http::idempotency,
    imports,
};
use serde_json::json;

use crate::{
    imports::csv,
    support::{
        TestApp,
        watch::{grown, on_each},
    },
};

const DAY: i64 = 24 * 3600;

macro_rules! count {
    ($app:expr, $table:ident) => {
        $app.read(|conn| Ok($table::table.count().get_result::<i64>(conn)?)).await
    };
}

async fn reports_are_kept_for_a_month_and_files_while_they_wait(app: &TestApp) {
    let office = app.province().await;
    let forget = async |after: i64| {
        let then = app.app.world.now().plus_seconds(after);
        app.write(move |conn| imports::delete_expired(conn, then)).await;
    };
    let (now, stray, province) = (app.app.world.now(), app.app.world.new_id(), app.province_id);
    app.write(move |conn| {
        let place = (import_chunks::province_id.eq(province), import_chunks::import_id.eq(stray), import_chunks::number.eq(0));
        let file = (import_chunks::bytes.eq(b"code\n".to_vec()), import_chunks::created_at.eq(now));
        Ok(diesel::insert_into(import_chunks::table).values((place, file)).execute(conn)?)
    })
    .await;
    // Nobody works on it yet.
    let waiting =
        office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", "code,name,kind\nq,ق,کار\n").await.is(202);
    forget(DAY).await;
    assert_eq!(count!(app, import_chunks), 2);
    forget(DAY + 1).await;
    assert_eq!(count!(app, import_chunks), 1, "the file without an import");
    app.imports();
    let done = csv(&office, "dataset=agencies", "code,name,kind\nr,ر,کار\n").await;
    let path = format!("/imports/{}", done.json["id"].as_str().expect("an id"));
    assert_eq!(office.get(&format!("/imports/{}", waiting.id())).await.is(200).json["state"], "succeeded");
    assert!(count!(app, import_batches) >= 2);
    forget(30 * DAY).await;
    office.get(&path).await.is(200);
    forget(30 * DAY + 1).await;
    office.get(&path).await.refused(404, "not_found");
    assert_eq!((count!(app, import_batches), count!(app, import_chunks)), (0, 0));
}

on_each!(grown: reports_are_kept_for_a_month_and_files_while_they_wait);

async fn answers_are_kept_for_a_day_and_failures_while_they_count(app: &TestApp) {
    let office = app.province().await;
    office.post("/neighborhoods", app.neighborhood().body()).key("k").await.is(201);
    let wrong = json!({"username": "nobody", "password": "a wrong password", "province": "qom"});
    app.anonymous().post("/auth/login", wrong).await.refused(401, "invalid_credentials");
    let left = async |after: i64| {
        let then = app.app.world.now().plus_seconds(after);
        app.write(move |conn| idempotency::delete_expired(conn, then).and_then(|()| auth::delete_expired(conn, then))).await;
        (count!(app, idempotency_keys), count!(app, login_failures))
    };
    assert_eq!(left(15 * 60).await, (1, 1));
    assert_eq!(left(15 * 60 + 1).await, (1, 0));
    assert_eq!(left(DAY).await, (1, 0));
    assert_eq!(left(DAY + 1).await, (0, 0));
}

on_each!(grown: answers_are_kept_for_a_day_and_failures_while_they_count);
