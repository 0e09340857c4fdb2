//! Commands on a register: its schema, a copy, provinces, users, keys.

use diesel::{Connection, RunQueryDsl, sql_query};
use serde_json::json;

use super::{Place, errors, password_file};

#[test]
fn migrate_says_what_it_did() {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        let first = place.done(&["migrate"]);
        assert!(first.contains("000001") && first.contains("is current"), "{first}");
        let second = place.done(&["migrate"]);
        assert!(!second.contains("000001") && second.contains("was current"), "{second}");
    }
}

#[test]
fn a_schema_of_a_later_version_is_left_alone() {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        place.done(&["migrate"]);
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')";
        match &place.url {
            Some(url) => sql_query(later).execute(&mut diesel::PgConnection::establish(url).expect("the database")).expect("a row"),
            None => sql_query(later).execute(&mut place.open()).expect("a row"),
        };
        // A copy would leave out what it does not know.
        let (here, there) = (place.url.as_deref().unwrap_or("sqlite:./data/mahalleh.db"), "postgres://nobody@127.0.0.1:1/nowhere");
        let to = if place.url.is_some() { "sqlite:new.db" } else { there };
        for args in [
            &["migrate"][..],
            &["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0"],
            &["verify-events"],
            &["copy", "--from", here, "--to", to],
        ] {
            let complaint = place.refused(1, args);
            assert!(complaint.contains("later version") && complaint.contains("29990101000001"), "{complaint}");
        }
    }
}

#[test]
fn a_backup_is_whole_and_its_owners_alone() {
    let place = Place::sqlite();
    assert!(place.refused(1, &["backup", "copy.db"]).contains("There is no database"));
    let server = place.serve();
    let password = server.password().expect("a password");
    assert!(place.done(&["backup", "copy.db"]).starts_with("Wrote copy.db."));
    let file = place.folder.path().join("copy.db");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).expect("a file").permissions()) & 0o777, 0o600);
    assert!(place.refused(1, &["backup", "copy.db"]).contains("is there already"));
    place.refused(2, &["backup", "nowhere/copy.db"]);
    assert_eq!(server.stop("TERM"), Some(0));
    // In the place of what was lost.
    let data = place.folder.path().join("data");
    for end in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(data.join(format!("mahalleh.db{end}"))));
    }
    std::fs::rename(file, data.join("mahalleh.db")).expect("a file");
    assert!(place.done(&["verify-events"]).contains("events follow one from another"));
    assert_eq!(place.serve().log_in("province", &password, None).0, 200);
    if let Some(postgres) = Place::postgres() {
        assert!(postgres.refused(1, &["backup", "copy.db"]).contains("pg_dump"));
    }
}

#[test]
fn a_user_that_is_refused_is_told_all() {
    let place = Place::sqlite();
    place.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
    let add =
        |name: &'static str| ["user", "add", name, "--province", "qom", "--role", "viewer", "--display-name", "x", "--password-file", "-"];
    let refused = |name, password| {
        let output = place.with_input(&add(name), password);
        assert_eq!(output.status.code(), Some(1));
        errors(&output)
    };
    let complaint = refused("g 2", "a-long-password");
    assert!(complaint.contains("username: The format is wrong; expected ") && !complaint.contains('{'), "{complaint}");
    assert!(refused("g2", "short").contains("The password is refused (too_short): Shorter than 10 characters."));
}

