//! The demo, and whose data it may replace.

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};

use super::{Place, errors};

#[test]
fn two_demos_that_start_together_on_one_empty_postgres_both_come_up() {
    let Some(place) = Place::postgres() else { return };
    let servers = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..2).map(|_| scope.spawn(|| place.begin(&["demo"]))).collect();
        starting.into_iter().map(|server| server.join().expect("a server")).collect::<Vec<_>>()
    });
    for server in &servers {
        assert_eq!(server.log_in("province", "mahalleh-demo", None).0, 200);
    }
    assert_eq!(servers.into_iter().map(|server| server.stop("TERM")).collect::<Vec<_>>(), [Some(0), Some(0)]);
}

#[test]
fn a_demo_begins_anew_whatever_there_is_of_the_last_one() {
    let start = |place: &Place| {
        let server = place.begin(&["demo", "--reset"]);
        assert_eq!(server.log_in("province", "mahalleh-demo", None).0, 200);
        assert_eq!(server.stop("TERM"), Some(0));
    };
    let nothing = Place::sqlite();
    start(&nothing);
    start(&nothing);
    if let Some(place) = Place::postgres() {
        // What a reset that was broken off leaves: the list of what was run, empty.
        let left = "CREATE TABLE __diesel_schema_migrations \
                    (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";
        let url = place.url.as_deref().expect("a database");
        diesel::PgConnection::establish(url).expect("the database").batch_execute(left).expect("a table");
        start(&place);
        start(&place);
    }
}

#[test]
fn the_demo_leaves_somebody_elses_register_alone() {
    let place = Place::sqlite();
    place.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
    // As of an older version, whose schema is not the demo's to change either.
    let newest = "version = (SELECT max(version) FROM __diesel_schema_migrations)";
    sql_query(format!("DELETE FROM __diesel_schema_migrations WHERE {newest}")).execute(&mut place.open()).expect("it is there");
    let demo = place.command(&["demo"]).env("DATABASE_URL", "sqlite:./data/mahalleh.db").output().expect("the program runs");
    assert!(demo.status.code() == Some(1) && errors(&demo).contains("somebody's own data"), "{}", errors(&demo));
    let run = sql_query("DELETE FROM __diesel_schema_migrations").execute(&mut place.open()).expect("they are there");
    assert_eq!(run, std::fs::read_dir("migrations/sqlite").expect("migrations").count() - 1);
}

#[test]
fn what_the_demo_began_is_served_to_this_machine_alone() {
    let place = Place::sqlite();
    assert_eq!(place.begin(&["demo"]).stop("TERM"), Some(0));
    let mut serve = place.command(&["serve"]);
    let serve = serve.env("DATABASE_URL", "sqlite:./data/demo/mahalleh.db").env("MAHALLEH_BIND", "0.0.0.0:0").output();
    let serve = serve.expect("the program runs");
    assert!(serve.status.code() == Some(1) && errors(&serve).contains("no loopback address"), "{}", errors(&serve));
}

#[test]
fn what_is_no_register_is_left_alone() {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        let url = place.url.clone().unwrap_or_else(|| "sqlite:./alien.db".to_owned());
        // Of a program that keeps the same list of what was run.
        let make = "CREATE TABLE mine (id INTEGER); CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY)";
        match &place.url {
            Some(url) => diesel::PgConnection::establish(url).expect("the database").batch_execute(make),
            None => {
                SqliteConnection::establish(&place.folder.path().join("alien.db").to_string_lossy()).expect("a file").batch_execute(make)
            }
        }
        .expect("a table");
        let alien = place.folder.path().join("alien.db");
        let before = std::fs::read(&alien).ok();
        for (args, says) in [
            (&["demo"][..], "somebody's own data"),
            (&["demo", "--reset"], "somebody's own data"),
            (&["serve"], "tables of another program"),
            (&["migrate"], "tables of another program"),
            (&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"], "tables of another program"),
            (&["verify-events"], "tables of another program"),
        ] {
            let refused = place.command(args).env("DATABASE_URL", &url).output().expect("the program runs");
            assert!(refused.status.code() == Some(1) && errors(&refused).contains(says), "{args:?}: {}", errors(&refused));
        }
        assert!(std::fs::read(&alien).ok() == before, "the file is as it was");
        let source = Place::sqlite();
        source.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
        if place.url.is_some() {
            let complaint = source.refused(1, &["copy", "--from", "sqlite:./data/mahalleh.db", "--to", &url]);
            assert!(complaint.contains("tables of another program"), "{complaint}");
        }
    }
}
