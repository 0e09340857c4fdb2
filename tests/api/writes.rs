//! What a write costs: a number of statements that does not depend on what hangs on a thing, and none that reads a whole province.

use serde_json::json;

use crate::support::{
    Answer, Backend, Client, Programme,
    watch::{Watched, on_each, reads_whole, watched},
};

/// An initiative of the lead and the helper with so many responsibilities.
async fn with_tasks(p: &Programme<'_>, count: usize) -> (String, Vec<String>) {
    let work = p.written(json!({})).await;
    let mut tasks = vec![work.lead_task, work.helper_task];
    while tasks.len() < count {
        tasks.push(p.task(&work.initiative, json!({})).await);
    }
    (work.initiative, tasks)
}

/// How many statements each step of the way takes: asked and taken back, approved, given up while all ask for time.
async fn counted(watched: &Watched<'_>, p: &Programme<'_>, count: usize) -> Vec<(&'static str, usize)> {
    let (initiative, tasks) = with_tasks(p, count).await;
    let mut counts = Vec::new();
    let mut moved = async |who: &Client, to: &'static str| {
        let work = async || drop(who.transition(&initiative, json!({"to": to, "reason": "چون"})).await.is(200));
        counts.push((to, watched.statements_of_writes(work).await.len()));
    };
    for to in ["draft", "approved"] {
        moved(&p.manager, "proposed").await;
        p.lead.moves(&tasks[0], "accepted").await.is(200);
        for task in &tasks[1..] {
            p.helper.moves(task, "accepted").await.is(200);
        }
        moved(&p.office, to).await;
    }
    moved(&p.lead, "in_progress").await;
    for task in &tasks[1..] {
        p.asked(task, "2027-01-31").await;
    }
    moved(&p.office, "cancelled").await;
    counts
}

#[test]
fn a_move_takes_as_many_statements_whatever_hangs_on_it() {
    watched(Backend::Sqlite, async |watched| {
        let p = Programme::of(watched.app).await;
        // Rows go into events by five and by fifty.
        let (few, many) = (counted(watched, &p, 6).await, counted(watched, &p, 51).await);
        assert_eq!(few.len(), 6);
        for (one, other) in few.iter().zip(&many) {
            assert!(one.1 > 3 && one.1.abs_diff(other.1) <= 1, "{few:?}, {many:?}");
        }
    });
}

/// What the province hears when it removes a thing as it sees it.
async fn removed(p: &Programme<'_>, path: &str) -> Answer {
    let version = p.office.get(path).await.is(200).version();
    p.office.delete(path, version).await
}

/// Everything that is written in the life of an initiative.
async fn a_life(p: &Programme<'_>) {
    let work = p.written(json!({"weight": 10})).await;
    let dropped = p.written(json!({})).await;
    p.patch(&p.office, &work.initiative, json!({"weight": 70, "domain": "sport", "lead_agency_id": p.helper_id})).await.is(200);
    p.patch(&p.office, &work.initiative, json!({"neighborhood_id": p.other_place, "code": "moved"})).await.is(200);
    p.patch(&p.office, &work.initiative, json!({"neighborhood_id": p.place, "lead_agency_id": p.lead_id})).await.is(200);
    p.patch(&p.office, &work.helper_task, json!({"weight": 41, "code": "other", "agency_id": p.stranger_id})).await.is(200);
    p.patch(&p.office, &work.helper_task, json!({"agency_id": p.helper_id})).await.is(200);
    for (who, path, to) in [
        (&p.manager, &work.initiative, "proposed"),
        (&p.helper, &work.helper_task, "accepted"),
        (&p.office, &work.initiative, "draft"),
        (&p.manager, &work.initiative, "proposed"),
        (&p.lead, &work.lead_task, "accepted"),
        (&p.helper, &work.helper_task, "accepted"),
        (&p.office, &work.initiative, "approved"),
        (&p.lead, &work.initiative, "in_progress"),
        (&p.lead, &work.initiative, "blocked"),
        (&p.lead, &work.initiative, "in_progress"),
        (&p.helper, &work.helper_task, "reported"),
        (&p.manager, &work.helper_task, "returned"),
    ] {
        who.moves(path, to).await.is(200);
    }
    let asked = p.asked(&work.helper_task, "2027-03-31").await;
    p.office.transition(&asked, json!({"to": "accepted"})).await.is(200);
    p.asked(&work.helper_task, "2027-04-30").await;
    p.finish(&work).await;
    p.lead.moves(&work.initiative, "completed").await.is(200);
    for path in [&dropped.lead_task, &dropped.helper_task, &dropped.initiative] {
        removed(p, path).await.is(204);
    }
}

