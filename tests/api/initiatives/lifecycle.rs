//! The lifecycle: what each move needs, what it does to the responsibilities, and how a wrong one is refused.

use serde_json::{Value, json};

use crate::support::{Programme, on_both};

on_both! {
    async fn a_move_that_does_not_exist_names_those_that_do(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("approved").await;
        let refused = p.office.moves(&work.initiative, "completed").await.refused(409, "illegal_transition");
        assert_eq!(refused.json["allowed"], json!(["in_progress", "cancelled"]));
        let by_lead = p.lead.moves(&work.initiative, "proposed").await.refused(409, "illegal_transition");
        assert_eq!(by_lead.json["allowed"], json!(["in_progress"]));
        let by_manager = p.manager.moves(&work.initiative, "draft").await.refused(409, "illegal_transition");
        assert_eq!(by_manager.json["allowed"], json!([]));
        p.office.moves(&work.initiative, "approved").await.refused(409, "illegal_transition");
        p.office.moves(&work.initiative, "begun").await.refused(422, "validation_failed").with_errors(&[("/to", "not_one_of")]);
        p.office.transition(&work.initiative, json!({})).await.refused(422, "validation_failed").with_errors(&[("/to", "required")]);
        assert_eq!(p.seen(&work.initiative).await["status"], "approved");
    }

    async fn every_missing_reason_is_named(app: TestApp) {
        let p = Programme::of(&app).await;
        for (status, who, to) in [
            ("proposed", &p.office, "draft"), ("in_progress", &p.lead, "blocked"), ("draft", &p.office, "cancelled"), ("blocked", &p.office, "cancelled"),
        ] {
            let work = p.work(status).await;
            let bare = who.transition(&work.initiative, json!({"to": to})).await.refused(422, "validation_failed");
            bare.with_errors(&[("/reason", "required")]);
            let blank = who.transition(&work.initiative, json!({"to": to, "reason": "  "})).await.refused(422, "validation_failed");
            assert_eq!(blank.errors()[0].0, "/reason");
            who.transition(&work.initiative, json!({"to": to, "reason": "دلیل"})).await.is(200);
        }
    }

    async fn a_draft_is_not_submitted_until_all_fits(app: TestApp) {
        let p = Programme::of(&app).await;
        let initiative = format!("/initiatives/{}", p.draft(json!({})).await.id());
        p.task(&initiative, json!({"due_on": "2026-10-31"})).await;
        p.task(&initiative, json!({"due_on": "2027-03-01"})).await;
        p.task(&initiative, json!({"part": "lead"})).await;
        let edge = p.task(&initiative, json!({"due_on": "2027-02-28"})).await;
        let unfit = p.manager.moves(&initiative, "proposed").await.refused(422, "validation_failed");
        let unfit = unfit.with_errors(&[("/to", "due_on_outside_initiative"), ("/to", "lead_part_of_other_agency")]);
        // One entry a condition, and the codes of those that break it in the message.
        let first = unfit.json["errors"][0]["message"].as_str().expect("a message").to_owned();
        assert_eq!(first.matches("r-").count(), 2, "{first}");
        // Withdrawn ones no longer count, and then there must still be one.
        p.office.moves(&edge, "withdrawn").await.is(200);
        p.patch(&p.manager, &initiative, json!({"lead_agency_id": null, "starts_on": null})).await.is(200);
        let unfit = p.manager.moves(&initiative, "proposed").await.refused(422, "validation_failed");
        unfit.with_errors(&[("/to", "lead_agency_required"), ("/to", "dates_required"), ("/to", "due_on_outside_initiative")]);
    }

    async fn an_initiative_whose_responsibilities_are_all_withdrawn_has_none(app: TestApp) {
        let p = Programme::of(&app).await;
        let initiative = format!("/initiatives/{}", p.draft(json!({})).await.id());
        let task = p.task(&initiative, json!({})).await;
        p.office.moves(&task, "withdrawn").await.is(200);
        p.manager.moves(&initiative, "proposed").await.refused(422, "validation_failed").with_errors(&[("/to", "responsibility_required")]);
    }

    async fn approval_wants_the_leads_own_lead_part_accepted(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.written(json!({})).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.helper.moves(&work.helper_task, "accepted").await.is(200);
        let approve = || async { p.office.moves(&work.initiative, "approved").await };
        approve().await.refused(422, "validation_failed").with_errors(&[("/to", "accepted_lead_required")]);
        p.lead.moves(&work.lead_task, "declined").await.is(200);
        approve().await.refused(422, "validation_failed").with_errors(&[("/to", "accepted_lead_required")]);
        let support = p.task(&work.initiative, json!({"agency_id": p.lead_id})).await;
        p.lead.moves(&support, "accepted").await.is(200);
        approve().await.refused(422, "validation_failed").with_errors(&[("/to", "accepted_lead_required")]);
        let second = p.task(&work.initiative, json!({"agency_id": p.lead_id, "part": "lead"})).await;
        p.office.moves(&second, "accepted").await.is(200);
        approve().await.is(200);
    }

    async fn approval_judges_dates_and_lead_again(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        let refused = async |faults: &[(&str, &str)]| {
            p.office.moves(&work.initiative, "approved").await.refused(422, "validation_failed").with_errors(faults);
        };
        p.patch(&p.office, &work.initiative, json!({"due_on": null})).await.is(200);
        refused(&[("/to", "dates_required")]).await;
        p.patch(&p.office, &work.initiative, json!({"due_on": "2026-12-30"})).await.is(200);
        refused(&[("/to", "due_on_outside_initiative")]).await;
        p.patch(&p.office, &work.initiative, json!({"due_on": "2027-02-28", "lead_agency_id": p.helper_id})).await.is(200);
        refused(&[("/to", "accepted_lead_required"), ("/to", "lead_part_of_other_agency")]).await;
        p.patch(&p.office, &work.initiative, json!({"lead_agency_id": p.lead_id})).await.is(200);
        p.office.moves(&work.initiative, "approved").await.is(200);
    }

    async fn the_day_of_a_report_is_none_of_an_initiative(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        let wish = |day: Value| json!({"to": "approved", "reason": null, "note": null, "reported_done_on": day});
        let refused = p.office.transition(&work.initiative, wish(json!("2026-11-01"))).await.refused(422, "validation_failed");
        refused.with_errors(&[("/reported_done_on", "unknown_field")]);
        p.office.transition(&work.initiative, wish(Value::Null)).await.is(200);
    }

    async fn approval_freezes_every_baseline_and_an_addition_gets_its_own_when_accepted(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        let unanswered = p.task(&work.initiative, json!({"due_on": "2027-01-10"})).await;
        p.office.moves(&work.initiative, "approved").await.is(200);
        assert_eq!(p.seen(&work.lead_task).await["baseline_due_on"], "2026-12-31");
        assert_eq!(p.seen(&unanswered).await["baseline_due_on"], "2027-01-10");
        assert_eq!(p.seen(&unanswered).await["status"], "proposed");
        let added = p.task(&work.initiative, json!({"due_on": "2027-01-20"})).await;
        assert_eq!(p.seen(&added).await["baseline_due_on"], Value::Null);
        assert_eq!(p.helper.moves(&added, "accepted").await.is(200).json["baseline_due_on"], "2027-01-20");
        assert_eq!(p.helper.moves(&unanswered, "accepted").await.is(200).json["baseline_due_on"], "2027-01-10");
    }

    async fn going_back_to_draft_takes_the_answers_back(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        let (declined, withdrawn) = (p.task(&work.initiative, json!({})).await, p.task(&work.initiative, json!({})).await);
        p.helper.moves(&declined, "declined").await.is(200);
        p.office.moves(&withdrawn, "withdrawn").await.is(200);
        p.office.transition(&work.initiative, json!({"to": "draft", "reason": "هدف روشن نیست"})).await.is(200);
        for (task, status) in [(&work.lead_task, "proposed"), (&work.helper_task, "proposed"), (&declined, "proposed"), (&withdrawn, "withdrawn")] {
            assert_eq!(p.seen(task).await["status"], status);
        }
        p.helper.get(&work.helper_task).await.refused(404, "not_found");
        p.helper.moves(&work.helper_task, "accepted").await.refused(404, "not_found");
        // The manager has it again, and it goes the same way once more.
        p.patch(&p.manager, &work.initiative, json!({"objective": "روشن"})).await.is(200);
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.lead.moves(&work.lead_task, "accepted").await.is(200);
        p.office.moves(&work.initiative, "approved").await.is(200);
    }

    async fn completing_names_each_that_is_not_settled_and_wants_one_verified(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.task_in(&work.initiative, "returned").await;
        p.task_in(&work.initiative, "declined").await;
        let unsettled = p.office.moves(&work.initiative, "completed").await.refused(422, "validation_failed");
        let unsettled = unsettled.with_errors(&[("/to", "unsettled_responsibility"), ("/to", "verified_responsibility_required")]);
        assert_eq!(unsettled.json["errors"][0]["message"].as_str().map(|text| text.matches("r-").count()), Some(3), "{}", unsettled.text());
        assert_eq!(unsettled.header("content-language"), Some("fa"));
        let other = p.work("in_progress").await;
        for task in [&other.lead_task, &other.helper_task] {
            p.office.moves(task, "withdrawn").await.is(200);
        }
        let none = p.lead.moves(&other.initiative, "completed").await.refused(422, "validation_failed");
        none.with_errors(&[("/to", "verified_responsibility_required")]);
        assert_eq!(p.seen(&other.initiative).await["completed_on"], Value::Null);
    }

    async fn a_move_honours_the_version_and_the_stored_answer(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("approved").await;
        let version = p.office.get(&work.initiative).await.version();
        let stale = p.lead.moves(&work.initiative, "in_progress").header("if-match", &format!("\"{}\"", version - 1)).await;
        assert_eq!(stale.refused(412, "stale_version").json["current_version"], version);
        // 403 comes before 412, and 412 before 409.
        p.helper.moves(&work.initiative, "in_progress").header("if-match", "\"1\"").await.refused(403, "forbidden");
        p.lead.moves(&work.initiative, "completed").header("if-match", "\"1\"").await.refused(412, "stale_version");
        let begun = p.lead.moves(&work.initiative, "in_progress").header("if-match", &format!("\"{version}\"")).key("begin").await.is(200);
        assert_eq!(begun.version(), version + 1);
        let again = p.lead.moves(&work.initiative, "in_progress").header("if-match", &format!("\"{version}\"")).key("begin").await.is(200);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.json, begun.json);
    }

    async fn nothing_moves_under_what_is_over(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ["completed", "cancelled"] {
            let work = p.work(status).await;
            for path in [&work.initiative, &work.lead_task, &work.helper_task] {
                assert_eq!(p.seen(path).await["allowed_transitions"], json!([]), "{status}");
            }
            let refused = p.office.moves(&work.helper_task, "withdrawn").await.refused(409, "illegal_transition");
            assert_eq!(refused.json["allowed"], json!([]));
            p.helper.moves(&work.helper_task, "reported").await.refused(409, "illegal_transition");
            p.office.moves(&work.initiative, "in_progress").await.refused(409, "illegal_transition");
            p.office.moves(&work.initiative, "cancelled").await.refused(409, "illegal_transition");
        }
    }
}
