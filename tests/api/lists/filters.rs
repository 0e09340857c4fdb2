//! Every filter of CONTRACT §3 does what it says, alone, with others, in the list, the total and the export alike.

use serde_json::json;

use crate::support::{Client, Programme, id_of, on_both};

/// Checks each query of a list against the codes that it is to give, in any order.
async fn check(who: &Client, list: &str, field: &str, cases: &[(String, &[&str])]) {
    for (query, expected) in cases {
        let page = who.get(&format!("/{list}?with_total=true&limit=200&{query}")).await.is(200);
        let (mut found, mut expected) = (page.each(field), expected.to_vec());
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{list}?{query}");
        assert_eq!(page.json["total"], expected.len(), "{list}?{query}");
        let exported = who.get(&format!("/{list}/export?format=ndjson&{query}")).await.is(200);
        assert_eq!(exported.text().lines().count(), expected.len(), "{list}?{query}");
    }
}

/// An initiative in progress with these responsibilities of the helper: code, weight, due date.
pub(super) async fn running(p: &Programme<'_>, fields: serde_json::Value, tasks: &[(&str, i64, &str)]) -> String {
    let initiative = format!("/initiatives/{}", p.draft(fields).await.id());
    for (code, weight, due) in tasks {
        let body = json!({"code": code, "weight": weight, "due_on": due, "agency_id": p.lead_id, "part": "lead"});
        p.task(&initiative, body).await;
    }
    p.office.moves(&initiative, "proposed").await.is(200);
    for task in p.office.get(&format!("/responsibilities?initiative_id={}", id_of(&initiative))).await.each("id") {
        p.office.moves(&format!("/responsibilities/{task}"), "accepted").await.is(200);
    }
    p.office.moves(&initiative, "approved").await.is(200);
    p.office.moves(&initiative, "in_progress").await.is(200);
    initiative
}

