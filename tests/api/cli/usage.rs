//! Wrong usage exits with 2, what fails with 1; neither makes anything.

use serde_json::Value;

use super::{Place, errors};

#[test]
fn wrong_usage_is_two() {
    let place = Place::sqlite();
    for args in [
        &[][..],
        &["nonsense"],
        &["province"],
        &["province", "add", "x"],
        &["serve", "--rate-limit", "many"],
        // The demo has one province.
        &["demo", "--province", "yazd"],
        &["keys", "rotate", "--now"],
        &["user", "add", "x", "--province", "qom", "--role", "king", "--display-name", "X", "--password-file", "-"],
        &["user", "add", "x", "--province", "qom", "--role", "agency", "--display-name", "X", "--password-file", "-"],
    ] {
        place.refused(2, args);
    }
    for args in [
        &["--help"][..],
        &["serve", "--help"],
        &["migrate", "--help"],
        &["province", "add", "--help"],
        &["user", "add", "--help"],
        &["keys", "rotate", "--help"],
        &["verify-events", "--help"],
        &["backup", "--help"],
        &["copy", "--help"],
        &["openapi", "--help"],
        &["export", "--help"],
        &["import", "--help"],
    ] {
        assert!(place.done(args).contains("Usage"), "{args:?}");
    }
    assert!(!place.folder.path().join("data").exists(), "a refusal makes nothing");
}

#[test]
fn what_cannot_be_is_wrong_usage() {
    let place = Place::sqlite();
    for (name, wrong) in [
        ("MAHALLEH_BIND", "x"),
        ("MAHALLEH_BIND", "127.0.0.1:80800"),
        ("MAHALLEH_MANAGEMENT_BIND", ":9090"),
        ("MAHALLEH_PROVINCE", "bad code"),
        ("MAHALLEH_LOG", "[[["),
        ("MAHALLEH_LOG", "warning"),
        ("MAHALLEH_WORKERS", "many"),
        ("MAHALLEH_LOG_FORMAT", "xml"),
    ] {
        let output = place.command(&["serve"]).env(name, wrong).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{name}={wrong}: {}", errors(&output));
        assert!(errors(&output).contains(name), "{name}={wrong}: {}", errors(&output));
        assert!(!place.folder.path().join("data").exists(), "{name}={wrong} made something");
    }
}

#[test]
fn what_is_refused_makes_nothing() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("p"), "a-long-password").expect("a file");
    let add = ["user", "add", "x", "--province", "qom", "--role", "viewer", "--display-name", "X", "--password-file", "p"];
    assert!(place.refused(1, &add).contains("There is no database ./data/mahalleh.db."));
    let mut unreadable = place.command(&["migrate"]);
    let url = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"postgres://m:p\xe9@127.0.0.1/x");
    let output = unreadable.env("DATABASE_URL", url).output().expect("the program runs");
    assert!(output.status.code() == Some(1) && errors(&output).contains("not UTF-8"), "{}", errors(&output));
    assert!(!place.folder.path().join("data").exists());
    place.refused(2, &["serve", "--workers", "100000"]);
    place.refused(2, &["serve", "--cors-origins", "https://a.example/"]);
}

#[test]
fn a_scheme_that_is_none_is_refused_without_its_password() {
    let place = Place::sqlite();
    for args in [&["serve"][..], &["migrate"], &["verify-events"], &["keys", "rotate"]] {
        let output = place.command(args).env("DATABASE_URL", "mysql://user:hunter2@host/db").output().expect("the program runs");
        assert_eq!(output.status.code(), Some(1));
        let complaint = errors(&output);
        assert!(complaint.contains("sqlite:") && complaint.contains("postgres://") && !complaint.contains("hunter2"), "{complaint}");
    }
    let output =
        place.command(&["migrate"]).env("DATABASE_URL", "postgres://user:hunter2@127.0.0.1:1/db").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(!errors(&output).contains("hunter2"), "{}", errors(&output));
    assert!(!errors(&output).contains("panicked"));
    // What libpq can't read it would quote.
    let output =
        place.command(&["migrate"]).env("DATABASE_URL", "postgres://user:hun%ter2@127.0.0.1:1/db").output().expect("the program runs");
    let complaint = errors(&output);
    assert!(output.status.code() == Some(1) && complaint.contains("Percent-encode") && !complaint.contains("ter2"), "{complaint}");
}

#[test]
fn the_document_is_printed() {
    let printed = Place::sqlite().done(&["openapi"]);
    let document: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
}
