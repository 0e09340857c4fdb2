//! A register moves from one kind of database to the other and back.

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use mahalleh::{auth, clock::World, db, demo};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Place, Server};

const PASSWORD: &str = "mahalleh-demo";
/// What a caller sees of a register; of the events those that were there before anybody logged in to look.
const LISTS: [&str; 11] = [
    "domains",
    "agencies",
    "neighborhoods",
    "users",
    "mandates",
    "initiatives",
    "responsibilities",
    "deferrals",
    "events?after=0",
    "clients",
    "imports",
];

/// A register with something in every table.
fn filled() -> Place {
    let place = Place::sqlite();
    let target = db::Target::Sqlite(place.folder.path().join("data/mahalleh.db"));
    db::migrate(&target).expect("the migrations run");
    let mut conn = target.connect(true).expect("a connection");
    let world = World::real();
    let password = auth::password::from_operator(PASSWORD).expect("a good password");
    let hash = auth::password::hash(&password, &world).expect("a hash");
    db::in_transaction(&mut conn, |conn| demo::load(conn, &world, &hash)).expect("the demo loads");
    let server = place.serve();
    let token = server.province_token(PASSWORD);
    server.log_in("province", "not the password", None);
    let made =
        [("clients", json!({"name": "سامانهٔ استان", "role": "neighborhood_manager", "neighborhood_ids": [some_place(&server, &token)]}))];
    for (list, body) in made {
        assert_eq!(server.send(Method::POST, &format!("/api/v1/{list}"), Some(&token), Some(body)).0, 201, "{list}");
    }
    super::killed::imported(&server, &token, "code,name,kind\nnew,دستگاه,sport\nbad,,sport\n");
    // Which seals them.
    assert_eq!(server.send(Method::GET, "/api/v1/events?limit=1", Some(&token), None).0, 200);
    assert_eq!(server.stop("TERM"), Some(0));
    // What no request leaves behind at this moment, and what is easily spelt anew on the way.
    place
        .open()
        .batch_execute(
            r#"INSERT INTO instance (name, value) VALUES ('note', 'یک "نقل" \ و ''نشان');
            INSERT INTO import_chunks (province_id, import_id, number, bytes, created_at)
              SELECT province_id, id, 0, x'', -1 FROM imports UNION ALL SELECT province_id, id, 1, x'00ff27', 253402300799999999 FROM imports;
            INSERT INTO idempotency_keys (province_id, user_id, key, fingerprint, status, headers, body, created_at)
              SELECT province_id, id, 'کلید', x'00', 201, '[]', x'', 0 FROM users LIMIT 1;
            INSERT INTO event_bulks (province_id, intake, first_id, last_id, events, changes)
              SELECT province_id, 5000, x'019bf951b8287831bdb6d7ca1c787410', x'019bf951b8287831bdb6d7ca1c787410', 1, 1 FROM event_heads;
            INSERT INTO events (intake, province_id, id, at, action, resource_type, changes, register, bulk)
              SELECT 5001, province_id, first_id, 0, 'updated', 'note', '[]', 1, intake FROM event_bulks;
            UPDATE neighborhoods SET longitude = 50.876400000000004 WHERE longitude IS NOT NULL;"#,
        )
        .expect("rows");
    place
}

fn some_place(server: &Server, token: &str) -> Value {
    server.send(Method::GET, "/api/v1/neighborhoods?limit=1", Some(token), None).1["items"][0]["id"].clone()
}

fn seen(server: &Server, token: &str) -> Vec<Value> {
    LISTS
        .map(|name| {
            let joint = if name.contains('?') { "&" } else { "?with_total=true&" };
            let (status, mut page) = server.send(Method::GET, &format!("/api/v1/{name}{joint}limit=200"), Some(token), None);
            assert_eq!(status, 200, "{page}");
            // Sealed to the one who asked and the server that answered.
            page["next_cursor"] = json!(page["next_cursor"].is_string());
            page
        })
        .into()
}

