//! `mahalleh import`, against a server of its own.

mod broken;

use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{Place, Server, errors, password_file};

const HEADING: &str = "code;name;kind;active\r\n";

/// A server, and the token of its province.
struct Office {
    place: Place,
    server: Server,
    password: String,
    token: String,
}

impl Office {
    fn open(place: Place, flags: &[&str]) -> Self {
        let server = place.serve_with(flags);
        let password = server.password().expect("a password");
        let token = server.province_token(&password);
        Self { place, server, password, token }
    }

    /// On both databases.
    fn each(flags: &'static [&'static str]) -> impl Iterator<Item = Self> {
        [Some(Place::sqlite()), Place::postgres()].into_iter().flatten().map(|place| Self::open(place, flags))
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.place.folder.path().join(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.place.folder.path().join(name)).expect("a file")
    }

    /// A command on a server at this address, with the token in the environment.
    fn command_at(&self, address: &str, args: &[&str]) -> Command {
        let mut command = self.place.command(&[args, &["--url", address]].concat());
        command.env("MAHALLEH_TOKEN", &self.token);
        command
    }

    fn output(&self, args: &[&str]) -> Output {
        self.command_at(&self.server.address, args).output().expect("the program runs")
    }

    /// What it prints, and what it complains of; expects this exit code.
    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> (String, String) {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", errors(&output));
        assert!(!errors(&output).contains("panicked"), "{}", errors(&output));
        (String::from_utf8(output.stdout.clone()).expect("UTF-8"), errors(&output))
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.server.send(reqwest::Method::GET, path, Some(&self.token), None);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.server.send(reqwest::Method::POST, path, Some(&self.token), Some(body));
        assert_eq!(status, 201, "{path}: {answer}");
        answer
    }

    fn codes(&self, list: &str) -> Vec<String> {
        let page = self.get(&format!("/api/v1/{list}?sort=code&limit=200"));
        page["items"].as_array().expect("items").iter().map(|item| item["code"].as_str().expect("a code").to_owned()).collect()
    }

    fn imports(&self) -> Vec<Value> {
        self.get("/api/v1/imports")["items"].as_array().expect("items").clone()
    }
}

/// The lines without what keeps them from left to right.
fn plain(text: &str) -> Vec<String> {
    text.replace('\u{200e}', "").lines().map(str::to_owned).collect()
}

#[test]
fn rows_are_imported_and_the_rejected_ones_shown() {
    for office in Office::each(&[]) {
        office.file("a.csv", &format!("\u{feff}{HEADING}a1;کلاس;آموزش;بله\r\n\r\na2;;كار;خیر\r\nA۱;=1+1;هنر;\r\n"));
        let per_row = ["import", "a.csv", "--dataset", "agencies", "--mode", "per_row", "--report", "report.csv"];
        let (said, complained) = office.ends(1, &per_row);
        let said = plain(&said);
        assert_eq!(said[0], "3 rows: 1 created, 0 updated, 0 unchanged; 2 rejected.");
        assert_eq!(said[1], "row  code  column  value  message");
        assert_eq!(said[2], "3    a2    name           A value is required here.");
        assert_eq!(said[3], "4    A۱    code    A۱     This key stands already in row 1 of this file.");
        assert!(said[4].starts_with("           kind    هنر    Must be one of: education, "), "{}", said[4]);
        assert_eq!(said.len(), 5);
        assert!(complained.contains("Wrote report.csv.") && complained.contains("2 rows rejected."), "{complained}");
        assert_eq!(office.codes("agencies"), ["a1"]);
        let report = office.read("report.csv");
        let lines: Vec<&str> = report.split("\r\n").collect();
        assert_eq!(lines[0], "\u{feff}row,code,outcome,column,fault,value,message");
        assert_eq!(lines[1], "1,a1,created,,,,");
        assert_eq!(lines[2], "3,a2,rejected,name,required,,A value is required here.");
        assert_eq!(lines[3], "4,A۱,rejected,code,duplicate_key,A۱,This key stands already in row 1 of this file.");
        assert!(lines[4].starts_with("4,A۱,rejected,kind,not_one_of,هنر,\"Must be one of: "), "{}", lines[4]);
        assert_eq!(lines.len(), 6, "{report}");

        // The other way round: nothing is written for one fault, and a dry run says the same.
        office.file("b.csv", &format!("{HEADING}b1;یک;آموزش;\r\nb2;دو;؟؟؟;\r\na1;کلاس;آموزش;\r\n"));
        for more in [&[][..], &["--dry-run"]] {
            let (said, _) = office.ends(1, &[&["import", "b.csv", "--dataset", "agencies"], more].concat());
            assert!(said.starts_with("3 rows: would be 1 created, 0 updated, 1 unchanged; 1 rejected.\n"), "{said}");
        }
        assert_eq!(office.codes("agencies"), ["a1"]);
        office.file("c.csv", &format!("{HEADING}c1;یک;آموزش;\r\n"));
        let (said, _) = office.ends(0, &["import", "c.csv", "--dataset", "agencies", "--dry-run"]);
        assert_eq!(
            (said.as_str(), office.codes("agencies").len()),
            ("1 row: would be 1 created, 0 updated, 0 unchanged; 0 rejected.\n", 1)
        );
        let (said, complained) = office.ends(0, &["import", "c.csv", "--dataset", "agencies"]);
        assert_eq!(said, "1 row: 1 created, 0 updated, 0 unchanged; 0 rejected.\n");
        assert!(complained.is_empty(), "{complained}");
        assert_eq!(office.codes("agencies"), ["a1", "c1"]);
    }
}

