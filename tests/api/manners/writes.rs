use std::future::IntoFuture;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn of_eight_who_want_one_code_one_gets_it(app: TestApp) {
        let office = app.province().await;
        let answers = join_all((0..8).map(|_| office.post("/neighborhoods", app.neighborhood().coded("wanted").body()).into_future())).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        }
        assert_eq!(office.get("/neighborhoods?with_total=true").await.json["total"], 1);
    }

    async fn of_eight_who_change_one_version_one_does(app: TestApp) {
        let office = app.province().await;
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        let answers = join_all((0..8).map(|number| office.patch(&path, json!({"population": number}), 1).into_future())).await;
        let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(done.len(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.clone().refused(412, "stale_version").json["current_version"], 2);
        }
        assert_eq!(office.get(&path).await.json, done[0].json);
    }

    async fn a_write_that_fails_does_not_undo_those_committed_with_it(app: TestApp) {
        let office = app.province().await;
        app.neighborhood().coded("taken").make().await;
        let code = |number: usize| if number.is_multiple_of(3) { "taken".to_owned() } else { format!("n{number:03}") };
        let answers = join_all((0..90).map(|number| office.post("/neighborhoods", app.neighborhood().coded(&code(number)).body()).into_future())).await;
        for (number, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.status, if number.is_multiple_of(3) { 409 } else { 201 }, "{}", answer.text());
        }
        let all = office.get("/neighborhoods?limit=200&sort=code&with_total=true").await.is(200);
        assert_eq!(all.json["total"], 61);
        assert!(all.each("code").contains(&"n089".to_owned()));
    }

    async fn a_refused_write_leaves_no_event(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::schema::events;
        let office = app.province().await;
        let place = app.neighborhood().coded("taken").make().await;
        let province = app.province_id;
        let count = async || app.read(move |conn| Ok(events::table.filter(events::province_id.eq(province)).count().get_result::<i64>(conn)?)).await;
        let before = count().await;
        office.post("/neighborhoods", app.neighborhood().coded("taken").body()).await.refused(409, "already_exists");
        office.patch(&format!("/neighborhoods/{}", place.id()), json!({"population": 5}), 9).await.refused(412, "stale_version");
        office.post("/neighborhoods", json!({})).await.refused(422, "validation_failed");
        assert_eq!(count().await, before);
        office.patch(&format!("/neighborhoods/{}", place.id()), json!({"population": 5}), 1).await.is(200);
        assert_eq!(count().await, before + 1);
    }
}