on_both! {
    async fn initiatives(app: TestApp) {
        let p = Programme::of(&app).await;
        running(&p, json!({"code": "fine", "title": "کتابخانهٔ محله"}), &[("R1", 10, "2027-01-01")]).await;
        let old = json!({"code": "Late", "title": "بوستان", "starts_on": "2026-09-01", "due_on": "2026-12-01"});
        running(&p, old, &[("R1", 10, "2026-10-22"), ("R2", 90, "2026-12-01")]).await;
        let risky = running(&p, json!({"code": "risky", "title": "ورزشگاه", "domain": "sport"}), &[("R1", 4, "2026-11-21"), ("R2", 96, "2027-01-01")]).await;
        p.task(&risky, json!({})).await;
        app.clock.advance(60);
        let draft = json!({"code": "draft", "title": "زمین بازی", "domain": "health", "neighborhood_id": p.other_place, "lead_agency_id": p.stranger_id, "starts_on": null, "due_on": null});
        p.office.post("/initiatives", p.initiative_body(draft)).await.is(201);
        let (here, there, lead, helper, stranger) = (&p.place, &p.other_place, &p.lead_id, &p.helper_id, &p.stranger_id);
        let all: &[&str] = &["fine", "Late", "risky", "draft"];
        check(&p.office, "initiatives", "code", &[
            (String::new(), all),
            ("code=LATE,Draft".into(), &["Late", "draft"]), ("code=lat".into(), &[]),
            (format!("neighborhood_id={there}"), &["draft"]), (format!("neighborhood_id={here},{there}"), all),
            ("domain=Sport".into(), &["risky"]), ("domain=sport,health".into(), &["risky", "draft"]), ("domain=nothing".into(), &[]),
            ("status=draft".into(), &["draft"]), ("status=draft,in_progress".into(), all), ("status=completed".into(), &[]),
            (format!("lead_agency_id={stranger}"), &["draft"]), (format!("lead_agency_id={stranger},{lead}"), all),
            (format!("agency_id={helper}"), &["risky"]), (format!("agency_id={lead}"), &["fine", "Late", "risky"]), (format!("agency_id={stranger}"), &["draft"]),
            ("health=late".into(), &["Late"]), ("health=at_risk".into(), &["risky"]), ("health=on_track".into(), &["fine"]), ("health=late,on_track".into(), &["fine", "Late"]),
            ("starts_from=2026-11-01".into(), &["fine", "risky"]), ("starts_to=2026-09-01".into(), &["Late"]), ("starts_from=2026-09-02&starts_to=2026-10-31".into(), &[]),
            ("due_from=2026-12-01".into(), &["fine", "Late", "risky"]), ("due_from=2026-12-02".into(), &["fine", "risky"]), ("due_to=2026-12-01".into(), &["Late"]), ("due_to=2199-12-31".into(), &["fine", "Late", "risky"]),
            ("q=كتابخانه".into(), &["fine"]), ("q=زم".into(), &["draft"]), ("q=ین".into(), &[]), ("q=مین".into(), &["draft"]), ("q=LAT".into(), &["Late"]), ("q=زمین بازی".into(), &["draft"]), ("q=زمین کتاب".into(), &[]),
            ("updated_since=2026-11-22T08:01:00Z".into(), &["draft"]), ("updated_since=2026-11-22T08:00:00Z".into(), all),
            (format!("status=in_progress&health=late&neighborhood_id={here}&q=بوستان&due_to=2027-01-01"), &["Late"]), ("status=draft&health=late".into(), &[]),
        ]).await;
        // The filter by health says what the item says, on any day.
        for days in [0, 20, 40, 60] {
            app.clock.advance(days * 24 * 3600);
            let office = app.again(&p.office).await;
            for health in ["on_track", "at_risk", "late"] {
                let filtered = office.get(&format!("/initiatives?health={health}&sort=code")).await.is(200).each("code");
                let listed = office.get("/initiatives?sort=code").await;
                let said: Vec<&str> = listed.items().iter().filter(|item| item["health"] == health).filter_map(|item| item["code"].as_str()).collect();
                assert_eq!(filtered, said, "{health} after {days} days more");
            }
        }
    }

    async fn responsibilities_and_deferrals(app: TestApp) {
        let p = Programme::of(&app).await;
        let old = json!({"code": "a", "starts_on": "2026-09-01"});
        let first = running(&p, old, &[("late", 10, "2026-11-21"), ("today", 10, "2026-11-22")]).await;
        let done = p.task(&first, json!({"code": "done", "due_on": "2026-10-01", "title": "نصب وسایل بازی"})).await;
        p.helper.moves(&done, "accepted").await.is(200);
        p.helper.moves(&done, "reported").await.is(200);
        p.manager.moves(&done, "verified").await.is(200);
        app.clock.advance(60);
        let draft = p.initiative_body(json!({"code": "b", "neighborhood_id": p.other_place}));
        let second = format!("/initiatives/{}", p.office.post("/initiatives", draft).await.is(201).id());
        p.task(&second, json!({"code": "drafted", "due_on": "2026-11-01"})).await;
        let (lead, helper) = (&p.lead_id, &p.helper_id);
        let all: &[&str] = &["late", "today", "done", "drafted"];
        check(&p.office, "responsibilities", "code", &[
            (String::new(), all),
            ("code=LATE,done".into(), &["late", "done"]),
            (format!("initiative_id={}", id_of(&first)), &["late", "today", "done"]), (format!("initiative_id={},{}", id_of(&first), id_of(&second)), all),
            (format!("neighborhood_id={}", p.other_place), &["drafted"]),
            (format!("agency_id={helper}"), &["done", "drafted"]), (format!("agency_id={helper},{lead}"), all),
            ("part=lead".into(), &["late", "today"]), ("part=support".into(), &["done", "drafted"]),
            ("status=proposed".into(), &["drafted"]), ("status=verified,accepted".into(), &["late", "today", "done"]),
            ("late=true".into(), &["late"]), ("late=false".into(), &["today", "done", "drafted"]),
            ("due_from=2026-11-01".into(), &["late", "today", "drafted"]), ("due_to=2026-11-01".into(), &["done", "drafted"]), ("due_from=2026-11-22&due_to=2026-11-22".into(), &["today"]),
            ("q=وسايل".into(), &["done"]), ("q=dra".into(), &["drafted"]), ("q=تجهیز".into(), &["late", "today", "drafted"]),
            ("updated_since=2026-11-22T08:01:00Z".into(), &["drafted"]),
            (format!("late=true&part=lead&status=accepted&agency_id={lead}"), &["late"]),
        ]).await;
        let [late, today] = ["late", "today"].map(|code| format!("/responsibilities?code={code}"));
        let (late, today) = (p.office.get(&late).await.each("id")[0].clone(), p.office.get(&today).await.each("id")[0].clone());
        let mut reasons = Vec::new();
        for (task, status) in [(&late, "rejected"), (&late, "accepted"), (&today, "requested")] {
            let body = json!({"responsibility_id": task, "requested_due_on": "2027-01-31", "reason": status});
            let made = p.lead.post("/deferrals", body).await.is(201);
            if status != "requested" {
                p.office.moves(&format!("/deferrals/{}", made.id()), status).await.is(200);
            }
            reasons.push(status);
        }
        check(&p.office, "deferrals", "reason", &[
            (String::new(), &reasons),
            (format!("responsibility_id={late}"), &["rejected", "accepted"]), (format!("responsibility_id={late},{today}"), &reasons),
            (format!("agency_id={lead}"), &reasons), (format!("agency_id={helper}"), &[]),
            ("status=requested".into(), &["requested"]), ("status=accepted,rejected".into(), &["accepted", "rejected"]),
            ("updated_since=2026-11-22T08:01:01Z".into(), &[]),
        ]).await;
    }

    async fn agencies_and_domains(app: TestApp) {
        let office = app.province().await;
        for (code, name, kind) in [("edu", "آموزش و پرورش", "education"), ("Gym", "ورزش و جوانان", "sport"), ("aid", "کمیتهٔ امداد", "charity")] {
            office.post("/agencies", json!({"code": code, "name": name, "kind": kind, "active": code != "aid"})).await.is(201);
        }
        check(&office, "agencies", "code", &[
            (String::new(), &["edu", "Gym", "aid"]), ("code=GYM,edu".into(), &["Gym", "edu"]), ("kind=sport".into(), &["Gym"]), ("kind=charity,education".into(), &["aid", "edu"]),
            ("active=true".into(), &["edu", "Gym"]), ("active=false".into(), &["aid"]), ("q=پرورش".into(), &["edu"]), ("q=كميته".into(), &["aid"]), ("q=gy".into(), &["Gym"]),
            ("q=و".into(), &["Gym"]), ("active=true&kind=sport".into(), &["Gym"]), ("updated_since=2026-11-22T08:00:01Z".into(), &[]),
        ]).await;
        let culture = office.get("/domains").await.items().iter().find(|domain| domain["code"] == "culture").expect("a domain").clone();
        office.patch(&format!("/domains/{}", culture["id"].as_str().expect("an id")), json!({"active": false}), 1).await.is(200);
        check(&office, "domains", "code", &[
            ("active=false".into(), &["culture"]), ("active=true".into(), &["education", "sport", "health", "employment", "women_heads_of_household"]),
        ]).await;
    }

    async fn users_and_mandates(app: TestApp) {
        let office = app.province().await;
        let agency = app.agency_of("sport").await;
        for (username, role, active) in [("Reza", "viewer", true), ("zahra", "viewer", false), ("karim", "neighborhood_manager", true)] {
            office.post("/users", json!({"username": username, "display_name": "علی رضایی", "role": role, "active": active})).await.is(201);
        }
        office.post("/users", json!({"username": "sport-1", "display_name": "مریم", "role": "agency", "agency_id": agency.to_string()})).await.is(201);
        let own = office.username.as_str();
        check(&office, "users", "username", &[
            ("role=viewer".into(), &["Reza", "zahra"]), ("role=agency,province".into(), &["sport-1", own]), (format!("agency_id={agency}"), &["sport-1"]),
            ("active=false".into(), &["zahra"]), ("active=true&role=viewer".into(), &["Reza"]), ("q=rez".into(), &["Reza"]), ("q=رضايي".into(), &["Reza", "zahra", "karim"]), ("q=mar".into(), &[]),
        ]).await;
        let karim = office.get("/users?q=karim").await.each("id")[0].clone();
        let (one, two) = (app.neighborhood().make().await.id(), app.neighborhood().make().await.id());
        for (order, place, from, to) in [("past", &one, "2025-01-01", json!("2026-11-21")), ("now", &one, "2026-11-22", json!(null)), ("two", &two, "2026-12-01", json!("2026-12-31"))] {
            let body = json!({"user_id": karim, "neighborhood_id": place, "order_no": order, "valid_from": from, "valid_to": to});
            office.post("/mandates", body).await.is(201);
        }
        check(&office, "mandates", "order_no", &[
            (format!("user_id={karim}"), &["past", "now", "two"]), (format!("user_id={agency}"), &[]),
            (format!("neighborhood_id={one}"), &["past", "now"]), (format!("neighborhood_id={one},{two}"), &["past", "now", "two"]),
            ("on=2026-11-21".into(), &["past"]), ("on=2026-11-22".into(), &["now"]), ("on=2026-12-31".into(), &["now", "two"]), ("on=2024-12-31".into(), &[]), ("on=2199-12-31".into(), &["now"]),
            (format!("on=2026-12-01&neighborhood_id={two}"), &["two"]),
        ]).await;
    }

    async fn what_no_filter_takes_is_refused(app: TestApp) {
        let office = app.province().await;
        for query in [
            "initiatives?health=fine", "initiatives?status=done", "initiatives?neighborhood_id=1", "initiatives?starts_from=1405-01-01", "initiatives?agency=1", "initiatives?q=",
            "initiatives?updated_since=2026-11-22", "responsibilities?late=yes", "responsibilities?part=boss", "responsibilities?sort=title", "deferrals?status=open", "deferrals?sort=status",
            "mandates?on=today", "users?role=boss", "agencies?kind=bank", "domains?active=1", "domains?q=x", "initiatives?status=draft,",
        ] {
            office.get(&format!("/{query}")).await.refused(400, "invalid_parameter");
        }
    }
}