#[test]
fn many_rejected_rows_are_counted_and_reported_whole() {
    for office in Office::each(&[]) {
        let rows: String = (1..=450).map(|n| format!("m{n};=name;{};\r\n", if n % 3 == 0 { "آموزش" } else { "=هنر" })).collect();
        office.file("m.csv", &format!("{HEADING}{rows}"));
        let mut persian = office.command_at(
            &office.server.address,
            &["import", "m.csv", "--dataset", "agencies", "--mode", "per_row", "--report", "report.csv"],
        );
        let output = persian.env("LC_ALL", "fa_IR.UTF-8").output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
        let said = plain(&String::from_utf8_lossy(&output.stdout));
        assert_eq!(said[0], "450 rows: 150 created, 0 updated, 0 unchanged; 300 rejected.");
        assert!(said[2].contains("باید یکی از این‌ها باشد"), "{}", said[2]);
        assert_eq!((said.len(), said[52].as_str()), (53, "… and 250 more; the report has them all."));
        let report = office.read("report.csv");
        assert_eq!(report.split("\r\n").count(), 452);
        assert!(report.contains("\r\n449,m449,rejected,kind,not_one_of,'=هنر,"), "{report}");
        let (said, _) = office.ends(1, &["import", "m.csv", "--dataset", "agencies"]);
        assert!(said.ends_with("… and 250 more; --report FILE writes them all.\n"), "{said}");
    }
}

#[test]
fn dates_are_of_the_calendar_that_is_said() {
    for office in Office::each(&[]) {
        office.file("n.txt", "کد\tنام\tشهر\tتاریخ آمار\nn1\tشیخ‌آباد\tقم\t۱۴۰۵/۰۱/۰۱\n");
        let file = password_file(&office.place, &office.password);
        let by_name = ["--user", "province", "--password-file", &file, "--url", &office.server.address];
        let args = ["import", "n.txt", "--dataset", "neighborhoods", "--calendar", "jalali"];
        office.place.done(&[&args[..], &by_name].concat());
        assert_eq!(office.get("/api/v1/neighborhoods?code=n1")["items"][0]["profile_as_of"], "2026-03-21");
        assert_eq!(office.get("/api/v1/events?action=logged_out")["items"].as_array().map(Vec::len), Some(1), "the login is ended");
        office.ends(1, &["import", "n.txt", "--dataset", "neighborhoods"]);
        office.file("n.dat", &office.read("n.txt"));
        office.ends(0, &["import", "n.dat", "--dataset", "neighborhoods", "--calendar", "jalali", "--format", "csv"]);
    }
}

#[test]
fn what_is_exported_imports_as_all_unchanged() {
    for office in Office::each(&[]) {
        let agency = office.post("/api/v1/agencies", json!({"code": "edu", "name": "=آموزش", "kind": "education", "phone": "+98-25"}));
        let place = json!({"code": "n1", "name": "شیخ‌آباد", "city": "قم", "designation": "model", "designated_on": "2026-04-01"});
        let place = office.post("/api/v1/neighborhoods", place);
        for number in ["007", "i2", "I-3"] {
            let initiative = json!({
                "code": number, "neighborhood_id": place["id"], "domain": "sport", "title": "کلاس، \"ورزش\"", "description": "یک\nدو",
                "starts_on": "2026-12-01", "due_on": "2027-03-20", "lead_agency_id": agency["id"], "budget_planned_rial": 1_000_000,
            });
            let initiative = office.post("/api/v1/initiatives", initiative);
            let part = json!({"code": "r1", "initiative_id": initiative["id"], "agency_id": agency["id"], "part": "lead", "title": "+کار", "due_on": "2027-01-01"});
            office.post("/api/v1/responsibilities", part);
        }
        for dataset in ["agencies", "neighborhoods", "initiatives", "responsibilities", "users"] {
            for format in ["csv", "xlsx", "ndjson"] {
                let file = format!("{dataset}.{format}");
                let calendar = if format == "csv" { "jalali" } else { "gregorian" };
                let both = ["--dataset", dataset, "--format", format, "--calendar", calendar];
                office.ends(0, &[&["export", "--output", &file][..], &both].concat());
                let (said, _) = office.ends(0, &[&["import", &file][..], &both].concat());
                assert!(said.contains(": 0 created, 0 updated, ") && !said.contains(" 0 unchanged"), "{file}: {said}");
            }
        }
    }
}

