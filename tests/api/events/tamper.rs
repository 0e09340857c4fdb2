//! The hash chain: a changed, removed or inserted row shows, and so does a cut tail while the head still knows of it.

use diesel::connection::SimpleConnection;
use mahalleh::events::{self, ChainState};

use crate::support::{Programme, TestApp, on_both};

/// A province with some history, sealed; how many events it has.
async fn history(app: &TestApp) -> i64 {
    let p = Programme::of(app).await;
    p.work("in_progress").await;
    let events = p.office.get("/events?with_total=true&limit=1").await.is(200);
    let count = events.json["total"].as_i64().expect("a number");
    assert_eq!(verdict(app).await, ChainState::Sound { events: count, unsealed: 0 });
    assert!(count > 8);
    count
}

async fn verdict(app: &TestApp) -> ChainState {
    let province = app.province_id;
    app.read(move |conn| events::verify(conn, province)).await
}

/// Does something to the events of the province that no write of ours would do; `{p}` stands for its number.
async fn tamper(app: &TestApp, sql: &str) {
    let sql = sql.replace("{p}", &app.province_id.to_string());
    app.write(move |conn| Ok(conn.batch_execute(&sql)?)).await;
}

on_both! {
    async fn a_sound_chain_is_sound_and_waiting_events_are_counted(app: TestApp) {
        let sealed = history(&app).await;
        app.neighborhood().make().await;
        assert_eq!(verdict(&app).await, ChainState::Sound { events: sealed, unsealed: 1 });
        app.province().await.get("/events").await.is(200);
        assert_eq!(verdict(&app).await, ChainState::Sound { events: sealed + 1, unsealed: 0 });
    }

    async fn a_changed_row_shows_whatever_was_changed(app: TestApp) {
        history(&app).await;
        for (change, back) in [
            ("reason = 'x'", "reason = NULL"),
            ("actor_display_name = actor_display_name || 'x'", "actor_display_name = substr(actor_display_name, 1, length(actor_display_name) - 1)"),
            ("changes = '[]'", ""),
        ] {
            tamper(&app, &format!("UPDATE events SET {change} WHERE province_id = {{p}} AND seq = 3")).await;
            assert_eq!(verdict(&app).await, ChainState::Broken { seq: 3 }, "{change}");
            if !back.is_empty() {
                tamper(&app, &format!("UPDATE events SET {back} WHERE province_id = {{p}} AND seq = 3")).await;
                assert!(matches!(verdict(&app).await, ChainState::Sound { .. }), "{back}");
            }
        }
    }

    async fn a_row_with_a_hash_of_its_own_making_shows_at_the_next(app: TestApp) {
        history(&app).await;
        tamper(&app, "UPDATE events SET hash = prev_hash WHERE province_id = {p} AND seq = 4").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 4 });
    }

    async fn a_removed_row_shows(app: TestApp) {
        history(&app).await;
        tamper(&app, "DELETE FROM events WHERE province_id = {p} AND seq = 5").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 5 });
        // Closing the gap does not hide it.
        tamper(&app, "UPDATE events SET seq = -seq WHERE province_id = {p} AND seq > 5; UPDATE events SET seq = -seq - 1 WHERE province_id = {p} AND seq < 0").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 5 });
    }

    async fn a_removed_first_row_shows(app: TestApp) {
        history(&app).await;
        tamper(&app, "DELETE FROM events WHERE province_id = {p} AND seq = 1").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 1 });
    }

    async fn an_inserted_row_shows(app: TestApp) {
        let count = history(&app).await;
        let copy = |seq: String| {
            let columns = "at, actor_id, actor_username, actor_display_name, role, action, resource_type, resource_id, version, changes, reason, request_id, neighborhood_id, initiative_id, user_id, register, prev_hash, hash";
            format!("INSERT INTO events (province_id, id, seq, {columns}) SELECT province_id, (SELECT id FROM neighborhoods WHERE province_id = {{p}} LIMIT 1), {seq}, {columns} FROM events WHERE province_id = {{p}} AND seq = 2")
        };
        tamper(&app, &copy((count + 1).to_string())).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: count + 1 });
        tamper(&app, &format!("DELETE FROM events WHERE province_id = {{p}} AND seq = {}", count + 1)).await;
        tamper(&app, &copy("0".into())).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 0 });
    }

    async fn two_rows_that_changed_places_show(app: TestApp) {
        history(&app).await;
        tamper(&app, "UPDATE events SET seq = -1 WHERE province_id = {p} AND seq = 6; UPDATE events SET seq = 6 WHERE province_id = {p} AND seq = 7; UPDATE events SET seq = 7 WHERE province_id = {p} AND seq = -1").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 6 });
    }

    async fn a_cut_tail_shows_while_the_head_is_there(app: TestApp) {
        let count = history(&app).await;
        tamper(&app, &format!("DELETE FROM events WHERE province_id = {{p}} AND seq > {}", count - 2)).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: count - 1 });
    }

    async fn a_row_that_lost_its_place_shows(app: TestApp) {
        history(&app).await;
        tamper(&app, "UPDATE events SET seq = NULL WHERE province_id = {p} AND seq = 5").await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 5 });
    }
}
