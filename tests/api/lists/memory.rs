//! Lists that a server remembers until something changes, from the second time on that they are asked for: what is remembered is never
//! what has been.

use serde_json::json;

use crate::support::{
    Client, Programme, on_both,
    watch::{Watched, on_each, reads_whole, watched},
};

/// The lists that are remembered.
const REMEMBERED: [&str; 6] = ["initiatives", "responsibilities", "neighborhoods", "agencies", "domains", "deferrals"];

/// Has the changes so far sealed, since nothing is remembered before.
async fn seal(office: &Client) {
    office.get("/events?limit=1").await.is(200);
}

async fn etag(who: &Client, path: &str) -> String {
    who.get(path).await.is(200).header("etag").expect("an ETag").to_owned()
}

on_both! {
    async fn a_write_shows_in_the_very_next_list_of_either_server(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let other = p.office.at_server(&app.another_server(&[]).await);
        let (list, tasks) = (format!("/initiatives?neighborhood_id={}&with_total=true", p.place), format!("/responsibilities?neighborhood_id={}", p.place));
        for sealed_between in [false, true] {
            for who in [&p.office, &other, &p.office] {
                if sealed_between {
                    seal(&p.office).await;
                }
                let before = who.get(&list).await.is(200).json["total"].as_i64().expect("a total");
                assert_eq!(who.get(&list).await.is(200).json["total"], before);
                let new = p.office.post("/initiatives", p.initiative_body(json!({}))).await.is(201).json["id"].clone();
                for reader in [&p.office, &other, &p.manager] {
                    let page = reader.get(&list).await.is(200).json;
                    assert_eq!(page["total"], before + 1);
                    assert!(page["items"].as_array().expect("items").iter().any(|item| item["id"] == new));
                }
            }
        }
        // A change of a child alone changes the figures of its parent in the list.
        seal(&p.office).await;
        for reader in [&p.office, &p.office, &other, &other] {
            reader.get(&list).await.is(200);
            reader.get(&tasks).await.is(200);
        }
        p.finish(&work).await;
        for round in 0..2 {
            for reader in [&p.office, &other] {
                let page = reader.get(&list).await.is(200).json;
                let item = page["items"].as_array().expect("items").iter().find(|item| work.initiative.ends_with(item["id"].as_str().expect("an id")));
                assert_eq!(item.expect("the initiative")["progress"], 100.0, "round {round}");
                let verified = reader.get(&tasks).await.is(200).json["items"].as_array().expect("items").iter().filter(|item| item["status"] == "verified").count();
                assert_eq!(verified, 2, "round {round}");
            }
            seal(&p.office).await;
        }
    }

    async fn who_asks_and_the_day_are_kept_apart(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.office.post("/initiatives", p.initiative_body(json!({}))).await.is(201);
        seal(&p.office).await;
        let list = format!("/initiatives?neighborhood_id={}&sort=created_at", p.place);
        for _ in 0..3 {
            let seen = async |who: &Client| who.get(&list).await.is(200).json["items"].as_array().expect("items").len();
            let all = [&p.office, &p.manager, &p.other_manager, &p.viewer, &p.lead, &p.helper, &p.stranger];
            let mut counts = Vec::new();
            for who in all {
                counts.push(seen(who).await);
            }
            assert_eq!(counts, [2, 2, 1, 1, 1, 1, 0]);
            let moves = async |who: &Client| who.get(&list).await.is(200).json["items"][0]["allowed_transitions"].as_array().expect("moves").len();
            assert_eq!((moves(&p.viewer).await, moves(&p.helper).await), (0, 0));
            assert!(moves(&p.lead).await > 0 && moves(&p.office).await > 0);
        }
        let late = format!("/responsibilities?initiative_id={}&late=true", work.initiative.rsplit('/').next().expect("an id"));
        assert_eq!(p.office.get(&late).await.is(200).json["items"], json!([]));
        p.wait_days(60).await;
        assert_eq!(p.office.get(&late).await.is(200).json["items"].as_array().expect("items").len(), 2);
    }

    async fn whatever_changes_a_list_shows_in_it_at_once(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-02-01").await;
        let domain = p.office.post("/domains", json!({"code": "reading", "name": "کتاب‌خوانی"})).await.is(201).id();
        p.office.post("/initiatives", p.initiative_body(json!({"domain": "reading"}))).await.is(201);
        let free = app.manager(&[]).await.user_id.expect("a user").to_string();
        let manager = p.manager.user_id.expect("a user");
        let mandate = json!({"user_id": free, "neighborhood_id": app.neighborhood().make().await.id(), "order_no": "1", "valid_from": "2026-11-01"});
        let agency = format!("/agencies/{}", p.lead_id);
        let (agency_version, user_version) = (p.seen(&agency).await["version"].as_i64().expect("a version"), p.seen(&format!("/users/{manager}")).await["version"].as_i64().expect("a version"));
        // Each list with a change of something else than its own rows' fields, or of them.
        let changes = [
            ("neighborhoods", p.office.post("/mandates", mandate), "a mandate"),
            ("neighborhoods", p.office.patch(&format!("/users/{manager}"), json!({"display_name": "نام تازه"}), user_version), "its manager's name"),
            ("domains", p.office.patch(&format!("/domains/{domain}"), json!({"code": "reading-2"}), 1), "its code"),
            ("agencies", p.office.patch(&agency, json!({"phone": "025-1"}), agency_version), "its telephone"),
            ("responsibilities", p.office.transition(&deferral, json!({"to": "accepted"})), "an accepted deferral"),
            ("deferrals", p.lead.post("/deferrals", json!({"responsibility_id": crate::support::id_of(&work.lead_task), "requested_due_on": "2027-02-02", "reason": "برف"})), "another"),
        ];
        for (list, change, what) in changes {
            seal(&p.office).await;
            let path = format!("/{list}?limit=200");
            let before = p.office.get(&path).await.is(200).body;
            assert_eq!(p.office.get(&path).await.is(200).body, before, "{list}");
            let status = change.await.status;
            assert!(matches!(status, 200 | 201), "{list}, {what}: {status}");
            assert_ne!(p.office.get(&path).await.is(200).body, before, "{list}, {what}");
        }
        // A domain's new code is in the initiatives too; an import is a change.
        seal(&p.office).await;
        let path = "/initiatives?limit=200&domain=reading-2,reading-3";
        for _ in 0..2 {
            assert_eq!(p.office.get(path).await.is(200).items()[0]["domain"], "reading-2");
        }
        p.office.patch(&format!("/domains/{domain}"), json!({"code": "reading-3"}), 2).await.is(200);
        assert_eq!(p.office.get(path).await.is(200).items()[0]["domain"], "reading-3");
        app.imports();
        seal(&p.office).await;
        let count = async || p.office.get("/agencies?limit=200").await.is(200).items().len();
        let (before, again) = (count().await, count().await);
        let request = p.office.request(reqwest::Method::POST, "/imports?dataset=agencies").header("prefer", "wait=30");
        let job = request.body("text/csv", "code,name,kind\nfrom-a-file,نام,کار\n").await.is(202);
        assert_eq!((job.json["created"].as_i64(), before, count().await), (Some(1), again, before + 1));
    }

    async fn a_machine_and_another_province_are_kept_apart(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("approved").await;
        let made = p.office.post("/clients", json!({"name": "داشبورد", "role": "province"})).await.is(201);
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", made.json["client_id"].as_str().expect("an id"), made.json["client_secret"].as_str().expect("a secret"));
        let token = app.anonymous().at(reqwest::Method::POST, "/api/v1/oauth/token").body("application/x-www-form-urlencoded", form).await.is(200);
        let machine = app.anonymous().with_token(token.json["access_token"].as_str().expect("a token"));
        let there = app.another_province().await;
        let stranger = there.province().await;
        seal(&p.office).await;
        seal(&stranger).await;
        let path = "/initiatives?limit=200";
        for _ in 0..3 {
            let moves = async |who: &Client| who.get(path).await.is(200).items()[0]["allowed_transitions"].as_array().expect("moves").len();
            assert!(moves(&p.office).await > 0);
            assert_eq!(moves(&machine).await, 0);
            assert_eq!(stranger.get(path).await.is(200).items().len(), 0);
        }
    }

    async fn a_list_that_is_known_is_304_and_has_its_link(app: TestApp) {
        let p = Programme::of(&app).await;
        for _ in 0..3 {
            p.work("approved").await;
        }
        seal(&p.office).await;
        for list in REMEMBERED {
            let path = format!("/{list}?limit=1");
            let tag = etag(&p.office, &path).await;
            assert_eq!(etag(&p.office, &path).await, tag, "{list}");
            p.office.get(&path).header("if-none-match", &tag).await.is(304);
        }
        let path = "/responsibilities?limit=1&sort=updated_at";
        let first = p.office.get(path).await.is(200);
        assert!(first.header("link").is_some_and(|link| link.contains("rel=\"next\"")));
        for _ in 0..2 {
            let again = p.office.get(path).await.is(200);
            assert_eq!((first.header("link"), &first.body), (again.header("link"), &again.body));
        }
    }
}

async fn a_list_that_is_known_costs_one_statement(watched: &Watched<'_>) {
    let of_state = |statements: &[String]| statements.iter().filter(|statement| statement.contains("event_bulks")).count();
    for list in REMEMBERED {
        let path = format!("/{list}?with_total=true&limit=199");
        let once = watched.statements_of(&path).await;
        assert_eq!(of_state(&once), 0, "{list}: what is asked for once is not remembered: {once:#?}");
        for _ in 0..2 {
            let again = watched.first_statements_of(&path).await;
            assert_eq!((again.len(), of_state(&again)), (once.len() + 1, 1), "{list}: nothing is remembered while a change waits");
        }
    }
    seal(&watched.office).await;
    for list in REMEMBERED {
        let path = format!("/{list}?with_total=true&limit=199");
        watched.office.get(&path).await.is(200);
        let statements = watched.first_statements_of(&path).await;
        assert_eq!(statements.len(), 1, "{list}: {statements:#?}");
        for (statement, plan) in watched.plans(&statements) {
            assert!(!plan.iter().any(|step| reads_whole(step, "events")), "{statement}\n{}", plan.join("\n"));
        }
    }
}

on_each!(watched: a_list_that_is_known_costs_one_statement);