#[test]
fn a_user_is_added_with_a_password_from_standard_input_or_a_file() {
    let place = Place::sqlite();
    place.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
    let add = |name: &'static str, file: &'static str| {
        ["user", "add", name, "--province", "QOM", "--role", "viewer", "--display-name", "بیننده", "--password-file", file]
    };
    let added = place.with_input(&add("from-stdin", "-"), "a-long-secret\n");
    assert_eq!(added.status.code(), Some(0), "{}", errors(&added));
    let file = password_file(&place, "\u{feff}another-long-secret\r\n");
    place.done(&[&add("from-file", "-")[..10], &[file.as_str()]].concat());
    for (password, code) in [("short\n", "too_short"), ("password123\n", "weak_password"), ("", "too_short")] {
        let refused = place.with_input(&add("weak", "-"), password);
        assert_eq!(refused.status.code(), Some(1));
        assert!(errors(&refused).contains(code), "{}", errors(&refused));
    }
    let twice = place.with_input(&add("FROM-STDIN", "-"), "a-long-secret\n");
    assert_eq!(twice.status.code(), Some(1));
    assert!(errors(&twice).contains("username"), "{}", errors(&twice));
    let misnamed = place.with_input(&add("no blanks", "-"), "a-long-secret\n");
    assert_eq!(misnamed.status.code(), Some(1));
    place.refused(1, &[&add("x", "-")[..10], &["no-such-file"]].concat());
    place.refused(1, &["user", "add", "x", "--province", "nowhere", "--role", "viewer", "--display-name", "X", "--password-file", &file]);
    place.refused(
        1,
        &["user", "add", "x", "--province", "qom", "--role", "agency", "--agency", "none", "--display-name", "X", "--password-file", &file],
    );
    place.refused(
        1,
        &["user", "add", "x", "--province", "qom", "--role", "viewer", "--agency", "none", "--display-name", "X", "--password-file", &file],
    );
    let server = place.serve();
    assert_eq!(server.password(), None, "there was a province already");
    let (status, pair) = server.log_in("from-stdin", "a-long-secret", None);
    assert_eq!((status, &pair["user"]["must_change_password"]), (200, &json!(true)));
    assert_eq!(server.log_in("From-File", "another-long-secret", Some("qom")).0, 200);
    assert_eq!(server.log_in("weak", "password123", None).0, 401);
}

#[test]
fn a_province_is_added_with_its_domains() {
    let place = Place::sqlite();
    place.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
    place.done(&["province", "add", "yazd", "--name", "یزد", "--name-en", "Yazd"]);
    assert!(place.refused(1, &["province", "add", "QOM", "--name", "قم", "--name-en", "Qom"]).contains("code"));
    let complaint = place.refused(1, &["province", "add", "no blanks", "--name", "", "--name-en", "x"]);
    assert!(complaint.contains("code") && complaint.contains("name"), "{complaint}");
    let file = password_file(&place, "a-long-secret");
    place.done(&["user", "add", "office", "--province", "yazd", "--role", "province", "--display-name", "دفتر", "--password-file", &file]);
    let server = place.serve();
    assert_eq!(server.log_in("office", "a-long-secret", None).0, 422, "which province?");
    let (status, pair) = server.log_in("office", "a-long-secret", Some("yazd"));
    assert_eq!(status, 200);
    let (status, domains) = server.send(reqwest::Method::GET, "/api/v1/domains", pair["access_token"].as_str(), None);
    assert_eq!(status, 200, "{domains}");
    let codes: Vec<_> = domains["items"].as_array().expect("items").iter().map(|domain| domain["code"].as_str().expect("a code")).collect();
    assert_eq!(codes, ["education", "sport", "health", "employment", "women_heads_of_household", "culture"]);
}

#[test]
fn a_rotated_key_is_recorded_in_every_province() {
    let place = Place::sqlite();
    // Nothing to rotate where no server has ever started.
    place.refused(1, &["keys", "rotate"]);
    assert_eq!(place.serve().stop("TERM"), Some(0));
    place.done(&["province", "add", "yazd", "--name", "یزد", "--name-en", "Yazd"]);
    assert!(place.done(&["keys", "rotate"]).contains("signing key"));
    assert_eq!(place.count("signing_keys WHERE true"), 2);
    assert_eq!(place.count("events WHERE action = 'key_rotated' AND actor_id IS NULL"), 2);
    let output = place
        .command(&["keys", "rotate"])
        .env("MAHALLEH_SECRET_FILE", place.folder.path().join("other.secret"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(place.count("signing_keys WHERE true"), 2);
}

#[test]
fn a_key_can_be_made_before_a_server_has_ever_started() {
    let place = Place::sqlite();
    place.done(&["migrate"]);
    assert!(place.done(&["keys", "rotate"]).contains("signing key"));
    assert_eq!(place.serve().stop("TERM"), Some(0));
    assert_eq!(place.count("signing_keys WHERE true"), 1, "the server takes the key that is there");
}
