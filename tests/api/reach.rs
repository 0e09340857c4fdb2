//! One scope filter serves all read paths: for every role the same ids stand in the list, its total, both exports,
//! the search and the history, and exactly those answer 200 one by one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Answer, Client, Programme, TestApp, id_of, on_both, programme::Work};

type Ids = BTreeSet<String>;

fn ids(values: impl IntoIterator<Item = String>) -> Ids {
    values.into_iter().collect()
}

/// Every page of a list, small ones, so that cursors are walked too.
async fn listed(who: &Client, query: &str) -> Ids {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = who.get(&format!("{query}limit=3{cursor}")).await.is(200);
        found.extend(page.each("id"));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let count = found.len();
    let found = ids(found);
    assert_eq!(found.len(), count, "{query}: twice");
    found
}

fn of_csv(answer: &Answer) -> Ids {
    let mut reader = csv::Reader::from_reader(answer.body.as_slice());
    let column = reader.headers().expect("headings").iter().position(|name| name == "id").expect("an id");
    reader.records().map(|record| record.expect("a row")[column].to_owned()).collect()
}

fn of_ndjson(answer: &Answer) -> Ids {
    answer.text().lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_str().expect("an id").to_owned()).collect()
}

/// What a caller sees of a resource, by every way there is; they must agree. `all` are all ids there are.
async fn seen(who: &Client, name: &str, resource: &str, kind: &str, word: Option<&str>, all: &Ids) -> Ids {
    let case = format!("{name}, {resource}");
    let list = listed(who, &format!("/{resource}?")).await;
    let total = who.get(&format!("/{resource}?with_total=true&limit=1")).await.is(200);
    assert_eq!(total.json["total"], list.len(), "{case}: total");
    assert_eq!(of_csv(&who.get(&format!("/{resource}/export?format=csv")).await.is(200)), list, "{case}: CSV");
    assert_eq!(of_ndjson(&who.get(&format!("/{resource}/export?format=ndjson")).await.is(200)), list, "{case}: NDJSON");
    if let Some(word) = word {
        assert_eq!(listed(who, &format!("/{resource}?q={word}&")).await, list, "{case}: search");
    }
    for id in all {
        let item = who.get(&format!("/{resource}/{id}")).await;
        if list.contains(id) {
            item.is(200)
        } else {
            item.refused(404, "not_found")
        };
    }
    if name != "viewer" {
        let mut told = Ids::new();
        let mut after = 0;
        loop {
            let page = who.get(&format!("/events?resource_type={kind}&after={after}&limit=200")).await.is(200);
            told.extend(page.items().iter().filter_map(|event| event["resource_id"].as_str()).map(str::to_owned));
            after = page.json["up_to"].as_i64().expect("a seq");
            if page.json["next_cursor"].is_null() {
                break;
            }
        }
        // Factories that insert leave no event; what has one is told to those who see it, and to nobody else.
        let with_history = told.intersection(all).cloned().collect::<Ids>();
        assert!(with_history.is_subset(&list), "{case}: history");
        if matches!(kind, "initiative" | "responsibility" | "deferral") {
            assert_eq!(with_history, list, "{case}: history");
        }
    }
    list
}

/// A programme with something in every state of reach.
struct World {
    works: BTreeMap<&'static str, Work>,
    declined: String,
    withdrawn: String,
    deferrals: [String; 2],
}

async fn world(p: &Programme<'_>) -> World {
    let mut works = BTreeMap::new();
    for status in ["draft", "proposed", "in_progress", "completed", "cancelled"] {
        works.insert(status, p.work(status).await);
    }
    // In the other place, led by the stranger, without the helper: a draft and one that is proposed.
    for (name, submit) in [("elsewhere", true), ("elsewhere, a draft", false)] {
        let body = p.initiative_body(json!({"neighborhood_id": p.other_place, "lead_agency_id": p.stranger_id}));
        let initiative = format!("/initiatives/{}", p.other_manager.post("/initiatives", body).await.is(201).id());
        let lead_task = p.task(&initiative, json!({"agency_id": p.stranger_id, "part": "lead"})).await;
        let helper_task = p.task(&initiative, json!({"agency_id": p.lead_id})).await;
        if submit {
            p.other_manager.moves(&initiative, "proposed").await.is(200);
            p.lead.moves(&helper_task, "declined").await.is(200);
        }
        works.insert(name, Work { initiative, lead_task, helper_task });
    }
    let running = works["in_progress"].clone();
    let declined = p.task(&running.initiative, json!({"agency_id": p.stranger_id})).await;
    p.stranger.moves(&declined, "declined").await.is(200);
    let withdrawn = p.task(&running.initiative, json!({"agency_id": p.stranger_id})).await;
    p.office.moves(&withdrawn, "withdrawn").await.is(200);
    let by_helper = p.asked(&running.helper_task, "2027-01-31").await;
    let body = json!({"responsibility_id": id_of(&running.lead_task), "requested_due_on": "2027-01-31", "reason": "دلیل"});
    let by_lead = format!("/deferrals/{}", p.lead.post("/deferrals", body).await.is(201).id());
    p.office.moves(&by_lead, "accepted").await.is(200);
    World { works, declined, withdrawn, deferrals: [by_helper, by_lead] }
}

