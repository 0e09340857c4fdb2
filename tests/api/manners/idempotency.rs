use std::future::IntoFuture;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn the_same_request_under_the_same_key_is_done_once(app: TestApp) {
        let office = app.province().await;
        let body = app.neighborhood().body();
        let first = office.post("/neighborhoods", body.clone()).key("k-1").await.is(201);
        assert_eq!(first.header("idempotent-replayed"), None);
        for key in ["k-1", "\"k-1\""] {
            let again = office.post("/neighborhoods", body.clone()).key(key).await.is(201);
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
            assert_eq!((&again.body, again.header("location"), again.header("etag")), (&first.body, first.header("location"), first.header("etag")));
        }
        assert_eq!(office.get("/neighborhoods?with_total=true").await.json["total"], 1);
    }

    async fn what_is_done_is_replayed_to_all_who_ask_at_once(app: TestApp) {
        let office = app.province().await;
        let body = app.neighborhood().body();
        let first = office.post("/neighborhoods", body.clone()).key("k-9").await.is(201);
        for _ in 0..5 {
            let again = join_all((0..8).map(|_| office.post("/neighborhoods", body.clone()).key("k-9").into_future())).await;
            assert!(again.iter().all(|answer| (answer.status, &answer.body) == (201, &first.body)), "{:?}", again.iter().map(|answer| answer.status).collect::<Vec<_>>());
        }
    }

    async fn another_request_under_the_key_is_refused(app: TestApp) {
        let office = app.province().await;
        office.post("/neighborhoods", app.neighborhood().body()).key("k-2").await.is(201);
        office.post("/neighborhoods", app.neighborhood().body()).key("k-2").await.refused(422, "idempotency_key_reused").with_errors(&[("Idempotency-Key", "already_exists")]);
    }

    async fn a_key_is_its_users_own(app: TestApp) {
        let (office, other) = (app.province().await, app.user(mahalleh::policy::Role::Province, None).await);
        let body = app.neighborhood().body();
        office.post("/neighborhoods", body.clone()).key("k-3").await.is(201);
        other.post("/neighborhoods", body).key("k-3").await.refused(409, "already_exists");
    }

    async fn a_key_is_forgotten_after_a_day(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::{auth, db::schema::sessions};
        let office = app.province().await;
        office.post("/neighborhoods", app.neighborhood().body()).key("k-4").await.is(201);
        app.clock.advance(24 * 3600 + 1);
        // The same user, who has logged in again.
        let (province, user) = (app.province_id, office.user_id.expect("a user"));
        let (login, session) = app
            .read(move |conn| Ok((auth::queries::find_user(conn, province, user)?, sessions::table.filter(sessions::user_id.eq(user)).select(sessions::id).first(conn)?)))
            .await;
        let office = office.with_token(&auth::issue_token(&app.app, &login, session).await.expect("a token"));
        let body = app.neighborhood().body();
        let again = join_all((0..8).map(|_| office.post("/neighborhoods", body.clone()).key("k-4").into_future())).await;
        let statuses: Vec<_> = again.iter().map(|answer| answer.status).collect();
        assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
        assert_eq!(again.iter().filter(|answer| answer.status == 201 && answer.header("idempotent-replayed").is_none()).count(), 1, "{statuses:?}");
    }

    async fn what_was_refused_is_judged_anew(app: TestApp) {
        let office = app.province().await;
        let taken = app.neighborhood().coded("taken").make().await;
        let body = app.neighborhood().coded("TAKEN").body();
        office.post("/neighborhoods", body.clone()).key("k-5").await.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        office.delete(&format!("/neighborhoods/{}", taken.id()), 1).await.is(204);
        office.post("/neighborhoods", body).key("k-5").await.is(201);
    }

    async fn a_key_that_is_none_is_refused(app: TestApp) {
        let office = app.province().await;
        for key in ["", "\"\"", &"x".repeat(256)] {
            let answer = office.post("/neighborhoods", app.neighborhood().body()).key(key).await.refused(400, "invalid_parameter");
            answer.with_errors(&[("Idempotency-Key", "invalid_format")]);
        }
        // With what else the head of the request has wrong.
        let both = office.post("/imports?dataset=agencies&format=csv&when=now", json!({})).key("").await.refused(400, "invalid_parameter");
        both.with_errors(&[("Idempotency-Key", "invalid_format"), ("when", "unknown_parameter")]);
        office.post("/neighborhoods", app.neighborhood().body()).key(&"x".repeat(255)).await.is(201);
    }

    async fn eight_at_once_under_one_key_make_one_row(app: TestApp) {
        let office = app.province().await;
        let body = app.neighborhood().body();
        let answers = join_all((0..8).map(|_| office.post("/neighborhoods", body.clone()).key("k-8").into_future())).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!made.is_empty());
        assert_eq!(made.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count(), 1);
        assert!(made.iter().all(|answer| answer.id() == made[0].id()));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.clone().refused(409, "idempotency_in_progress");
        }
        assert_eq!(office.get("/neighborhoods?with_total=true").await.json["total"], 1);
        assert_eq!(office.post("/neighborhoods", body).key("k-8").await.is(201).header("idempotent-replayed"), Some("true"));
    }
}
