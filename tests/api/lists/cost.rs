//! What a list costs: the same number of statements whatever the page, and an index for every sort and filter.

use std::sync::{Arc, Mutex};

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::{BigInt, Text},
};
use mahalleh::{
    db::{Conn, Target},
    demo,
};

use crate::support::{Backend, Client, ManualClock, TestApp, databases, in_system};

/// Every list with its sorts and filters; the value of a filter is any that can be there.
const LISTS: &[(&str, &[&str], &[&str])] = &[
    ("domains", &["position", "code"], &["active=true"]),
    ("agencies", &["name", "code", "updated_at"], &["code=sport", "kind=sport", "active=false", "q=ورزش"]),
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
    ("users", &["username", "updated_at"], &["role=viewer", "agency_id={id}", "active=false", "q=sport"]),
    ("mandates", &["valid_from"], &["user_id={id}", "neighborhood_id={id}", "on=2026-11-22"]),
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
    ("deferrals", &["created_at"], &["responsibility_id={id}", "agency_id={id}", "status=requested"]),
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

/// The demo's province, grown to thousands of rows, with one reader that tells of its statements.
struct Watched<'a> {
    app: &'a TestApp,
    office: Client,
    statements: Arc<Mutex<Vec<String>>>,
}

impl Watched<'_> {
    /// The statements of a request, one that has been made before, so that nothing is read for the first time.
    async fn statements_of(&self, path: &str) -> Vec<String> {
        self.office.get(path).await.is(200);
        self.statements.lock().expect("no panic").clear();
        self.office.get(path).await.is(200);
        std::mem::take(&mut *self.statements.lock().expect("no panic"))
    }
}

fn grown(backend: Backend, test: impl AsyncFnOnce(&TestApp)) {
    let Some(shared) = databases::own(backend) else { return };
    in_system(async {
        let clock = ManualClock::default();
        let (world, target) = (clock.world(), shared.db.target().clone());
        shared.db.write(move |conn| demo::load(conn, &world, "no password")).await.expect("the demo loads");
        grow(&target);
        let app = TestApp::in_province(shared, clock, "qom").await;
        test(&app).await;
        let running = std::mem::take(&mut *app.servers().borrow_mut());
        for server in running {
            server.stop(false).await;
        }
    });
}

fn watched(backend: Backend, test: impl AsyncFnOnce(&Watched<'_>)) {
    grown(backend, async |app| {
        let statements: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&statements);
        let watch = move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                told.lock().expect("no panic").push(query.to_string());
            }
        };
        app.app.db.instrument_reads(watch).await.expect("a reader");
        let office = app.province().await;
        test(&Watched { app, office, statements }).await;
    });
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Copies the demo's rows until there are thousands, and has the planner count them; of tables that stay small it is to
/// know nothing, since it would rightly read them whole.
fn grow(target: &Target) {
    let mut conn = target.connect(true).expect("a connection");
    for (table, times) in [("initiatives", 40), ("responsibilities", 20)] {
        let (columns, fresh, series) = match &mut conn {
            Conn::Sqlite(sqlite) => {
                let names =
                    sql_query(format!("SELECT name AS text FROM pragma_table_info('{table}')")).load::<Line>(sqlite).expect("the columns");
                let series = format!("(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {times}) SELECT n FROM s)");
                (names, "randomblob(16)", series)
            }
            Conn::Postgres(pg) => {
                let names =
                    sql_query(format!("SELECT column_name::text AS text FROM information_schema.columns WHERE table_name = '{table}'"))
                        .load::<Line>(pg)
                        .expect("the columns");
                (names, "gen_random_uuid()", format!("generate_series(1, {times})"))
            }
        };
        let columns: Vec<String> = columns.into_iter().map(|line| line.text).filter(|name| name != "row_no").collect();
        let values: Vec<String> = columns
            .iter()
            .map(|name| match name.as_str() {
                "id" => fresh.to_owned(),
                "code" | "code_key" => format!("{name} || '-' || s.n"),
                name => format!("\"{name}\""),
            })
            .collect();
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let insert = format!("INSERT INTO {table} ({}) SELECT {} FROM {table}, {series} AS s(n)", names.join(", "), values.join(", "));
        let insert = if conn.is_postgres() { insert } else { insert.replace("AS s(n)", "AS s") };
        conn.batch_execute(&insert).expect("the rows");
    }
    conn.batch_execute("ANALYZE initiatives; ANALYZE responsibilities; ANALYZE events").expect("statistics");
}

