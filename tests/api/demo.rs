//! The demo's province holds what CONTRACT §6 promises, on both databases.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::{
    auth::password,
    clock::{World, tehran_day},
    db::{in_snapshot, schema::users},
    demo,
    events::{self, ChainState},
    figures::{Figures, Responsibility},
};
use serde_json::{Value, json};

use crate::support::{Backend, Client, ManualClock, TestApp, databases, in_system, stop};

#[test]
fn the_demo_shows_everything_on_sqlite() {
    with_demo(Backend::Sqlite);
}

#[test]
fn the_demo_shows_everything_on_postgresql() {
    with_demo(Backend::Postgres);
}

/// Loads the demo into a database of its own, as `mahalleh demo` does, and looks at it over HTTP.
fn with_demo(backend: Backend) {
    let Some(shared) = databases::own(backend) else { return };
    in_system(async {
        let clock = ManualClock::default();
        let hash = password::hash(&password::from_operator(demo::PASSWORD).expect("a password"), &World::real()).expect("a hash");
        let world = clock.world();
        shared.db.write(move |conn| demo::load(conn, &world, &hash)).await.expect("the demo loads");
        let app = TestApp::in_province(shared, clock, "qom").await;
        let office = account(&app, "province").await;
        accounts_log_in(&app).await;
        places_and_people(&office).await;
        initiatives_of_every_kind(&app, &office).await;
        responsibilities_and_deferrals(&app, &office).await;
        figures_are_what_the_responsibilities_add_up_to(&app, &office).await;
        everybody_has_something_to_do(&app).await;
        every_report_shows_something(&app).await;
        the_chain_is_sound(&app, &office).await;
        stop(&app.servers()).await;
    });
}