impl World {
    fn initiatives(&self, names: &[&str]) -> Ids {
        ids(names.iter().map(|name| id_of(&self.works[name].initiative).to_owned()))
    }

    /// Those of these initiatives, and further ones.
    fn tasks(&self, names: &[&str], more: &[&String]) -> Ids {
        let both = names.iter().flat_map(|name| [&self.works[name].lead_task, &self.works[name].helper_task]);
        ids(both.chain(more.iter().copied()).map(|path| id_of(path).to_owned()))
    }
}

const OPEN: [&str; 5] = ["proposed", "in_progress", "completed", "cancelled", "elsewhere"];

fn with<'a>(names: &[&'a str], more: &'a str) -> Vec<&'a str> {
    names.iter().copied().chain([more]).collect()
}

on_both! {
    async fn initiatives_are_seen_alike_by_every_way(app: TestApp) {
        let p = Programme::of(&app).await;
        let w = world(&p).await;
        let all = ids(w.works.values().map(|work| id_of(&work.initiative).to_owned()));
        let here = ["proposed", "in_progress", "completed", "cancelled"];
        for (name, who) in p.everybody() {
            let expected = match name {
                "province" => all.clone(),
                "manager" => w.initiatives(&with(&OPEN, "draft")),
                "other manager" => w.initiatives(&with(&OPEN, "elsewhere, a draft")),
                // The lead declined its part elsewhere, the stranger its part here.
                "lead" | "helper" => w.initiatives(&here),
                "stranger" => w.initiatives(&["elsewhere"]),
                _ => w.initiatives(&OPEN),
            };
            assert_eq!(seen(who, name, "initiatives", "initiative", Some("جبرانی"), &all).await, expected, "{name}");
        }
    }

    async fn responsibilities_are_seen_alike_by_every_way(app: TestApp) {
        let p = Programme::of(&app).await;
        let w = world(&p).await;
        let added = [&w.declined, &w.withdrawn];
        let names: Vec<&str> = w.works.keys().copied().collect();
        let all = w.tasks(&names, &added);
        let here = ["proposed", "in_progress", "completed", "cancelled"];
        for (name, who) in p.everybody() {
            let expected = match name {
                "province" => all.clone(),
                "manager" => w.tasks(&with(&OPEN, "draft"), &added),
                "other manager" => w.tasks(&with(&OPEN, "elsewhere, a draft"), &added),
                // What it declined elsewhere it still sees, alone.
                "lead" => w.tasks(&here, &[&w.declined, &w.withdrawn, &w.works["elsewhere"].helper_task]),
                "helper" => w.tasks(&here, &added),
                "stranger" => w.tasks(&["elsewhere"], &added),
                _ => w.tasks(&OPEN, &added),
            };
            assert_eq!(seen(who, name, "responsibilities", "responsibility", Some("تجهیز"), &all).await, expected, "{name}");
        }
    }

    async fn deferrals_are_seen_alike_by_every_way(app: TestApp) {
        let p = Programme::of(&app).await;
        let w = world(&p).await;
        let [by_helper, by_lead] = w.deferrals.each_ref().map(|path| id_of(path).to_owned());
        let all = ids([by_helper.clone(), by_lead.clone()]);
        for (name, who) in p.everybody() {
            let expected = match name {
                "province" | "manager" | "viewer" => all.clone(),
                "lead" => ids([by_lead.clone()]),
                "helper" => ids([by_helper.clone()]),
                _ => Ids::new(),
            };
            assert_eq!(seen(who, name, "deferrals", "deferral", None, &all).await, expected, "{name}");
        }
    }

    async fn users_and_mandates_are_seen_by_the_province_and_by_whom_they_concern(app: TestApp) {
        let p = Programme::of(&app).await;
        let users = ids(p.everybody().iter().map(|(_, who)| who.user_id.expect("a user").to_string()));
        let mandates = listed(&p.office, "/mandates?").await;
        assert_eq!(mandates.len(), 2);
        for (name, who) in p.everybody() {
            let own = ids([who.user_id.expect("a user").to_string()]);
            let expected = if name == "province" { users.clone() } else { own };
            assert_eq!(seen(who, name, "users", "user", None, &users).await, expected, "{name}");
            let held = seen(who, name, "mandates", "mandate", None, &mandates).await;
            let expected = match name { "province" => 2, "manager" | "other manager" => 1, _ => 0 };
            assert_eq!(held.len(), expected, "{name}");
            for mandate in held.iter().filter(|_| name != "province") {
                assert_eq!(who.get(&format!("/mandates/{mandate}")).await.json["user_id"], who.user_id.expect("a user").to_string());
            }
        }
        // A search for another's name finds nobody.
        let other = who_searches(&p.viewer, &p.manager.username).await;
        assert!(other.is_empty());
        assert_eq!(who_searches(&p.office, &p.manager.username).await.len(), 1);
    }

    async fn a_filter_by_what_is_out_of_reach_finds_nothing(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = p.work("draft").await;
        for (who, query) in [
            (&p.helper, format!("/responsibilities?initiative_id={}", id_of(&draft.initiative))),
            (&p.viewer, format!("/responsibilities?initiative_id={}", id_of(&draft.initiative))),
            (&p.other_manager, "/initiatives?status=draft".to_owned()),
            (&p.viewer, format!("/initiatives?neighborhood_id={}", p.place)),
            (&p.helper, format!("/events?resource_id={}", id_of(&draft.initiative))),
            (&p.viewer, "/initiatives?agency_id=01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50".to_owned()),
            (&p.helper, format!("/events?actor_id={}", p.office.user_id.expect("a user"))),
        ] {
            let page = who.get(&format!("{query}&with_total=true")).await.is(200);
            assert_eq!((page.items().len(), &page.json["total"]), (0, &json!(0)), "{query}");
        }
    }

    async fn what_an_agency_declined_is_not_found_by_the_initiative_that_it_does_not_see(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let declined = p.task(&work.initiative, json!({"agency_id": p.stranger_id})).await;
        p.stranger.moves(&declined, "declined").await.is(200);
        p.stranger.get(&work.initiative).await.refused(404, "not_found");
        assert_eq!(p.stranger.get("/responsibilities").await.each("id"), [id_of(&declined)]);
        let named = format!("/responsibilities?initiative_id={}", id_of(&work.initiative));
        assert_eq!(p.stranger.get(&named).await.is(200).items().len(), 0);
        assert_eq!(p.helper.get(&named).await.is(200).items().len(), 3);
    }

    async fn an_agency_that_is_asked_sees_and_one_that_is_asked_no_more_does_not(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        p.stranger.get(&work.initiative).await.refused(404, "not_found");
        p.patch(&p.office, &work.helper_task, json!({"agency_id": p.stranger_id})).await.is(200);
        p.stranger.get(&work.initiative).await.is(200);
        p.helper.get(&work.initiative).await.refused(404, "not_found");
        p.helper.get(&work.helper_task).await.refused(404, "not_found");
        p.patch(&p.office, &work.initiative, json!({"lead_agency_id": p.helper_id})).await.is(200);
        p.helper.get(&work.initiative).await.is(200);
        p.lead.get(&work.initiative).await.is(200);
        p.office.moves(&work.lead_task, "withdrawn").await.is(200);
        p.lead.get(&work.initiative).await.refused(404, "not_found");
    }

    async fn another_provinces_things_are_nowhere(app: TestApp) {
        let p = Programme::of(&app).await;
        let far: TestApp = app.another_province().await;
        let q = Programme::of(&far).await;
        let work = q.work("in_progress").await;
        let deferral = q.asked(&work.helper_task, "2027-01-31").await;
        let ours = p.work("in_progress").await;
        let mandate = q.office.get("/mandates").await.each("id")[0].clone();
        let domain = q.office.get("/domains").await.each("id")[0].clone();
        let event = q.office.get("/events").await.each("id")[0].clone();
        let paths = [
            work.initiative.clone(), work.helper_task.clone(), deferral.clone(), format!("/mandates/{mandate}"), format!("/domains/{domain}"),
            format!("/neighborhoods/{}", q.place), format!("/agencies/{}", q.lead_id), format!("/users/{}", q.manager.user_id.expect("a user")),
        ];
        p.office.get(&format!("/events/{event}")).await.refused(404, "not_found");
        for path in &paths {
            q.office.get(path).await.is(200);
            p.office.get(path).await.refused(404, "not_found");
            if !path.starts_with("/deferrals") {
                p.office.patch(path, json!({}), 1).await.refused(404, "not_found");
                p.office.delete(path, 1).await.refused(404, "not_found");
            }
            let list = path.split('/').nth(1).expect("a list");
            assert!(!listed(&p.office, &format!("/{list}?")).await.contains(id_of(path)), "{path}");
        }
        for path in [&work.initiative, &work.helper_task, &deferral] {
            p.office.moves(path, "accepted").await.refused(if path == &work.initiative { 422 } else { 404 }, if path == &work.initiative { "validation_failed" } else { "not_found" });
        }
        for query in [
            format!("/initiatives?neighborhood_id={}", q.place), format!("/initiatives?agency_id={}", q.lead_id), format!("/initiatives?lead_agency_id={}", q.lead_id),
            format!("/responsibilities?initiative_id={}", id_of(&work.initiative)), format!("/deferrals?agency_id={}", q.helper_id),
            format!("/mandates?user_id={}", q.manager.user_id.expect("a user")), format!("/users?agency_id={}", q.lead_id),
            format!("/events?resource_id={}", id_of(&work.initiative)), format!("/events?actor_id={}", q.office.user_id.expect("a user")),
        ] {
            assert!(p.office.get(&query).await.is(200).items().is_empty(), "{query}");
        }
        refers_to_nothing_there(&p, &q, &work, &ours).await;
    }
}

