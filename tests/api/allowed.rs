//! "What may I do": `allowed_transitions` of every item and `permissions` of `/me` are what the server then does, for every role
//! and for machines of every role, in every state and to every status.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Programme, on_both, programme::merged};

const INITIATIVE: [&str; 7] = ["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"];
const RESPONSIBILITY: [&str; 7] = ["proposed", "accepted", "declined", "reported", "returned", "verified", "withdrawn"];
const DEFERRAL: [&str; 3] = ["requested", "accepted", "rejected"];

/// A service account of this role, with the reach of the person of the same role.
async fn machine(p: &Programme<'_>, role: &str) -> Client {
    let reach = match role {
        "agency" => json!({"agency_id": p.lead_id}),
        "neighborhood_manager" => json!({"neighborhood_ids": [p.place]}),
        _ => json!({}),
    };
    let made = p.office.post("/clients", merged(json!({"name": "ماشین", "role": role}), reach)).await.is(201);
    let text = |field: &str| made.json[field].as_str().expect("text").to_owned();
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", text("client_id"), text("client_secret"));
    let given = p.app.anonymous().at(Method::POST, "/api/v1/oauth/token").body("application/x-www-form-urlencoded", form).await.is(200);
    p.app.anonymous().with_token(given.json["access_token"].as_str().expect("a token"))
}

/// Everybody, people and machines.
async fn callers(p: &Programme<'_>) -> Vec<(String, Client)> {
    let mut all: Vec<_> = p.everybody().into_iter().map(|(name, client)| (name.to_owned(), client.clone())).collect();
    for role in ["province", "agency", "neighborhood_manager", "viewer"] {
        all.push((format!("machine of {role}"), machine(p, role).await));
    }
    all
}

/// Tries every status on an item of a state as everybody; `make` makes another such item once one has moved.
async fn try_all(callers: &[(String, Client)], state: &str, statuses: &[&str], make: impl AsyncFn() -> String) -> Vec<String> {
    let (mut wrong, mut item) = (Vec::new(), make().await);
    for (name, who) in callers {
        let mut seen = who.get(&item).await;
        for to in statuses {
            let said: Vec<&str> = seen.json["allowed_transitions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let answer = who.moves(&item, to).await;
            let fits = match (seen.status, said.contains(to), answer.status) {
                (404, _, tried) => matches!(tried, 403 | 404),
                // Conditions are not looked at by what is said.
                (200, true, tried) => matches!(tried, 200 | 422),
                (200, false, 409) => {
                    let mut allowed: Vec<&str> =
                        answer.json["allowed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    allowed.sort_unstable();
                    let mut said = said.clone();
                    said.sort_unstable();
                    allowed == said
                }
                (200, false, tried) => tried == 403,
                _ => false,
            };
            if !fits {
                wrong.push(format!("{name}, {state} to {to}: said {said:?}, {}: {}", answer.status, answer.text()));
            }
            if answer.status == 200 {
                item = make().await;
                seen = who.get(&item).await;
            }
        }
    }
    wrong
}

/// A responsibility of the lead in this status, in an initiative of this one.
async fn task_in(p: &Programme<'_>, initiative: &str, status: &str) -> String {
    let work = p.work(if initiative == "draft" { "draft" } else { "in_progress" }).await;
    if initiative == "draft" {
        return work.lead_task;
    }
    let task = p.task_in(&work.initiative, status).await;
    match initiative {
        "blocked" => drop(p.lead.moves(&work.initiative, "blocked").await.is(200)),
        "cancelled" => drop(p.office.moves(&work.initiative, "cancelled").await.is(200)),
        _ => {}
    }
    task
}

async fn deferral_in(p: &Programme<'_>, status: &str) -> String {
    let work = p.work("in_progress").await;
    let asked = p.asked(&work.helper_task, "2027-01-31").await;
    if status != "requested" {
        p.office.moves(&asked, status).await.is(200);
    }
    asked
}

/// What tells whether a role may do it at all: 403, or what comes after it in the order of refusals.
async fn is_let(who: &Client, action: &str, list: &str) -> bool {
    let nothing = format!("/{list}/0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80");
    let answer = match action {
        "read" => who.get(&format!("/{list}")).await,
        "create" => who.post(&format!("/{list}"), json!({})).await,
        "update" => who.patch(&nothing, json!({}), 1).await,
        "delete" => who.delete(&nothing, 1).await,
        _ => who.transition(&nothing, json!({})).await,
    };
    assert!(matches!(answer.status, 200 | 400 | 403 | 404 | 422), "{}: {}", answer.request, answer.text());
    answer.status != 403
}

on_both! {
    async fn an_initiative_moves_where_it_says_so(app: TestApp) {
        let p = Programme::of(&app).await;
        let (callers, mut wrong) = (callers(&p).await, Vec::new());
        for state in INITIATIVE {
            wrong.extend(try_all(&callers, state, &INITIATIVE, async || p.work(state).await.initiative).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    async fn a_responsibility_moves_where_it_says_so(app: TestApp) {
        let p = Programme::of(&app).await;
        let callers = callers(&p).await;
        let mut wrong = try_all(&callers, "proposed in a draft", &RESPONSIBILITY, async || task_in(&p, "draft", "proposed").await).await;
        for initiative in ["in_progress", "blocked", "cancelled"] {
            for state in RESPONSIBILITY {
                let name = format!("{state} in {initiative}");
                wrong.extend(try_all(&callers, &name, &RESPONSIBILITY, async || task_in(&p, initiative, state).await).await);
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    async fn a_deferral_moves_where_it_says_so(app: TestApp) {
        let p = Programme::of(&app).await;
        let (callers, mut wrong) = (callers(&p).await, Vec::new());
        for state in DEFERRAL {
            wrong.extend(try_all(&callers, state, &DEFERRAL, async || deferral_in(&p, state).await).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    async fn permissions_are_what_is_let(app: TestApp) {
        let p = Programme::of(&app).await;
        let lists = [
            ("domain", "domains"), ("agency", "agencies"), ("neighborhood", "neighborhoods"), ("user", "users"), ("mandate", "mandates"),
            ("initiative", "initiatives"), ("responsibility", "responsibilities"), ("deferral", "deferrals"), ("event", "events"), ("client", "clients"),
            ("import", "imports"), ("report", "reports/overview"),
        ];
        let document: Value = serde_json::from_str(mahalleh::openapi::document().text).expect("JSON");
        let mut wrong = Vec::new();
        for (name, who) in callers(&p).await {
            let me = who.get("/me").await.is(200);
            let mut said: Vec<&str> = me.json["permissions"].as_array().expect("permissions").iter().filter_map(Value::as_str).collect();
            for (kind, list) in lists {
                for (action, path, method) in [("read", "", "get"), ("create", "", "post"), ("update", "/{id}", "patch"), ("delete", "/{id}", "delete"), ("transition", "/{id}/transitions", "post")] {
                    let word = format!("{kind}:{action}");
                    let is_there = document["paths"][format!("/api/v1/{list}{path}")].get(method).is_some();
                    let may = is_there && is_let(&who, action, list).await;
                    if may != said.contains(&word.as_str()) {
                        wrong.push(format!("{name} {word}: the server says {may}"));
                    }
                    said.retain(|known| *known != word);
                }
            }
            wrong.extend(said.into_iter().map(|word| format!("{name} {word}: of nothing that is tried here")));
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
