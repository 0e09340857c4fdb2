//! Connections that break, tokens that run out, servers that are busy, users who interrupt.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use super::{HEADING, Office};
use crate::cli::{PATIENCE, Place, errors, password_file};

/// Stands before a server and loses its answer to the first upload.
fn forgetful(server: &str) -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (lost, told) = (Arc::new(AtomicBool::new(false)), server.trim_start_matches("http://").to_owned());
    let shared = Arc::clone(&lost);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (server, lost) = (TcpStream::connect(&told).expect("the server"), Arc::clone(&shared));
            let uploads = Arc::new(AtomicBool::new(false));
            let (mut from, mut to, seen) =
                (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"), Arc::clone(&uploads));
            std::thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(count @ 1..) = from.read(&mut piece) {
                    if piece[..count].windows(21).any(|part| part == b"POST /api/v1/imports?") {
                        seen.store(true, Ordering::SeqCst);
                    }
                    if to.write_all(&piece[..count]).is_err() {
                        break;
                    }
                }
            });
            std::thread::spawn(move || answers(server, client, &uploads, &lost));
        }
    });
    (address, lost)
}

fn answers(mut server: TcpStream, mut client: TcpStream, uploads: &AtomicBool, lost: &AtomicBool) {
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut piece) {
        if uploads.load(Ordering::SeqCst) && !lost.swap(true, Ordering::SeqCst) {
            drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
            return;
        }
        if client.write_all(&piece[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn an_upload_whose_answer_was_lost_is_not_imported_twice() {
    for office in Office::each(&[]) {
        office.file("a.csv", &format!("{HEADING}a1;یک;آموزش;\r\n"));
        let (address, lost) = forgetful(&office.server.address);
        let output = office.command_at(&address, &["import", "a.csv", "--dataset", "agencies"]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "1 row: 1 created, 0 updated, 0 unchanged; 0 rejected.\n");
        assert!(lost.load(Ordering::SeqCst), "the answer was lost once");
        assert_eq!(office.imports().len(), 1);
        // A file that is meant to be imported again is: the key is of the run, not of the file.
        office.ends(0, &["import", "a.csv", "--dataset", "agencies"]);
        assert_eq!(office.imports().len(), 2);
    }
}

/// Sends a signal once the import has arrived.
fn interrupt(office: &Office, child: &Child, signal: &str) {
    let began = Instant::now();
    while office.imports().is_empty() {
        assert!(began.elapsed() < PATIENCE, "nothing arrives");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill").success());
}

#[test]
fn an_interrupt_cancels_the_import() {
    // Nobody works on it, so that it is under way as long as the test wishes.
    for (office, signal) in Office::each(&["--import-workers", "0"]).zip(["-INT", "-TERM"]) {
        office.file("a.csv", &format!("{HEADING}a1;یک;آموزش;\r\n"));
        let child = office.command_at(&office.server.address, &["import", "a.csv", "--dataset", "agencies"]).spawn().expect("it starts");
        interrupt(&office, &child, signal);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        let (told, job) = (errors(&output), &office.imports()[0]);
        assert_eq!(job["state"], "cancelled");
        assert!(told.contains("asking the server to cancel") && told.contains("is cancelled; nothing was written."), "{told}");
        assert!(told.contains(job["id"].as_str().expect("an id")) && output.stdout.is_empty(), "{told}");
    }
}

#[test]
fn an_interrupt_cancels_the_import_though_nobody_listens() {
    for office in Office::each(&["--import-workers", "0"]) {
        office.file("a.csv", &format!("{HEADING}a1;یک;آموزش;\r\n"));
        let mut child =
            office.command_at(&office.server.address, &["import", "a.csv", "--dataset", "agencies"]).spawn().expect("it starts");
        // As where the end of a pipeline gets the interrupt first.
        drop(child.stderr.take());
        interrupt(&office, &child, "-INT");
        assert_eq!(child.wait().expect("it ends").code(), Some(2));
        assert_eq!(office.imports()[0]["state"], "cancelled");
    }
}

#[test]
fn a_report_of_long_values_is_fetched_whole() {
    for office in Office::each(&[]) {
        let cells = vec!["ک".repeat(500); 4].join(";");
        office.file("a.csv", &format!("{HEADING}{}", format!("{cells}\r\n").repeat(400)));
        let args = ["import", "a.csv", "--dataset", "agencies", "--mode", "per_row", "--report", "report.csv"];
        office.ends(1, &args);
        let report = office.read("report.csv");
        assert!(report.len() > 2 << 20 && report.contains("\r\n400,"), "{}", report.len());
    }
}

/// A server that gives these answers to these requests, a connection each.
fn scripted(script: &'static [(&'static str, &'static str, &'static str)]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = std::thread::spawn(move || script.iter().map(|step| serve_one(&listener, step)).collect());
    (address, asked)
}

fn serve_one(listener: &TcpListener, (expected, status, body): &(&str, &str, &str)) -> String {
    let (mut stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    let text = loop {
        match stream.read(&mut buffer) {
            Ok(count) => request.extend_from_slice(&buffer[..count]),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
        }
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let size = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok()).unwrap_or(0);
        if text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= size) {
            break text;
        }
    };
    assert!(text.starts_with(&expected.to_lowercase()), "{expected}: {text}");
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).expect("it takes the answer");
    text
}

