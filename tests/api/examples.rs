//! The document's examples are true: each is what a server with the demo's province was sent and answered.
//!
//! `WRITE_EXAMPLES=1 cargo test --test api examples` writes them anew.

use mahalleh::{auth::password, demo};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    demo::account,
    documented::Contract,
    imports::ended,
    support::{Answer, Backend, Client, ManualClock, TestApp, databases, in_system, stop},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json");
/// What stands in the place of a secret.
const WORDS: [(&str, &str); 3] = [
    ("access_token", "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln"),
    ("client_secret", "mhs_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE"),
    ("refresh_token", "1_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE"),
];

#[test]
fn the_examples_are_what_the_demo_answers() {
    let shared = databases::own(Backend::Sqlite).expect("SQLite");
    in_system(async {
        let clock = ManualClock::repeatable();
        let world = clock.world();
        let hash = password::hash(&password::from_operator(demo::PASSWORD).expect("a password"), &world).expect("a hash");
        shared.db.write(move |conn| demo::load(conn, &world, &hash)).await.expect("the demo loads");
        let app = TestApp::in_province(shared, clock, "qom").await;
        let told = tell(&app).await;
        stop(&app.servers()).await;
        hold(&told);
    });
}

/// Compares with the file, or writes it.
fn hold(told: &Map<String, Value>) {
    if std::env::var_os("WRITE_EXAMPLES").is_some() {
        let text = serde_json::to_string_pretty(told).expect("JSON") + "\n";
        return std::fs::write(FILE, text).expect("the file is written");
    }
    let kept: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(FILE).expect("the file")).expect("JSON");
    let other: Vec<&String> = told.iter().chain(&kept).filter(|(id, _)| told.get(*id) != kept.get(*id)).map(|(id, _)| id).collect();
    assert!(other.is_empty(), "{other:?} are told otherwise; `WRITE_EXAMPLES=1 cargo test --test api examples` writes them anew");
}

/// Everything that is told, in an order that never changes, so that ids don't.
async fn tell(app: &TestApp) -> Map<String, Value> {
    let office = account(app, "province").await;
    let mut book = Book { app, contract: Contract::read(), told: Map::new() };
    let mut ids = Vec::new();
    for list in ["/neighborhoods?code=sheikhabad", "/agencies?code=education", "/agencies?code=labour"] {
        ids.push(id(&one(&office, list).await));
    }
    let [place, school, labour] = [&ids[0], &ids[1], &ids[2]];
    book.people(&office, place).await;
    book.lists(&office, place, school).await;
    book.reports(&office, place, school, labour).await;
    book.registers(&office, school).await;
    book.work(&office, place, school).await;
    book.imports(&office).await;
    book.told
}

/// The first of a list.
async fn one(who: &Client, list: &str) -> Value {
    who.get(list).await.is(200).items().first().expect("one").clone()
}

fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

/// A square of a hundredth of a degree, its lower left corner at so many hundredths.
fn square(east: i32, north: i32) -> Value {
    let corner = |right: i32, up: i32| [f64::from(east + right) / 100.0, f64::from(north + up) / 100.0];
    json!({"type": "Polygon", "coordinates": [[corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)]]})
}

/// Puts words in the place of secrets.
fn hide(value: &mut Value) {
    for (name, word) in WORDS {
        if let Some(secret) = value.get_mut(name).filter(|secret| secret.is_string()) {
            *secret = word.into();
        }
    }
}

/// What has been told so far, by operations.
struct Book<'a> {
    app: &'a TestApp,
    contract: Contract,
    told: Map<String, Value>,
}

