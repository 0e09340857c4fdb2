//! Many events at once, as imports write them.

use std::sync::Arc;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::{
    auth::Actor,
    db::{
        Conn,
        schema::{event_bulks, events as table},
    },
    events::{self, ChainState, Changes, EventAction, NewEvent, Subject},
    tx::Tx,
};
use serde_json::{Value, json};

use crate::{
    imports::{counts, csv},
    support::{Programme, on_both},
};

/// So many initiatives in a place, of this title.
fn file(place: &str, rows: usize, title: &str) -> String {
    let mut text = String::from("code,neighborhood_code,domain,title\n");
    text.extend((0..rows).map(|row| format!("bulk-{row},{place},education,{title}\n")));
    text
}

on_both! {
    async fn the_events_of_an_import_come_in_their_order_among_others(app: TestApp) {
        let p = Programme::of(&app).await;
        app.imports();
        let place = p.seen(&format!("/neighborhoods/{}", p.place)).await["code"].as_str().expect("a code").to_owned();
        let start = p.office.get("/events?limit=1&sort=-seq").await.is(200).items()[0]["seq"].as_i64().expect("a seq");
        // 1,100 rows are two bulks of 500 and 100 events besides. Nothing is sealed between the steps.
        let list = "/initiatives?q=bulk-7&limit=1&with_total=true";
        assert_eq!(p.office.get(list).await.is(200).json["total"], 0);
        assert_eq!(counts(&csv(&p.office, "dataset=initiatives", &file(&place, 1100, "نخست")).await), [1100, 0, 0, 0]);
        let found = p.office.get("/initiatives?q=bulk-7&limit=1").await.is(200).items()[0].clone();
        let path = format!("/initiatives/{}", found["id"].as_str().expect("an id"));
        p.office.patch(&path, json!({"title": "دوم"}), 1).await.is(200);
        assert_eq!(counts(&csv(&p.office, "dataset=initiatives", &file(&place, 1100, "سوم")).await), [0, 1100, 0, 0]);
        p.office.patch(&path, json!({"title": "چهارم"}), 3).await.is(200);
        for _ in 0..3 {
            assert_ne!(p.office.get(list).await.is(200).json["total"], 0);
        }
        let history = p.office.get(&format!("/events?resource_id={}", found["id"].as_str().expect("an id"))).await.is(200);
        let titles: Vec<&Value> = history.items().iter().map(|event| {
            event["changes"].as_array().expect("changes").iter().find(|change| change["field"] == "title").map_or(&Value::Null, |change| &change["after"])
        }).collect();
        assert_eq!(titles, ["نخست", "دوم", "سوم", "چهارم"]);
        let (mut after, mut seqs) = (start, Vec::new());
        loop {
            let page = p.office.get(&format!("/events?limit=200&after={after}")).await.is(200);
            seqs.extend(page.items().iter().map(|event| event["seq"].as_i64().expect("a seq")));
            after = page.json["up_to"].as_i64().expect("a number");
            if page.json["next_cursor"].is_null() {
                break;
            }
        }
        assert_eq!(seqs, (start + 1..=after).collect::<Vec<_>>(), "in order, no gap, nothing twice");
        assert!(seqs.len() > 2202, "{}", seqs.len());
        let province = app.province_id;
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, ChainState::Sound { unsealed: 0, .. }));
        assert_eq!(app.read(move |conn| Ok(event_bulks::table.filter(event_bulks::province_id.eq(province)).count().get_result::<i64>(conn)?)).await, 0);
    }

    async fn who_asks_what_waits_does_not_go_through_a_bulk(app: TestApp) {
        let (world, province) = (app.app.world.clone(), app.province_id);
        let (single, bulks) = app.write(move |conn| {
            let single = |conn: &mut Conn| table::table.filter(table::province_id.eq(province)).filter(table::bulk.is_null()).count().get_result::<i64>(conn);
            let before = single(conn)?;
            let mut tx = Tx::new(conn, Arc::new(Actor::operator(province)), &world, None);
            for many in [99, 100, 500] {
                let event = |_| NewEvent::of(&tx, EventAction::Updated, &Subject::kind("many"), &Changes::default(), None);
                let new = (0..many).map(event).collect::<Result<Vec<_>, _>>()?;
                events::record_all(&mut tx, new)?;
            }
            let bulks: Vec<i32> = event_bulks::table.filter(event_bulks::province_id.eq(province)).order(event_bulks::intake).select(event_bulks::changes).load(tx.conn)?;
            Ok((single(tx.conn)? - before, bulks))
        }).await;
        let is_sqlite = matches!(app.app.db.target(), mahalleh::db::Target::Sqlite(_));
        let expected = if is_sqlite { (699, vec![]) } else { (99, vec![100, 500]) };
        assert_eq!((single, bulks), expected);
        let waiting = app.read(move |conn| events::freshness(conn, province)).await;
        events::seal_province(&app.app, province).await.expect("the events are sealed");
        assert_eq!(app.read(move |conn| events::freshness(conn, province)).await, waiting);
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, ChainState::Sound { unsealed: 0, .. }));
        assert_eq!(app.read(move |conn| Ok(table::table.filter(table::province_id.eq(province)).filter(table::bulk.is_not_null()).count().get_result::<i64>(conn)?)).await, 0);
    }
}
