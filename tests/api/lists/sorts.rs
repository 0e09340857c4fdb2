//! Every sort key of CONTRACT §3, upwards and downwards, page by page.

use serde_json::{Value, json};

use crate::support::{Client, Programme, on_both};

/// Walks a list by pages of two in both directions and expects this order.
async fn check(who: &Client, list: &str, sort: &str, field: &str, expected: &[&str]) {
    for (sort, expected) in [(sort.to_owned(), expected.to_vec()), (format!("-{sort}"), expected.iter().rev().copied().collect())] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = who.get(&format!("/{list}?sort={sort}&limit=2{cursor}")).await.is(200);
            found.extend(page.each(field));
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, expected, "{list}?sort={sort}");
        let exported = who.get(&format!("/{list}/export?format=ndjson&sort={sort}")).await.is(200);
        let rows: Vec<String> = exported.text().lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()?[field].as_str().map(str::to_owned)).collect();
        assert_eq!(rows, expected, "{list}/export?sort={sort}");
    }
}

on_both! {
    async fn initiatives(app: TestApp) {
        let p = Programme::of(&app).await;
        for (code, title, due) in [("b", "گلستان", json!("2027-01-01")), ("A", "پارک", json!(null)), ("c-10", "ترمیم", json!("2026-12-01")), ("C-9", "آب", json!("2027-01-01"))] {
            p.draft(json!({"code": code, "title": title, "due_on": due})).await;
            app.clock.advance(1);
        }
        let first = p.office.get("/initiatives?code=b").await;
        p.office.patch(&format!("/initiatives/{}", first.each("id")[0]), json!({"description": "ش"}), 1).await.is(200);
        check(&p.office, "initiatives", "code", "code", &["A", "b", "c-10", "C-9"]).await;
        check(&p.office, "initiatives", "title", "code", &["C-9", "A", "c-10", "b"]).await;
        // Without a date it counts as the farthest; equal dates stay in the order of their ids.
        check(&p.office, "initiatives", "due_on", "code", &["c-10", "b", "C-9", "A"]).await;
        check(&p.office, "initiatives", "created_at", "code", &["b", "A", "c-10", "C-9"]).await;
        check(&p.office, "initiatives", "updated_at", "code", &["A", "c-10", "C-9", "b"]).await;
        assert_eq!(p.office.get("/initiatives").await.each("code"), ["A", "b", "c-10", "C-9"], "by code where nothing is said");
    }

    async fn responsibilities_and_deferrals(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for task in [&work.lead_task, &work.helper_task] {
            p.office.moves(task, "withdrawn").await.is(200);
        }
        let (mut tasks, mut order) = (Vec::new(), Vec::new());
        for (code, due) in [("b", "2027-01-01"), ("A", "2026-12-01"), ("c", "2027-02-01")] {
            app.clock.advance(1);
            tasks.push(p.task(&work.initiative, json!({"code": code, "due_on": due, "part": "support"})).await);
        }
        let own = format!("responsibilities?status=proposed,accepted&{}", "limit=200");
        assert_eq!(p.office.get(&format!("/{own}")).await.each("code"), ["A", "b", "c"], "by due date where nothing is said");
        let sorted = |sort: &'static str| { let office = &p.office; async move { office.get(&format!("/responsibilities?status=proposed&sort={sort}")).await.is(200).each("code") } };
        assert_eq!(sorted("due_on").await, ["A", "b", "c"]);
        assert_eq!(sorted("-due_on").await, ["c", "b", "A"]);
        assert_eq!(sorted("code").await, ["A", "b", "c"]);
        assert_eq!(sorted("-updated_at").await, ["c", "A", "b"]);
        for task in &tasks {
            p.helper.moves(task, "accepted").await.is(200);
            app.clock.advance(1);
            let asked = p.helper.post("/deferrals", json!({"responsibility_id": crate::support::id_of(task), "requested_due_on": "2027-02-20", "reason": format!("{}", order.len())})).await.is(201);
            order.push(asked.json["reason"].as_str().expect("text").to_owned());
        }
        let order: Vec<&str> = order.iter().map(String::as_str).collect();
        check(&p.office, "deferrals", "created_at", "reason", &order).await;
    }

    async fn agencies_domains_users_and_mandates(app: TestApp) {
        let office = app.province().await;
        for (code, name) in [("b", "گاز"), ("A", "یاران"), ("c", "پزشکی"), ("D", "برق")] {
            office.post("/agencies", json!({"code": code, "name": name, "kind": "other"})).await.is(201);
            app.clock.advance(1);
        }
        check(&office, "agencies", "name", "code", &["D", "c", "b", "A"]).await;
        check(&office, "agencies", "code", "code", &["A", "b", "c", "D"]).await;
        check(&office, "agencies", "updated_at", "code", &["b", "A", "c", "D"]).await;
        let built_in = ["education", "sport", "health", "employment", "women_heads_of_household", "culture"];
        check(&office, "domains", "position", "code", &built_in).await;
        check(&office, "domains", "code", "code", &["culture", "education", "employment", "health", "sport", "women_heads_of_household"]).await;
        for username in ["b", "Aa", "c"] {
            app.clock.advance(1);
            office.post("/users", json!({"username": username, "display_name": "نام", "role": "neighborhood_manager"})).await.is(201);
        }
        let own = office.username.as_str();
        check(&office, "users", "username", "username", &["Aa", "b", "c", own]).await;
        check(&office, "users", "updated_at", "username", &[own, "b", "Aa", "c"]).await;
        let user = office.get("/users?q=Aa").await.each("id")[0].clone();
        for (order, from) in [("second", "2027-01-01"), ("first", "2026-01-01"), ("third", "2027-02-01")] {
            let place = app.neighborhood().make().await.id();
            office.post("/mandates", json!({"user_id": user, "neighborhood_id": place, "order_no": order, "valid_from": from})).await.is(201);
        }
        check(&office, "mandates", "valid_from", "order_no", &["first", "second", "third"]).await;
    }
}