/// Every reference to another province's things is unknown.
async fn refers_to_nothing_there(p: &Programme<'_>, q: &Programme<'_>, work: &Work, ours: &Work) {
    let unknown = |answer: Answer, pointers: &[&str]| {
        let expected: Vec<(&str, &str)> = pointers.iter().map(|pointer| (*pointer, "unknown_reference")).collect();
        answer.refused(422, "validation_failed").with_errors(&expected);
    };
    let body = p.initiative_body(json!({"neighborhood_id": q.place, "lead_agency_id": q.lead_id}));
    unknown(p.office.post("/initiatives", body).await, &["/neighborhood_id", "/lead_agency_id"]);
    let body = p.task_body(&work.initiative, json!({"agency_id": q.lead_id}));
    unknown(p.office.post("/responsibilities", body).await, &["/initiative_id", "/agency_id"]);
    unknown(p.office.post("/responsibilities", p.task_body(&ours.initiative, json!({"agency_id": q.lead_id}))).await, &["/agency_id"]);
    let body = json!({"responsibility_id": id_of(&work.helper_task), "requested_due_on": "2027-01-31", "reason": "دلیل"});
    unknown(p.helper.post("/deferrals", body).await, &["/responsibility_id"]);
    let body = json!({"user_id": q.manager.user_id.expect("a user").to_string(), "neighborhood_id": q.place, "order_no": "1", "valid_from": "2026-11-22"});
    unknown(p.office.post("/mandates", body).await, &["/user_id", "/neighborhood_id"]);
    let body = json!({"username": "far", "display_name": "دور", "role": "agency", "agency_id": q.lead_id});
    unknown(p.office.post("/users", body).await, &["/agency_id"]);
    let draft = format!("/initiatives/{}", p.draft(json!({})).await.id());
    unknown(
        p.patch(&p.office, &draft, json!({"neighborhood_id": q.place, "lead_agency_id": q.lead_id})).await,
        &["/neighborhood_id", "/lead_agency_id"],
    );
}

async fn who_searches(who: &Client, word: &str) -> Vec<String> {
    who.get(&format!("/users?q={word}")).await.is(200).each("id")
}
