//! Reads from a standby, which refuses every write and lags behind (docs/operating.md).

use diesel::{Connection, ExpressionMethods, QueryDsl, RunQueryDsl, connection::SimpleConnection};
use mahalleh::db::{self, Db, PoolSize, Target, schema::instance};

use crate::support::{Folder, databases, in_system};

#[test]
fn a_standby_tells_whether_its_schema_is_current() {
    let Some(target) = databases::empty_postgres() else { return };
    let Target::Postgres(url) = &target else { panic!("PostgreSQL") };
    let standby = Target::Postgres(format!("{url}&options=-c%20default_transaction_read_only%3Don"));
    let size = || PoolSize { readers: 1, writers: 1, ..PoolSize::default() };
    in_system(async {
        let db = Db::start(&target, Some(&standby), size()).expect("the pools start");
        assert!(db.read(db::is_current).await.is_err(), "there is no schema yet");
        db::migrate(&target).expect("the migrations run");
        assert_eq!(db.read(db::is_current).await, Ok(true));
        let forget = "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
        diesel::PgConnection::establish(url).expect("a connection").batch_execute(forget).expect("one less");
        assert_eq!(db.read(db::is_current).await, Ok(false));
    });
}

#[test]
fn what_must_be_known_now_is_not_asked_of_a_standby() {
    let folder = Folder::new();
    let (main, standby) = (Target::Sqlite(folder.path().join("main.db")), Target::Sqlite(folder.path().join("standby.db")));
    for target in [&main, &standby] {
        db::migrate(target).expect("the migrations run");
    }
    in_system(async {
        let db = Db::start(&main, Some(&standby), PoolSize::default()).expect("the pools start");
        let mark = (instance::name.eq("mark"), instance::value.eq("new"));
        db.write(move |conn| Ok(diesel::insert_into(instance::table).values(mark).execute(conn)?)).await.expect("a write");
        let seen = |conn: &mut db::Conn| Ok(instance::table.count().get_result::<i64>(conn)?);
        assert_eq!(db.read(seen).await, Ok(0));
        assert_eq!(db.read_now(seen).await, Ok(1));
    });
}