/// The database adds up the figures of a list; here they are added up from the responsibilities, one by one.
async fn figures_are_what_the_responsibilities_add_up_to(app: &TestApp, office: &Client) {
    let all = async |list: &str| {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = office.get(&format!("/{list}?limit=200{cursor}")).await.is(200);
            items.extend_from_slice(page.items());
            let Some(next) = page.json["next_cursor"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    };
    let (initiatives, responsibilities) = (all("initiatives").await, all("responsibilities").await);
    let day = |value: &Value| value.as_str().map(|day| day.parse::<NaiveDate>().expect("a date"));
    let today = tehran_day(app.clock.world().now());
    let mut standings = BTreeSet::new();
    for item in &initiatives {
        let live = matches!(item["status"].as_str(), Some("approved" | "in_progress" | "blocked" | "completed"));
        let of_it = responsibilities.iter().filter(|one| one["initiative_id"] == item["id"]);
        let parts = of_it.map(|one| {
            let counts = !matches!(one["status"].as_str(), Some("declined" | "withdrawn"));
            Responsibility {
                weight: one["weight"].as_i64().and_then(|weight| weight.try_into().ok()).expect("a weight"),
                counts,
                live: counts && live,
                verified: one["status"] == "verified",
                due_on: day(&one["due_on"]).expect("a date"),
                baseline_due_on: day(&one["baseline_due_on"]),
            }
        });
        let figures = Figures::of(parts, today);
        let expected = json!({
            "progress": figures.progress(),
            "planned_progress": figures.planned_progress(),
            "health": figures.health(),
            "responsibilities": {"total": figures.total, "verified": figures.total_verified, "late": figures.late},
        });
        let told = json!({
            "progress": item["progress"],
            "planned_progress": item["planned_progress"],
            "health": item["health"],
            "responsibilities": item["responsibilities"],
        });
        assert_eq!(told, expected, "{}", item["code"]);
        standings.insert(item["health"].to_string());
    }
    assert_eq!(standings.len(), 4, "every health, and none: {standings:?}");
}

/// An account of the demo, without its password, since Argon2 would take most of the time.
pub async fn account(app: &TestApp, name: &str) -> Client {
    let (province, wanted) = (app.province_id, name.to_owned());
    let known = users::province_id.eq(province).and(users::username.eq(wanted));
    let id = app.read(move |conn| Ok(users::table.filter(known).select(users::id).first(conn)?)).await;
    let mut somebody = app.anonymous();
    (somebody.user_id, somebody.username) = (Some(id), name.to_owned());
    app.again(&somebody).await
}

async fn total(who: &Client, query: &str) -> i64 {
    let joint = if query.contains('?') { '&' } else { '?' };
    who.get(&format!("{query}{joint}with_total=true&limit=1")).await.is(200).json["total"].as_i64().expect("a number")
}

/// Every item of a list.
async fn all(who: &Client, list: &str) -> Vec<Value> {
    let export = who.get(&format!("{list}/export?format=ndjson")).await.is(200);
    export.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn each(items: &[Value], field: &str) -> BTreeSet<String> {
    items.iter().filter_map(|item| item[field].as_str()).map(str::to_owned).collect()
}

fn words<const N: usize>(words: [&str; N]) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

async fn accounts_log_in(app: &TestApp) {
    for name in ["province", "agency-sport"] {
        let body = json!({"username": name, "password": "mahalleh-demo"});
        assert_eq!(app.anonymous().post("/auth/login", body).await.is(200).json["user"]["must_change_password"], false);
    }
    for name in demo::ACCOUNTS {
        let me = account(app, name).await.get("/me").await.is(200).json;
        let (role, agency) = match name.split_once('-') {
            Some(("agency", code)) => ("agency", Some(code)),
            Some(("manager", code)) => ("neighborhood_manager", Some(code)),
            _ => (name, None),
        };
        assert_eq!(me["role"], role, "{name}");
        let path = match role {
            "agency" => format!("/agencies/{}", me["agency_id"].as_str().expect("an agency")),
            "neighborhood_manager" => format!("/neighborhoods/{}", me["neighborhood_ids"][0].as_str().expect("a place")),
            _ => continue,
        };
        assert_eq!(account(app, name).await.get(&path).await.is(200).json["code"].as_str(), agency, "{name}");
    }
}

/// To every account.
async fn every_report_shows_something(app: &TestApp) {
    for name in demo::ACCOUNTS {
        let who = account(app, name).await;
        assert_ne!(who.get("/reports/overview").await.is(200).json["totals"]["initiatives"]["total"], 0, "{name}");
        for report in ["neighborhoods", "domains", "agencies", "late", "gaps", "pace", "agenda", "timeline"] {
            let answer = who.get(&format!("/reports/{report}")).await.is(200).json;
            assert!(!answer["rows"].as_array().expect("rows").is_empty(), "{report} is empty for {name}");
        }
    }
}

async fn places_and_people(office: &Client) {
    let places = all(office, "/neighborhoods").await;
    assert!(each(&places, "code").is_superset(&words(["sheikhabad", "pardisan", "imamreza", "chaharmardan"])));
    assert!(total(office, "/agencies").await >= 10);
    let over = all(office, "/mandates")
        .await
        .into_iter()
        .filter(|mandate| mandate["valid_to"].as_str().is_some_and(|last| last < "2026-11-22"))
        .count();
    assert!(over >= 1, "a past mandate");
    assert!(total(office, "/mandates?on=2026-11-22").await >= 4);
}

async fn initiatives_of_every_kind(app: &TestApp, office: &Client) {
    let initiatives = all(office, "/initiatives").await;
    assert_eq!(initiatives.len(), 60);
    assert_eq!(each(&initiatives, "status"), words(["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"]));
    assert_eq!(each(&initiatives, "domain"), words(["education", "sport", "health", "employment", "women_heads_of_household", "culture"]));
    assert!(each(&initiatives, "health").is_superset(&words(["on_track", "at_risk", "late"])));
    assert!(initiatives.iter().any(|initiative| initiative["lead_agency_code"].is_null()), "one without a lead");
    let sport = account(app, "agency-sport").await;
    let drafts = total(office, "/initiatives?status=draft").await;
    assert!(drafts >= 1);
    let (seen, there) = (total(&sport, "/initiatives").await, total(office, "/initiatives").await);
    assert!(seen > 0 && seen < there - drafts, "work in which the sport agency has no part");
    // Dates lie around the day of loading.
    let ends = each(&initiatives, "due_on");
    assert!(ends.first().is_some_and(|day| day.as_str() < "2026-11-22") && ends.last().is_some_and(|day| day.as_str() > "2026-11-22"));
}

async fn responsibilities_and_deferrals(app: &TestApp, office: &Client) {
    let responsibilities = all(office, "/responsibilities").await;
    assert_eq!(responsibilities.len(), 200);
    let every = words(["proposed", "accepted", "declined", "reported", "verified", "returned", "withdrawn"]);
    assert_eq!(each(&responsibilities, "status"), every);
    assert!(total(office, "/responsibilities?late=true").await > 0);
    assert!(total(office, "/responsibilities?late=true&status=reported").await > 0, "late and awaiting verification");
    let open = ["proposed", "accepted", "reported", "returned"];
    let running =
        each(&all(office, "/initiatives").await.into_iter().filter(|item| item["status"] == "in_progress").collect::<Vec<_>>(), "code");
    let full = |code: &String| {
        let of_it = responsibilities.iter().filter(|item| item["initiative_code"] == code.as_str()).cloned().collect::<Vec<_>>();
        each(&of_it, "status").is_superset(&words(open))
    };
    assert!(running.iter().any(full), "one in progress with responsibilities in every open state");
    let deferrals = all(office, "/deferrals").await;
    assert_eq!(each(&deferrals, "status"), words(["requested", "accepted", "rejected"]));
    let moved = responsibilities.iter().any(|item| item["baseline_due_on"].is_string() && item["baseline_due_on"] != item["due_on"]);
    assert!(moved, "an accepted deferral moved a deadline and no baseline");
    assert!(total(&account(app, "viewer").await, "/responsibilities").await < 200, "those of drafts");
}

/// Something for each account to answer, do, verify or decide.
async fn everybody_has_something_to_do(app: &TestApp) {
    for name in demo::ACCOUNTS {
        let who = account(app, name).await;
        let mut moves = 0;
        for list in ["initiatives", "responsibilities", "deferrals"] {
            let page = who.get(&format!("/{list}?limit=200")).await.is(200);
            moves +=
                page.items().iter().filter(|item| item["allowed_transitions"].as_array().is_some_and(|moves| !moves.is_empty())).count();
        }
        assert_eq!(moves == 0, name == "viewer", "{name}");
    }
}

async fn the_chain_is_sound(app: &TestApp, office: &Client) {
    let events = total(office, "/events").await;
    assert!(events > 600, "{events}");
    let province = app.province_id;
    let verdict = app.read(move |conn| in_snapshot(conn, |conn| events::verify(conn, province))).await;
    assert!(matches!(verdict, ChainState::Sound { unsealed: 0, .. }), "{verdict:?}");
    // History is told in the order in which it happened.
    let told = all(office, "/events").await;
    let instants: Vec<&str> = told.iter().filter_map(|event| event["at"].as_str()).collect();
    assert!(instants.iter().all(|at| *at <= "2026-11-22T08:00:00.000000Z"), "nothing happened after the day of loading");
    assert!(instants.first() < instants.last());
}
