//! What is committed while the sealer looks, on PostgreSQL, where each statement sees what is committed when it begins.

use std::time::Duration;

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, connection::SimpleConnection, dsl::count_star, sql_query, sql_types::Bool,
};
use mahalleh::{
    auth::Actor,
    db::{Conn, schema::events as table},
    events::{self, ChainState},
};

use super::deeds;
use crate::support::{Backend, watch::grown};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Waits until somebody waits for a lock of this kind in the connection's database.
async fn until_somebody_waits(conn: &mut Conn, lock: &str) {
    let database = "(SELECT oid FROM pg_database WHERE datname = current_database())";
    let waits = format!("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND database = {database} AND {lock}) AS found");
    for _ in 0..400 {
        if sql_query(&waits).get_result::<Found>(conn).expect("an answer").found {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits for a lock where {lock}");
}

/// The sealer is held between its question for bulks and that for single events, and both are committed then: it must not take the single
/// one, which came of the bulk, and leave the bulk for later.
#[test]
fn a_bulk_committed_while_the_sealer_looks_comes_before_what_came_of_it() {
    grown(Backend::Postgres, async |app| {
        let (world, province, target) = (app.app.world.clone(), app.province_id, app.app.db.target().clone());
        let connect = || target.connect(true).expect("a connection");
        let (mut gate, mut others, mut watch) = (connect(), connect(), connect());
        events::seal_province(&app.app, province).await.expect("the demo is sealed");
        // Something waits, so that the sealer comes as far as to its transaction.
        deeds(&mut others, &world, Actor::operator(province), "before", 1).expect("they are recorded");
        gate.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock(1835100261, {province})")).expect("the sealer's lock");
        let server = app.app.clone();
        let sealing = actix_web::rt::spawn(async move { events::seal_province(&server, province).await });
        until_somebody_waits(&mut watch, "locktype = 'advisory'").await;
        others.batch_execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE").expect("the table's lock");
        gate.batch_execute("COMMIT").expect("the sealer goes on");
        until_somebody_waits(&mut watch, "relation = 'events'::regclass").await;
        deeds(&mut others, &world, Actor::operator(province), "bulk", 200).expect("they are recorded");
        deeds(&mut others, &world, Actor::operator(province), "after", 1).expect("they are recorded");
        others.batch_execute("COMMIT").expect("both at once");
        sealing.await.expect("no panic").expect("the events are sealed");
        events::seal_province(&app.app, province).await.expect("the events are sealed");
        let last = table::table.filter(table::province_id.eq(province)).order(table::seq.desc()).limit(202);
        let kinds: Vec<String> = last.select(table::resource_type).load(&mut watch).expect("events");
        let expected = std::iter::once("after").chain(["bulk"; 200]).chain(["before"]).collect::<Vec<_>>();
        assert_eq!(kinds, expected);
        let waiting: i64 = table::table.filter(table::seq.is_null()).select(count_star()).get_result(&mut watch).expect("a number");
        assert_eq!(waiting, 0);
        assert!(matches!(app.read(move |conn| events::verify(conn, province)).await, ChainState::Sound { unsealed: 0, .. }));
    });
}