#[test]
fn what_the_server_refuses_exits_with_1() {
    for office in Office::each(&["--import-limit", "4096"]) {
        office.file("big.csv", &format!("{HEADING}{}", "x;یک;آموزش;\r\n".repeat(100_000)));
        let (said, complained) = office.ends(1, &["import", "big.csv", "--dataset", "agencies"]);
        assert!(said.is_empty() && complained.contains("(413)"), "{complained}");
        office.file("a.csv", HEADING);
        let viewer = json!({"username": "viewer", "display_name": "ناظر", "role": "viewer", "password": "a-long-enough-secret"});
        office.post("/api/v1/users", viewer);
        let file = password_file(&office.place, "a-long-enough-secret");
        let args = ["import", "a.csv", "--dataset", "agencies", "--url", &office.server.address];
        let told = office.place.refused(1, &[&args[..], &["--user", "viewer", "--password-file", &file]].concat());
        assert!(told.contains("(403)"), "{told}");
        assert!(office.imports().is_empty());
    }
}

#[test]
fn failures_and_wrong_usage_exit_with_2() {
    for office in Office::each(&[]) {
        office.file("a.csv", "code;name;colour\r\na;b;red\r\n");
        office.file("report.csv", "as it was");
        let (said, complained) = office.ends(2, &["import", "a.csv", "--dataset", "agencies", "--report", "report.csv"]);
        assert!(said.is_empty() && complained.contains("Not known as a column: colour."), "{complained}");
        assert_eq!(office.read("report.csv"), "as it was");
        office.file("broken.csv", &format!("{HEADING}a;b;کار;\r\n\"c;d"));
        let (_, complained) = office.ends(2, &["import", "broken.csv", "--dataset", "agencies"]);
        assert!(complained.contains("because of row 2: The file cannot be read"), "{complained}");
        office.file("a.pdf", "%PDF");
        for args in [
            &["import"][..],
            &["import", "a.csv"],
            &["import", "a.csv", "--dataset", "domains"],
            &["import", "a.csv", "--dataset", "agencies", "--mode", "some"],
            &["import", "a.csv", "--dataset", "agencies", "--calendar", "lunar"],
            &["import", "a.csv", "--dataset", "agencies", "--password", "on the command line"],
            &["import", "a.pdf", "--dataset", "agencies"],
            &["import", "none.csv", "--dataset", "agencies"],
            &["import", ".", "--format", "csv", "--dataset", "agencies"],
            &["import", "a.csv", "--dataset", "agencies", "--report", "./a.csv"],
            &["import", "a.csv", "--dataset", "agencies", "--report", "none/report.csv"],
        ] {
            let (said, _) = office.ends(2, args);
            assert!(said.is_empty(), "{args:?}: {said}");
        }
        assert_eq!(office.imports().len(), 2);
        let nobody = office.command_at("http://127.0.0.1:1", &["import", "a.csv", "--dataset", "agencies"]).output().expect("it runs");
        assert!(nobody.status.code() == Some(2) && errors(&nobody).contains("can't be reached"), "{}", errors(&nobody));
        let place = &office.place;
        let told = place.refused(2, &["import", "a.csv", "--dataset", "agencies", "--url", &office.server.address]);
        assert!(told.contains("--user"), "{told}");
    }
}

/// What `docs/importing.md` shows, with its files.
#[test]
fn the_files_of_the_document_import_as_it_says() {
    let file = |name: &str| format!("{}/docs/importing/{name}", env!("CARGO_MANIFEST_DIR"));
    let document = include_str!("../../../docs/importing.md");
    for office in Office::each(&[]) {
        for code in ["education", "sport", "health", "labour"] {
            office.post("/api/v1/agencies", json!({"code": code, "name": code, "kind": "other"}));
        }
        for code in ["sheikhabad", "pardisan", "imamreza"] {
            office.post("/api/v1/neighborhoods", json!({"code": code, "name": code, "city": "قم"}));
        }
        let initiatives = ["--dataset", "initiatives", "--calendar", "jalali"];
        let told = |code: i32, name: &str, more: &[&str]| {
            let (said, _) = office.ends(code, &[&["import", &file(name)], more].concat());
            for line in plain(&said) {
                assert!(document.lines().any(|known| known == line), "the document does not show: {line}");
            }
            said
        };
        assert_eq!(told(1, "office.csv", &initiatives).lines().count(), 7);
        told(0, "corrected.csv", &[&initiatives[..], &["--dry-run"]].concat());
        told(0, "corrected.csv", &initiatives);
        told(0, "corrected.csv", &initiatives);
        told(0, "agencies.xlsx", &["--dataset", "agencies"]);
        assert_eq!(office.codes("initiatives"), ["OF-01", "OF-02", "OF-03", "OF-04"]);
        let first = &office.get("/api/v1/initiatives?code=OF-01")["items"][0];
        assert_eq!((&first["title"], &first["due_on"]), (&json!("كلاس تقويتي رياضي در سه مدرسه"), &json!("2027-05-21")));
        let agency = &office.get("/api/v1/agencies?code=0071")["items"][0];
        assert_eq!(agency["kind"], "culture");
    }
}