impl Book<'_> {
    async fn call(&mut self, who: &Client, operation: &str, item: &str, query: &str, body: Option<&Value>) -> Answer {
        let (_, method, path, _) = self.contract.operations().into_iter().find(|(name, ..)| name == operation).expect("an operation");
        let mut request = who.at(method.clone(), &format!("{}{query}", path.replace("{id}", item).replace("{code}", item)));
        if method == Method::PATCH {
            request = request.header("if-match", "*");
        }
        if let Some(body) = body {
            self.app.clock.advance(10);
            request = request.json(body.clone());
        }
        request.await
    }

    /// Asks, and writes down what is answered.
    async fn ask(&mut self, who: &Client, operation: &str, item: &str, query: &str) {
        let answer = self.call(who, operation, item, query, None).await.is(200);
        self.told.insert(operation.to_owned(), json!({"answered": answer.json}));
    }

    /// Sends, and writes down both; gives the answer.
    async fn send(&mut self, who: &Client, operation: &str, item: &str, body: Value) -> Value {
        let answer = self.call(who, operation, item, "", Some(&body)).await;
        assert!(answer.status < 300, "{operation}: {}", answer.text());
        let mut answered = answer.json.clone();
        hide(&mut answered);
        self.told.insert(operation.to_owned(), json!({"sent": body, "answered": answered}));
        answer.json
    }

    /// Asks for a file of a list or report, and writes down how it begins: the heading, and as many rows.
    async fn file(&mut self, who: &Client, operation: &str, query: &str, rows: usize) {
        let answer = self.call(who, operation, "", &format!("{query}&format=csv"), None).await.is(200);
        let begin: String = answer.text().split_inclusive("\r\n").take(rows + 1).collect();
        self.told.insert(operation.to_owned(), json!({"answered": begin}));
    }

    /// Asks for a page of a list with one item, and for the same of the export.
    async fn list(&mut self, who: &Client, plural: &str, filter: &str) {
        self.ask(who, &format!("list{plural}"), "", &format!("?{filter}&limit=1&with_total=true")).await;
        let export = format!("export{plural}");
        self.file(who, &export, &format!("?{filter}"), 1).await;
        let answer = self.call(who, &export, "", &format!("?{filter}&format=ndjson"), None).await.is(200);
        self.told[&export]["ndjson"] = answer.text().split_inclusive('\n').next().into();
    }

    async fn people(&mut self, office: &Client, place: &str) {
        let manager = account(self.app, "manager-sheikhabad").await;
        self.ask(&manager, "getMe", "", "").await;
        self.ask(&manager, "getProblem", "stale_version", "").await;
        self.send(&self.app.anonymous(), "login", "", json!({"username": "province", "password": demo::PASSWORD})).await;
        self.list(office, "Users", "role=neighborhood_manager").await;
        self.list(office, "Mandates", &format!("neighborhood_id={place}&on=2026-11-22")).await;
    }

    async fn lists(&mut self, office: &Client, place: &str, school: &str) {
        let teacher = account(self.app, "agency-education").await;
        self.list(office, "Agencies", "kind=education").await;
        self.list(office, "Domains", "active=true").await;
        // Redocly has it that null is none of the shapes that a boundary may have.
        let surveyed = json!({"population": 49150, "profile_as_of": "2026-09-22", "boundary": square(5087, 3467)});
        self.send(office, "updateNeighborhood", place, surveyed).await;
        self.list(office, "Neighborhoods", "code=sheikhabad").await;
        self.list(office, "Initiatives", &format!("neighborhood_id={place}&health=at_risk&sort=-code")).await;
        self.list(&teacher, "Responsibilities", &format!("neighborhood_id={place}&agency_id={school}&status=accepted")).await;
        self.list(office, "Deferrals", "status=requested").await;
        self.list(office, "Events", "resource_type=responsibility&action=transitioned&sort=-seq").await;
    }

    /// Each narrowed until it is short.
    async fn reports(&mut self, office: &Client, place: &str, school: &str, labour: &str) {
        let (agency, domain) = (format!("&agency_id={school}"), "&domain=education");
        for (report, narrower) in [
            ("Overview", domain.to_owned()),
            ("Neighborhoods", domain.to_owned()),
            ("Domains", domain.to_owned()),
            ("Agencies", agency.clone()),
            ("Late", domain.to_owned()),
            ("Gaps", format!("{domain}{agency}")),
            ("Pace", format!("{domain}{agency}")),
            ("Agenda", format!("&domain=employment&agency_id={labour}")),
            ("Timeline", format!("&domain=employment{agency}")),
        ] {
            let filter = format!("?neighborhood_id={place}{narrower}");
            self.ask(office, &format!("get{report}Report"), "", &filter).await;
            self.file(office, &format!("export{report}Report"), &filter, 2).await;
        }
    }

    async fn registers(&mut self, office: &Client, school: &str) {
        let agency = json!({
            "code": "libraries", "name": "نهاد کتابخانه‌های عمومی", "name_en": "Public Libraries", "kind": "culture", "phone": "025-37740000",
        });
        let made = self.send(office, "createAgency", "", agency).await;
        self.send(office, "updateAgency", &id(&made), json!({"phone": "025-37740001", "email": "info@libraries.example"})).await;
        let made =
            self.send(office, "createDomain", "", json!({"code": "environment", "name": "محیط زیست", "name_en": "Environment"})).await;
        self.send(office, "updateDomain", &id(&made), json!({"active": false})).await;
        let city = json!({
            "code": "shahrak-qods", "name": "شهرک قدس", "name_en": "Shahrak-e Qods", "county": "قم", "city": "قم",
            "population": 42000, "boundary": square(5085, 3463),
        });
        let made = self.send(office, "createNeighborhood", "", city).await;
        let manager = json!({
            "username": "manager-qods", "display_name": "مدیر محلهٔ شهرک قدس", "role": "neighborhood_manager", "password": "a-longer-secret",
        });
        let user = self.send(office, "createUser", "", manager).await;
        let order = json!({"user_id": user["id"], "neighborhood_id": made["id"], "order_no": "۱۴۰۵/۱۲۳", "valid_from": "2026-11-22"});
        let mandate = self.send(office, "createMandate", "", order).await;
        self.send(office, "updateMandate", &id(&mandate), json!({"valid_to": "2027-03-20"})).await;
        self.send(office, "updateUser", &id(&user), json!({"active": false})).await;
        let client = json!({"name": "انبار دادهٔ آموزش و پرورش", "role": "agency", "agency_id": school, "valid_to": "2027-03-20"});
        let client = self.send(office, "createClient", "", client).await;
        self.ask(office, "listClients", "", "?limit=1&with_total=true").await;
        self.send(office, "issueClientSecret", &id(&client), json!({"overlap_hours": 24})).await;
        self.send(office, "updateClient", &id(&client), json!({"active": false})).await;
    }

    async fn work(&mut self, office: &Client, place: &str, school: &str) {
        let teacher = account(self.app, "agency-education").await;
        let initiative = json!({
            "code": "SH-EDU-09", "neighborhood_id": place, "domain": "education", "title": "کلاس جبرانی فیزیک در سه مدرسهٔ شیخ‌آباد",
            "starts_on": "2026-12-01", "due_on": "2027-05-31", "lead_agency_id": school,
            "budget_planned_rial": 4_500_000_000_i64, "beneficiaries_planned": 320,
        });
        let made = self.send(office, "createInitiative", "", initiative).await;
        let responsibility = json!({
            "code": "R1", "initiative_id": made["id"], "agency_id": school, "part": "lead", "title": "برگزاری کلاس‌ها",
            "deliverable": "۴۸ جلسه کلاس", "acceptance_criterion": "فهرست حضور ماهانه", "weight": 40, "due_on": "2027-05-15",
        });
        let made = self.send(office, "createResponsibility", "", responsibility).await;
        self.send(office, "updateResponsibility", &id(&made), json!({"title": "برگزاری کلاس‌های جبرانی", "weight": 30})).await;
        let running = one(office, &format!("/initiatives?neighborhood_id={place}&health=at_risk&sort=-code")).await;
        let spent = json!({"budget_spent_rial": 2_900_000_000_i64, "beneficiaries_reached": 78});
        self.send(office, "updateInitiative", &id(&running), spent).await;
        let blocked = json!({"to": "blocked", "reason": "مجوز شهرداری هنوز نرسیده است"});
        self.send(office, "transitionInitiative", &id(&running), blocked).await;
        let accepted = format!("/responsibilities?neighborhood_id={place}&agency_id={school}&status=accepted");
        let reported = json!({"to": "reported", "reported_done_on": "2026-11-20", "note": "۱۲۰ جلسه برگزار شد"});
        self.send(&teacher, "transitionResponsibility", &id(&one(&teacher, &accepted).await), reported).await;
        let wish = json!({"responsibility_id": one(&teacher, &accepted).await["id"], "requested_due_on": "2027-01-20", "reason": "دیرکرد در تحویل تجهیزات"});
        let made = self.send(&teacher, "createDeferral", "", wish).await;
        self.send(office, "transitionDeferral", &id(&made), json!({"to": "accepted", "note": "تا پایان دی"})).await;
    }

    async fn imports(&mut self, office: &Client) {
        let file = "code,name,kind\nguilds,اتاق اصناف قم,other\nbazaar,,other\n";
        let queued = office.request(Method::POST, "/imports?dataset=agencies&mode=per_row").body("text/csv", file).await.is(202);
        self.told.insert("createImport".to_owned(), json!({"answered": queued.json}));
        let second = office.request(Method::POST, "/imports?dataset=agencies&mode=per_row").body("text/csv", file).await.is(202);
        self.ask(office, "cancelImport", &second.id(), "").await;
        self.app.imports();
        ended(office, &queued.id()).await;
        self.ask(office, "listImports", "", "?state=succeeded&limit=1&with_total=true").await;
        self.ask(office, "listImportRows", &queued.id(), "?outcome=rejected&limit=1&with_total=true").await;
    }
}
