//! Many events at once, as imports write them.

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Float, Text},
};
use mahalleh::{
    auth::Actor,
    db::{
        Conn, large,
        schema::{domains, event_bulks, events as table},
    },
    events::{self, ChainState},
};
use serde_json::{Value, json};

use super::deeds;
use crate::{
    imports::{counts, csv},
    support::{
        Backend, Programme, on_both,
        watch::{Watched, grown, on_each, reads_whole, watched},
    },
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
        // 1,050 rows are two bulks of 500 and 50 events besides. Nothing is sealed between the steps.
        assert_eq!(counts(&csv(&p.office, "dataset=initiatives", &file(&place, 1050, "نخست")).await), [1050, 0, 0, 0]);
        let found = p.office.get("/initiatives?q=bulk-7&limit=1").await.is(200).items()[0].clone();
        let path = format!("/initiatives/{}", found["id"].as_str().expect("an id"));
        p.office.patch(&path, json!({"title": "دوم"}), 1).await.is(200);
        assert_eq!(counts(&csv(&p.office, "dataset=initiatives", &file(&place, 1050, "سوم")).await), [0, 1050, 0, 0]);
        p.office.patch(&path, json!({"title": "چهارم"}), 3).await.is(200);
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
        assert!(seqs.len() > 2102, "{}", seqs.len());
        let province = app.province_id;
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, ChainState::Sound { unsealed: 0, .. }));
        assert_eq!(app.read(move |conn| Ok(event_bulks::table.filter(event_bulks::province_id.eq(province)).count().get_result::<i64>(conn)?)).await, 0);
    }

    async fn who_asks_what_waits_does_not_go_through_a_bulk(app: TestApp) {
        let (world, province) = (app.app.world.clone(), app.province_id);
        let (single, bulks) = app.write(move |conn| {
            let single = |conn: &mut Conn| table::table.filter(table::province_id.eq(province)).filter(table::bulk.is_null()).count().get_result::<i64>(conn);
            let before = single(conn)?;
            for many in [99, 100, 500] {
                deeds(conn, &world, Actor::operator(province), "many", many)?;
            }
            let bulks: Vec<(i32, i32)> = event_bulks::table.filter(event_bulks::province_id.eq(province)).order(event_bulks::intake).select((event_bulks::events, event_bulks::changes)).load(conn)?;
            Ok((single(conn)? - before, bulks))
        }).await;
        let is_sqlite = matches!(app.app.db.target(), mahalleh::db::Target::Sqlite(_));
        let expected = if is_sqlite { (699, vec![]) } else { (99, vec![(100, 100), (500, 500)]) };
        assert_eq!((single, bulks), expected);
        let waiting = app.read(move |conn| events::state(conn, province)).await;
        events::seal_province(&app.app, province).await.expect("the events are sealed");
        assert_eq!(app.read(move |conn| events::state(conn, province)).await, waiting);
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, ChainState::Sound { unsealed: 0, .. }));
        assert_eq!(app.read(move |conn| Ok(table::table.filter(table::province_id.eq(province)).filter(table::bulk.is_not_null()).count().get_result::<i64>(conn)?)).await, 0);
    }

    async fn a_bulk_that_waits_is_a_change_and_a_deed(app: TestApp) {
        let office = app.province().await;
        let id = office.post("/domains", json!({"code": "reading", "name": "پیش"})).await.is(201).id();
        let who = app.viewer().await.user_id.expect("a user");
        let path = "/domains?limit=9";
        office.get("/events?limit=1").await.is(200);
        let name = async || {
            let page = office.get(path).await.is(200);
            page.items().iter().find(|item| item["id"] == id).expect("the domain")["name"].clone()
        };
        for _ in 0..2 {
            assert_eq!(name().await, "پیش");
        }
        let (world, province) = (app.app.world.clone(), app.province_id);
        app.write(move |conn| {
            diesel::update(domains::table.filter(domains::province_id.eq(province))).set(domains::name.eq("پس")).execute(conn)?;
            Ok(())
        }).await;
        assert_eq!(name().await, "پیش", "nothing has told of a change, so it is remembered");
        let acted = move |conn: &mut Conn| events::queries::has_acted(conn, province, who);
        assert!(!app.read(acted).await);
        app.write(move |conn| deeds(conn, &world, Actor { user_id: who, ..Actor::operator(province) }, "many", 200)).await;
        assert_eq!(name().await, "پس");
        for _ in 0..2 {
            assert!(app.read(acted).await);
            events::seal_province(&app.app, province).await.expect("the events are sealed");
        }
    }
}

