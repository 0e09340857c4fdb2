//! The request that an operation is tried with: all that it needs but the right.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Programme, id_of, programme::merged};

/// What an operation is tried with: the thing whose path it is, and a body.
#[derive(Default)]
pub struct Trial {
    pub thing: String,
    pub query: String,
    pub body: Option<Value>,
    pub file: Option<&'static str>,
}

fn on(thing: impl Into<String>, body: Option<Value>) -> Trial {
    Trial { thing: thing.into(), body, ..Trial::default() }
}

/// A transition's body with all that any move asks for.
fn to(status: &str) -> Option<Value> {
    let body = json!({"to": status, "reason": "دلیل", "note": "یادداشت"});
    Some(if status == "reported" { merged(body, json!({"reported_done_on": "2026-11-20"})) } else { body })
}

/// A new thing of the province's own list.
async fn new(p: &Programme<'_>, list: &str, body: Value) -> String {
    format!("{list}/{}", p.office.post(list, body).await.is(201).id())
}

/// A responsibility of the lead in this status, in an initiative that is in progress.
async fn task(p: &Programme<'_>, status: &str) -> String {
    let work = p.work("in_progress").await;
    if status == "accepted" {
        return work.lead_task;
    }
    if status == "reported" {
        p.lead.moves(&work.lead_task, "reported").await.is(200);
        return work.lead_task;
    }
    p.task(&work.initiative, json!({"agency_id": p.lead_id})).await
}

/// What the row is tried with, made anew where the last caller changed it. `n` makes codes unique.
pub async fn trial(p: &Programme<'_>, operation: &str, what: &str, n: usize) -> Trial {
    let code = format!("c-{n}");
    let named = json!({"code": code, "name": "نام"});
    let renamed = Some(json!({"name": format!("نام {n}")}));
    match (operation, what) {
        ("getProblem", _) => on("/problems/stale_version", None),
        (_, "an empty body") => on("", Some(json!({}))),
        ("createClient", _) => on("", Some(json!({"name": "نام", "role": "viewer"}))),
        ("getClient" | "deleteClient", _) => on(new(p, "/clients", json!({"name": "نام", "role": "viewer"})).await, None),
        ("updateClient", _) => on(new(p, "/clients", json!({"name": "نام", "role": "viewer"})).await, renamed),
        ("issueClientSecret", _) => on(new(p, "/clients", json!({"name": "نام", "role": "viewer"})).await, Some(json!({}))),
        ("createDomain", _) => on("", Some(named)),
        ("getDomain" | "deleteDomain", _) => on(new(p, "/domains", named).await, None),
        ("updateDomain", _) => on(new(p, "/domains", named).await, renamed),
        ("createAgency", _) => on("", Some(merged(named, json!({"kind": "sport"})))),
        ("getAgency" | "deleteAgency", _) => on(new(p, "/agencies", merged(named, json!({"kind": "sport"}))).await, None),
        ("updateAgency", _) => on(format!("/agencies/{}", p.lead_id), renamed),
        ("createNeighborhood", _) => on("", Some(merged(named, json!({"city": "قم"})))),
        ("getNeighborhood" | "deleteNeighborhood", _) => on(new(p, "/neighborhoods", merged(named, json!({"city": "قم"}))).await, None),
        ("updateNeighborhood", "its profile") => on(format!("/neighborhoods/{}", p.place), Some(json!({"population": n}))),
        ("updateNeighborhood", _) => on(format!("/neighborhoods/{}", p.place), renamed),
        ("createUser", _) => on("", Some(json!({"username": code, "display_name": "نام", "role": "viewer"}))),
        ("getUser", "the lead's user") => on(format!("/users/{}", p.lead.user_id.expect("a user")), None),
        ("getUser", _) => on(format!("/users/{}", p.manager.user_id.expect("a user")), None),
        ("updateUser", _) => {
            on(format!("/users/{}", p.manager.user_id.expect("a user")), Some(json!({"display_name": format!("نام {n}")})))
        }
        ("deleteUser", _) => on(new(p, "/users", json!({"username": code, "display_name": "نام", "role": "viewer"})).await, None),
        ("createMandate", _) => on("", Some(free_mandate(p).await)),
        ("deleteMandate", _) => on(new(p, "/mandates", free_mandate(p).await).await, None),
        ("getMandate" | "updateMandate", _) => {
            let mandates = p.office.get(&format!("/mandates?neighborhood_id={}", p.place)).await;
            on(format!("/mandates/{}", mandates.each("id")[0]), (operation == "updateMandate").then(|| json!({"order_no": code})))
        }
        _ => trial_at_work(p, operation, what, n).await,
    }
}

