//! `mahalleh export`, against a server of its own.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use mahalleh::clock::World;
use serde_json::{Value, json};

use super::{PATIENCE, Place, Server, errors, password_file};

/// A server with three neighbourhoods, and the token of its province.
struct Office {
    place: Place,
    server: Server,
    password: String,
    token: String,
}

impl Office {
    fn open(place: Place) -> Self {
        let server = place.serve();
        let password = server.password().expect("a password");
        let token = server.province_token(&password);
        for (code, name, city) in [("n1", "شیخ‌آباد", "قم"), ("n2", "=پردیسان", "قم"), ("n3", "نیروگاه", "کهک")]
        {
            let body = json!({"code": code, "name": name, "city": city, "profile_as_of": "2026-03-21"});
            assert_eq!(server.send(reqwest::Method::POST, "/api/v1/neighborhoods", Some(&token), Some(body)).0, 201);
        }
        Self { place, server, password, token }
    }

    /// On both databases.
    fn each() -> impl Iterator<Item = Self> {
        [Some(Place::sqlite()), Place::postgres()].into_iter().flatten().map(Self::open)
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["export", "--url", &self.server.address][..], more].concat()
    }

    /// Exports with the token in the environment.
    fn output(&self, more: &[&str]) -> std::process::Output {
        self.place.command(&self.arguments(more)).env("MAHALLEH_TOKEN", &self.token).output().expect("the program runs")
    }

    #[track_caller]
    fn exported(&self, more: &[&str]) -> String {
        let output = self.output(more);
        assert_eq!(output.status.code(), Some(0), "{more:?}: {}", errors(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    #[track_caller]
    fn failed(&self, code: i32, more: &[&str]) -> String {
        let output = self.output(more);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", errors(&output));
        assert!(output.stdout.is_empty() && !errors(&output).contains("panicked"), "{}", errors(&output));
        errors(&output)
    }

    /// What is in the folder, but for the database.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.place.folder.path()).expect("a folder");
        let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != "data");
        names.sort();
        names
    }
}

fn codes(csv: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.expect("a row")[0].to_owned()).collect()
}

