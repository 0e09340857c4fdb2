use super::*;
use crate::support::{Programme, programme::merged};

/// A service account with a role and its reach.
async fn machine(p: &Programme<'_>, role: &str) -> Client {
    let reach = match role {
        "agency" => json!({"agency_id": p.lead_id}),
        "neighborhood_manager" => json!({"neighborhood_ids": [p.place]}),
        _ => json!({}),
    };
    enter(p.app, &make(&p.office, merged(json!({"name": format!("ماشین {role}"), "role": role}), reach)).await).await
}

on_both! {
    async fn a_machine_has_the_reach_of_its_role(app: TestApp) {
        let p = Programme::of(&app).await;
        let (draft, running) = (p.work("draft").await, p.work("in_progress").await);
        for (role, twin) in [("province", &p.office), ("agency", &p.lead), ("neighborhood_manager", &p.manager), ("viewer", &p.viewer)] {
            let machine = machine(&p, role).await;
            for path in ["/initiatives", "/responsibilities", "/deferrals", "/agencies", "/neighborhoods", "/domains"] {
                assert_eq!(machine.get(path).await.is(200).each("id"), twin.get(path).await.is(200).each("id"), "{role} {path}");
            }
            for path in [&draft.initiative, &draft.lead_task, &running.initiative] {
                assert_eq!(machine.get(path).await.status, twin.get(path).await.status, "{role} {path}");
            }
            machine.get("/initiatives/export?format=ndjson").await.is(200);
        }
    }

    async fn a_machine_creates_and_updates_within_its_role(app: TestApp) {
        let p = Programme::of(&app).await;
        let office = machine(&p, "province").await;
        let agency = office.post("/agencies", json!({"code": "x", "name": "نام", "kind": "sport"})).await.is(201);
        office.patch(&format!("/agencies/{}", agency.id()), json!({"name": "دیگر"}), 1).await.is(200);
        let manager = machine(&p, "neighborhood_manager").await;
        let draft = manager.post("/initiatives", p.initiative_body(json!({}))).await.is(201);
        manager.patch(&format!("/initiatives/{}", draft.id()), json!({"title": "عنوان"}), 1).await.is(200);
        manager.post("/initiatives", p.initiative_body(json!({"neighborhood_id": p.other_place}))).await.refused(403, "forbidden");
        let running = p.work("in_progress").await;
        let lead = machine(&p, "agency").await;
        let version = lead.get(&running.initiative).await.version();
        lead.patch(&running.initiative, json!({"budget_spent_rial": 5}), version).await.is(200);
        lead.post("/deferrals", json!({"responsibility_id": crate::support::id_of(&running.lead_task), "requested_due_on": "2027-01-31", "reason": "دیرکرد"})).await.is(201);
        machine(&p, "viewer").await.post("/agencies", json!({"code": "y", "name": "نام", "kind": "sport"})).await.refused(403, "forbidden");
    }

    async fn a_machine_never_moves_removes_or_lets_in(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let wish = json!({"responsibility_id": crate::support::id_of(&work.lead_task), "requested_due_on": "2027-01-31", "reason": "دیرکرد"});
        let asked = format!("/deferrals/{}", p.lead.post("/deferrals", wish).await.is(201).id());
        for role in ["province", "agency", "neighborhood_manager"] {
            let machine = machine(&p, role).await;
            for (path, to) in [(&work.initiative, "blocked"), (&work.lead_task, "reported"), (&work.lead_task, "withdrawn"), (&asked, "accepted")] {
                let seen = machine.get(path).await.is(200);
                assert_eq!(seen.json["allowed_transitions"], json!([]), "{role} {path}");
                machine.moves(path, to).await.refused(403, "forbidden");
            }
            machine.delete("/initiatives/0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80", 1).await.refused(403, "forbidden");
            machine.post("/clients", json!({"name": "الف", "role": "viewer"})).await.refused(403, "forbidden");
            machine.post("/me/password", json!({"current_password": "a", "new_password": "a-good-long-secret"})).await.refused(403, "forbidden");
            // Whatever the body is.
            machine.at(Method::POST, "/api/v1/me/password").body("text/plain", "{").await.refused(403, "forbidden");
            let words = machine.get("/me").await.json["permissions"].to_string();
            assert!(!words.contains("transition") && !words.contains("delete") && !words.contains("client:create"), "{words}");
        }
        let office = machine(&p, "province").await;
        let id = office.get("/clients").await.is(200).each("id")[0].clone();
        office.patch(&format!("/clients/{id}"), json!({"name": "ب"}), 1).await.refused(403, "forbidden");
        office.post(&format!("/clients/{id}/secrets"), json!({})).await.refused(403, "forbidden");
        // Users it keeps, but neither their passwords nor who decides.
        let new = json!({"username": "u", "display_name": "نام", "role": "viewer"});
        office.post("/users", merged(new.clone(), json!({"password": "a-good-long-secret"}))).await.refused(403, "forbidden_field").with_errors(&[("/password", "forbidden_field")]);
        let user = format!("/users/{}", office.post("/users", new).await.is(201).id());
        office.patch(&user, json!({"role": "province", "password": "a-good-long-secret"}), 1).await.refused(403, "forbidden_field").with_errors(&[("/password", "forbidden_field"), ("/role", "forbidden_field")]);
        office.patch(&user, json!({"display_name": "دیگر", "role": "viewer"}), 1).await.is(200);
    }

    async fn a_machine_is_told_of_as_itself(app: TestApp) {
        let p = Programme::of(&app).await;
        let made = make(&p.office, json!({"name": "انبار داده", "role": "province"})).await;
        let machine = enter(&app, &made).await;
        let me = machine.get("/me").await.is(200);
        let mut keys: Vec<&String> = me.json.as_object().expect("an object").keys().collect();
        keys.sort();
        assert_eq!(keys, ["agency_id", "display_name", "must_change_password", "neighborhood_ids", "permissions", "province", "role", "user_id", "username"]);
        assert_eq!((&me.json["user_id"], &me.json["username"], &me.json["display_name"], &me.json["province"]), (&json!(made.id()), &json!(made.id()), &json!("انبار داده"), &json!(app.code)));
        machine.post("/agencies", json!({"code": "x", "name": "نام", "kind": "sport"})).await.is(201);
        let told = p.office.get(&format!("/events?actor_id={}", made.id())).await.is(200);
        assert_eq!(told.each("action"), ["logged_in", "created"]);
        assert_eq!(told.items()[1]["actor"], json!({"id": made.id(), "username": made.id(), "display_name": "انبار داده", "role": "province"}));
        p.office.post(&format!("/clients/{}/secrets", made.id()), json!({})).await.is(201);
        let history = p.office.get(&format!("/events?resource_id={}", made.id())).await.is(200);
        assert_eq!(history.each("action"), ["created", "logged_in", "key_rotated"]);
        p.lead.get("/events?resource_type=client").await.is(200).with_no_items();
    }

    async fn keys_of_repetition_are_each_clients_own(app: TestApp) {
        let p = Programme::of(&app).await;
        let (one, other) = (machine(&p, "province").await, machine(&p, "province").await);
        let body = |code: &str| json!({"code": code, "name": "نام", "kind": "sport"});
        one.post("/agencies", body("a")).key("k").await.is(201);
        other.post("/agencies", body("b")).key("k").await.is(201);
        assert_eq!(one.post("/agencies", body("a")).key("k").await.is(201).header("idempotent-replayed"), Some("true"));
        one.post("/agencies", body("c")).key("k").await.refused(422, "idempotency_key_reused");
    }
}

impl Answer {
    #[track_caller]
    fn with_no_items(self) {
        assert!(self.items().is_empty(), "{}", self.text());
    }
}
