//! What each move of a responsibility needs, and what it writes down.

use serde_json::{Value, json};

use crate::support::{Programme, on_both};

on_both! {
    async fn a_report_says_what_was_done_and_when(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = &work.helper_task;
        p.helper.transition(task, json!({"to": "reported"})).await.refused(422, "validation_failed")
            .with_errors(&[("/note", "required"), ("/reported_done_on", "required")]);
        p.helper.transition(task, json!({"to": "reported", "reported_done_on": "2026-11-23"})).await.refused(422, "validation_failed")
            .with_errors(&[("/note", "required"), ("/reported_done_on", "in_the_future")]);
        p.helper.transition(task, json!({"to": "reported", "reported_done_on": "23/11", "note": "", "done": true})).await.refused(422, "validation_failed")
            .with_errors(&[("/reported_done_on", "invalid_format"), ("/note", "too_short"), ("/done", "unknown_field")]);
        let done = p.helper.transition(task, json!({"to": "reported", "reported_done_on": "2026-11-22", "note": "انجام شد"})).await.is(200);
        assert_eq!((&done.json["status"], &done.json["report_note"]), (&json!("reported"), &json!("انجام شد")));
        assert_eq!(done.json["verified_at"], Value::Null);
    }

    async fn every_missing_reason_is_named(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for (status, who, to) in [
            ("proposed", &p.helper, "declined"), ("reported", &p.manager, "returned"), ("proposed", &p.office, "withdrawn"),
            ("accepted", &p.office, "withdrawn"), ("returned", &p.office, "withdrawn"),
        ] {
            let task = p.task_in(&work.initiative, status).await;
            who.transition(&task, json!({"to": to, "note": "یادداشت"})).await.refused(422, "validation_failed").with_errors(&[("/reason", "required")]);
            who.transition(&task, json!({"to": to, "reason": "دلیل", "reported_done_on": "2026-11-01"})).await.refused(422, "validation_failed")
                .with_errors(&[("/reported_done_on", "unknown_field")]);
            who.transition(&task, json!({"to": to, "reason": "دلیل"})).await.is(200);
        }
        // Accepting and verifying need none.
        let task = p.task_in(&work.initiative, "proposed").await;
        p.helper.transition(&task, json!({"to": "accepted"})).await.is(200);
        let task = p.task_in(&work.initiative, "reported").await;
        p.manager.transition(&task, json!({"to": "verified"})).await.is(200);
    }

    async fn a_note_that_no_field_takes_stands_in_the_event(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let told = async |task: &str| {
            let events = p.office.get(&format!("/events?action=transitioned&resource_id={task}")).await.is(200);
            let changes = events.items().last().expect("a move")["changes"].as_array().expect("changes").clone();
            changes.iter().filter(|change| change["field"] == "note").map(|change| change["after"].clone()).collect::<Vec<_>>()
        };
        for (who, to) in [(&p.helper, "accepted"), (&p.helper, "declined"), (&p.office, "withdrawn")] {
            let task = p.task_in(&work.initiative, "proposed").await;
            who.transition(&task, json!({"to": to, "note": "یادداشت", "reason": "دلیل"})).await.is(200);
            assert_eq!(told(task.rsplit('/').next().expect("an id")).await, [json!("یادداشت")], "{to}");
        }
        let task = p.task_in(&work.initiative, "reported").await;
        p.manager.transition(&task, json!({"to": "verified", "note": "دیدم"})).await.is(200);
        assert!(told(task.rsplit('/').next().expect("an id")).await.is_empty(), "it is the verification's note");
    }

    async fn the_initiative_must_be_in_a_state_for_it(app: TestApp) {
        let p = Programme::of(&app).await;
        let open = [("/to", "initiative_not_open")];
        // Nothing is answered in a draft.
        let draft = p.work("draft").await;
        p.office.moves(&draft.helper_task, "accepted").await.refused(422, "validation_failed").with_errors(&open);
        // Nothing is reported before work has begun, nor while it is held up.
        for status in ["proposed", "approved", "blocked"] {
            let work = p.work(status).await;
            p.helper.moves(&work.helper_task, "reported").await.refused(422, "validation_failed").with_errors(&open);
            let bare = p.helper.transition(&work.helper_task, json!({"to": "reported"})).await.refused(422, "validation_failed");
            bare.with_errors(&[("/to", "initiative_not_open"), ("/note", "required"), ("/reported_done_on", "required")]);
        }
        // What was reported is looked at also while it is held up.
        let work = p.work("in_progress").await;
        p.helper.moves(&work.helper_task, "reported").await.is(200);
        p.lead.moves(&work.lead_task, "reported").await.is(200);
        p.lead.moves(&work.initiative, "blocked").await.is(200);
        p.manager.moves(&work.helper_task, "verified").await.is(200);
        p.manager.moves(&work.lead_task, "returned").await.is(200);
        // And a new one is answered then.
        let added = p.task(&work.initiative, json!({})).await;
        p.helper.moves(&added, "accepted").await.is(200);
        assert_eq!(p.seen(&added).await["baseline_due_on"], "2026-12-31");
    }

    async fn the_province_accepts_for_an_agency_and_the_event_says_so(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.written(json!({})).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.office.moves(&work.helper_task, "declined").await.refused(403, "forbidden");
        let accepted = p.office.transition(&work.helper_task, json!({"to": "accepted", "reason": "نامهٔ ۱۲۳"})).await.is(200);
        let events = p.helper.get(&format!("/events?resource_id={}&action=transitioned", accepted.id())).await.is(200);
        let event = &events.items()[0];
        assert_eq!(event["actor"]["role"], "province");
        assert_eq!(event["reason"], "نامهٔ ۱۲۳");
        assert_eq!(event["changes"], json!([{"field": "status", "before": "proposed", "after": "accepted"}]));
    }

    async fn the_doer_never_verifies(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task_in(&work.initiative, "reported").await;
        for who in [&p.helper, &p.lead, &p.other_manager, &p.viewer] {
            for to in ["verified", "returned"] {
                who.moves(&task, to).await.refused(403, "forbidden");
            }
        }
        p.stranger.moves(&task, "verified").await.refused(404, "not_found");
        p.manager.moves(&task, "verified").await.is(200);
        let refused = p.manager.moves(&task, "returned").await.refused(409, "illegal_transition");
        assert_eq!(refused.json["allowed"], json!([]));
    }

    async fn a_manager_whose_mandate_has_ended_verifies_no_more(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task_in(&work.initiative, "reported").await;
        let mandates = p.office.get(&format!("/mandates?neighborhood_id={}", p.place)).await;
        let mandate = format!("/mandates/{}", mandates.each("id")[0]);
        p.patch(&p.office, &mandate, json!({"valid_to": "2026-11-22"})).await.is(200);
        assert_eq!(p.manager.get(&task).await.json["allowed_transitions"], json!(["verified", "returned"]), "its last day");
        p.wait_days(1).await;
        assert_eq!(p.manager.get(&task).await.json["allowed_transitions"], json!([]));
        p.manager.moves(&task, "verified").await.refused(403, "forbidden");
        let drafts = p.manager.get("/initiatives?status=draft").await.is(200);
        assert!(drafts.items().is_empty());
    }

    async fn what_is_withdrawn_takes_no_part_and_can_not_come_back(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task(&work.initiative, json!({"agency_id": p.stranger_id})).await;
        p.stranger.get(&work.initiative).await.is(200);
        p.stranger.get(&work.lead_task).await.is(200);
        p.office.moves(&task, "withdrawn").await.is(200);
        p.stranger.get(&work.initiative).await.refused(404, "not_found");
        p.stranger.get(&work.lead_task).await.refused(404, "not_found");
        assert_eq!(p.stranger.get(&task).await.is(200).json["allowed_transitions"], json!([]), "its own it still sees");
        for to in ["proposed", "accepted"] {
            p.office.moves(&task, to).await.refused(409, "illegal_transition");
        }
        let reported = p.task_in(&work.initiative, "reported").await;
        let refused = p.office.moves(&reported, "withdrawn").await.refused(409, "illegal_transition");
        assert_eq!(refused.json["allowed"], json!(["verified", "returned"]));
    }
}