#[test]
fn an_export_that_ends_while_the_database_is_busy_is_recorded_after_all() {
    let office = Office::open(Place::sqlite());
    let recorded = || office.place.count("events WHERE action = 'exported'");
    let mut writer = office.place.open();
    writer.batch_execute("BEGIN IMMEDIATE").expect("the lock");
    assert_eq!(office.exported(&["--dataset", "neighborhoods"]).lines().count(), 4);
    assert_eq!(recorded(), 0);
    writer.batch_execute("ROLLBACK").expect("the lock is held");
    let began = std::time::Instant::now();
    while recorded() == 0 {
        assert!(began.elapsed() < PATIENCE, "it is not recorded");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn a_list_is_exported_in_every_format() {
    for office in Office::each() {
        let csv = office.exported(&["--dataset", "neighborhoods"]);
        assert_eq!(codes(&csv), ["n2", "n1", "n3"], "by name");
        let named =
            office.exported(&["--dataset", "neighborhoods", "--sort", "-code", "--filter", "city=قم", "--bom", "--calendar", "jalali"]);
        assert_eq!(codes(&named), ["n2", "n1"]);
        assert!(named.starts_with('\u{feff}') && named.contains("1405-01-01"), "{named}");
        let lines = office.exported(&["--dataset", "neighborhoods", "--format", "ndjson", "--filter", "code=n1,n3"]);
        assert_eq!(lines.lines().count(), 2);
        let map = office.exported(&["--dataset", "neighborhoods", "--format", "geojson"]);
        assert_eq!(serde_json::from_str::<Value>(&map).expect("JSON")["features"].as_array().map(Vec::len), Some(3));
        assert!(office.exported(&["--dataset", "neighborhoods", "--format", "xlsx", "--output", "places.xlsx"]).is_empty());
        let sheet = std::fs::read(office.place.folder.path().join("places.xlsx")).expect("a file");
        assert!(sheet.starts_with(b"PK"));
        for dataset in ["agencies", "initiatives", "responsibilities", "users", "domains", "mandates", "deferrals", "events"] {
            assert!(!office.exported(&["--dataset", dataset]).is_empty(), "{dataset}");
        }
        assert_eq!(office.files(), ["places.xlsx"], "nothing else is left");
    }
}

#[test]
fn one_logs_in_with_a_password_from_a_file_standard_input_or_the_environment() {
    for office in Office::each() {
        let file = password_file(&office.place, &format!("{}\n", office.password));
        let asked = ["--dataset", "domains", "--user", "province", "--province", "qom"];
        let from_file = office.place.done(&office.arguments(&[&asked[..], &["--password-file", &file]].concat()));
        assert_eq!(codes(&from_file).len(), 6);
        let from_input = office.place.with_input(&office.arguments(&[&asked[..], &["--password-file", "-"]].concat()), &office.password);
        assert_eq!(String::from_utf8_lossy(&from_input.stdout), from_file, "{}", errors(&from_input));
        let mut command = office.place.command(&office.arguments(&asked[..2]));
        let by_environment = command.env("MAHALLEH_USER", "province").env("MAHALLEH_PASSWORD", &office.password).output().expect("it runs");
        assert_eq!(String::from_utf8_lossy(&by_environment.stdout), from_file, "{}", errors(&by_environment));
        let token = office.place.folder.path().join("token");
        std::fs::write(&token, &office.token).expect("a file");
        let by_token = office.place.done(&office.arguments(&["--dataset", "domains", "--token-file", &token.to_string_lossy()]));
        assert_eq!(by_token, from_file);
        // The logins are ended: no session is left of them but that of the test itself.
        let (_, logouts) = office.server.send(reqwest::Method::GET, "/api/v1/events?action=logged_out", Some(&office.token), None);
        assert_eq!(logouts["items"].as_array().map(Vec::len), Some(3), "{logouts}");
    }
}

#[test]
fn what_the_server_refuses_is_told_and_exits_with_1() {
    for office in Office::each() {
        let path = office.place.folder.path().join("places.csv");
        std::fs::write(&path, "as it was").expect("a file");
        let told = office.failed(1, &["--dataset", "neighborhoods", "--filter", "colour=red", "--sort", "age", "--output", "places.csv"]);
        assert!(told.contains("colour: There is no such parameter.") && told.contains("sort: ") && told.contains("request_id"), "{told}");
        assert!(office.failed(1, &["--dataset", "agencies", "--format", "geojson"]).contains("xlsx"));
        let mut persian = office.place.command(&office.arguments(&["--dataset", "agencies", "--updated-since", "yesterday"]));
        let persian = persian.env("MAHALLEH_TOKEN", &office.token).env("LC_ALL", "fa_IR.UTF-8").output().expect("it runs");
        assert!(persian.status.code() == Some(1) && errors(&persian).contains("پارامتر نادرست"), "{}", errors(&persian));
        let file = password_file(&office.place, "not the password");
        let told = office.place.refused(1, &office.arguments(&["--dataset", "agencies", "--user", "province", "--password-file", &file]));
        assert!(told.contains("The username or the password is wrong."), "{told}");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "as it was");
        assert_eq!(office.files(), ["password.txt", "places.csv"]);
    }
}

#[test]
fn failures_and_wrong_usage_exit_with_2() {
    let place = Place::sqlite();
    for args in [
        &["export"][..],
        &["export", "--dataset", "secrets"],
        &["export", "--dataset", "agencies"],
        &["export", "--dataset", "agencies", "--user", "province"],
        &["export", "--dataset", "agencies", "--user", "province", "--password", "on the command line"],
        &["export", "--dataset", "agencies", "--user", "province", "--password-file", "no-such-file"],
        &["export", "--dataset", "agencies", "--user", "province", "--token-file", "token"],
        &["export", "--dataset", "agencies", "--format", "pdf"],
        &["export", "--dataset", "agencies", "--filter", "city"],
        &["export", "--dataset", "agencies", "--filter", "format=csv"],
        &["export", "--dataset", "agencies", "--url", "mahalleh.example"],
        &["export", "--dataset", "agencies", "--state", "s", "--updated-since", "2026-11-22T00:00:00Z"],
        &["export", "--dataset", "events", "--state", "s"],
    ] {
        place.refused(2, args);
    }
    for (token, says) in [("t", "can't be reached"), ("t\nu", "one word")] {
        let nobody =
            place.command(&["export", "--dataset", "agencies", "--url", "http://127.0.0.1:1"]).env("MAHALLEH_TOKEN", token).output();
        let nobody = nobody.expect("the program runs");
        assert!(nobody.status.code() == Some(2) && errors(&nobody).contains(says), "{}", errors(&nobody));
    }
}

#[test]
fn a_state_file_lets_the_next_run_go_on() {
    for office in Office::each() {
        let asked = ["--dataset", "neighborhoods", "--state", "places.state", "--output", "places.csv"];
        let read = |name: &str| std::fs::read_to_string(office.place.folder.path().join(name)).expect("a file");
        office.exported(&asked);
        assert_eq!(codes(&read("places.csv")).len(), 3);
        let mut state: Value = serde_json::from_str(&read("places.state")).expect("JSON");
        let since: DateTime<Utc> = state["updated_since"].as_str().expect("an instant").parse().expect("an instant");
        let behind = World::real().now().utc() - since;
        assert!(behind >= TimeDelta::seconds(60) && behind < TimeDelta::seconds(180), "a minute of overlap: {behind}");
        office.exported(&asked);
        assert_eq!(codes(&read("places.csv")).len(), 3, "all are younger than the overlap");
        // As though the last run had been just before the third.
        let (_, third) = office.server.send(reqwest::Method::GET, "/api/v1/neighborhoods?code=n3", Some(&office.token), None);
        state["updated_since"] = third["items"][0]["updated_at"].clone();
        std::fs::write(office.place.folder.path().join("places.state"), state.to_string()).expect("a file");
        office.exported(&asked);
        assert_eq!(codes(&read("places.csv")), ["n3"]);
        let kept = read("places.state");
        let told = office.failed(2, &["--dataset", "agencies", "--state", "places.state"]);
        assert!(told.contains("belongs to another export"), "{told}");
        office.failed(2, &[&asked[..], &["--filter", "city=قم"]].concat());
        office.failed(1, &["--dataset", "neighborhoods", "--state", "places.state", "--sort", "age"]);
        assert_eq!(read("places.state"), kept, "only a run that was complete is remembered");
        // What another sees is not what this one has.
        let body = json!({"name": "nightly", "role": "viewer"});
        let (status, account) = office.server.send(reqwest::Method::POST, "/api/v1/clients", Some(&office.token), Some(body));
        assert_eq!(status, 201, "{account}");
        std::fs::write(office.place.folder.path().join("account.json"), account.to_string()).expect("a file");
        let machine = office.place.run(&office.arguments(&[&asked[..], &["--client-file", "account.json"]].concat()));
        assert!(machine.status.code() == Some(2) && errors(&machine).contains("other server, user"), "{}", errors(&machine));
    }
}

/// A server that gives one answer and hangs up.
fn once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let (mut request, mut buffer) = (String::new(), [0; 4096]);
        while !request.contains("\r\n\r\n") {
            let read = stream.read(&mut buffer).expect("a request");
            request.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        stream.write_all(answer.as_bytes()).expect("it takes the answer");
        request
    });
    (address, asked)
}