const RUNNING: &str = r#"{"id": "1", "mode": "per_row", "dry_run": false, "state": "running", "rows_total": null, "rows_done": 0, "created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "error": null}"#;
const DONE: &str = r#"{"id": "1", "mode": "per_row", "dry_run": false, "state": "succeeded", "rows_total": 7, "rows_done": 7, "created": 0, "updated": 7, "unchanged": 0, "rejected": 0, "error": null}"#;

#[test]
fn a_token_that_ran_out_is_renewed_and_a_busy_server_asked_again() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("a.csv"), "code\r\n").expect("a file");
    let file = password_file(&place, "a password");
    let (address, asked) = scripted(&[
        ("POST /api/v1/auth/login", "200 OK", r#"{"access_token": "first", "refresh_token": "r1"}"#),
        ("GET /api/v1/me", "200 OK", "{}"),
        ("POST /api/v1/imports?dataset=users&mode=per_row", "503 Busy\r\nRetry-After: 1", "{}"),
        ("POST /api/v1/imports?dataset=users&mode=per_row", "202 Accepted", RUNNING),
        ("GET /api/v1/imports/1", "401 Unauthorized", "{}"),
        ("POST /api/v1/auth/refresh", "200 OK", r#"{"access_token": "second", "refresh_token": "r2"}"#),
        ("GET /api/v1/imports/1", "200 OK", RUNNING),
        ("GET /api/v1/imports/1", "429 Slow\r\nRetry-After: 1", "{}"),
        ("GET /api/v1/imports/1", "200 OK", DONE),
        ("POST /api/v1/auth/logout", "204 No Content", ""),
    ]);
    let args = ["import", "a.csv", "--dataset", "users", "--mode", "per_row", "--url", &address, "--user", "u", "--password-file", &file];
    assert_eq!(place.done(&args), "7 rows: 0 created, 7 updated, 0 unchanged; 0 rejected.\n");
    let asked = asked.join().expect("the script");
    let key = |text: &str| text.split("idempotency-key: ").nth(1).and_then(|rest| rest.lines().next()).expect("a key").to_owned();
    assert_eq!(key(&asked[2]), key(&asked[3]), "one key for both tries");
    assert!(asked[4].contains("bearer first") && asked[6].contains("bearer second"), "{asked:?}");
    assert!(asked[5].contains("r1") && asked[9].contains("r2"), "{asked:?}");
}

#[test]
fn a_service_account_takes_another_token_with_the_secret_that_its_file_has_now() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("a.csv"), "code\r\n").expect("a file");
    std::fs::write(place.folder.path().join("client.json"), r#"{"client_id": "c", "client_secret": "s+1", "name": "n"}"#).expect("a file");
    let (address, asked) = scripted(&[
        ("POST /api/v1/oauth/token", "200 OK", r#"{"access_token": "first", "expires_in": 900}"#),
        ("GET /api/v1/me", "200 OK", "{}"),
        ("POST /api/v1/imports?dataset=users&mode=per_row", "202 Accepted", RUNNING),
        ("GET /api/v1/imports/1", "401 Unauthorized", "{}"),
        ("POST /api/v1/oauth/token", "200 OK", r#"{"access_token": "second", "expires_in": 900}"#),
        ("GET /api/v1/imports/1", "200 OK", RUNNING),
        ("GET /api/v1/imports/1", "401 Unauthorized", "{}"),
        ("POST /api/v1/oauth/token", "200 OK", r#"{"access_token": "third", "expires_in": 900}"#),
        ("GET /api/v1/imports/1", "200 OK", DONE),
    ]);
    let args = ["import", "a.csv", "--dataset", "users", "--mode", "per_row", "--url", &address, "--client-file", "client.json"];
    assert_eq!(place.done(&args), "7 rows: 0 created, 7 updated, 0 unchanged; 0 rejected.\n");
    let asked = asked.join().expect("the script");
    assert!(asked[0].ends_with("grant_type=client_credentials&client_id=c&client_secret=s%2b1"), "{}", asked[0]);
    assert!(asked[3].contains("bearer first") && asked[5].contains("bearer second") && asked[8].contains("bearer third"), "{asked:?}");
}

#[test]
fn a_service_account_imports_and_exports_from_a_file_or_the_environment() {
    for office in Office::each(&[]) {
        let made = office.post("/api/v1/clients", json!({"name": "sync", "role": "province"}));
        office.file("client.json", &made.to_string());
        office.file("a.csv", &format!("{HEADING}a1;کلاس;آموزش;بله\r\n"));
        let run = |args: &[&str], more: &[(&str, &str)]| {
            let mut command = office.place.command(&[args, &["--dataset", "agencies", "--url", &office.server.address]].concat());
            command.envs(more.iter().copied()).output().expect("it runs")
        };
        let imported = run(&["import", "a.csv", "--client-file", "client.json"], &[]);
        assert!(imported.status.success(), "{}", errors(&imported));
        let (id, secret) = (made["client_id"].as_str().expect("an id"), made["client_secret"].as_str().expect("a secret"));
        let exported = run(&["export"], &[("MAHALLEH_CLIENT_ID", id), ("MAHALLEH_CLIENT_SECRET", secret)]);
        assert!(String::from_utf8_lossy(&exported.stdout).contains("a1"), "{}", errors(&exported));
        let events = office.get("/api/v1/events?action=imported,exported");
        let actors: Vec<&str> =
            events["items"].as_array().expect("items").iter().filter_map(|event| event["actor"]["username"].as_str()).collect();
        assert_eq!(actors, [id, id]);
        let stranger = run(&["export"], &[("MAHALLEH_CLIENT_ID", id), ("MAHALLEH_CLIENT_SECRET", "wrong")]);
        assert_eq!(stranger.status.code(), Some(1));
        assert!(errors(&stranger).contains("its secret is another. (401)"), "{}", errors(&stranger));
        office.file("broken.json", "mhs_secret");
        let broken = run(&["export", "--client-file", "broken.json"], &[]);
        assert!(broken.status.code() == Some(2) && !errors(&broken).contains("mhs_"), "{}", errors(&broken));
        assert_eq!(run(&["export", "--client-file", "client.json", "--user", "u"], &[]).status.code(), Some(2));
        let flagged = run(&["export", "--client-file", "client.json"], &[("MAHALLEH_USER", "u"), ("MAHALLEH_PASSWORD", "p")]);
        assert!(flagged.status.success(), "a flag wins over the environment: {}", errors(&flagged));
        let address = office.server.address.replace("://", "://a:sekret@");
        let named = office.place.command(&["export", "--dataset", "agencies"]).env("MAHALLEH_URL", address).output().expect("it runs");
        assert!(named.status.code() == Some(2) && !errors(&named).contains("sekret"), "{}", errors(&named));
    }
}

#[test]
fn an_import_that_is_lost_sight_of_is_named() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("a.csv"), "code\r\n").expect("a file");
    let (address, asked) = scripted(&[
        ("GET /api/v1/me", "200 OK", "{}"),
        ("POST /api/v1/imports?", "202 Accepted", RUNNING),
        ("GET /api/v1/imports/1", "500 Internal Server Error", "{}"),
    ]);
    let output = place.command(&["import", "a.csv", "--dataset", "users", "--url", &address]).env("MAHALLEH_TOKEN", "t").output();
    let output = output.expect("it runs");
    asked.join().expect("the script");
    assert!(output.status.code() == Some(2) && errors(&output).contains("GET /api/v1/imports/1 tells how it ends"), "{}", errors(&output));
}
