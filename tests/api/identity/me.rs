use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn everybody_learns_who_he_is_and_what_he_may(app: TestApp) {
        let office = app.province().await.get("/me").await.is(200);
        assert_eq!(office.json["role"], "province");
        assert_eq!(office.json["province"], app.code.as_str());
        assert_eq!(office.json["agency_id"], json!(null));
        assert_eq!(office.json["neighborhood_ids"], json!([]));
        assert_eq!(office.json["must_change_password"], false);
        let may = |answer: &crate::support::Answer, what: &str| answer.json["permissions"].as_array().expect("a list").contains(&json!(what));
        assert!(may(&office, "neighborhood:create") && may(&office, "user:update"));
        let viewer = app.viewer().await.get("/me").await.is(200);
        assert!(may(&viewer, "neighborhood:read") && !may(&viewer, "neighborhood:create") && !may(&viewer, "event:read"));
        let staff = app.agency("sport").await.get("/me").await.is(200);
        assert!(staff.json["agency_id"].is_string());
        app.anonymous().get("/me").await.refused(401, "unauthenticated");
    }

    async fn a_manager_is_told_the_places_of_his_mandates_of_today(app: TestApp) {
        let (now, later, past) = (app.neighborhood().make().await.id(), app.neighborhood().make().await.id(), app.neighborhood().make().await.id());
        let manager = app.manager(&[&now]).await;
        let (user, today) = (manager.user_id.expect("a user"), app.app.world.today());
        app.mandate(user, &later, today + chrono::Days::new(1), None).await;
        app.mandate(user, &past, today - chrono::Days::new(9), Some(today - chrono::Days::new(1))).await;
        assert_eq!(manager.get("/me").await.is(200).json["neighborhood_ids"], json!([now]));
        app.clock.advance(24 * 3600);
        // His token has expired meanwhile; the mandate that has begun counts at once for whoever is still logged in.
        manager.get("/me").await.refused(401, "invalid_token");
    }

    async fn a_mandate_that_begins_or_ends_counts_within_ten_seconds(app: TestApp) {
        let place = app.neighborhood().make().await.id();
        let manager = app.manager(&[]).await;
        assert_eq!(manager.get("/me").await.is(200).json["neighborhood_ids"], json!([]));
        app.mandate(manager.user_id.expect("a user"), &place, app.app.world.today(), None).await;
        app.clock.advance(10);
        assert_eq!(manager.get("/me").await.is(200).json["neighborhood_ids"], json!([place]));
    }
}
