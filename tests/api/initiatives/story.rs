//! One initiative from its first line to its completion, each step by whom it belongs to.

use serde_json::{Value, json};

use crate::support::{Answer, Programme, on_both};

/// Progress, planned progress, health and counts of an initiative.
fn figures(of: &Answer) -> Value {
    let item = &of.json;
    json!([item["progress"], item["planned_progress"], item["health"], item["responsibilities"]])
}

fn counts(total: i64, verified: i64, late: i64) -> Value {
    json!({"total": total, "verified": verified, "late": late})
}

on_both! {
    async fn an_initiative_goes_from_draft_to_completed(app: TestApp) {
        let mut p = Programme::of(&app).await;

        // The manager writes it down; it lacks much.
        let draft = p.draft(json!({"code": "SH-1", "lead_agency_id": null, "starts_on": null, "due_on": null, "budget_planned_rial": 9_000_000_000_i64})).await;
        let initiative = format!("/initiatives/{}", draft.id());
        assert_eq!(draft.json["status"], "draft");
        assert_eq!(draft.json["weight"], 10);
        assert_eq!(draft.json["completed_on"], Value::Null);
        assert_eq!(draft.json["allowed_transitions"], json!(["proposed"]));
        assert_eq!(figures(&draft), json!([null, null, null, counts(0, 0, 0)]));
        assert_eq!(p.seen(&initiative).await["allowed_transitions"], json!(["proposed", "cancelled"]));
        let unready = p.manager.moves(&initiative, "proposed").await.refused(422, "validation_failed");
        unready.with_errors(&[("/to", "lead_agency_required"), ("/to", "dates_required"), ("/to", "responsibility_required")]);
        let rest = json!({"lead_agency_id": p.lead_id, "starts_on": "2026-11-01", "due_on": "2027-02-28"});
        assert_eq!(p.patch(&p.manager, &initiative, rest).await.is(200).version(), 2);
        let by_lead = json!({"code": "R1", "agency_id": p.lead_id, "part": "lead", "weight": 60, "due_on": "2026-12-15"});
        let lead_task = p.manager.post("/responsibilities", p.task_body(&initiative, by_lead)).await.is(201);
        assert_eq!(lead_task.json["baseline_due_on"], Value::Null);
        assert_eq!(lead_task.json["neighborhood_id"], p.place);
        let by_helper = json!({"code": "R2", "weight": 40, "due_on": "2026-12-01"});
        let helper_task = p.manager.post("/responsibilities", p.task_body(&initiative, by_helper)).await.is(201);
        let (lead_task, helper_task) = (format!("/responsibilities/{}", lead_task.id()), format!("/responsibilities/{}", helper_task.id()));
        assert_eq!(figures(&p.office.get(&initiative).await), json!([null, null, null, counts(2, 0, 0)]));
        p.lead.get(&initiative).await.refused(404, "not_found");

        // It is submitted, answered and approved; the baseline freezes.
        let proposed = p.manager.moves(&initiative, "proposed").await.is(200);
        assert_eq!(proposed.json["status"], "proposed");
        assert_eq!(proposed.json["allowed_transitions"], json!([]));
        p.office.moves(&initiative, "approved").await.refused(422, "validation_failed").with_errors(&[("/to", "accepted_lead_required")]);
        p.lead.get(&initiative).await.is(200);
        assert_eq!(p.lead.moves(&lead_task, "accepted").await.is(200).json["baseline_due_on"], Value::Null);
        p.helper.moves(&helper_task, "accepted").await.is(200);
        let approved = p.office.moves(&initiative, "approved").await.is(200);
        assert_eq!(figures(&approved), json!([0.0, 0.0, "on_track", counts(2, 0, 0)]));
        assert_eq!(p.seen(&lead_task).await["baseline_due_on"], "2026-12-15");
        assert_eq!(p.seen(&helper_task).await["baseline_due_on"], "2026-12-01");

        // Work begins, is held up and goes on.
        assert_eq!(p.lead.moves(&initiative, "in_progress").await.is(200).json["allowed_transitions"], json!(["blocked", "completed"]));
        p.lead.transition(&initiative, json!({"to": "blocked", "reason": "مجوز"})).await.is(200);
        p.lead.transition(&initiative, json!({"to": "in_progress"})).await.is(200);

        // On its due date it is not late; the day after it is.
        p.wait_days(9).await;
        let due = p.office.get(&initiative).await.is(200);
        assert_eq!(figures(&due), json!([0.0, 40.0, "late", counts(2, 0, 0)]), "40 points behind plan");
        assert_eq!((&p.seen(&helper_task).await["late"], &p.seen(&helper_task).await["days_late"]), (&json!(false), &json!(0)));
        p.wait_days(1).await;
        assert_eq!(figures(&p.office.get(&initiative).await), json!([0.0, 40.0, "late", counts(2, 0, 1)]));
        assert_eq!((&p.seen(&helper_task).await["late"], &p.seen(&helper_task).await["days_late"]), (&json!(true), &json!(1)));

        // A later deadline is asked for and granted; the baseline stays, the initiative is extended.
        let deferral = p.asked(&helper_task, "2027-03-15").await;
        let decided = p.office.transition(&deferral, json!({"to": "accepted", "note": "برای بار آخر"})).await.is(200);
        assert_eq!((&decided.json["status"], &decided.json["decision_note"]), (&json!("accepted"), &json!("برای بار آخر")));
        let deferred = p.seen(&helper_task).await;
        assert_eq!((&deferred["due_on"], &deferred["baseline_due_on"], &deferred["late"]), (&json!("2027-03-15"), &json!("2026-12-01"), &json!(false)));
        let extended = p.office.get(&initiative).await;
        assert_eq!(extended.json["due_on"], "2027-03-15");
        assert_eq!(figures(&extended), json!([0.0, 40.0, "late", counts(2, 0, 0)]), "the plan does not forget");

        // The helper reports, the manager sends it back once and then has seen it.
        let report = json!({"to": "reported", "reported_done_on": "2026-12-02", "note": "میزها رسید"});
        let reported = p.helper.transition(&helper_task, report.clone()).await.is(200);
        assert_eq!((&reported.json["reported_done_on"], &reported.json["report_note"]), (&json!("2026-12-02"), &json!("میزها رسید")));
        let returned = p.manager.transition(&helper_task, json!({"to": "returned", "reason": "دو کلاس میز ندارد", "note": "دیدم"})).await.is(200);
        assert_eq!(returned.json["verification_note"], "دیدم");
        p.helper.transition(&helper_task, report).await.is(200);
        let verified = p.manager.transition(&helper_task, json!({"to": "verified", "note": "همه را دیدم"})).await.is(200);
        assert_eq!(verified.json["verified_at"], "2026-12-02T08:00:00.000000Z");
        assert_eq!(verified.json["verified_by"], p.manager.user_id.expect("a user").to_string());
        assert_eq!(verified.json["verification_note"], "همه را دیدم");
        assert_eq!(verified.json["allowed_transitions"], json!([]));
        assert_eq!(figures(&p.office.get(&initiative).await), json!([40.0, 40.0, "on_track", counts(2, 1, 0)]));

        // The last part, and the end.
        p.lead.moves(&initiative, "completed").await.refused(422, "validation_failed").with_errors(&[("/to", "unsettled_responsibility")]);
        p.lead.transition(&lead_task, json!({"to": "reported", "reported_done_on": "2026-12-01", "note": "۴۸ جلسه"})).await.is(200);
        p.office.moves(&lead_task, "verified").await.is(200);
        p.wait_days(1).await;
        let completed = p.lead.moves(&initiative, "completed").await.is(200);
        assert_eq!(completed.json["completed_on"], "2026-12-03");
        assert_eq!(completed.json["allowed_transitions"], json!([]));
        assert_eq!(figures(&completed), json!([100.0, 40.0, "on_track", counts(2, 2, 0)]));

        // Money is booked late.
        let booked = p.patch(&p.lead, &initiative, json!({"budget_spent_rial": 8_500_000_000_i64, "beneficiaries_reached": 310})).await.is(200);
        assert_eq!(booked.json["budget_spent_rial"], 8_500_000_000_i64);
        p.patch(&p.office, &initiative, json!({"title": "دیگر"})).await.refused(409, "frozen").with_errors(&[("/title", "frozen")]);
    }

    async fn what_is_declined_or_withdrawn_counts_in_no_figure(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let declined = p.task_in(&work.initiative, "declined").await;
        p.task_in(&work.initiative, "withdrawn").await;
        p.helper.moves(&work.helper_task, "reported").await.is(200);
        p.office.moves(&work.helper_task, "verified").await.is(200);
        let seen = p.office.get(&work.initiative).await;
        assert_eq!(figures(&seen), json!([40.0, 0.0, "on_track", counts(2, 1, 0)]));
        assert_eq!(p.seen(&declined).await["late"], false);
        // A third that counts: 40 of 50 + 60.
        p.task_in(&work.initiative, "proposed").await;
        assert_eq!(figures(&p.office.get(&work.initiative).await), json!([36.4, 0.0, "on_track", counts(3, 1, 0)]));
    }

    async fn a_cancelled_initiative_is_late_with_nothing(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.wait_days(60).await;
        let late = p.office.get(&work.initiative).await;
        assert_eq!(figures(&late), json!([0.0, 100.0, "late", counts(2, 0, 2)]));
        assert_eq!(p.seen(&work.helper_task).await["days_late"], 21);
        p.office.moves(&work.initiative, "cancelled").await.is(200);
        assert_eq!(figures(&p.office.get(&work.initiative).await), json!([null, null, null, counts(2, 0, 0)]));
        assert_eq!(p.seen(&work.helper_task).await["days_late"], 0);
        let still_late = p.office.get("/responsibilities?late=true").await.is(200);
        assert!(still_late.items().is_empty());
    }

    async fn a_reported_one_is_late_until_it_is_verified_and_the_day_turns_in_tehran(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.helper.moves(&work.helper_task, "reported").await.is(200);
        // 2026-12-31 in Tehran ends at 20:30 UTC.
        p.wait_days(39).await;
        app.clock.advance(12 * 3600 + 29 * 60);
        p.wait_days(0).await;
        assert_eq!(p.seen(&work.helper_task).await["late"], false);
        app.clock.advance(60);
        assert_eq!(p.seen(&work.helper_task).await["days_late"], 1);
        p.manager.moves(&work.helper_task, "verified").await.is(200);
        assert_eq!(p.seen(&work.helper_task).await["late"], false);
    }
}