async fn free_mandate(p: &Programme<'_>) -> Value {
    let place = p.app.neighborhood().make().await.id();
    json!({"user_id": p.manager.user_id.expect("a user").to_string(), "neighborhood_id": place, "order_no": "1", "valid_from": "2027-01-01"})
}

async fn trial_at_work(p: &Programme<'_>, operation: &str, what: &str, n: usize) -> Trial {
    let title = Some(json!({"title": format!("عنوان {n}")}));
    match (operation, what) {
        ("createInitiative", _) => on("", Some(p.initiative_body(json!({})))),
        ("getInitiative", "a draft") => on(p.work("draft").await.initiative, None),
        ("getInitiative", _) => on(p.work("in_progress").await.initiative, None),
        ("updateInitiative", "a draft") => on(p.work("draft").await.initiative, Some(json!({"budget_spent_rial": 1}))),
        ("updateInitiative", "what was spent") => on(p.work("in_progress").await.initiative, Some(json!({"budget_spent_rial": 1}))),
        ("updateInitiative", _) => on(p.work("in_progress").await.initiative, title),
        ("deleteInitiative", _) => on(format!("/initiatives/{}", p.draft(json!({})).await.id()), None),
        ("transitionInitiative", "propose") => on(p.work("draft").await.initiative, to("proposed")),
        ("transitionInitiative", "back to draft") => on(p.work("proposed").await.initiative, to("draft")),
        ("transitionInitiative", "approve") => on(p.work("proposed").await.initiative, to("approved")),
        ("transitionInitiative", "begin") => on(p.work("approved").await.initiative, to("in_progress")),
        ("transitionInitiative", "block") => on(p.work("in_progress").await.initiative, to("blocked")),
        ("transitionInitiative", "cancel") => on(p.work("blocked").await.initiative, to("cancelled")),
        ("transitionInitiative", _) => {
            let work = p.work("in_progress").await;
            p.finish(&work).await;
            on(work.initiative, to("completed"))
        }
        ("createResponsibility", "in a draft") => on("", Some(p.task_body(&p.work("draft").await.initiative, json!({})))),
        ("createResponsibility", _) => on("", Some(p.task_body(&p.work("in_progress").await.initiative, json!({})))),
        ("getResponsibility" | "deleteResponsibility", "in a draft") => on(p.work("draft").await.lead_task, None),
        ("getResponsibility", _) => on(task(p, "accepted").await, None),
        ("updateResponsibility", "in a draft") => on(p.work("draft").await.lead_task, title),
        ("updateResponsibility", _) => on(task(p, "accepted").await, title),
        ("transitionResponsibility", "accept") => on(task(p, "proposed").await, to("accepted")),
        ("transitionResponsibility", "decline") => on(task(p, "proposed").await, to("declined")),
        ("transitionResponsibility", "report") => on(task(p, "accepted").await, to("reported")),
        ("transitionResponsibility", "verify") => on(task(p, "reported").await, to("verified")),
        ("transitionResponsibility", "return") => on(task(p, "reported").await, to("returned")),
        ("transitionResponsibility", _) => on(task(p, "accepted").await, to("withdrawn")),
        ("createDeferral", _) => on("", Some(wish(&task(p, "accepted").await))),
        ("getDeferral" | "transitionDeferral", _) => {
            let asked = p.lead.post("/deferrals", wish(&task(p, "accepted").await)).await.is(201);
            on(format!("/deferrals/{}", asked.id()), (operation == "transitionDeferral").then(|| to("accepted")).flatten())
        }
        ("createImport", dataset) => Trial { query: format!("?dataset={dataset}"), file: Some("code\n"), ..Trial::default() },
        ("getImportTemplate", _) => Trial { query: "?dataset=initiatives".into(), ..Trial::default() },
        ("getImport", "of the province") => on(import(&p.office).await, None),
        ("getImport" | "listImportRows" | "cancelImport", _) => on(import(&p.manager).await, None),
        ("getEvent", _) => {
            let work = p.work("proposed").await;
            let events = p.office.get(&format!("/events?resource_id={}", id_of(&work.initiative))).await;
            on(format!("/events/{}", events.each("id")[0]), None)
        }
        _ => Trial::default(),
    }
}

/// A job of this caller that nobody works on.
async fn import(who: &Client) -> String {
    let sent = who.request(Method::POST, "/imports?dataset=initiatives").body("text/csv", "code\n").await.is(202);
    format!("/imports/{}", sent.id())
}

fn wish(task: &str) -> Value {
    json!({"responsibility_id": id_of(task), "requested_due_on": "2027-01-31", "reason": "دیرکرد"})
}
