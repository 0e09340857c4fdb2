//! How a server comes up, and what it tells.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{Place, Server, errors};
use crate::support::in_system;

#[test]
fn serving_an_empty_database_prints_a_password_once() {
    let place = Place::sqlite();
    let server = place.serve();
    let password = server.password().expect("a password");
    assert_eq!(password.len(), 20);
    assert!(!password.contains(['0', 'O', '1', 'l', 'I']), "{password}");
    let (status, pair) = server.log_in("province", &password, None);
    assert_eq!(status, 200, "{pair}");
    assert_eq!(
        (&pair["user"]["role"], &pair["user"]["province"], &pair["user"]["must_change_password"]),
        (&json!("province"), &json!("qom"), &json!(true))
    );
    assert_eq!(server.stop("TERM"), Some(0));
    let again = place.serve();
    assert_eq!(again.password(), None, "{:?}", again.said);
    // The tokens of before are still good: the key is kept, encrypted.
    let token = pair["access_token"].as_str();
    assert_eq!(again.send(reqwest::Method::GET, "/api/v1/me", token, None).0, 200);
    assert_eq!(again.log_in("province", &password, None).0, 200);
    assert_eq!(again.stop("INT"), Some(0));
    for (name, mode) in [("data/mahalleh.secret", 0o600), ("data/mahalleh.db", 0o600), ("data", 0o700)] {
        let found = std::fs::metadata(place.folder.path().join(name)).expect(name);
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777, mode, "{name}");
    }
}

#[test]
fn the_first_province_is_the_one_that_is_named() {
    let place = Place::sqlite();
    let mut command = place.command(&["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0"]);
    let mut child = command.env("MAHALLEH_PROVINCE", "Yazd").stderr(Stdio::null()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
    let first = lines.next().expect("a line").expect("a line");
    drop((child.kill(), child.wait()));
    assert!(first.contains("Yazd"), "{first}");
    assert!(place.done(&["verify-events", "--province", "yazd"]).starts_with("Yazd: "));
}

#[test]
fn an_address_that_is_taken_is_told_in_a_sentence() {
    let place = Place::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let complaint = place.refused(1, &["serve", "--bind", &address, "--management-bind", "127.0.0.1:0"]);
    assert!(complaint.contains(&address) && complaint.contains("in use"), "{complaint}");
    let complaint = place.refused(1, &["serve", "--bind", "127.0.0.1:0", "--management-bind", &address]);
    assert!(complaint.contains("management") && complaint.contains("in use"), "{complaint}");
    assert!(!place.folder.path().join("data").exists(), "no province is made, whose password nobody would learn again");
}

#[test]
fn two_servers_that_start_together_on_one_empty_postgres_both_come_up() {
    let Some(place) = Place::postgres() else { return };
    let (one, other) = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(|| place.serve()), scope.spawn(|| place.serve()));
        (one.join().expect("a server"), other.join().expect("a server"))
    });
    let passwords: Vec<_> = [&one, &other].into_iter().filter_map(Server::password).collect();
    assert_eq!(passwords.len(), 1, "{:?} {:?}", one.said, other.said);
    // What one issues the other takes, at once.
    for (here, there) in [(&one, &other), (&other, &one)] {
        let (status, pair) = here.log_in("province", &passwords[0], None);
        assert_eq!(status, 200, "{pair}");
        let (status, me) = there.send(reqwest::Method::GET, "/api/v1/me", pair["access_token"].as_str(), None);
        assert_eq!(status, 200, "{me}");
    }
    assert_eq!(place.done(&["verify-events"]).lines().count(), 1);
    assert_eq!((one.stop("TERM"), other.stop("TERM")), (Some(0), Some(0)));
}

#[test]
fn a_secret_that_is_lost_is_not_made_anew_beside_its_keys() {
    let place = Place::sqlite();
    assert_eq!(place.serve().stop("TERM"), Some(0));
    let serving = ["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0", "--secret-file", "elsewhere/secret"];
    let complaint = place.refused(1, &serving);
    assert!(complaint.contains("elsewhere/secret is not there") && !complaint.contains("request id"), "{complaint}");
    assert!(!place.folder.path().join("elsewhere").exists());
}

#[test]
fn a_standby_is_of_postgresql() {
    let place = Place::sqlite();
    for url in ["sqlite:other.db", "postgres://127.0.0.1:1/x"] {
        let serving = ["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0"];
        let output = place.command(&serving).env("DATABASE_READ_URL", url).output().expect("the program runs");
        assert!(output.status.code() == Some(1) && errors(&output).contains("DATABASE_READ_URL"), "{}", errors(&output));
        assert!(output.stdout.is_empty(), "nothing was made, no password shown");
    }
}

#[test]
fn a_log_that_nobody_takes_holds_up_nothing() {
    let place = Place::sqlite();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device that is always full");
    let mut server = place.begin_with_log(&["demo"], full.into());
    for _ in 0..3 {
        assert_eq!(server.send(reqwest::Method::GET, "/readyz", None, None).0, 200);
    }
    let told = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn metrics_are_served_on_the_management_address_alone() {
    let place = Place::sqlite();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    let mut child = place
        .command(&["serve", "--bind", "127.0.0.1:0", "--management-bind", &free])
        .env("MAHALLEH_LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
    let address = lines.find_map(|line| line.expect("a line").strip_prefix("Mahalleh listens on ").map(str::to_owned)).expect("an address");
    let address = address.split_whitespace().next().expect("an address").to_owned();
    let get = |url: String| {
        in_system(async move {
            let answer = reqwest::get(url).await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("text"))
        })
    };
    assert_eq!(get(format!("{address}/livez")).0, 200);
    assert_eq!(get(format!("{address}/metrics")).0, 404);
    let (status, text) = get(format!("http://{free}/metrics"));
    assert_eq!(status, 200);
    assert!(text.contains("http_requests_total") && text.contains("http_request_duration_seconds_bucket"), "{text}");
    drop(child.kill());
    let output = child.wait_with_output().expect("it ends");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let answered = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .find(|line| line["message"] == "answered")
        .expect("an access log");
    assert_eq!((&answered["route"], &answered["status"]), (&json!("/livez"), &json!(200)));
}