/// How the database would run a statement, whatever is bound.
fn plan(conn: &mut Conn, statement: &str) -> Vec<String> {
    let sql = statement.split(" -- binds").next().unwrap_or_default();
    match conn {
        Conn::Sqlite(sqlite) => {
            #[derive(QueryableByName)]
            struct Step {
                #[diesel(sql_type = Text)]
                detail: String,
            }
            let steps = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<Step>(sqlite).expect(sql);
            steps.into_iter().map(|step| step.detail).collect()
        }
        Conn::Postgres(pg) => {
            #[derive(QueryableByName)]
            struct Step {
                #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
                line: String,
            }
            let count = (1..).take_while(|number| sql.contains(&format!("${number}"))).count();
            let nulls = vec!["NULL"; count].join(", ");
            let settings = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL plan_cache_mode = force_generic_plan; DEALLOCATE ALL;";
            pg.batch_execute(&format!("{settings} PREPARE watched AS {sql}")).expect(sql);
            let execute = if count == 0 { "EXPLAIN EXECUTE watched".to_owned() } else { format!("EXPLAIN EXECUTE watched({nulls})") };
            let steps = sql_query(execute).load::<Step>(pg).expect(sql);
            steps.into_iter().map(|step| step.line).collect()
        }
    }
}

/// Whether a plan reads a whole table or, where it is to come in an order, sorts it.
fn faults(plan: &[String], table: &str, sorted: bool) -> Vec<String> {
    let whole = |line: &String| {
        let line = line.trim_start_matches([' ', '-', '>']);
        line.starts_with(&format!("Seq Scan on {table}")) || (line.starts_with(&format!("SCAN {table}")) && !line.contains("VIRTUAL TABLE"))
    };
    let sorts = |line: &String| {
        sorted && (line.contains("TEMP B-TREE FOR ORDER BY") || line.trim_start_matches([' ', '-', '>']).starts_with("Sort  ("))
    };
    plan.iter().filter(|line| whole(line) || sorts(line)).cloned().collect()
}

async fn a_list_costs_the_same_whatever_its_page(watched: &Watched<'_>) {
    for (list, ..) in LISTS {
        let (few, many) =
            (watched.statements_of(&format!("/{list}?limit=1")).await, watched.statements_of(&format!("/{list}?limit=200")).await);
        assert!(!few.is_empty(), "{list}: the watch sees nothing");
        assert_eq!(few.len(), many.len(), "{list}: {many:#?}");
        assert!(many.len() <= 4, "{list}: {many:#?}");
        let total = watched.statements_of(&format!("/{list}?limit=200&with_total=true")).await;
        assert_eq!(total.len(), many.len() + 1, "{list}");
    }
}

async fn every_sort_and_filter_has_an_index(watched: &Watched<'_>) {
    let target = watched.app.app.db.target().clone();
    let mut wrong = Vec::new();
    for (list, sorts, filters) in LISTS {
        let id = watched.office.user_id.expect("a user").to_string();
        let by_sort = sorts.iter().flat_map(|sort| [(format!("sort={sort}"), true), (format!("sort=-{sort}"), true)]);
        let by_filter = filters.iter().map(|filter| (format!("with_total=true&{}", filter.replace("{id}", &id)), false));
        for (query, sorted) in by_sort.chain(by_filter) {
            let statements = watched.statements_of(&format!("/{list}?limit=20&{query}")).await;
            let mut conn = target.connect(true).expect("a connection");
            conn.batch_execute("BEGIN").expect("a transaction");
            for statement in statements.iter().filter(|statement| statement.trim_start().starts_with("SELECT")) {
                let plan = plan(&mut conn, statement);
                let sorted = sorted && statement.contains("ORDER BY");
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

#[test]
fn lists_are_cheap_on_sqlite() {
    watched(Backend::Sqlite, async |watched| {
        a_list_costs_the_same_whatever_its_page(watched).await;
        every_sort_and_filter_has_an_index(watched).await;
    });
}

#[test]
fn lists_are_cheap_on_postgresql() {
    watched(Backend::Postgres, async |watched| {
        a_list_costs_the_same_whatever_its_page(watched).await;
        every_sort_and_filter_has_an_index(watched).await;
    });
}

#[test]
fn like_requests_are_prepared_once_and_rare_ones_not_for_ever() {
    const PLACE: &str = "018f0000-0000-7000-8000-00000000000";
    const FILTERS: [&str; 6] =
        ["code=a", "domain=sport", "status=draft", "due_from=2026-11-22", "due_to=2026-11-22", "starts_from=2026-11-22"];
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
