use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::{db::schema::users, policy::Role};

use crate::support::on_both;

on_both! {
    async fn a_user_made_inactive_loses_access_within_ten_seconds(app: TestApp) {
        let user = app.viewer().await;
        user.get("/me").await.is(200);
        let id = user.user_id.expect("a user");
        app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::active.eq(false)).execute(conn)?)).await;
        app.clock.advance(10);
        user.get("/me").await.refused(401, "invalid_token");
        user.get("/neighborhoods").await.refused(401, "invalid_token");
    }

    async fn a_user_whose_role_changed_loses_access_within_ten_seconds(app: TestApp) {
        let user = app.user(Role::Province, None).await;
        user.get("/me").await.is(200);
        let id = user.user_id.expect("a user");
        app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::role.eq(Role::Viewer)).execute(conn)?)).await;
        app.clock.advance(10);
        user.get("/me").await.refused(401, "invalid_token");
    }

    async fn a_user_whose_agency_changed_loses_access_within_ten_seconds(app: TestApp) {
        let user = app.agency("education").await;
        user.get("/me").await.is(200);
        let (id, other) = (user.user_id.expect("a user"), app.agency_of("sport").await);
        app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::agency_id.eq(other)).execute(conn)?)).await;
        app.clock.advance(10);
        user.get("/me").await.refused(401, "invalid_token");
    }
}