/// What is written of places, agencies, domains and people; what is in use is not removed.
async fn the_rest(p: &Programme<'_>) {
    for (path, fields) in [
        (format!("/neighborhoods/{}", p.place), json!({"name": "نام دیگر", "designation": "model", "designated_on": "2026-04-04"})),
        (format!("/agencies/{}", p.helper_id), json!({"name": "نام دیگر", "code": "another"})),
        (format!("/users/{}", p.helper.user_id.expect("a user")), json!({"display_name": "نام دیگر"})),
    ] {
        p.patch(&p.office, &path, fields).await.is(200);
        removed(p, &path).await.refused(409, "in_use");
    }
    let domains = p.office.get("/domains").await.is(200);
    let sport = domains.items().iter().find(|domain| domain["code"] == "sport").and_then(|domain| domain["id"].as_str());
    let path = format!("/domains/{}", sport.expect("an id"));
    p.patch(&p.office, &path, json!({"code": "sports"})).await.is(200);
    removed(p, &path).await.refused(409, "in_use");
    let (manager, place) = (p.manager.user_id.expect("a user"), p.app.neighborhood().make().await.id());
    let mandate = json!({"user_id": manager, "neighborhood_id": place, "order_no": "9", "valid_from": "2027-01-01"});
    let mandate = format!("/mandates/{}", p.office.post("/mandates", mandate).await.is(201).id());
    p.patch(&p.office, &mandate, json!({"valid_to": "2027-02-01"})).await.is(200);
    removed(p, &mandate).await.is(204);
    p.app.again(&p.helper).await;
}

/// Tables that grow, and of which the planner knows how large they are.
const LARGE: [&str; 4] = ["initiatives", "responsibilities", "deferrals", "initiative_agencies"];

/// Whether a plan reads all rows that a province has in a table that grows.
fn is_dear(plan: &[String]) -> bool {
    let on_large = |step: &str, before: &str| LARGE.iter().any(|table| step.contains(&format!("{before}{table} ")));
    let whole = |step: &String| LARGE.iter().any(|table| reads_whole(step, table));
    // Events on SQLite alone, since of those that are sealed, which is nearly all, PostgreSQL has counted none here.
    let province = |step: &String| {
        let large = on_large(step, "SEARCH ") || step.starts_with("SEARCH events ") && !step.contains(" events_unsealed ");
        large && step.ends_with(" (province_id=?)")
    };
    let beside = |steps: &[String]| match steps {
        [scan, found] => on_large(scan, " on ") && found.starts_with("Index Cond: (province_id = "),
        _ => false,
    };
    plan.iter().any(|step| whole(step) || province(step)) || plan.windows(2).any(beside)
}

async fn no_write_reads_a_province(watched: &Watched<'_>) {
    let p = Programme::of(watched.app).await;
    let statements = watched
        .statements_of_writes(async || {
            a_life(&p).await;
            the_rest(&p).await;
        })
        .await;
    let told: std::collections::BTreeSet<&str> = statements.iter().filter_map(|statement| statement.split(" -- binds").next()).collect();
    assert!(told.len() > 60, "the watch sees {} statements", told.len());
    let each: Vec<String> = told.into_iter().map(str::to_owned).collect();
    // A domain that is renamed goes on in a good part of what the province has; SQLite, which counts nothing, finds it by a larger index.
    let is_renaming = |statement: &str| statement.starts_with("UPDATE `responsibilities` SET `initiative_domain` = ?");
    let dear: Vec<String> = watched
        .plans(&each)
        .into_iter()
        .filter(|(statement, plan)| is_dear(plan) && !is_renaming(statement))
        .map(|(statement, plan)| format!("{statement}\n  {}", plan.join("\n  ")))
        .collect();
    assert!(dear.is_empty(), "{}", dear.join("\n"));
}

on_each!(watched: no_write_reads_a_province);
