//! `mahalleh verify-events` finds whatever was done to the events.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;

use super::{PATIENCE, Place, password_file};

#[test]
fn events_are_verified_of_a_register_that_is_there() {
    let place = Place::sqlite();
    assert!(place.refused(1, &["verify-events"]).contains("There is no database ./data/mahalleh.db."));
    assert!(!place.folder.path().join("data").exists(), "a wrong path does not become a register");
    place.done(&["migrate"]);
    assert!(place.refused(1, &["verify-events"]).contains("There is no province in this database."));
}

/// Serves until all events are sealed, and gives how many there are.
fn sealed(place: &Place) -> i64 {
    let server = place.serve();
    let began = Instant::now();
    while place.count("events WHERE seq IS NULL") > 0 {
        assert!(began.elapsed() < PATIENCE, "the events are not sealed");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.stop("TERM"), Some(0));
    place.count("events")
}

#[test]
fn verify_events_finds_what_was_changed_removed_or_inserted() {
    let place = Place::sqlite();
    place.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
    let file = password_file(&place, "a-long-secret");
    for name in ["a", "b", "c", "d"] {
        place.done(&["user", "add", name, "--province", "qom", "--role", "viewer", "--display-name", name, "--password-file", &file]);
    }
    let events = sealed(&place);
    assert!(events >= 5);
    assert!(place.done(&["verify-events"]).contains(&format!("{events} events")));
    place.open().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    let (path, sound) = (place.folder.path().join("data/mahalleh.db"), place.folder.path().join("sound.db"));
    std::fs::copy(&path, &sound).expect("a copy");
    let last = events;
    let insert = |seq: &str, id: &str| {
        format!(
            "INSERT INTO events SELECT 1000, province_id, {id}, {seq}, at, actor_id, actor_username, actor_display_name, role, action, resource_type, resource_id, \
             version, changes, reason, request_id, neighborhood_id, initiative_id, user_id, register, prev_hash, hash, NULL FROM events WHERE seq = 2"
        )
    };
    for (wrong, seq) in [
        ("UPDATE events SET changes = '[]' WHERE seq = 3".to_owned(), 3),
        ("UPDATE events SET at = at + 1 WHERE seq = 1".to_owned(), 1),
        ("UPDATE events SET actor_username = 'somebody' WHERE seq = 4".to_owned(), 4),
        ("UPDATE events SET register = 0 WHERE seq = 2".to_owned(), 2),
        ("UPDATE events SET hash = 'x' WHERE seq = 2".to_owned(), 2),
        ("UPDATE events SET action = 'removed' WHERE seq = 3".to_owned(), 3),
        ("UPDATE events SET actor_username = CAST(x'ff' AS TEXT) WHERE seq = 4".to_owned(), 4),
        ("UPDATE events SET at = 9223372036854775807 WHERE seq = 2".to_owned(), 2),
        ("DELETE FROM events WHERE seq = 2".to_owned(), 2),
        (format!("DELETE FROM events WHERE seq = {last}"), last),
        ("DELETE FROM events".to_owned(), 1),
        (
            "UPDATE events SET seq = -seq WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = -2"
                .to_owned(),
            2,
        ),
        (insert(&(last + 1).to_string(), "randomblob(16)"), last + 1),
        (insert("0", "randomblob(16)"), 0),
        (insert("-7", "randomblob(16)"), -7),
        ("DELETE FROM event_heads".to_owned(), last + 1),
        ("UPDATE event_heads SET changes = changes - 1".to_owned(), last + 1),
        ("UPDATE event_heads SET last_change_id = randomblob(16)".to_owned(), last + 1),
    ] {
        restore(&sound, &path);
        place.open().batch_execute(&wrong).expect("the database takes it");
        let output = place.run(&["verify-events", "--province", "qom"]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains(&format!("broken at seq {seq}.")), "{wrong}: {told}");
    }
    restore(&sound, &path);
    place.done(&["verify-events"]);
    place.refused(1, &["verify-events", "--province", "nowhere"]);
}

fn restore(from: &Path, to: &Path) {
    for extension in ["db-wal", "db-shm"] {
        drop(std::fs::remove_file(to.with_extension(extension)));
    }
    std::fs::copy(from, to).expect("a copy");
}
