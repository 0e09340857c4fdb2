//! Every figure of every report, for each role, against a slow recomputation of the rows.

use std::collections::{BTreeMap, BTreeSet};

use mahalleh::policy::Role;
use serde_json::Value;

use super::{
    generated::{Dice, Programme, day},
    oracle::{Seen, Who, Wish},
};
use crate::support::{Client, TestApp, on_both};

/// What of an answer the oracle names, and nothing that it does not.
#[track_caller]
fn same(what: &str, answer: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("figures") {
        let alike = match (answer[name].as_f64(), value.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() < 1e-9,
            _ => &answer[name] == value,
        };
        assert!(alike, "{what}: {name} is {}, not {value}", answer[name]);
    }
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["rows"].as_array().expect("rows")
}

fn by_code(answer: &Value, key: &str) -> BTreeMap<String, Value> {
    rows(answer).iter().map(|row| (row[key]["code"].as_str().expect("a code").to_owned(), row.clone())).collect()
}

async fn report(who: &Client, name: &str, wish: &Wish) -> Value {
    let answer = who.get(&format!("/reports/{name}?{}", wish.query())).await.is(200).json;
    assert_eq!(answer["report"], name);
    for part in ["as_of", "filters", "definition", "rows", "totals"] {
        assert!(!answer[part].is_null(), "{name} has no {part}");
    }
    answer
}

async fn compare(who: &Client, seen: &Seen<'_>) {
    let wish = seen.wish;
    let what = format!("{:?} {:?}", seen.who, wish);
    let told = |report: &str| format!("{report} {what}");
    same(&told("overview"), &report(who, "overview", wish).await["totals"], &seen.overview());
    for (name, key, (expected, totals)) in [
        ("neighborhoods", "neighborhood", seen.neighborhoods()),
        ("domains", "domain", seen.domain_rows()),
        ("agencies", "agency", seen.agency_rows()),
    ] {
        let answer = report(who, name, wish).await;
        let found = by_code(&answer, key);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", told(name));
        for (code, figures) in &expected {
            same(&format!("{} {code}", told(name)), &found[code], figures);
        }
        same(&told(name), &answer["totals"], &totals);
    }
    late(who, seen, &what).await;
    let gaps: BTreeSet<(String, String, Option<String>)> = rows(&report(who, "gaps", wish).await)
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().map(str::to_owned);
            let mut code = text("code").expect("a code");
            if row["kind"] == "unaccepted_over_7_days" {
                let task = seen.all.tasks.iter().find(|task| row["resource_id"] == task.id.to_string()).expect("a task");
                code = format!("{}:{}", seen.all.initiatives[task.of].code, task.id);
            }
            (text("kind").expect("a kind"), code, text("since"))
        })
        .collect();
    assert_eq!(gaps, seen.gaps(), "{}", told("gaps"));
    let pace = report(who, "pace", wish).await;
    let expected = seen.pace();
    assert_eq!(rows(&pace).len(), expected.len(), "{} {}", told("pace"), pace);
    for (row, expected) in rows(&pace).iter().zip(&expected) {
        same(&told("pace"), row, expected);
    }
    let mut agenda: Vec<(String, String, i64)> = rows(&report(who, "agenda", wish).await)
        .iter()
        .map(|row| {
            (
                row["kind"].as_str().expect("a kind").to_owned(),
                row["responsibility"]["id"].as_str().expect("an id").to_owned(),
                row["days_left"].as_i64().expect("days"),
            )
        })
        .collect();
    agenda.sort();
    assert_eq!(agenda, seen.agenda(30), "{}", told("agenda"));
    let timeline = by_code(&report(who, "timeline", wish).await, "initiative");
    let expected = seen.timeline();
    assert_eq!(timeline.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", told("timeline"));
    for (code, mut wanted) in expected {
        let ids = wanted.as_object_mut().expect("fields").remove("ids").expect("ids");
        let row = &timeline[&code];
        same(&format!("{} {code}", told("timeline")), row, &wanted);
        let found: Vec<Value> = row["responsibilities"].as_array().expect("tasks").iter().map(|task| task["id"].clone()).collect();
        assert_eq!(Value::Array(found), ids, "{} {code}", told("timeline"));
    }
}

/// Page by page.
async fn late(who: &Client, seen: &Seen<'_>, what: &str) {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = who.get(&format!("/reports/late?{}&limit=7{cursor}", seen.wish.query())).await.is(200);
        found.extend(rows(&answer.json).iter().map(|row| {
            let split = match row["split"].as_str() {
                Some("unreported") => "unreported",
                Some("awaiting_verification") => "awaiting_verification",
                other => panic!("{other:?}"),
            };
            let id = row["responsibility"]["id"].as_str().expect("an id").to_owned();
            (
                id,
                row["days_late"].as_i64().expect("days"),
                split,
                usize::try_from(row["deferrals_accepted"].as_i64().expect("a number")).expect("small"),
            )
        }));
        assert_eq!(answer.json["next_cursor"].is_null(), answer.header("link").is_none());
        match answer.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, seen.late_rows(), "late {what}");
}

async fn everybody(app: &TestApp, all: &mut Programme) -> Vec<(Client, Who)> {
    let own = [all.places[0].id, all.places[1].id];
    let manager = app.manager(&[&own[0].to_string(), &own[1].to_string()]).await;
    for place in &mut all.places[..2] {
        place.managed = true;
    }
    let agencies = [all.agencies[0].id, all.agencies[5].id];
    vec![
        (app.province().await, Who::Province),
        (app.viewer().await, Who::Viewer),
        (manager, Who::Manager(own.to_vec())),
        (app.user(Role::Agency, Some(agencies[0])).await, Who::Agency(agencies[0])),
        (app.user(Role::Agency, Some(agencies[1])).await, Who::Agency(agencies[1])),
    ]
}

fn wishes(all: &Programme, dice: &mut Dice) -> Vec<Wish> {
    let none = Wish::default;
    vec![
        none(),
        Wish { place: Some(all.places[dice.below(5)].id), jalali: true, ..none() },
        Wish { agency: Some(all.agencies[dice.below(6)].id), ..none() },
        Wish { domain: Some(dice.of(&["education", "sport", "old"]).into()), as_of: Some(day("2027-01-10")), ..none() },
        Wish { designation: Some(dice.of(&["model", "expansion"]).into()), as_of: Some(day("2026-10-05")), jalali: true, ..none() },
        Wish { from: Some(day("2026-10-01")), to: Some(day("2026-11-10")), ..none() },
        Wish { agency: Some(all.agencies[dice.below(6)].id), domain: Some("sport".into()), from: Some(day("2026-09-01")), ..none() },
    ]
}

on_both! {
    async fn every_figure_is_what_a_plain_recomputation_gives(app: TestApp) {
        for seed in 1..=6 {
            let world = app.app.world.clone();
            let app = app.another_province().await;
            let mut all = Programme::thrown(seed, &world);
            all.put(&app).await;
            let callers = everybody(&app, &mut all).await;
            let mut dice = Dice::new(seed + 100);
            for wish in wishes(&all, &mut dice) {
                for (client, who) in &callers {
                    compare(client, &Seen::new(&all, who, &wish)).await;
                }
            }
        }
    }
}
