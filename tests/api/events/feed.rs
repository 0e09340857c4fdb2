//! The change feed: in order, without gaps, nothing skipped and nothing twice, whoever writes meanwhile.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use mahalleh::{
    auth::Actor,
    events::{self, Changes, EventAction, Subject},
    tx::Tx,
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Programme, TestApp, id_of, on_both};

fn seqs(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["seq"].as_i64().expect("a seq")).collect()
}

/// One poll: from `after` on by small pages; what was new, and where the next poll begins.
async fn poll(who: &Client, after: i64) -> (Vec<Value>, i64) {
    let (mut found, mut after, mut cursor) = (Vec::new(), after, String::new());
    let start = after;
    loop {
        let page: Answer = who.get(&format!("/events?after={start}&limit=7{cursor}")).await.is(200);
        found.extend(page.items().to_vec());
        let up_to = page.json["up_to"].as_i64().expect("a seq");
        assert!(up_to >= after, "{up_to} after {after}");
        after = up_to;
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (found, after),
        }
    }
}

on_both! {
    async fn events_come_in_their_order_without_gaps(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("completed").await;
        let all = p.office.get("/events?limit=200").await.is(200);
        let count = i64::try_from(all.items().len()).expect("a number");
        assert_eq!(seqs(all.items()), (1..=count).collect::<Vec<_>>());
        assert_eq!((&all.json["up_to"], &all.json["next_cursor"]), (&json!(count), &Value::Null));
        assert_eq!(p.office.get("/events?with_total=true&limit=2").await.json["total"], count);
        let first = p.office.get("/events?limit=4").await.is(200);
        assert_eq!((seqs(first.items()), &first.json["up_to"]), (vec![1, 2, 3, 4], &json!(4)));
        assert!(first.header("link").is_some_and(|link| link.ends_with("rel=\"next\"")));
        let next = first.json["next_cursor"].as_str().expect("a cursor");
        assert_eq!(seqs(p.office.get(&format!("/events?limit=4&cursor={next}")).await.items()), [5, 6, 7, 8]);
        let after = p.office.get("/events?after=5&limit=2").await.is(200);
        assert_eq!(seqs(after.items()), [6, 7]);
        let backwards = p.office.get("/events?sort=-seq&limit=3").await.is(200);
        assert_eq!(seqs(backwards.items()), [count, count - 1, count - 2]);
        // At the end there is nothing, and the place stays.
        let end = p.office.get(&format!("/events?after={count}")).await.is(200);
        assert_eq!((end.items().len(), &end.json["up_to"]), (0, &json!(count)));
        for bad in ["after=-1", "after=x", "sort=at", "action=begun", "resource_id=1", "at_from=yesterday", "seq=1"] {
            p.office.get(&format!("/events?{bad}")).await.is(400);
        }
        // Each follows from the one before.
        for pair in all.items().windows(2) {
            assert_eq!(pair[0]["hash"], pair[1]["prev_hash"]);
        }
        assert_eq!(all.items()[0]["prev_hash"], "0".repeat(64));
    }

    async fn who_sees_nothing_still_gets_ahead(app: TestApp) {
        let p = Programme::of(&app).await;
        let before = p.stranger.get("/events?after=0").await.is(200).json["up_to"].as_i64().expect("a seq");
        p.work("proposed").await;
        let (seen, up_to) = poll(&p.stranger, before).await;
        assert!(seen.is_empty());
        let head = p.office.get("/events?sort=-seq&limit=1").await.items()[0]["seq"].clone();
        assert_eq!(json!(up_to), head);
        // A filter that fits nothing gets as far.
        let none = p.office.get("/events?resource_type=nothing").await.is(200);
        // A type that there may be some day, but not what is no type at all.
        for bad in ["0.5", "Initiative", "initiative,", "a-b"] {
            let answer = p.office.get(&format!("/events?resource_type={bad}")).await.refused(400, "invalid_parameter");
            answer.with_errors(&[("resource_type", "invalid_format")]);
        }
        assert_eq!((none.items().len(), &none.json["up_to"]), (0, &head));
    }

    async fn filters_find_whose_what_and_when(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        app.clock.advance(60);
        p.lead.moves(&work.initiative, "blocked").await.is(200);
        let found = |query: String| { let office = &p.office; async move { office.get(&format!("/events?limit=200&{query}")).await.is(200) } };
        let blocked = found("at_from=2026-11-22T08:01:00Z".into()).await;
        assert_eq!(blocked.items().len(), 1);
        assert_eq!(blocked.items()[0]["changes"][0]["after"], "blocked");
        assert!(!found("at_to=2026-11-22T08:00:59.999999Z".into()).await.each("id").contains(&blocked.each("id")[0]));
        let of_it = found(format!("resource_id={}", id_of(&work.initiative))).await;
        assert_eq!(of_it.each("action"), ["created", "transitioned", "transitioned", "transitioned", "transitioned"]);
        let by_lead = found(format!("actor_id={}", p.lead.user_id.expect("a user"))).await;
        assert_eq!(by_lead.each("resource_type"), ["responsibility", "initiative", "initiative"]);
        let both = found("resource_type=responsibility,initiative&action=created,deleted".into()).await;
        assert_eq!(both.each("resource_type"), ["initiative", "responsibility", "responsibility"]);
    }

    async fn a_reader_misses_nothing_while_eight_write(app: TestApp) {
        const EACH: usize = 12;
        let p = Programme::of(&app).await;
        let (_, start) = poll(&p.office, 0).await;
        let writers = join_all((0..8).map(|number| {
            let office = p.office.clone();
            async move {
                let mut made = Vec::new();
                for _ in 0..EACH {
                    let body = json!({"code": crate::support::unique(&format!("w{number}")), "name": "نام", "city": "قم"});
                    made.push(office.post("/neighborhoods", body).await.is(201).id());
                }
                made
            }
        }));
        let reader = async {
            let (mut found, mut after, mut empty) = (Vec::new(), start, 0);
            while found.len() < 8 * EACH && empty < 2000 {
                let (new, up_to) = poll(&p.office, after).await;
                empty = if new.is_empty() { empty + 1 } else { 0 };
                found.extend(new);
                after = up_to;
            }
            found
        };
        let (made, told) = tokio::join!(writers, reader);
        let numbers = seqs(&told);
        let last = start + i64::try_from(8 * EACH).expect("a number");
        assert_eq!(numbers, (start + 1..=last).collect::<Vec<_>>(), "in order, no gap, nothing twice");
        let told: BTreeSet<&str> = told.iter().filter_map(|event| event["resource_id"].as_str()).collect();
        assert_eq!(told, made.iter().flatten().map(String::as_str).collect());
        let province = app.province_id;
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, events::ChainState::Sound { unsealed: 0, .. }));
    }

    async fn a_slow_writer_is_not_skipped(app: TestApp) {
        let p = Programme::of(&app).await;
        let (_, start) = poll(&p.office, 0).await;
        let (slow, began) = slow_write(&app);
        began.await.expect("it has begun");
        let quick = app.neighborhood().make().await.id();
        let (first, up_to) = poll(&p.office, start).await;
        slow.await.expect("the slow writer commits");
        let (second, end) = poll(&p.office, up_to).await;
        let told: Vec<Value> = first.into_iter().chain(second).collect();
        assert_eq!(seqs(&told), [start + 1, start + 2]);
        assert_eq!(end, start + 2);
        let mut kinds: Vec<&str> = told.iter().filter_map(|event| event["resource_type"].as_str()).collect();
        // SQLite has one writer: there the quick one waited.
        if app.app.db.target() == &sqlite_of(&app) {
            kinds.reverse();
        }
        assert_eq!(kinds, ["neighborhood", "slow"]);
        assert!(told.iter().any(|event| event["resource_id"] == quick));
    }
}

/// The target, where it is SQLite.
fn sqlite_of(app: &TestApp) -> mahalleh::db::Target {
    match app.app.db.target() {
        mahalleh::db::Target::Sqlite(path) => mahalleh::db::Target::Sqlite(path.clone()),
        mahalleh::db::Target::Postgres(_) => mahalleh::db::Target::Sqlite("none".into()),
    }
}

/// A write that records its event early and commits late; the second tells when the event is recorded.
fn slow_write(app: &TestApp) -> (tokio::task::JoinHandle<()>, tokio::sync::oneshot::Receiver<()>) {
    let (tell, began) = tokio::sync::oneshot::channel();
    let (db, world, province) = (app.app.db.clone(), app.app.world.clone(), app.province_id);
    let slow = tokio::task::spawn_local(async move {
        let work = move |conn: &mut mahalleh::db::Conn| {
            let mut tx = Tx::new(conn, Arc::new(Actor::operator(province)), &world, None);
            events::record(&mut tx, EventAction::Updated, &Subject::kind("slow"), &Changes::default(), None)?;
            tell.send(()).expect("somebody waits");
            std::thread::sleep(Duration::from_millis(400));
            Ok(())
        };
        db.write(work).await.expect("it commits");
    });
    (slow, began)
}
