//! Deciding a request, and what decides it by itself.

use serde_json::{Value, json};

use crate::support::{Answer, Programme, id_of, on_both};

/// The last events of the province as `action resource_type`, the latest first.
fn deeds(events: &Answer) -> Vec<String> {
    events
        .items()
        .iter()
        .map(|event| format!("{} {}", event["action"].as_str().unwrap_or_default(), event["resource_type"].as_str().unwrap_or_default()))
        .collect()
}

on_both! {
    async fn accepting_moves_the_deadline_and_never_the_baseline(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-01-31").await;
        let initiative = p.office.get(&work.initiative).await;
        let decided = p.office.transition(&deferral, json!({"to": "accepted", "note": "باشد", "reason": "دلیل"})).await.is(200);
        assert_eq!((decided.version(), &decided.json["decision_note"], &decided.json["allowed_transitions"]), (2, &json!("باشد"), &json!([])));
        let task = p.seen(&work.helper_task).await;
        assert_eq!((&task["due_on"], &task["baseline_due_on"], &task["status"]), (&json!("2027-01-31"), &json!("2026-12-31"), &json!("accepted")));
        // Within the initiative's dates nothing else moves.
        assert_eq!(p.office.get(&work.initiative).await.version(), initiative.version());
        let events = p.office.get("/events?sort=-seq&limit=2").await;
        assert_eq!(deeds(&events), ["updated responsibility", "transitioned deferral"]);
        assert_eq!(events.items()[0]["changes"], json!([{"field": "due_on", "before": "2026-12-31", "after": "2027-01-31"}]));
        assert_eq!(events.items()[1]["reason"], "دلیل");
    }

    async fn accepting_extends_the_initiative_that_it_passes(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ["approved", "in_progress", "blocked"] {
            let work = p.work(status).await;
            let before = p.office.get(&work.initiative).await.version();
            let deferral = p.asked(&work.helper_task, "2027-03-31").await;
            p.office.moves(&deferral, "accepted").await.is(200);
            let initiative = p.office.get(&work.initiative).await;
            assert_eq!((initiative.version(), &initiative.json["due_on"]), (before + 1, &json!("2027-03-31")));
            let events = p.office.get("/events?sort=-seq&limit=3").await;
            assert_eq!(deeds(&events), ["updated initiative", "updated responsibility", "transitioned deferral"]);
            assert_eq!(events.items()[0]["changes"], json!([{"field": "due_on", "before": "2027-02-28", "after": "2027-03-31"}]));
            assert_eq!(events.items()[0]["resource_id"], id_of(&work.initiative));
        }
    }

    async fn rejecting_moves_nothing(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-03-31").await;
        let before = (p.seen(&work.initiative).await, p.seen(&work.helper_task).await);
        let rejected = p.office.transition(&deferral, json!({"to": "rejected"})).await.is(200);
        assert_eq!((&rejected.json["status"], &rejected.json["decision_note"]), (&json!("rejected"), &Value::Null));
        assert_eq!((p.seen(&work.initiative).await, p.seen(&work.helper_task).await), before);
    }

    async fn only_the_province_decides_and_only_once(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-01-31").await;
        for (name, who) in p.everybody().into_iter().filter(|(name, _)| *name != "province") {
            assert_eq!(who.moves(&deferral, "accepted").await.refused(403, "forbidden").status, 403, "{name}");
        }
        p.office.moves(&deferral, "accepted").header("if-match", "\"2\"").await.refused(412, "stale_version");
        p.office.moves(&deferral, "requested").await.refused(409, "illegal_transition");
        p.office.transition(&deferral, json!({"to": "accepted", "reported_done_on": "2026-11-01"})).await.refused(422, "validation_failed")
            .with_errors(&[("/reported_done_on", "unknown_field")]);
        // A client may have one body for all transitions.
        p.office.transition(&deferral, json!({"to": "accepted", "reason": null, "note": null, "reported_done_on": null})).await.is(200);
        for to in ["accepted", "rejected"] {
            assert_eq!(p.office.moves(&deferral, to).await.refused(409, "illegal_transition").json["allowed"], json!([]));
        }
    }

    async fn cancelling_rejects_what_is_open(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let another = p.task_in(&work.initiative, "accepted").await;
        let (one, other) = (p.asked(&work.helper_task, "2027-01-31").await, p.asked(&another, "2027-01-31").await);
        let elsewhere = p.work("in_progress").await;
        let kept = p.asked(&elsewhere.helper_task, "2027-01-31").await;
        p.office.moves(&work.initiative, "cancelled").await.is(200);
        for deferral in [&one, &other] {
            assert_eq!(p.seen(deferral).await["status"], "rejected");
            p.office.moves(deferral, "accepted").await.refused(409, "illegal_transition");
        }
        assert_eq!((&p.seen(&work.helper_task).await["due_on"], &p.seen(&kept).await["status"]), (&json!("2026-12-31"), &json!("requested")));
        let events = p.office.get("/events?sort=-seq&limit=3").await;
        assert_eq!(deeds(&events), ["transitioned initiative", "transitioned deferral", "transitioned deferral"]);
        assert_eq!(events.items()[1]["reason"], "initiative cancelled");
    }

    async fn verifying_and_withdrawing_reject_what_is_open(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for (steps, last) in [(vec![(&p.helper, "reported"), (&p.manager, "verified")], "verified"), (vec![(&p.office, "withdrawn")], "withdrawn")] {
            let task = p.task_in(&work.initiative, "accepted").await;
            let deferral = p.asked(&task, "2027-01-31").await;
            for (who, to) in steps {
                assert_eq!(p.seen(&deferral).await["status"], "requested");
                who.moves(&task, to).await.is(200);
            }
            assert_eq!(p.seen(&deferral).await["status"], "rejected", "{last}");
            assert_eq!(p.seen(&task).await["due_on"], "2026-12-31");
            let events = p.office.get("/events?sort=-seq&limit=2").await;
            assert_eq!(deeds(&events), ["transitioned responsibility", "transitioned deferral"]);
        }
        // One that was reported and sent back keeps its request.
        let task = p.task_in(&work.initiative, "accepted").await;
        let deferral = p.asked(&task, "2027-01-31").await;
        p.helper.moves(&task, "reported").await.is(200);
        p.manager.moves(&task, "returned").await.is(200);
        p.office.moves(&deferral, "accepted").await.is(200);
        assert_eq!(p.seen(&task).await["due_on"], "2027-01-31");
    }

    async fn deciding_and_verifying_at_once_leave_one_truth(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for _ in 0..5 {
            let task = p.task_in(&work.initiative, "accepted").await;
            let deferral = p.asked(&task, "2027-01-31").await;
            p.helper.moves(&task, "reported").await.is(200);
            let (decided, verified) = tokio::join!(async { p.office.moves(&deferral, "accepted").await }, async { p.manager.moves(&task, "verified").await });
            verified.is(200);
            let (status, due) = (p.seen(&deferral).await["status"].clone(), p.seen(&task).await["due_on"].clone());
            if decided.status == 200 {
                assert_eq!((status, due), (json!("accepted"), json!("2027-01-31")));
            } else {
                decided.refused(409, "illegal_transition");
                assert_eq!((status, due), (json!("rejected"), json!("2026-12-31")));
            }
        }
    }
}
