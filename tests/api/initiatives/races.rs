//! Two at once: one wins, and what is true for the one stays true for the other.

use std::future::IntoFuture;

use diesel::{RunQueryDsl, sql_query};
use futures_util::future::join_all;
use mahalleh::{
    db::{self, Conn, Id, Root},
    error::ApiError,
};
use serde_json::json;

use crate::support::{Answer, Programme, Request, TestApp, on_both, programme::merged};

on_both! {
    async fn of_many_who_move_at_once_one_wins(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let before = p.office.get(&work.initiative).await.version();
        let tries = (0..8).map(|number| {
            let (who, to) = if number % 2 == 0 { (&p.lead, "blocked") } else { (&p.office, "cancelled") };
            let (version, path) = (format!("\"{before}\""), &work.initiative);
            async move { who.moves(path, to).header("if-match", &version).await.status }
        });
        let mut statuses = join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
        assert_eq!(p.office.get(&work.initiative).await.version(), before + 1);
    }

    async fn of_many_who_make_the_same_move_one_wins(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("approved").await;
        let mut statuses: Vec<u16> = join_all((0..8).map(|_| async { p.lead.moves(&work.initiative, "in_progress").await.status })).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        let moved = p.office.get(&format!("/events?action=transitioned&resource_type=initiative&resource_id={}", crate::support::id_of(&work.initiative))).await;
        assert_eq!(moved.items().len(), 3);
    }

    async fn nothing_is_added_to_what_is_being_completed(app: TestApp) {
        let p = Programme::of(&app).await;
        for _ in 0..6 {
            let work = p.work("in_progress").await;
            p.finish(&work).await;
            let complete = async { p.lead.moves(&work.initiative, "completed").await };
            let add = async { p.office.post("/responsibilities", p.task_body(&work.initiative, json!({}))).await };
            let (completed, added) = tokio::join!(complete, add);
            match (completed.status, added.status) {
                (200, 409) => drop(added.refused(409, "frozen")),
                (422, 201) => drop(completed.refused(422, "validation_failed").with_errors(&[("/to", "unsettled_responsibility")])),
                other => panic!("{other:?}: {} {}", completed.text(), added.text()),
            }
        }
    }

    async fn what_is_referred_to_and_removed_at_once_is_one_of_them(app: TestApp) {
        let p = Programme::of(&app).await;
        for round in 0..12 {
            let agency = p.office.post("/agencies", json!({"code": format!("gone-{round}"), "name": "گذرا", "kind": "other"})).await.is(201).id();
            let remove = async { p.office.delete(&format!("/agencies/{agency}"), 1).await };
            let refer = async { p.office.post("/initiatives", p.initiative_body(json!({"lead_agency_id": agency}))).await };
            let (removed, referred) = tokio::join!(remove, refer);
            match (removed.status, referred.status) {
                (409, 201) => drop(removed.refused(409, "in_use")),
                (204, 422) => drop(referred.refused(422, "validation_failed").with_errors(&[("/lead_agency_id", "unknown_reference")])),
                other => panic!("{other:?}: {} {}", removed.text(), referred.text()),
            }
        }
    }

    async fn nothing_becomes_inactive_while_it_is_being_referred_to(app: TestApp) {
        let p = Programme::of(&app).await;
        let (agency, domain, province) = (passing(&p, "agencies").await, passing(&p, "domains").await, app.province_id);
        let held = move |conn: &mut Conn| db::lock_referred(conn, province, None);
        for path in [format!("/agencies/{agency}"), format!("/domains/{domain}")] {
            let ended = p.office.patch(&path, json!({"active": false}), 1);
            behind(&app, held, ended).await.is(200);
        }
    }

    async fn what_is_becoming_inactive_is_not_referred_to(app: TestApp) {
        let p = Programme::of(&app).await;
        let (agency, _, province) = (passing(&p, "agencies").await, passing(&p, "domains").await, app.province_id);
        let draft = p.draft(json!({})).await.id();
        let path = format!("/initiatives/{draft}");
        let task = p.task(&path, json!({})).await;
        let (led, within) = (json!({"lead_agency_id": agency.to_string()}), json!({"domain": "passing"}));
        let by = json!({"agency_id": agency.to_string()});
        for (pointer, request, table) in [
            ("/lead_agency_id", p.office.post("/initiatives", p.initiative_body(led.clone())), "agencies"),
            ("/lead_agency_id", p.office.patch(&path, led, 1), "agencies"),
            ("/agency_id", p.office.post("/responsibilities", p.task_body(&path, by.clone())), "agencies"),
            ("/agency_id", p.office.patch(&task, by.clone(), 1), "agencies"),
            ("/agency_id", p.office.post("/clients", merged(json!({"name": "c", "role": "agency"}), by)), "agencies"),
            ("/domain", p.office.post("/initiatives", p.initiative_body(within.clone())), "domains"),
            ("/domain", p.office.patch(&path, within, 1), "domains"),
        ] {
            let answer = behind(&app, move |conn| set_active(conn, province, table, false), request).await;
            answer.refused(422, "validation_failed").with_errors(&[(pointer, "inactive_reference")]);
            app.app.db.write(move |conn| set_active(conn, province, table, true)).await.expect("it is active again");
        }
    }

    async fn nobody_is_appointed_who_is_becoming_inactive(app: TestApp) {
        let p = Programme::of(&app).await;
        let place = p.office.post("/neighborhoods", json!({"code": "vacant", "name": "محله", "city": "قم"})).await.is(201).id();
        let user = json!({"username": "passing", "display_name": "گذرا", "role": "neighborhood_manager"});
        let user = p.office.post("/users", user).await.is(201).id();
        let mandate = json!({"user_id": user, "neighborhood_id": place, "order_no": "۱", "valid_from": "2026-11-22"});
        let province = app.province_id;
        let ends = move |conn: &mut Conn| {
            sql_query(format!("UPDATE users SET active = FALSE WHERE province_id = {province} AND username = 'passing'")).execute(conn)?;
            Ok(())
        };
        let answer = behind(&app, ends, p.office.post("/mandates", mandate)).await;
        answer.refused(422, "validation_failed").with_errors(&[("/user_id", "inactive_reference")]);
    }

    async fn a_code_is_given_once_also_to_eight_at_once(app: TestApp) {
        let p = Programme::of(&app).await;
        let tries = (0..8).map(|number| {
            let body = p.initiative_body(json!({"code": if number % 2 == 0 { "SH-7" } else { "sh-7" }}));
            let office = &p.office;
            async move { office.post("/initiatives", body).await }
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        }
    }

    async fn of_eight_changes_of_one_version_one_wins(app: TestApp) {
        let p = Programme::of(&app).await;
        let path = format!("/initiatives/{}", p.draft(json!({})).await.id());
        let path = &path;
        let office = &p.office;
        let answers = join_all((0..8).map(|number| async move { office.patch(path, json!({"title": format!("عنوان {number}")}), 1).await })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.refused(412, "stale_version").json["current_version"], 2);
        }
    }

    async fn what_has_waited_for_another_write_comes_after_it(app: TestApp) {
        let p = Programme::of(&app).await;
        let (draft, office) = (p.draft(json!({})).await, p.office.clone());
        let (id, province) = (Id::parse(&draft.id()).expect("an id"), app.province_id);
        let change = office.patch(&format!("/initiatives/{}", draft.id()), json!({"title": "عنوان دیگر"}), 1);
        let changed = behind(&app, move |conn| db::lock(conn, province, Root::Initiative(id)), change).await.is(200);
        assert_eq!(changed.json["updated_at"], "2026-11-22T08:01:00.000000Z");
    }
}

