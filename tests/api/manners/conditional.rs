use reqwest::Method;
use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn who_has_the_item_already_gets_304(app: TestApp) {
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        let viewer = app.viewer().await;
        let read = viewer.get(&path).await.is(200);
        let tag = read.header("etag").expect("an ETag").to_owned();
        assert!(tag.starts_with("\"1-"), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let answer = viewer.get(&path).header("if-none-match", &known).await.is(304);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), Some(tag.as_str()));
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        }
        viewer.get(&path).header("if-none-match", "\"1\"").await.is(200);
        app.province().await.patch(&path, json!({"population": 5}), 1).await.is(200);
        assert!(viewer.get(&path).header("if-none-match", &tag).await.is(200).header("etag").expect("an ETag").starts_with("\"2-"));
    }

    async fn who_has_the_list_already_gets_304(app: TestApp) {
        app.neighborhood().make().await;
        let viewer = app.viewer().await;
        let tag = viewer.get("/neighborhoods").await.is(200).header("etag").expect("an ETag").to_owned();
        viewer.get("/neighborhoods").header("if-none-match", &tag).await.is(304);
        app.neighborhood().make().await;
        viewer.get("/neighborhoods").header("if-none-match", &tag).await.is(200);
    }

    async fn a_change_must_say_which_version_it_means(app: TestApp) {
        let office = app.province().await;
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        office.request(Method::PATCH, &path).json(json!({"population": 5})).await.refused(428, "precondition_required");
        office.request(Method::DELETE, &path).await.refused(428, "precondition_required");
        let stale = office.patch(&path, json!({"population": 5}), 7).await.refused(412, "stale_version");
        assert_eq!(stale.json["current_version"], 1);
        assert_eq!(office.delete(&path, 7).await.refused(412, "stale_version").json["current_version"], 1);
        office.patch(&path, json!({"population": 5}), 1).await.is(200);
        assert_eq!(office.patch(&path, json!({"population": 6}), 1).await.refused(412, "stale_version").json["current_version"], 2);
    }

    async fn only_the_version_of_if_match_counts(app: TestApp) {
        let office = app.province().await;
        let made = app.neighborhood().make().await;
        let path = format!("/neighborhoods/{}", made.id());
        let with = |tag: &str, population: i64| office.request(Method::PATCH, &path).header("if-match", tag).json(json!({"population": population}));
        with(made.header("etag").expect("an ETag"), 1).await.is(200);
        with("\"2\"", 2).await.is(200);
        with("\"3-0000000000000000\"", 3).await.is(200);
        with("W/\"4\"", 4).await.is(200);
        with("\"1\", \"5\"", 5).await.is(200);
        with("*", 6).await.is(200);
        with("nonsense", 7).await.refused(412, "stale_version");
    }

    async fn a_merge_patch_leaves_clears_and_sets(app: TestApp) {
        let office = app.province().await;
        let made = app.neighborhood().with("county", "قم").with("population", 10).make().await;
        let path = format!("/neighborhoods/{}", made.id());
        let body = json!({"county": null, "population": 11});
        let patched = office.request(Method::PATCH, &path).header("if-match", "\"1\"").body("application/merge-patch+json", body.to_string()).await.is(200);
        assert_eq!((&patched.json["county"], &patched.json["population"]), (&json!(null), &json!(11)));
        assert_eq!((&patched.json["city"], &patched.json["name"]), (&made.json["city"], &made.json["name"]));
        assert_eq!(patched.version(), 2);
        assert_eq!(office.get(&path).await.json, patched.json);
        // What must be there can't be cleared.
        let refused = office.patch(&path, json!({"name": null, "code": null, "designation": null}), 2).await.refused(422, "validation_failed");
        refused.with_errors(&[("/name", "required"), ("/code", "required"), ("/designation", "required")]);
    }

    async fn a_patch_that_changes_nothing_keeps_the_version(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::{Id, schema::events};
        let office = app.province().await;
        let made = app.neighborhood().with("population", 10).make().await;
        let path = format!("/neighborhoods/{}", made.id());
        app.clock.advance(60);
        for body in [json!({}), json!({"population": 10, "county": null, "name": format!(" {} ", made.json["name"].as_str().expect("a name"))})] {
            let same = office.patch(&path, body, 1).await.is(200);
            assert_eq!(same.json, made.json);
            assert_eq!(same.header("etag"), made.header("etag"));
        }
        let id = Id::parse(&made.id());
        let recorded: i64 = app.read(move |conn| Ok(events::table.filter(events::resource_id.eq(id)).count().get_result(conn)?)).await;
        assert_eq!(recorded, 1);
    }
}
