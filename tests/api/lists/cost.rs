//! What a list costs: the same number of statements whatever the page, and an index for every sort and filter.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use mahalleh::db::Conn;
use reqwest::Method;
use serde_json::Value;

use crate::{
    documented::Contract,
    support::{
        Backend, TestApp,
        watch::{Watched, grown, on_each, reads_whole, watched},
    },
};

/// Every list with its sorts and filters; the value of a filter is any that can be there.
const LISTS: &[(&str, &[&str], &[&str])] = &[
    ("domains", &["position", "code"], &["active=true", "updated_since=2026-11-22T00:00:00Z"]),
    (
        "agencies",
        &["name", "code", "updated_at"],
        &["code=sport", "kind=sport", "active=false", "q=ورزش", "updated_since=2026-11-22T00:00:00Z"],
    ),
    (
        "neighborhoods",
        &["name", "code", "population", "updated_at"],
        &[
            "code=pardisan",
            "city=قم",
            "county=قم",
            "district=۱",
            "designation=model",
            "closed=true",
            "closed=false",
            "bbox=50,34,51,35",
            "q=شیخ",
            "updated_since=2026-11-22T00:00:00Z",
        ],
    ),
    (
        "users",
        &["username", "updated_at"],
        &["role=viewer", "agency_id={id}", "active=false", "q=sport", "updated_since=2026-11-22T00:00:00Z"],
    ),
    ("mandates", &["valid_from"], &["user_id={id}", "neighborhood_id={id}", "on=2026-11-22", "updated_since=2026-11-22T00:00:00Z"]),
    (
        "initiatives",
        &["code", "title", "due_on", "updated_at", "created_at"],
        &[
            "code=a",
            "neighborhood_id={id}",
            "domain=sport",
            "status=draft",
            "lead_agency_id={id}",
            "agency_id={id}",
            "health=late",
            "starts_from=2026-11-22",
            "starts_to=2026-11-22",
            "due_from=2026-11-22",
            "due_to=2026-11-22",
            "q=کلاس",
            "q=ک",
            "updated_since=2026-11-22T00:00:00Z",
            "neighborhood_id={id}&status=draft",
        ],
    ),
    (
        "responsibilities",
        &["due_on", "code", "updated_at"],
        &[
            "code=a",
            "initiative_id={id}",
            "neighborhood_id={id}",
            "agency_id={id}",
            "part=lead",
            "status=reported",
            "late=true",
            "late=false",
            "due_from=2026-11-22",
            "due_to=2026-11-22",
            "q=کلاس",
            "updated_since=2026-11-22T00:00:00Z",
        ],
    ),
    ("deferrals", &["created_at"], &["responsibility_id={id}", "agency_id={id}", "status=requested", "updated_since=2026-11-22T00:00:00Z"]),
    ("clients", &["name", "updated_at"], &["role=viewer", "agency_id={id}", "active=false", "updated_since=2026-11-22T00:00:00Z"]),
    ("imports", &["created_at", "updated_at"], &["dataset=users", "state=queued", "updated_since=2026-11-22T00:00:00Z"]),
    (
        "events",
        &["seq"],
        &[
            "resource_type=initiative",
            "resource_id={id}",
            "actor_id={id}",
            "action=created",
            "after=5",
            "at_from=2026-11-22T00:00:00Z",
            "at_to=2026-11-22T00:00:00Z",
        ],
    ),
];

/// What holds half of a list or nearly all of it: an index would not help to count it, and the sort's own index gives
/// the page.
const MOST_OF_IT: [&str; 2] = ["part=lead", "late=false"];

/// Whether a plan reads a whole table or, where it is to come in an order, sorts it.
fn faults(plan: &[String], table: &str, sorted: bool) -> Vec<String> {
    let sorts = |step: &String| sorted && (step.contains("TEMP B-TREE FOR ORDER BY") || step.starts_with("Sort  ("));
    plan.iter().filter(|step| reads_whole(step, table) || sorts(step)).cloned().collect()
}

#[test]
fn every_sort_and_filter_of_the_document_is_looked_at() {
    let contract = Contract::read();
    let mut lists = BTreeMap::new();
    for (_, _, path, operation) in contract.operations().iter().filter(|(_, method, path, _)| *method == Method::GET && !path.contains('{'))
    {
        let given = operation["parameters"].as_array().into_iter().flatten().map(|parameter| contract.followed(parameter));
        let parameters: Vec<&Value> = given.filter(|parameter| parameter["in"] == "query").collect();
        let name = |one: &Value| one["name"].as_str().expect("a name").to_owned();
        if !["sort", "cursor", "with_total"].iter().all(|own| parameters.iter().any(|one| name(one) == *own)) {
            continue;
        }
        let sort = parameters.iter().find(|one| name(one) == "sort").expect("a sort")["schema"]["pattern"].as_str().expect("a pattern");
        let sorts: BTreeSet<String> = sort.trim_start_matches("^-?(").trim_end_matches(")$").split('|').map(str::to_owned).collect();
        let own = ["sort", "limit", "cursor", "with_total", "format"];
        let filters: BTreeSet<String> = parameters.iter().copied().map(name).filter(|name| !own.contains(&name.as_str())).collect();
        lists.insert(path.trim_start_matches("/api/v1/").to_owned(), (sorts, filters));
    }
    let words = |texts: &[&str]| texts.iter().map(|text| text.split('=').next().expect("a name").to_owned()).collect::<BTreeSet<_>>();
    let known: BTreeMap<_, _> = LISTS.iter().map(|(list, sorts, filters)| ((*list).to_owned(), (words(sorts), words(filters)))).collect();
    assert_eq!(lists, known);
}

