//! Who writes which field, when a field is fixed, and what a change takes back.

use serde_json::{Value, json};

use crate::support::{Programme, id_of, on_both};

on_both! {
    async fn a_new_responsibility_is_judged_whole(app: TestApp) {
        let p = Programme::of(&app).await;
        p.office.post("/responsibilities", json!({})).await.refused(422, "validation_failed").with_errors(&[
            ("/code", "required"), ("/initiative_id", "required"), ("/agency_id", "required"), ("/part", "required"), ("/title", "required"), ("/due_on", "required"),
        ]);
        let draft = format!("/initiatives/{}", p.draft(json!({})).await.id());
        let bad = json!({"part": "boss", "weight": 101, "due_on": null, "status": "accepted", "code": "_x"});
        p.office.post("/responsibilities", p.task_body(&draft, bad)).await.refused(422, "validation_failed").with_errors(&[
            ("/part", "not_one_of"), ("/weight", "out_of_range"), ("/due_on", "required"), ("/status", "unknown_field"), ("/code", "invalid_format"),
        ]);
        let nobody = "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50";
        p.office.post("/responsibilities", p.task_body(nobody, json!({"agency_id": nobody}))).await.refused(422, "validation_failed")
            .with_errors(&[("/initiative_id", "unknown_reference"), ("/agency_id", "unknown_reference")]);
        let made = p.manager.post("/responsibilities", p.task_body(&draft, json!({"due_on": "2031-01-01"}))).await.is(201);
        assert_eq!(made.json["weight"], 10);
        assert_eq!(made.json["status"], "proposed");
        assert_eq!(made.json["baseline_due_on"], Value::Null);
        assert_eq!((&made.json["late"], &made.json["days_late"]), (&json!(false), &json!(0)));
        assert_eq!(made.header("location"), Some(format!("/api/v1/responsibilities/{}", made.id()).as_str()));
    }

    async fn a_code_is_unique_in_its_initiative_alone(app: TestApp) {
        let p = Programme::of(&app).await;
        let (one, other) = (p.written(json!({})).await, p.written(json!({})).await);
        let first = p.task(&one.initiative, json!({"code": "R9"})).await;
        p.office.post("/responsibilities", p.task_body(&one.initiative, json!({"code": "r۹"}))).await.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        p.task(&other.initiative, json!({"code": "R9"})).await;
        p.patch(&p.manager, &one.helper_task, json!({"code": "r9"})).await.refused(409, "already_exists");
        p.patch(&p.manager, &first, json!({"code": "r9"})).await.is(200);
    }

    async fn the_manager_adds_to_a_draft_and_the_province_until_completion(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"] {
            let work = p.work(status).await;
            let body = || p.task_body(&work.initiative, json!({}));
            let over = matches!(status, "completed" | "cancelled");
            let by_manager = p.manager.post("/responsibilities", body()).await;
            if status == "draft" { by_manager.is(201) } else { by_manager.refused(403, "forbidden") };
            let by_office = p.office.post("/responsibilities", body()).await;
            if over { by_office.refused(409, "frozen") } else { by_office.is(201) };
            let by_other = p.other_manager.post("/responsibilities", body()).await;
            // Another's draft he does not see.
            if status == "draft" { by_other.refused(422, "validation_failed").with_errors(&[("/initiative_id", "unknown_reference")]) } else { by_other.refused(403, "forbidden") };
            for who in [&p.helper, &p.lead, &p.viewer] {
                who.post("/responsibilities", body()).await.refused(403, "forbidden");
            }
        }
    }

    async fn an_addition_after_the_draft_is_led_by_the_lead_and_a_deadline_that_moves_must_fit(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let unfit = json!({"due_on": "2027-03-01", "part": "lead"});
        p.office.post("/responsibilities", p.task_body(&work.initiative, unfit)).await.refused(422, "validation_failed")
            .with_errors(&[("/part", "lead_part_of_other_agency")]);
        p.office.post("/responsibilities", p.task_body(&work.initiative, json!({"due_on": "2027-03-01"}))).await.is(201);
        // Its deadline is fixed from now on, and keeps nobody from asking the next agency where the first one declines.
        let late = p.task(&work.initiative, json!({"due_on": "2027-03-01"})).await;
        p.helper.moves(&late, "declined").await.is(200);
        p.patch(&p.office, &late, json!({"agency_id": p.stranger_id})).await.is(200);
        p.patch(&p.office, &late, json!({"agency_id": p.lead_id, "due_on": "2027-03-02"})).await.refused(409, "frozen");
        let fits = json!({"due_on": "2027-02-28", "part": "lead", "agency_id": p.lead_id});
        p.office.post("/responsibilities", p.task_body(&work.initiative, fits)).await.is(201);
        let proposed = p.work("proposed").await;
        p.patch(&p.office, &proposed.helper_task, json!({"due_on": "2026-10-31"})).await.refused(422, "validation_failed")
            .with_errors(&[("/due_on", "due_on_outside_initiative")]);
    }

    async fn a_field_is_fixed_from_its_stage_on(app: TestApp) {
        let p = Programme::of(&app).await;
        let elsewhere = p.written(json!({})).await;
        let root = json!({"initiative_id": id_of(&elsewhere.initiative)});
        let plan = json!({"agency_id": p.stranger_id, "due_on": "2027-01-31", "weight": 7, "part": "lead"});
        let words = json!({"title": "ت", "deliverable": "خ", "acceptance_criterion": "م", "code": "x1"});
        for (status, fixed) in [
            ("draft", vec![&root]),
            ("approved", vec![&root, &plan]),
            ("in_progress", vec![&root, &plan]),
            ("blocked", vec![&root, &plan]),
            ("completed", vec![&root, &plan, &words]),
            ("cancelled", vec![&root, &plan, &words]),
        ] {
            let work = p.work(status).await;
            for fields in [&root, &plan, &words] {
                let answer = p.patch(&p.office, &work.helper_task, fields.clone()).await;
                if fixed.contains(&fields) {
                    let pointers: Vec<String> = fields.as_object().expect("fields").keys().map(|field| format!("/{field}")).collect();
                    let expected: Vec<(&str, &str)> = pointers.iter().map(|pointer| (pointer.as_str(), "frozen")).collect();
                    answer.refused(409, "frozen").with_errors(&expected);
                } else {
                    answer.is(200);
                }
            }
        }
    }

    async fn a_change_before_approval_takes_acceptance_back(app: TestApp) {
        let p = Programme::of(&app).await;
        for (change, taken_back) in [
            (json!({"due_on": "2027-01-31"}), true),
            (json!({"weight": 41}), true),
            (json!({"deliverable": "دیگر"}), true),
            (json!({"acceptance_criterion": "دیگر"}), true),
            (json!({"agency_id": p.stranger_id}), true),
            (json!({"title": "دیگر"}), false),
            (json!({"code": "دیگر-1".replace("دیگر", "other")}), false),
        ] {
            let work = p.work("proposed").await;
            let before = p.office.get(&work.helper_task).await.version();
            let changed = p.patch(&p.office, &work.helper_task, change.clone()).await.is(200);
            assert_eq!(changed.json["status"], if taken_back { "proposed" } else { "accepted" }, "{change}");
            assert_eq!(changed.version(), before + 1);
            let events = p.office.get(&format!("/events?resource_id={}&sort=-seq&limit=1", changed.id())).await;
            let fields: Vec<&str> = events.items()[0]["changes"].as_array().expect("changes").iter().filter_map(|change| change["field"].as_str()).collect();
            assert_eq!(fields.contains(&"status"), taken_back, "{change}");
        }
        // Nothing changes, nothing is taken back.
        let work = p.work("proposed").await;
        assert_eq!(p.patch(&p.office, &work.helper_task, json!({"weight": 40})).await.is(200).json["status"], "accepted");
        // After approval words may change, and it stays accepted.
        let work = p.work("approved").await;
        assert_eq!(p.patch(&p.office, &work.helper_task, json!({"deliverable": "دیگر"})).await.is(200).json["status"], "accepted");
    }

    async fn who_writes_what(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = p.work("draft").await;
        p.patch(&p.manager, &draft.helper_task, json!({"title": "ت"})).await.is(200);
        p.patch(&p.other_manager, &draft.helper_task, json!({"title": "ث"})).await.refused(404, "not_found");
        let work = p.work("proposed").await;
        for who in [&p.manager, &p.other_manager] {
            p.patch(who, &work.helper_task, json!({"title": "ث"})).await.refused(403, "forbidden");
            p.patch(who, &work.helper_task, json!({"weight": 40})).await.is(200);
        }
        for who in [&p.helper, &p.lead, &p.viewer] {
            p.patch(who, &work.helper_task, json!({"title": "ث"})).await.refused(403, "forbidden");
        }
        let inactive = format!("/agencies/{}", p.stranger_id);
        p.patch(&p.office, &inactive, json!({"active": false})).await.is(200);
        p.patch(&p.office, &work.helper_task, json!({"agency_id": p.stranger_id})).await.refused(422, "validation_failed").with_errors(&[("/agency_id", "inactive_reference")]);
    }
}