/// Ends the agency or domain with the code `passing`, or begins it again, as a write does.
fn set_active(conn: &mut Conn, province: i32, table: &str, active: bool) -> Result<(), ApiError> {
    db::lock_ending(conn, province)?;
    let set = format!("UPDATE {table} SET active = {active} WHERE province_id = {province} AND code = 'passing'");
    sql_query(set).execute(conn)?;
    Ok(())
}

/// A new agency or domain with the code `passing`.
async fn passing(p: &Programme<'_>, list: &str) -> Id {
    let mut body = json!({"code": "passing", "name": "گذرا"});
    if list == "agencies" {
        body["kind"] = "other".into();
    }
    Id::parse(&p.office.post(&format!("/{list}"), body).await.is(201).id()).expect("an id")
}

/// What a request is answered that has to wait for another write, which ends a minute later.
async fn behind(app: &TestApp, first: impl FnOnce(&mut Conn) -> Result<(), ApiError> + Send + 'static, request: Request) -> Answer {
    let ((begun, began), (end, ended)) = (tokio::sync::oneshot::channel(), std::sync::mpsc::channel::<()>());
    let other = app.app.db.write(move |conn| {
        first(conn)?;
        begun.send(()).ok();
        ended.recv().ok();
        Ok(())
    });
    let meanwhile = async {
        began.await.expect("it has begun");
        let waiting = actix_web::rt::spawn(request.into_future());
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(!waiting.is_finished(), "the other write is not over");
        app.clock.advance(60);
        end.send(()).expect("it waits");
        waiting.await.expect("it ends")
    };
    let (held, answer) = tokio::join!(other, meanwhile);
    held.expect("a lock");
    answer
}
