//! What an agency declines: who still sees it, and how it goes to another.

use serde_json::json;

use crate::support::{Programme, id_of, on_both};

on_both! {
    async fn what_is_declined_goes_to_another_agency(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task_in(&work.initiative, "declined").await;
        p.office.moves(&task, "proposed").await.refused(422, "validation_failed").with_errors(&[("/to", "agency_unchanged")]);
        p.stranger.get(&task).await.refused(404, "not_found");
        // Its agency may be changed although the initiative is approved; nothing else that is fixed.
        p.patch(&p.office, &task, json!({"agency_id": p.stranger_id, "weight": 3})).await.refused(409, "frozen").with_errors(&[("/weight", "frozen")]);
        p.patch(&p.manager, &task, json!({"agency_id": p.stranger_id})).await.refused(403, "forbidden");
        p.patch(&p.office, &task, json!({"agency_id": p.stranger_id})).await.is(200);
        assert_eq!(p.seen(&task).await["status"], "declined");
        p.manager.moves(&task, "proposed").await.refused(403, "forbidden");
        p.office.moves(&task, "proposed").await.is(200);
        p.patch(&p.office, &task, json!({"agency_id": p.helper_id})).await.refused(409, "frozen").with_errors(&[("/agency_id", "frozen")]);
        assert_eq!(p.stranger.get(&work.initiative).await.is(200).json["status"], "in_progress");
        p.stranger.moves(&task, "accepted").await.is(200);
        p.helper.moves(&task, "reported").await.refused(403, "forbidden");
        assert_eq!(p.seen(&task).await["baseline_due_on"], "2026-12-31");
    }

    async fn what_the_lead_declined_becomes_anothers_support(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ["approved", "in_progress"] {
            let work = p.work(status).await;
            let task = p.task(&work.initiative, json!({"agency_id": p.lead_id, "part": "lead"})).await;
            p.lead.moves(&task, "declined").await.is(200);
            // Whoever names the part can name no other, and none without giving it away, when it is fixed.
            let wish = |part: &str| json!({"agency_id": p.stranger_id, "part": part});
            p.patch(&p.office, &task, wish("lead")).await.refused(422, "validation_failed").with_errors(&[("/part", "lead_part_of_other_agency")]);
            p.patch(&p.office, &task, json!({"part": "support"})).await.refused(409, "frozen").with_errors(&[("/part", "frozen")]);
            let change = if status == "approved" { wish("support") } else { json!({"agency_id": p.stranger_id}) };
            let given = p.patch(&p.office, &task, change).await.is(200);
            assert_eq!((&given.json["part"], &given.json["status"]), (&json!("support"), &json!("declined")), "{status}");
            let event = p.office.get(&format!("/events?resource_id={}&action=updated", id_of(&task))).await.is(200).items()[0].clone();
            let part = json!({"field": "part", "before": "lead", "after": "support"});
            assert!(event["changes"].as_array().is_some_and(|changes| changes.contains(&part)), "{event}");
            p.office.moves(&task, "proposed").await.is(200);
            p.stranger.moves(&task, "accepted").await.is(200);
        }
        // A manager gives it away as well while the initiative is proposed.
        let work = p.written(json!({})).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.lead.moves(&work.lead_task, "declined").await.is(200);
        p.patch(&p.manager, &work.lead_task, json!({"agency_id": p.stranger_id})).await.is(200);
        p.manager.moves(&work.lead_task, "proposed").await.is(200);
        assert_eq!(p.seen(&work.lead_task).await["part"], "support");
        // The lead of the initiative has nothing left to accept with that part.
        p.stranger.moves(&work.lead_task, "accepted").await.is(200);
        p.office.moves(&work.initiative, "approved").await.refused(422, "validation_failed").with_errors(&[("/to", "accepted_lead_required")]);
    }

    async fn who_declined_it_sees_it_alone(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task(&work.initiative, json!({"agency_id": p.stranger_id})).await;
        p.stranger.moves(&task, "declined").await.is(200);
        p.stranger.get(&task).await.is(200);
        p.stranger.get(&work.initiative).await.refused(404, "not_found");
        p.stranger.get(&work.lead_task).await.refused(404, "not_found");
        assert_eq!(p.stranger.get("/responsibilities").await.items().len(), 1);
        // Also when it is another's to take on, until that one is asked.
        p.patch(&p.office, &task, json!({"agency_id": p.helper_id})).await.is(200);
        p.stranger.get(&task).await.is(200);
        p.office.moves(&task, "proposed").await.is(200);
        p.stranger.get(&task).await.refused(404, "not_found");
    }

    async fn until_approval_the_manager_asks_the_next_agency(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.written(json!({})).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.helper.moves(&work.helper_task, "declined").await.is(200);
        assert_eq!(p.manager.get(&work.helper_task).await.json["allowed_transitions"], json!(["proposed"]));
        p.manager.moves(&work.helper_task, "proposed").await.refused(422, "validation_failed").with_errors(&[("/to", "agency_unchanged")]);
        // What he may make proposed again he may give to another agency, and nothing else of it.
        p.patch(&p.other_manager, &work.helper_task, json!({"agency_id": p.stranger_id})).await.refused(403, "forbidden");
        p.patch(&p.manager, &work.lead_task, json!({"agency_id": p.stranger_id})).await.refused(403, "forbidden");
        p.patch(&p.manager, &work.helper_task, json!({"agency_id": p.stranger_id, "weight": 3})).await.refused(403, "forbidden_field").with_errors(&[("/weight", "forbidden_field")]);
        p.patch(&p.manager, &work.helper_task, json!({"agency_id": p.stranger_id})).await.is(200);
        p.other_manager.moves(&work.helper_task, "proposed").await.refused(403, "forbidden");
        p.manager.moves(&work.helper_task, "proposed").await.is(200);
        p.patch(&p.manager, &work.helper_task, json!({"agency_id": p.helper_id})).await.refused(403, "forbidden");
        p.stranger.moves(&work.helper_task, "accepted").await.is(200);
    }

    async fn the_same_agency_can_be_asked_again_after_another_declined(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let task = p.task_in(&work.initiative, "declined").await;
        for (agency, who) in [(&p.stranger_id, &p.stranger), (&p.helper_id, &p.helper)] {
            p.patch(&p.office, &task, json!({"agency_id": agency})).await.is(200);
            p.office.moves(&task, "proposed").await.is(200);
            who.moves(&task, "declined").await.is(200);
            p.office.moves(&task, "proposed").await.refused(422, "validation_failed").with_errors(&[("/to", "agency_unchanged")]);
        }
    }
}
