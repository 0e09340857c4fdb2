//! What is recorded: one event for each write, with what changed and why; none for what was refused.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Programme, id_of, on_both};

/// The last `seq`.
async fn last(office: &Client) -> i64 {
    let page = office.get("/events?sort=-seq&limit=1").await.is(200);
    page.items().first().and_then(|event| event["seq"].as_i64()).unwrap_or_default()
}

/// What was recorded after a `seq`.
async fn since(office: &Client, seq: i64) -> Answer {
    office.get(&format!("/events?after={seq}")).await.is(200)
}

fn deeds(events: &Answer) -> Vec<String> {
    events
        .items()
        .iter()
        .map(|event| format!("{} {}", event["action"].as_str().unwrap_or_default(), event["resource_type"].as_str().unwrap_or_default()))
        .collect()
}

fn change(field: &str, before: Value, after: Value) -> Value {
    json!({"field": field, "before": before, "after": after})
}

on_both! {
    async fn every_write_has_exactly_one_event(app: TestApp) {
        let p = Programme::of(&app).await;
        let o = &p.office;
        let mut seq = last(o).await;
        macro_rules! records {
            ($answer:expr, $deeds:expr) => {{
                let answer = $answer.await;
                assert!(answer.status < 300, "{}", answer.text());
                let events = since(o, seq).await;
                assert_eq!(deeds(&events), $deeds);
                let event = events.items().last().expect("an event").clone();
                seq += i64::try_from(events.items().len()).expect("a number");
                assert_eq!(event["seq"], seq);
                if answer.json["id"].is_string() && event["resource_id"] == answer.json["id"] {
                    assert_eq!(event["version"], answer.json["version"]);
                }
                (answer, event)
            }};
        }
        let named = json!({"code": "x-1", "name": "نام"});
        let with = |more: Value| crate::support::programme::merged(named.clone(), more);
        for (list, kind, body, patch) in [
            ("domains", "domain", named.clone(), json!({"name": "دیگر"})),
            ("agencies", "agency", with(json!({"kind": "sport"})), json!({"phone": "025-123"})),
            ("neighborhoods", "neighborhood", with(json!({"city": "قم"})), json!({"population": 5})),
            ("users", "user", json!({"username": "x-1", "display_name": "نام", "role": "viewer"}), json!({"active": false})),
        ] {
            let (made, event) = records!(o.post(&format!("/{list}"), body), [format!("created {kind}")]);
            assert_eq!(event["actor"]["id"], o.user_id.expect("a user").to_string());
            let path = format!("/{list}/{}", made.id());
            let (_, event) = records!(o.patch(&path, patch.clone(), 1), [format!("updated {kind}")]);
            assert_eq!(event["changes"].as_array().expect("changes").len(), 1, "{event}");
            records!(o.delete(&path, 2), [format!("deleted {kind}")]);
        }
        let place = app.neighborhood().make().await.id();
        seq += 1;
        let mandate = json!({"user_id": p.manager.user_id.expect("a user").to_string(), "neighborhood_id": place, "order_no": "1", "valid_from": "2027-01-01"});
        let (made, _) = records!(o.post("/mandates", mandate), ["created mandate"]);
        records!(o.patch(&format!("/mandates/{}", made.id()), json!({"valid_to": "2027-02-01"}), 1), ["updated mandate"]);
        records!(o.delete(&format!("/mandates/{}", made.id()), 2), ["deleted mandate"]);

        let (draft, event) = records!(p.manager.post("/initiatives", p.initiative_body(json!({"code": "SH-1"}))), ["created initiative"]);
        assert!(event["changes"].as_array().expect("changes").contains(&change("code", Value::Null, json!("SH-1"))), "{event}");
        let initiative = format!("/initiatives/{}", draft.id());
        let (_, event) = records!(p.patch(&p.manager, &initiative, json!({"title": "دیگر", "weight": 11, "objective": null})), ["updated initiative"]);
        assert_eq!(event["changes"], json!([change("title", json!("کلاس جبرانی"), json!("دیگر")), change("weight", json!(10), json!(11))]));
        let body = p.task_body(&initiative, json!({"agency_id": p.lead_id, "part": "lead"}));
        let (task, _) = records!(p.manager.post("/responsibilities", body), ["created responsibility"]);
        let task = format!("/responsibilities/{}", task.id());
        let (second, _) = records!(o.post("/responsibilities", p.task_body(&initiative, json!({}))), ["created responsibility"]);
        let second = format!("/responsibilities/{}", second.id());
        records!(p.patch(o, &second, json!({"weight": 20})), ["updated responsibility"]);
        let (_, event) = records!(p.manager.moves(&initiative, "proposed"), ["transitioned initiative"]);
        assert_eq!(event["reason"], "دلیل");
        records!(p.lead.moves(&task, "accepted"), ["transitioned responsibility"]);
        records!(p.helper.moves(&second, "accepted"), ["transitioned responsibility"]);
        let (_, event) = records!(p.patch(o, &second, json!({"weight": 21})), ["updated responsibility"]);
        assert_eq!(event["changes"], json!([change("weight", json!(20), json!(21)), change("status", json!("accepted"), json!("proposed"))]));
        // Going back takes an answer back, and approval freezes baselines: an event for each that it touches.
        records!(o.moves(&initiative, "draft"), ["transitioned responsibility", "transitioned initiative"]);
        records!(p.manager.moves(&initiative, "proposed"), ["transitioned initiative"]);
        records!(p.lead.moves(&task, "accepted"), ["transitioned responsibility"]);
        records!(o.moves(&initiative, "approved"), ["updated responsibility", "updated responsibility", "transitioned initiative"]);
        records!(p.lead.moves(&initiative, "in_progress"), ["transitioned initiative"]);
        let body = json!({"responsibility_id": id_of(&task), "requested_due_on": "2027-03-31", "reason": "دیرکرد"});
        let (deferral, _) = records!(p.lead.post("/deferrals", body.clone()), ["created deferral"]);
        records!(o.moves(&format!("/deferrals/{}", deferral.id()), "accepted"), ["transitioned deferral", "updated responsibility", "updated initiative"]);
        records!(p.lead.post("/deferrals", crate::support::programme::merged(body, json!({"requested_due_on": "2027-04-30"}))), ["created deferral"]);
        let (_, event) = records!(p.lead.moves(&task, "reported"), ["transitioned responsibility"]);
        assert_eq!(event["changes"].as_array().expect("changes").iter().filter_map(|change| change["field"].as_str()).collect::<Vec<_>>(), ["status", "reported_done_on", "report_note"]);
        records!(p.manager.moves(&task, "verified"), ["transitioned deferral", "transitioned responsibility"]);
        records!(o.moves(&second, "withdrawn"), ["transitioned responsibility"]);
        let (_, event) = records!(p.lead.moves(&initiative, "completed"), ["transitioned initiative"]);
        assert!(event["changes"].as_array().expect("changes").contains(&change("completed_on", Value::Null, json!("2026-11-22"))), "{event}");
        records!(p.patch(&p.lead, &initiative, json!({"budget_spent_rial": 1})), ["updated initiative"]);
        let (draft, _) = records!(o.post("/initiatives", p.initiative_body(json!({}))), ["created initiative"]);
        records!(o.delete(&format!("/initiatives/{}", draft.id()), 1), ["deleted initiative"]);
    }

    async fn what_was_refused_leaves_no_event(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let before = last(&p.office).await;
        let (o, initiative) = (&p.office, &work.initiative);
        let twin = o.get(initiative).await.json["code"].clone();
        let refused = [
            (400, o.request(reqwest::Method::POST, "/initiatives").body("application/json", "{").await),
            (403, p.viewer.post("/initiatives", p.initiative_body(json!({}))).await),
            (403, p.helper.moves(&work.lead_task, "reported").await),
            (404, p.stranger.moves(&work.lead_task, "reported").await),
            (409, o.moves(initiative, "approved").await),
            (409, o.post("/initiatives", p.initiative_body(json!({"code": twin}))).await),
            (409, o.patch(initiative, json!({"weight": 50}), 4).await),
            (409, o.delete(initiative, 4).await),
            (412, o.patch(initiative, json!({"title": "ت"}), 1).await),
            (422, o.post("/initiatives", json!({})).await),
            (422, p.lead.moves(initiative, "completed").await),
            (422, p.helper.post("/deferrals", json!({"responsibility_id": id_of(&work.helper_task), "requested_due_on": "2026-12-31", "reason": "د"})).await),
            (428, o.request(reqwest::Method::PATCH, initiative).json(json!({"title": "ت"})).await),
            (200, o.patch(initiative, json!({"weight": 10}), 4).await),
        ];
        for (status, answer) in refused {
            answer.is(status);
        }
        assert_eq!(deeds(&since(o, before).await), Vec::<String>::new());
    }

    async fn an_event_names_the_request_and_who_asked_as_he_was_called_then(app: TestApp) {
        let p = Programme::of(&app).await;
        let made = p.manager.post("/initiatives", p.initiative_body(json!({}))).header("x-request-id", "my-request-1").await.is(201);
        let manager = format!("/users/{}", p.manager.user_id.expect("a user"));
        let before = p.office.get(&manager).await.json["display_name"].clone();
        p.patch(&p.office, &manager, json!({"display_name": "نام تازه"})).await.is(200);
        let events = p.manager.get(&format!("/events?resource_id={}", made.id())).await.is(200);
        let event = &events.items()[0];
        assert_eq!(event["request_id"], "my-request-1");
        assert_eq!(event["actor"], json!({"id": p.manager.user_id.expect("a user").to_string(), "username": p.manager.username, "display_name": before, "role": "neighborhood_manager"}));
        assert_eq!(event["at"], made.json["created_at"]);
        assert_eq!((&event["action"], &event["resource_type"], &event["version"], &event["reason"]), (&json!("created"), &json!("initiative"), &json!(1), &Value::Null));
        assert_eq!(p.office.get(&format!("/events/{}", event["id"].as_str().expect("an id"))).await.is(200).json, *event);
    }

    async fn an_export_is_told_to_whom_it_was_and_to_the_province(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("proposed").await;
        p.lead.get("/initiatives/export?status=proposed").await.is(200);
        let event = &p.office.exports().await[0];
        assert_eq!((&event["resource_type"], &event["resource_id"]), (&json!("initiative"), &Value::Null));
        let changes = event["changes"].as_array().expect("changes");
        for (field, value) in [("rows", json!(1)), ("complete", json!(true)), ("format", json!("csv")), ("query", json!("status=proposed"))] {
            assert!(changes.contains(&change(field, Value::Null, value)), "{field}: {event}");
        }
        assert_eq!(p.lead.exports().await.len(), 1);
        assert!(p.helper.get("/events?action=exported").await.items().is_empty());
    }

    async fn the_event_of_an_export_has_its_whole_query(app: TestApp) {
        let office = app.province().await;
        let codes: Vec<String> = (0..100).map(|number| format!("no-such-agency-{number}")).collect();
        let query = format!("code={}&q=secretword", codes.join(","));
        office.get(&format!("/agencies/export?{query}")).await.is(200);
        let event = &office.exports().await[0];
        assert!(event["changes"].as_array().expect("changes").contains(&change("query", Value::Null, json!(query))), "{event}");
    }

    async fn a_login_is_seen_by_oneself_and_the_province(app: TestApp) {
        let p = Programme::of(&app).await;
        app.set_password(p.helper.user_id.expect("a user"), "a-good-long-secret").await;
        let body = json!({"username": p.helper.username, "password": "a-good-long-secret", "province": app.code});
        let pair = app.anonymous().post("/auth/login", body).await.is(200);
        app.anonymous().post("/auth/logout", json!({"refresh_token": pair.json["refresh_token"]})).await.is(204);
        for (name, who) in p.everybody().into_iter().filter(|(name, _)| *name != "viewer") {
            let told = who.get("/events?action=logged_in,logged_out").await.is(200).each("action");
            let expected: &[&str] = if matches!(name, "province" | "helper") { &["logged_in", "logged_out"] } else { &[] };
            assert_eq!(told, expected, "{name}");
        }
        p.viewer.get("/events").await.refused(403, "forbidden");
        p.viewer.get("/events/export").await.refused(403, "forbidden");
        let text = p.office.get("/events").await.text();
        assert!(!text.contains("a-good-long-secret") && !text.contains("argon2"), "no secret is told");
    }

    async fn what_is_gone_is_told_to_the_province_alone(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = p.draft(json!({})).await;
        p.manager.delete(&format!("/initiatives/{}", draft.id()), 1).await.is(204);
        let history = format!("/events?resource_id={}", draft.id());
        assert_eq!(p.office.get(&history).await.each("action"), ["created", "deleted"]);
        assert!(p.manager.get(&history).await.items().is_empty());
        let gone = p.office.get(&history).await.items()[1]["changes"].clone();
        assert!(gone.as_array().expect("changes").contains(&change("title", json!("کلاس جبرانی"), Value::Null)), "{gone}");
    }
}
