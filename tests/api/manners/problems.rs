use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn messages_come_in_persian_or_in_english(app: TestApp) {
        let office = app.province().await;
        let persian = office.post("/neighborhoods", json!({})).await.refused(422, "validation_failed");
        let english = office.post("/neighborhoods", json!({})).in_english().await.refused(422, "validation_failed");
        assert_eq!((persian.header("content-language"), english.header("content-language")), (Some("fa"), Some("en")));
        assert_eq!(english.json["title"], "Validation failed");
        assert_eq!(english.json["errors"][0]["message"], "A value is required here.");
        assert_eq!(persian.json["errors"][0]["message"], "این مقدار لازم است.");
        assert_eq!(persian.errors(), english.errors());
        assert!(english.all_of("vary").to_lowercase().contains("accept-language"));
        for (wish, language) in [("fr", "fa"), ("en-GB,fa;q=0.9", "en"), ("fa, en", "fa"), ("*", "fa"), ("nonsense;;;", "fa")] {
            let answer = office.post("/neighborhoods", json!({})).header("accept-language", wish).await;
            assert_eq!(answer.header("content-language"), Some(language), "{wish}");
        }
    }

    async fn the_request_is_refused_in_the_order_of_the_contract(app: TestApp) {
        use reqwest::Method;
        let (viewer, office) = (app.viewer().await, app.province().await);
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        let bad = |client: &crate::support::Client, path: &str| client.request(Method::PATCH, path).body("text/plain", "{");
        // 401, then 403 by role, then 404 of a malformed id, 415, 400, 428, 422 of shape, then 404, 412, 409.
        bad(&app.anonymous(), &path).await.refused(401, "unauthenticated");
        bad(&viewer, &path).await.refused(403, "forbidden");
        bad(&office, "/neighborhoods/nonsense").await.refused(404, "not_found");
        bad(&office, &path).await.refused(415, "unsupported_media_type");
        office.request(Method::PATCH, &path).body("application/json", "{").await.refused(400, "malformed_json");
        office.request(Method::PATCH, &path).json(json!({"name": 5})).await.refused(428, "precondition_required");
        let nowhere = format!("/neighborhoods/{}", app.app.world.new_id());
        office.patch(&nowhere, json!({"name": 5}), 9).await.refused(422, "validation_failed");
        office.patch(&nowhere, json!({"name": "x"}), 9).await.refused(404, "not_found");
        app.neighborhood().coded("taken").make().await;
        office.patch(&path, json!({"code": "taken"}), 9).await.refused(412, "stale_version");
        office.patch(&path, json!({"code": "taken"}), 1).await.refused(409, "already_exists");
    }
}