async fn a_list_costs_the_same_whatever_its_page(watched: &Watched<'_>) {
    for (list, ..) in LISTS {
        let (few, many) =
            (watched.statements_of(&format!("/{list}?limit=1")).await, watched.statements_of(&format!("/{list}?limit=200")).await);
        assert!(!few.is_empty(), "{list}: the watch sees nothing");
        assert_eq!(few.len(), many.len(), "{list}: {many:#?}");
        assert!(many.len() <= 4, "{list}: {many:#?}");
        let total = watched.statements_of(&format!("/{list}?limit=200&with_total=true")).await;
        // In the statement of the rows, so that both are of one instant; the feed's is seldom asked for.
        assert_eq!(total.len(), many.len() + usize::from(*list == "events"), "{list}");
    }
}

async fn every_sort_and_filter_has_an_index(watched: &Watched<'_>) {
    let mut wrong = Vec::new();
    for (list, sorts, filters) in LISTS {
        let id = watched.office.user_id.expect("a user").to_string();
        let by_sort = sorts.iter().flat_map(|sort| [(format!("sort={sort}"), true), (format!("sort=-{sort}"), true)]);
        let by_filter = filters.iter().map(|filter| (format!("with_total=true&{}", filter.replace("{id}", &id)), false));
        for (query, sorted) in by_sort.chain(by_filter) {
            let statements = watched.statements_of(&format!("/{list}?limit=20&{query}")).await;
            for (statement, plan) in watched.plans(&statements) {
                // The secrets and places of a page's service accounts are few.
                let of_a_page = ["client_secrets", "client_neighborhoods"].iter().any(|part| statement.contains(part));
                let sorted = sorted && statement.contains("ORDER BY") && !of_a_page;
                if statement.contains("COUNT(*)") && MOST_OF_IT.iter().any(|filter| query.ends_with(filter)) {
                    continue;
                }
                for fault in faults(&plan, list, sorted) {
                    wrong.push(format!("{list}?{query}: {fault}\n  {statement}\n  {}", plan.join("\n  ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// PostgreSQL looks up no responsibility for the figures of a page.
async fn figures_of_a_page_are_in_an_index(watched: &Watched<'_>) {
    let statements = watched.statements_of("/initiatives?limit=20").await;
    let plans = watched.plans(&statements);
    let (_, plan) = plans.iter().find(|(statement, _)| statement.contains("FROM responsibilities")).expect("figures");
    assert!(plan.iter().any(|step| step.starts_with("Index Only Scan using \"responsibilities.code_key\"")), "{plan:#?}");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many statements the one reader has prepared; PostgreSQL tells.
async fn prepared(app: &TestApp) -> i64 {
    let count = |conn: &mut Conn| Ok(sql_query("SELECT COUNT(*) AS count FROM pg_prepared_statements").get_result::<Count>(conn)?.count);
    app.app.db.read(count).await.expect("a count")
}

on_each!(watched: a_list_costs_the_same_whatever_its_page);
on_each!(watched: every_sort_and_filter_has_an_index);

#[test]
fn figures_of_a_page_are_in_an_index_of_postgresql() {
    watched(Backend::Postgres, figures_of_a_page_are_in_an_index);
}

/// What is built by `.cargo/config.toml`; without it a statement with a bound limit is prepared anew at each use.
#[test]
fn sqlite_plans_by_the_text_of_a_statement_alone() {
    let mut conn = diesel::SqliteConnection::establish(":memory:").expect("a connection");
    let built: Count = sql_query("SELECT sqlite_compileoption_used('ENABLE_QPSG') AS count").get_result(&mut conn).expect("a row");
    assert_eq!(built.count, 1);
}

#[test]
fn like_requests_are_prepared_once_and_rare_ones_not_for_ever() {
    const PLACE: &str = "018f0000-0000-7000-8000-00000000000";
    // With the sorts more than a connection keeps, of which each request needs one.
    const FILTERS: [&str; 7] = [
        "code=a",
        "domain=sport",
        "status=draft",
        "due_from=2026-11-22",
        "due_to=2026-11-22",
        "starts_from=2026-11-22",
        "starts_to=2026-11-22",
    ];
    grown(Backend::Postgres, async |app| {
        let office = app.province().await;
        let ask = async |query: String| office.get(&format!("/initiatives?with_total=true&{query}")).await.is(200);
        ask(format!("neighborhood_id={PLACE}1,{PLACE}2,{PLACE}3&status=draft,approved,blocked")).await;
        let before = prepared(app).await;
        ask(format!("neighborhood_id={PLACE}4,{PLACE}5,{PLACE}6,{PLACE}7&status=cancelled,completed,proposed")).await;
        assert_eq!(prepared(app).await, before, "the same statements with other values");
        let mut most = 0;
        for chosen in 0..1 << FILTERS.len() {
            let query: Vec<&str> =
                FILTERS.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1).map(|(_, filter)| *filter).collect();
            for sort in ["code", "-code", "title", "-title", "due_on", "-due_on"] {
                ask(format!("sort={sort}&{}", query.join("&"))).await;
            }
            most = most.max(prepared(app).await);
        }
        assert!((400..520).contains(&most), "{most}");
    });
}
