//! Who writes which field, when a field is fixed, and what it may refer to.

use serde_json::{Value, json};

use crate::support::{Programme, id_of, on_both};

on_both! {
    async fn a_new_initiative_is_judged_whole(app: TestApp) {
        let p = Programme::of(&app).await;
        p.office.post("/initiatives", json!({})).await.refused(422, "validation_failed")
            .with_errors(&[("/code", "required"), ("/neighborhood_id", "required"), ("/domain", "required"), ("/title", "required")]);
        let body = p.initiative_body(json!({"weight": 0, "budget_planned_rial": -1, "beneficiaries_planned": "ten", "status": "approved", "starts_on": "1405-01-01"}));
        p.office.post("/initiatives", body).await.refused(422, "validation_failed").with_errors(&[
            ("/weight", "out_of_range"), ("/budget_planned_rial", "out_of_range"), ("/beneficiaries_planned", "wrong_type"), ("/status", "unknown_field"), ("/starts_on", "invalid_format"),
        ]);
        // What it refers to is judged where the shape is right, all at once.
        let nobody = "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50";
        let body = p.initiative_body(json!({"neighborhood_id": nobody, "domain": "astronomy", "lead_agency_id": nobody, "starts_on": "2027-01-02", "due_on": "2027-01-01"}));
        for who in [&p.office, &p.manager] {
            who.post("/initiatives", body.clone()).await.refused(422, "validation_failed").with_errors(&[
                ("/neighborhood_id", "unknown_reference"), ("/domain", "unknown_reference"), ("/lead_agency_id", "unknown_reference"), ("/due_on", "dates_out_of_order"),
            ]);
        }
        assert!(p.office.get("/initiatives").await.items().is_empty());
    }

    async fn a_code_is_taken_in_any_case(app: TestApp) {
        let p = Programme::of(&app).await;
        p.draft(json!({"code": "Sh-1"})).await;
        let twin = p.manager.post("/initiatives", p.initiative_body(json!({"code": "sH-۱"}))).await;
        twin.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        let other = format!("/initiatives/{}", p.draft(json!({})).await.id());
        p.patch(&p.manager, &other, json!({"code": "SH-1"})).await.refused(409, "already_exists");
        let body = json!({"code": "nowhere", "title": "t"});
        assert_eq!(p.patch(&p.manager, &other, body).await.is(200).json["code"], "nowhere");
        // Its own code in another case is a change, and no clash.
        assert_eq!(p.patch(&p.manager, &other, json!({"code": "NoWhere"})).await.is(200).json["code"], "NoWhere");
    }

    async fn only_the_province_and_the_manager_of_the_place_plan(app: TestApp) {
        let p = Programme::of(&app).await;
        let body = |code: &str| p.initiative_body(json!({"code": code}));
        p.office.post("/initiatives", body("a")).await.is(201);
        p.manager.post("/initiatives", body("b")).await.is(201);
        for who in [&p.other_manager, &p.lead, &p.viewer] {
            who.post("/initiatives", body("c")).await.refused(403, "forbidden");
        }
        // A manager moves his draft to no place that is not his.
        let draft = format!("/initiatives/{}", p.draft(json!({})).await.id());
        p.patch(&p.manager, &draft, json!({"neighborhood_id": p.other_place})).await.refused(403, "forbidden");
        // The province does, and the responsibilities go along.
        let task = p.task(&draft, json!({})).await;
        p.patch(&p.office, &draft, json!({"neighborhood_id": p.other_place})).await.is(200);
        assert_eq!(p.seen(&task).await["neighborhood_id"], p.other_place);
        p.manager.get(&task).await.refused(404, "not_found");
        p.other_manager.get(&task).await.is(200);
    }

    async fn what_is_inactive_or_closed_is_referred_to_no_more(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = format!("/initiatives/{}", p.draft(json!({})).await.id());
        let agency = format!("/agencies/{}", p.lead_id);
        p.patch(&p.office, &agency, json!({"active": false})).await.is(200);
        let domains = p.office.get("/domains").await;
        let education = domains.items().iter().find(|domain| domain["code"] == "education").expect("a domain");
        p.patch(&p.office, &format!("/domains/{}", education["id"].as_str().expect("an id")), json!({"active": false})).await.is(200);
        p.patch(&p.office, &format!("/neighborhoods/{}", p.place), json!({"closed_on": "2026-11-22"})).await.is(200);
        let late = p.office.post("/initiatives", p.initiative_body(json!({}))).await.refused(422, "validation_failed");
        late.with_errors(&[("/neighborhood_id", "inactive_reference"), ("/domain", "inactive_reference"), ("/lead_agency_id", "inactive_reference")]);
        // What refers to them already may stay as it is.
        assert_eq!(p.patch(&p.office, &draft, json!({"title": "نام دیگر"})).await.is(200).version(), 2);
        let task = p.office.post("/responsibilities", p.task_body(&draft, json!({"agency_id": p.lead_id}))).await;
        task.refused(422, "validation_failed").with_errors(&[("/agency_id", "inactive_reference")]);
        // One that closes tomorrow is open today.
        p.patch(&p.office, &format!("/neighborhoods/{}", p.other_place), json!({"closed_on": "2026-11-23"})).await.is(200);
        let body = p.initiative_body(json!({"neighborhood_id": p.other_place, "domain": "sport", "lead_agency_id": p.helper_id}));
        p.office.post("/initiatives", body).await.is(201);
    }

    async fn a_field_is_fixed_from_its_stage_on(app: TestApp) {
        let p = Programme::of(&app).await;
        let identity = json!({"code": "x", "neighborhood_id": p.other_place, "domain": "sport"});
        let plan = json!({"starts_on": "2026-11-02", "due_on": "2027-03-01", "lead_agency_id": p.stranger_id, "weight": 11});
        let words = json!({"title": "ت", "description": "ش", "objective": "ه", "budget_planned_rial": 1, "beneficiaries_planned": 1});
        let booked = json!({"budget_spent_rial": 1, "beneficiaries_reached": 1});
        for (status, fixed) in [
            ("draft", vec![]),
            ("proposed", vec![&identity]),
            ("approved", vec![&identity, &plan]),
            ("in_progress", vec![&identity, &plan]),
            ("blocked", vec![&identity, &plan]),
            ("completed", vec![&identity, &plan, &words]),
            ("cancelled", vec![&identity, &plan, &words]),
        ] {
            for fields in [&identity, &plan, &words, &booked] {
                let work = p.work(status).await;
                let mut fields = fields.clone();
                if !fields["code"].is_null() {
                    fields["code"] = format!("x-{}", id_of(&work.initiative)).into();
                }
                let answer = p.patch(&p.office, &work.initiative, fields.clone()).await;
                let is_fixed = fixed.iter().any(|group| group.as_object().map(|group| group.keys().collect::<Vec<_>>()) == fields.as_object().map(|group| group.keys().collect()));
                if is_fixed {
                    let pointers: Vec<String> = fields.as_object().expect("fields").keys().map(|field| format!("/{field}")).collect();
                    let expected: Vec<(&str, &str)> = pointers.iter().map(|pointer| (pointer.as_str(), "frozen")).collect();
                    answer.refused(409, "frozen").with_errors(&expected);
                } else {
                    answer.is(200);
                }
            }
        }
    }

    async fn the_lead_agency_writes_what_was_spent_and_reached(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        let own = json!({"budget_spent_rial": 5, "beneficiaries_reached": 6});
        assert_eq!(p.patch(&p.lead, &work.initiative, own.clone()).await.is(200).json["beneficiaries_reached"], 6);
        let more = json!({"budget_spent_rial": 7, "title": "ت", "weight": 3, "budget_planned_rial": 9});
        p.patch(&p.lead, &work.initiative, more).await.refused(403, "forbidden_field")
            .with_errors(&[("/budget_planned_rial", "forbidden_field"), ("/title", "forbidden_field"), ("/weight", "forbidden_field")]);
        // What does not change is no writing: an export goes back as it came.
        let whole = p.seen(&work.initiative).await;
        let same: Value = ["code", "title", "domain", "weight", "lead_agency_id"].iter().map(|field| ((*field).to_owned(), whole[field].clone())).collect::<serde_json::Map<_, _>>().into();
        p.patch(&p.lead, &work.initiative, same.clone()).await.is(200);
        for who in [&p.helper, &p.manager] {
            p.patch(who, &work.initiative, own.clone()).await.is(200);
            p.patch(who, &work.initiative, json!({"budget_spent_rial": 8})).await.refused(403, "forbidden");
        }
        p.patch(&p.stranger, &work.initiative, own.clone()).await.refused(404, "not_found");
        p.patch(&p.viewer, &work.initiative, own).await.refused(403, "forbidden");
        assert_eq!(p.seen(&work.initiative).await["version"], whole["version"]);
    }

    async fn a_change_of_nothing_is_no_change(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = p.draft(json!({"description": "شرح"})).await;
        let path = format!("/initiatives/{}", draft.id());
        let same = p.patch(&p.manager, &path, json!({"description": " شرح ", "domain": "EDUCATION", "weight": 10, "objective": null})).await.is(200);
        assert_eq!(same.json, draft.json);
        assert_eq!(p.patch(&p.manager, &path, json!({})).await.is(200).version(), 1);
        let events = p.office.get(&format!("/events?resource_id={}", draft.id())).await;
        assert_eq!(events.each("action"), ["created"]);
        // Null clears.
        let cleared = p.patch(&p.manager, &path, json!({"description": null, "lead_agency_id": null})).await.is(200);
        assert_eq!((cleared.version(), &cleared.json["description"], &cleared.json["lead_agency_id"]), (2, &Value::Null, &Value::Null));
        p.patch(&p.manager, &path, json!({"title": null, "weight": null, "code": null})).await.refused(422, "validation_failed")
            .with_errors(&[("/code", "required"), ("/title", "required"), ("/weight", "required")]);
    }

    async fn dates_are_in_order_also_half_by_half(app: TestApp) {
        let p = Programme::of(&app).await;
        let path = format!("/initiatives/{}", p.draft(json!({"due_on": null, "starts_on": "2027-01-10"})).await.id());
        p.patch(&p.manager, &path, json!({"due_on": "2027-01-09"})).await.refused(422, "validation_failed").with_errors(&[("/due_on", "dates_out_of_order")]);
        p.patch(&p.manager, &path, json!({"due_on": "2027-01-10"})).await.is(200);
        p.patch(&p.manager, &path, json!({"starts_on": "2027-01-11"})).await.refused(422, "validation_failed");
    }
}
