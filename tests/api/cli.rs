//! The binary itself, as an operator runs it (CONTRACT §6), on databases of its own.

mod copy;
mod export;
mod import;
mod killed;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::BigInt};
use mahalleh::db::Target;
use serde_json::{Value, json};

use crate::support::{Folder, databases, in_system};

const PATIENCE: Duration = Duration::from_secs(60);

/// A place to run the program in: its folder and its database.
struct Place {
    folder: Folder,
    url: Option<String>,
}

impl Place {
    /// The default database, under the folder.
    fn sqlite() -> Self {
        Self { folder: Folder::new(), url: None }
    }

    /// An empty PostgreSQL database; `None` where PostgreSQL is not installed.
    fn postgres() -> Option<Self> {
        match databases::empty_postgres()? {
            Target::Postgres(url) => Some(Self { folder: Folder::new(), url: Some(url) }),
            Target::Sqlite(_) => None,
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mahalleh"));
        let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("MAHALLEH_") || name.starts_with("DATABASE_"));
        for name in ours {
            command.env_remove(name);
        }
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
        command.current_dir(self.folder.path()).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Runs it, expects that it is done, and gives what it printed.
    #[track_caller]
    fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", errors(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs it, expects this exit code, and gives what it complained of.
    #[track_caller]
    fn refused(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", errors(&output));
        let errors = errors(&output);
        assert!(!errors.contains("panicked"), "{errors}");
        errors
    }

    fn with_input(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().expect("the program starts");
        child.stdin.take().expect("standard input is piped").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    }

    fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    fn serve_with(&self, more: &[&str]) -> Server {
        self.begin(&[&["serve"], more].concat())
    }

    /// Starts a server by `serve` or `demo`.
    fn begin(&self, args: &[&str]) -> Server {
        self.begin_with_log(args, Stdio::null())
    }

    /// The same, with its log somewhere.
    fn begin_with_log(&self, args: &[&str], log: Stdio) -> Server {
        let somewhere = ["--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0", "--workers", "1"];
        let mut child = self.command(&[args, &somewhere].concat()).stderr(log).spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut said = Vec::new();
        let address = loop {
            let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the server does not come up; it said {said:?}"));
            let address = line.strip_prefix("Mahalleh listens on ").and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
            said.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Server { child, address, said }
    }

    /// The default SQLite database, opened beside the program.
    fn open(&self) -> SqliteConnection {
        SqliteConnection::establish(&self.folder.path().join("data/mahalleh.db").to_string_lossy()).expect("the database")
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server; killed where the test forgets it.
struct Server {
    child: Child,
    address: String,
    said: Vec<String>,
}

impl Server {
    /// The password that it printed.
    fn password(&self) -> Option<String> {
        self.said.iter().find_map(|line| line.split_once("password ")).map(|(_, password)| password.trim().to_owned())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Tells it to stop and gives its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not stop");
    }

    fn log_in(&self, username: &str, password: &str, province: Option<&str>) -> (u16, Value) {
        let mut body = json!({"username": username, "password": password});
        if let Some(province) = province {
            body["province"] = json!(province);
        }
        self.send(reqwest::Method::POST, "/api/v1/auth/login", None, Some(body))
    }

    fn send(&self, method: reqwest::Method, path: &str, token: Option<&str>, body: Option<Value>) -> (u16, Value) {
        in_system(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let mut request = client.request(method, format!("{}{path}", self.address));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            (status, serde_json::from_slice(&response.bytes().await.expect("a body")).unwrap_or_default())
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn password_file(place: &Place, text: &str) -> String {
    let path = place.folder.path().join("password.txt");
    std::fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}

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
fn an_address_that_is_taken_is_told_in_a_sentence() {
    let place = Place::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let complaint = place.refused(1, &["serve", "--bind", &address, "--management-bind", "127.0.0.1:0"]);
    assert!(complaint.contains(&address) && complaint.contains("in use"), "{complaint}");
    let complaint = place.refused(1, &["serve", "--bind", "127.0.0.1:0", "--management-bind", &address]);
    assert!(complaint.contains("management") && complaint.contains("in use"), "{complaint}");
}

#[test]
fn wrong_usage_is_two() {
    let place = Place::sqlite();
    for args in [
        &[][..],
        &["nonsense"],
        &["province"],
        &["province", "add", "x"],
        &["serve", "--rate-limit", "many"],
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
fn migrate_says_what_it_did() {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        let first = place.done(&["migrate"]);
        assert!(first.contains("000001") && first.contains("is current"), "{first}");
        let second = place.done(&["migrate"]);
        assert!(!second.contains("000001") && second.contains("was current"), "{second}");
    }
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
fn what_cannot_be_is_wrong_usage() {
    let place = Place::sqlite();
    for (name, wrong) in [
        ("MAHALLEH_BIND", "x"),
        ("MAHALLEH_BIND", "127.0.0.1:80800"),
        ("MAHALLEH_MANAGEMENT_BIND", ":9090"),
        ("MAHALLEH_PROVINCE", "bad code"),
        ("MAHALLEH_LOG", "[[["),
        ("MAHALLEH_LOG_FORMAT", "xml"),
    ] {
        let output = place.command(&["serve"]).env(name, wrong).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{name}={wrong}: {}", errors(&output));
        assert!(!place.folder.path().join("data").exists(), "{name}={wrong} made something");
    }
}

#[test]
fn events_are_verified_of_a_register_that_is_there() {
    let place = Place::sqlite();
    assert!(place.refused(1, &["verify-events"]).contains("There is no database ./data/mahalleh.db."));
    assert!(!place.folder.path().join("data").exists(), "a wrong path does not become a register");
    place.done(&["migrate"]);
    assert!(place.refused(1, &["verify-events"]).contains("There is no province in this database."));
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
fn a_secret_that_is_lost_is_not_made_anew_beside_its_keys() {
    let place = Place::sqlite();
    assert_eq!(place.serve().stop("TERM"), Some(0));
    let serving = ["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0", "--secret-file", "elsewhere/secret"];
    let complaint = place.refused(1, &serving);
    assert!(complaint.contains("elsewhere/secret is not there") && !complaint.contains("request id"), "{complaint}");
    assert!(!place.folder.path().join("elsewhere").exists());
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
        for args in [&["migrate"][..], &["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0"]] {
            let complaint = place.refused(1, args);
            assert!(complaint.contains("later version") && complaint.contains("29990101000001"), "{complaint}");
        }
    }
}

#[test]
fn a_standby_is_of_postgresql() {
    let place = Place::sqlite();
    for url in ["sqlite:other.db", "postgres://127.0.0.1:1/x"] {
        let serving = ["serve", "--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0"];
        let output = place.command(&serving).env("DATABASE_READ_URL", url).output().expect("the program runs");
        assert!(output.status.code() == Some(1) && errors(&output).contains("DATABASE_READ_URL"), "{}", errors(&output));
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
fn the_demo_leaves_what_is_no_register_alone() {
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
        for args in [&["demo"][..], &["demo", "--reset"]] {
            let demo = place.command(args).env("DATABASE_URL", &url).output().expect("the program runs");
            assert!(demo.status.code() == Some(1) && errors(&demo).contains("somebody's own data"), "{}", errors(&demo));
        }
        let source = Place::sqlite();
        source.done(&["province", "add", "qom", "--name", "قم", "--name-en", "Qom"]);
        if place.url.is_some() {
            let complaint = source.refused(1, &["copy", "--from", "sqlite:./data/mahalleh.db", "--to", &url]);
            assert!(complaint.contains("tables of another program"), "{complaint}");
        }
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
    let file = password_file(&place, "another-long-secret\r\n");
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
    assert_eq!(count(&place, "signing_keys WHERE true"), 2);
    assert_eq!(count(&place, "events WHERE action = 'key_rotated' AND actor_id IS NULL"), 2);
    let output = place
        .command(&["keys", "rotate"])
        .env("MAHALLEH_SECRET_FILE", place.folder.path().join("other.secret"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(count(&place, "signing_keys WHERE true"), 2);
}

#[test]
fn a_key_can_be_made_before_a_server_has_ever_started() {
    let place = Place::sqlite();
    place.done(&["migrate"]);
    assert!(place.done(&["keys", "rotate"]).contains("signing key"));
    assert_eq!(place.serve().stop("TERM"), Some(0));
    assert_eq!(count(&place, "signing_keys WHERE true"), 1, "the server takes the key that is there");
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn count(place: &Place, rows: &str) -> i64 {
    sql_query(format!("SELECT count(*) AS n FROM {rows}")).get_result::<Count>(&mut place.open()).expect("a count").n
}

/// Serves until all events are sealed, and gives how many there are.
fn sealed(place: &Place) -> i64 {
    let server = place.serve();
    let began = Instant::now();
    while count(place, "events WHERE seq IS NULL") > 0 {
        assert!(began.elapsed() < PATIENCE, "the events are not sealed");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.stop("TERM"), Some(0));
    count(place, "events")
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
             version, changes, reason, request_id, neighborhood_id, initiative_id, user_id, register, prev_hash, hash FROM events WHERE seq = 2"
        )
    };
    for (wrong, seq) in [
        ("UPDATE events SET changes = '[]' WHERE seq = 3".to_owned(), 3),
        ("UPDATE events SET at = at + 1 WHERE seq = 1".to_owned(), 1),
        ("UPDATE events SET actor_username = 'somebody' WHERE seq = 4".to_owned(), 4),
        ("UPDATE events SET register = 0 WHERE seq = 2".to_owned(), 2),
        ("UPDATE events SET hash = 'x' WHERE seq = 2".to_owned(), 2),
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

#[test]
fn the_document_is_printed() {
    let printed = Place::sqlite().done(&["openapi"]);
    let document: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
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