#[test]
fn an_export_that_breaks_off_never_looks_whole() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("places.csv"), "as it was").expect("a file");
    let (address, asked) =
        once("HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 08:30:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ncode\r\n\r\n");
    let args = ["export", "--dataset", "neighborhoods", "--url", &address, "--output", "places.csv"];
    let output = place.command(&args).env("MAHALLEH_TOKEN", "t").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(errors(&output).contains("broke off after 6 bytes"), "{}", errors(&output));
    assert!(asked.join().expect("a request").starts_with("GET /api/v1/neighborhoods/export?format=csv&calendar=gregorian HTTP/1.1"));
    assert_eq!(std::fs::read_to_string(place.folder.path().join("places.csv")).expect("the file"), "as it was");
    assert_eq!(std::fs::read_dir(place.folder.path()).expect("a folder").count(), 1, "nothing half done");
}

#[test]
fn an_export_that_is_interrupted_leaves_nothing() {
    let place = Place::sqlite();
    for signal in ["INT", "TERM"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let args = ["export", "--dataset", "neighborhoods", "--url", &address, "--output", "places.csv"];
        let mut child = place.command(&args).env("MAHALLEH_TOKEN", "t").spawn().expect("the program starts");
        let (mut stream, _) = listener.accept().expect("a client");
        // More than it reads at once, so that a part is written; then nothing.
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n";
        stream.write_all(format!("{head}{}", "x".repeat(100_000)).as_bytes()).expect("it takes the answer");
        let began = std::time::Instant::now();
        while std::fs::read_dir(place.folder.path()).expect("a folder").count() == 0 {
            assert!(began.elapsed() < super::PATIENCE, "nothing is begun");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        assert_eq!(child.wait().expect("it ends").code(), Some(2));
        assert_eq!(std::fs::read_dir(place.folder.path()).expect("a folder").count(), 0, "{signal}");
    }
}

#[test]
fn what_has_the_name_of_the_file_keeps_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let office = Office::open(Place::sqlite());
    let path = |name: &str| office.place.folder.path().join(name);
    std::fs::write(path("real.csv"), "as it was").expect("a file");
    std::fs::set_permissions(path("real.csv"), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real.csv", path("link.csv")).expect("a link");
    office.exported(&["--dataset", "neighborhoods", "--output", "link.csv"]);
    assert!(path("link.csv").is_symlink());
    assert_eq!(codes(&std::fs::read_to_string(path("real.csv")).expect("a file")).len(), 3);
    assert_eq!(std::fs::metadata(path("real.csv")).expect("a file").permissions().mode() & 0o777, 0o640);
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo").success());
    let pipe = path("pipe");
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).expect("text"));
    office.exported(&["--dataset", "neighborhoods", "--output", "pipe"]);
    assert_eq!(codes(&reader.join().expect("a reader")).len(), 3);
    assert!(std::fs::metadata(path("pipe")).expect("it is there").file_type().is_fifo());
    assert!(office.failed(2, &["--dataset", "neighborhoods", "--output", "."]).contains("directory"));
}

#[test]
fn a_token_is_not_sent_on() {
    let place = Place::sqlite();
    let (address, asked) = once("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n");
    let output =
        place.command(&["export", "--dataset", "agencies", "--url", &address]).env("MAHALLEH_TOKEN", "t").output().expect("it runs");
    assert!(output.status.code() == Some(2) && errors(&output).contains("elsewhere.example"), "{}", errors(&output));
    assert!(asked.join().expect("a request").to_lowercase().contains("authorization: bearer t\r\n"));
}