#[test]
fn a_register_goes_to_postgres_and_back_whole() {
    let (place, Some(there)) = (filled(), Place::postgres()) else { return };
    let postgres = there.url.clone().expect("a URL");
    let said = place.done(&["copy", "--from", "sqlite:data/mahalleh.db", "--to", &postgres]);
    assert!(said.contains("initiatives: 60") && said.contains("events follow one from another") && said.contains("secret"), "{said}");
    assert!(!said.lines().any(|line| line.ends_with(": 0")), "{said}");
    let back = place.done(&["copy", "--from", &postgres, "--to", "sqlite:back.db"]);
    assert_eq!(said, back);

    let secret = place.folder.path().join("data/mahalleh.secret");
    let (old, new) = (place.serve(), there.serve_with(&["--secret-file", &secret.to_string_lossy()]));
    // A token of the old server is one of the new, since keys, secret and sessions are the same.
    let token = old.province_token(PASSWORD);
    let second = new.province_token(PASSWORD);
    let (mine, theirs) = (seen(&old, &token), seen(&new, &second));
    for (name, (mine, theirs)) in LISTS.iter().zip(mine.iter().zip(&theirs)) {
        assert_eq!(mine, theirs, "{name}");
    }
    let body = json!({"code": "after", "name": "پس از جابه‌جایی", "kind": "other"});
    assert_eq!(new.send(Method::POST, "/api/v1/agencies", Some(&second), Some(body)).0, 201);
    assert_eq!((old.stop("TERM"), new.stop("TERM")), (Some(0), Some(0)));
    there.done(&["verify-events"]);
}

#[test]
fn what_can_not_be_copied_is_refused_and_leaves_nothing() {
    let place = filled();
    let from = "sqlite:data/mahalleh.db";
    assert!(place.refused(2, &["copy", "--from", from, "--to", "sqlite:other.db"]).contains("one kind"));
    assert!(!place.folder.path().join("other.db").exists());
    let said = place.refused(2, &["copy", "--from", from, "--to", "mysql://root:hunter2@nowhere/x"]);
    assert!(said.contains("--to: it must begin with") && !said.contains("hunter2"), "{said}");
    let Some(there) = Place::postgres() else { return };
    let postgres = there.url.clone().expect("a URL");
    assert!(place.refused(1, &["copy", "--from", "sqlite:nothing.db", "--to", &postgres]).contains("There is no database"));
    assert!(!place.folder.path().join("nothing.db").exists());
    // An event that somebody changed is found before anything is kept.
    place.open().batch_execute("UPDATE events SET request_id = action, action = 'deleted' WHERE seq = 2").expect("an update");
    assert!(place.refused(1, &["copy", "--from", from, "--to", &postgres]).contains("broken at seq 2"));
    assert!(there.refused(1, &["verify-events"]).contains("no province"));
    place.open().batch_execute("UPDATE events SET action = request_id, request_id = NULL WHERE seq = 2").expect("an update");
    place.done(&["copy", "--from", from, "--to", &postgres]);
    assert!(place.refused(1, &["copy", "--from", from, "--to", &postgres]).contains("not empty"));
    // Nor is the schema of a register that is there brought up to date, which may be an older one.
    sql_query("DELETE FROM __diesel_schema_migrations").execute(&mut place.open()).expect("they are there");
    assert!(place.refused(1, &["copy", "--from", &postgres, "--to", from]).contains("not empty"));
    assert_eq!(sql_query("DELETE FROM __diesel_schema_migrations").execute(&mut place.open()), Ok(0));
}

#[test]
fn every_table_is_copied() {
    let place = Place::sqlite();
    place.done(&["migrate"]);
    #[derive(diesel::QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let ours =
        "type = 'table' AND name NOT LIKE '%\\_search%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'";
    let tables: Vec<Table> =
        sql_query(format!("SELECT name FROM sqlite_schema WHERE {ours} ORDER BY name")).load(&mut place.open()).expect("tables");
    let tables: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let mut copied = db::TABLES;
    copied.sort_unstable();
    assert_eq!(tables, copied);
}
