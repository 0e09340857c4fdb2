use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::{
    auth::{
        Actor,
        queries::{get_actor, is_unchanged, revoke_sessions},
    },
    db::{
        Id,
        schema::{client_secrets, sessions, users},
    },
    policy::Role,
};
use serde_json::json;

use crate::support::{Client, TestApp, on_both};

/// The caller as a request of his finds him.
async fn actor(app: &TestApp, client: &Client) -> Actor {
    let (province, user, today) = (app.province_id, client.user_id.expect("a user"), app.app.world.today());
    app.read(move |conn| {
        let session_id = sessions::table.filter(sessions::user_id.eq(user)).select(sessions::id).first(conn)?;
        Ok(Actor { session_id, ..get_actor(conn, province, user, today)?.expect("an active user") })
    })
    .await
}

/// Whether a long export of his goes on, so many days later.
async fn goes_on(app: &TestApp, actor: &Actor, days: i64) -> bool {
    let (actor, then) = (actor.clone(), app.app.world.now().plus_seconds(days * 24 * 3600));
    app.read(move |conn| is_unchanged(conn, &actor, then)).await
}

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

    async fn a_token_that_is_refused_is_looked_up_anew_after_five_seconds(app: TestApp) {
        let user = app.viewer().await;
        let id = user.user_id.expect("a user");
        let set = async |active: bool| {
            app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::active.eq(active)).execute(conn)?)).await;
        };
        set(false).await;
        user.get("/me").await.refused(401, "invalid_token");
        set(true).await;
        app.clock.advance(4);
        user.get("/me").await.refused(401, "invalid_token");
        app.clock.advance(1);
        user.get("/me").await.is(200);
    }

    async fn a_long_export_ends_with_the_session_the_account_and_the_reach_that_began_it(app: TestApp) {
        let (viewer, other, manager) = (app.viewer().await, app.viewer().await, app.user(Role::NeighborhoodManager, None).await);
        let place = app.neighborhood().make().await.id();
        let today = app.app.world.today();
        app.mandate(manager.user_id.expect("a user"), &place, today, Some(today)).await;
        let (viewing, looking, managing) = (actor(&app, &viewer).await, actor(&app, &other).await, actor(&app, &manager).await);
        assert_eq!((goes_on(&app, &viewing, 9).await, goes_on(&app, &looking, 9).await, goes_on(&app, &managing, 0).await), (true, true, true));
        assert!(!goes_on(&app, &managing, 1).await, "the mandate ended at midnight");
        let (province, user, now) = (app.province_id, looking.user_id, app.app.world.now());
        app.write(move |conn| revoke_sessions(conn, province, user, None, now)).await;
        assert!(!goes_on(&app, &looking, 0).await, "the session was ended");
        app.province().await.patch(&format!("/users/{}", viewing.user_id), json!({"active": false}), 1).await.is(200);
        assert!(!goes_on(&app, &viewing, 0).await, "the account is inactive");
    }

    async fn a_long_export_of_a_service_account_ends_with_its_secret(app: TestApp) {
        let office = app.province().await;
        let made = office.post("/clients", json!({"name": "گزارش", "role": "viewer"})).await.is(201);
        let (province, today) = (app.province_id, app.app.world.today());
        let id = Id::parse(made.json["client_id"].as_str().expect("an id")).expect("an id");
        let exporting = app.read(move |conn| {
            let session_id = client_secrets::table.filter(client_secrets::client_id.eq(id)).select(client_secrets::id).first(conn)?;
            Ok(Actor { session_id, ..get_actor(conn, province, id, today)?.expect("an active account") })
        }).await;
        assert!(goes_on(&app, &exporting, 9).await);
        let secrets = format!("/clients/{}/secrets", made.id());
        office.post(&secrets, json!({"overlap_hours": 1})).await.is(201);
        assert!(goes_on(&app, &exporting, 0).await, "both secrets are good");
        assert!(!goes_on(&app, &exporting, 1).await, "the secret has expired");
        office.post(&secrets, json!({"overlap_hours": 0})).await.is(201);
        assert!(!goes_on(&app, &exporting, 0).await, "the secret is gone");
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