/// Each second it asks, and a plan that sorts would begin with all that the planner takes for waiting.
async fn the_sealer_finds_the_provinces_in_an_order(watched: &Watched<'_>) {
    for waits in [true, false] {
        let statements = watched.statements_while(async || events::seal_all(&watched.app.app).await.expect("what waits is sealed")).await;
        let of_singles: Vec<String> = statements.into_iter().filter(|statement| statement.contains("LIMIT")).collect();
        assert_eq!(of_singles.len(), 1 + usize::from(waits), "{of_singles:#?}");
        for (statement, plan) in watched.plans(&of_singles) {
            let dear = |step: &String| reads_whole(step, "events") || step.contains("Sort") || step.contains("TEMP B-TREE");
            assert!(!plan.iter().any(dear), "{statement}\n{}", plan.join("\n"));
        }
    }
}

on_each!(watched: the_sealer_finds_the_provinces_in_an_order);

/// PostgreSQL took all events for waiting and read them all, where it had last looked at them when they were few.
#[test]
fn what_is_known_of_the_record_grows_with_it() {
    grown(Backend::Postgres, async |app| {
        app.imports();
        app.write(|conn| Ok(sql_query("ANALYZE events").execute(conn)?)).await;
        let has_outgrown = |table| move |conn: &mut Conn| Ok(large::has_outgrown(conn, table)?);
        assert!(!app.read(has_outgrown("events")).await);
        let office = app.province().await;
        let place = office.get("/neighborhoods?limit=1").await.is(200).items()[0]["code"].as_str().expect("a code").to_owned();
        assert_eq!(counts(&csv(&office, "dataset=initiatives", &file(&place, 2000, "نخست")).await), [2000, 0, 0, 0]);
        assert!(app.read(has_outgrown("events")).await);
        events::seal_all(&app.app).await.expect("the events are sealed");
        assert!(events::analyze_if_outgrown(&app.app).await.expect("PostgreSQL analyzes"));
        assert!(!app.read(has_outgrown("events")).await);
        let after = app
            .read(|conn| {
                Ok(sql_query("SELECT null_frac FROM pg_stats WHERE tablename = 'events' AND attname = 'seq'").get_result::<Share>(conn)?)
            })
            .await;
        assert!(after.null_frac.abs() < 0.01, "it was looked at while the events waited: {}", after.null_frac);
    });
}

#[derive(QueryableByName)]
struct Share {
    #[diesel(sql_type = Float)]
    null_frac: f32,
}

/// The indexes of events on SQLite and on PostgreSQL.
const INDEXES: [&str; 2] = [
    "SELECT name AS name, sql AS definition FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events' AND sql IS NOT NULL",
    "SELECT indexname::text AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'events' AND schemaname = current_schema()",
];

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

on_both! {
    /// Else it could be chosen for the question of what waits, and would lead through all bulks.
    async fn what_waits_is_in_no_other_index(app: TestApp) {
        let indexes = app.read(|conn| {
            let query = sql_query(INDEXES[usize::from(conn.is_postgres())]);
            Ok(query.load::<Index>(conn)?)
        }).await;
        assert!(indexes.len() > 6);
        // The last is of few events, which it holds by what they are.
        let others = ["events_unsealed", "events_pkey", "events_returned"];
        for Index { name, definition } in indexes {
            assert!(definition.contains("seq IS NOT NULL") || others.contains(&name.as_str()), "{definition}");
        }
    }
}
