use serde_json::json;

use super::{bearer, log_in, refresh, somebody};
use crate::support::on_both;

on_both! {
    async fn a_refresh_token_gives_a_new_pair_of_the_same_family(app: TestApp) {
        let user = somebody(&app).await;
        let first = log_in(&app, &user).await;
        let second = refresh(&app, &first.json["refresh_token"]).await.is(200);
        assert_ne!(first.json["refresh_token"], second.json["refresh_token"]);
        assert_eq!(first.json["user"], second.json["user"]);
        assert_eq!(second.header("cache-control"), Some("no-store"));
        bearer(&app, &second).get("/me").await.is(200);
        refresh(&app, &second.json["refresh_token"]).await.is(200);
    }

    async fn two_tabs_within_ten_seconds_get_a_pair_each(app: TestApp) {
        let user = somebody(&app).await;
        let first = log_in(&app, &user).await;
        let one = refresh(&app, &first.json["refresh_token"]).await.is(200);
        app.clock.advance(9);
        let other = refresh(&app, &first.json["refresh_token"]).await.is(200);
        assert_ne!(one.json["refresh_token"], other.json["refresh_token"]);
        refresh(&app, &one.json["refresh_token"]).await.is(200);
        refresh(&app, &other.json["refresh_token"]).await.is(200);
    }

    async fn two_tabs_at_the_same_moment_get_a_pair_each(app: TestApp) {
        let user = somebody(&app).await;
        let first = log_in(&app, &user).await;
        let (one, other) = tokio::join!(refresh(&app, &first.json["refresh_token"]), refresh(&app, &first.json["refresh_token"]));
        assert_ne!(one.is(200).json["refresh_token"], other.is(200).json["refresh_token"]);
    }

    async fn a_token_that_was_used_longer_ago_kills_its_family(app: TestApp) {
        let user = somebody(&app).await;
        let first = log_in(&app, &user).await;
        let second = refresh(&app, &first.json["refresh_token"]).await.is(200);
        app.clock.advance(11);
        refresh(&app, &first.json["refresh_token"]).await.refused(401, "refresh_reused");
        // The thief and the owner alike are out.
        refresh(&app, &second.json["refresh_token"]).await.is(401);
        bearer(&app, &second).get("/me").await.refused(401, "invalid_token");
        // Another family of the same user is not touched.
        bearer(&app, &log_in(&app, &user).await).get("/me").await.is(200);
    }

    async fn nonsense_and_what_has_expired_is_refused(app: TestApp) {
        let user = somebody(&app).await;
        let pair = log_in(&app, &user).await;
        for token in ["x", "1_", "999999_abc", "99999999999999999999_abc"] {
            refresh(&app, &json!(token)).await.refused(401, "invalid_token");
        }
        refresh(&app, &pair.json["access_token"]).await.is(if pair.json["access_token"].as_str().map(str::len) > Some(200) { 422 } else { 401 });
        app.clock.advance(31 * 24 * 3600);
        refresh(&app, &pair.json["refresh_token"]).await.refused(401, "invalid_token");
    }

    async fn logging_out_ends_the_family_within_ten_seconds_everywhere(app: TestApp) {
        let user = somebody(&app).await;
        let pair = log_in(&app, &user).await;
        let here = bearer(&app, &pair);
        let there = here.at_server(&app.another_server(&[]).await);
        there.get("/me").await.is(200);
        let body = json!({"refresh_token": pair.json["refresh_token"]});
        app.anonymous().post("/auth/logout", body.clone()).await.is(204);
        here.get("/me").await.refused(401, "invalid_token");
        app.clock.advance(10);
        there.get("/me").await.refused(401, "invalid_token");
        refresh(&app, &pair.json["refresh_token"]).await.is(401);
        app.anonymous().post("/auth/logout", body).await.is(204);
        app.anonymous().post("/auth/logout", json!({"refresh_token": "unknown"})).await.is(204);
    }
}
