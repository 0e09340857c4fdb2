//! A server with thousands of rows that reports its statements, and the plans by which its database would run them.

use std::{
    cell::Cell,
    sync::{Arc, Mutex},
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::Text,
};
use mahalleh::{
    db::{Conn, Target},
    demo,
};

use super::{Backend, Client, ManualClock, TestApp, databases, in_system, stop};

/// The demo's province, grown to thousands of rows, with one reader that reports its statements.
pub struct Watched<'a> {
    pub app: &'a TestApp,
    pub office: Client,
    statements: Arc<Mutex<Vec<String>>>,
    asked: Cell<usize>,
}

impl Watched<'_> {
    /// The statements of a request that has been made before, so that nothing is read for the first time. The server does not
    /// answer it from memory, since each time the address ends in one `&` more.
    pub async fn statements_of(&self, path: &str) -> Vec<String> {
        self.office.get(path).await.is(200);
        self.asked.set(self.asked.get() + 1);
        self.first_statements_of(&format!("{path}{}", "&".repeat(self.asked.get()))).await
    }

    /// The statements of a request as it is made now.
    pub async fn first_statements_of(&self, path: &str) -> Vec<String> {
        self.statements_for(&self.office, path).await
    }

    /// The statements of a request by a given client.
    pub async fn statements_for(&self, who: &Client, path: &str) -> Vec<String> {
        self.statements_while(async || drop(who.get(path).await.is(200))).await
    }

    /// The statements of the one writer, while something is done.
    pub async fn statements_of_writes(&self, work: impl AsyncFnOnce()) -> Vec<String> {
        let watch = tells(&self.statements);
        let set = move |conn: &mut Conn| {
            conn.set_instrumentation(watch);
            Ok(())
        };
        self.app.write(set).await;
        self.statements_while(work).await
    }

    /// The statements of the one reader, while something is done.
    pub async fn statements_while(&self, work: impl AsyncFnOnce()) -> Vec<String> {
        self.statements.lock().expect("no panic").clear();
        work().await;
        std::mem::take(&mut *self.statements.lock().expect("no panic"))
    }

    /// Those of the statements that look for something, each with the plan by which the database would run it.
    pub fn plans<'s>(&self, statements: &'s [String]) -> Vec<(&'s String, Vec<String>)> {
        let mut conn = self.app.app.db.target().connect(true).expect("a connection");
        conn.batch_execute("BEGIN").expect("a transaction");
        let looks = |statement: &&String| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| statement.trim_start().starts_with(verb));
        statements.iter().filter(looks).map(|statement| (statement, plan(&mut conn, statement))).collect()
    }
}

/// The demo's province, grown, on one database; nothing where there is none.
pub fn grown(backend: Backend, test: impl AsyncFnOnce(&TestApp)) {
    let Some(shared) = databases::own(backend) else { return };
    in_system(async {
        let clock = ManualClock::default();
        let (world, target) = (clock.world(), shared.db.target().clone());
        shared.db.write(move |conn| demo::load(conn, &world, "no password")).await.expect("the demo loads");
        grow(&target);
        let app = TestApp::in_province(shared, clock, "qom").await;
        test(&app).await;
        stop(&app.servers()).await;
    });
}

/// The same, with a watch on its statements.
pub fn watched(backend: Backend, test: impl AsyncFnOnce(&Watched<'_>)) {
    grown(backend, async |app| {
        let statements: Arc<Mutex<Vec<String>>> = Arc::default();
        app.app.db.instrument_reads(tells(&statements)).await.expect("a reader");
        let office = app.province().await;
        test(&Watched { app, office, statements, asked: Cell::default() }).await;
    });
}

/// Collects each statement.
fn tells(statements: &Arc<Mutex<Vec<String>>>) -> impl Fn(InstrumentationEvent<'_>) + Clone + Send + Sync + use<> {
    let told = Arc::clone(statements);
    move |event| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            told.lock().expect("no panic").push(query.to_string());
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Copies the demo's rows until there are thousands, and has the planner gather statistics on them. Of tables that stay small
/// it must know nothing, since it would rightly read them whole.
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
    // Only PostgreSQL gathers statistics by itself, and what indexes may be trusted with; its planner is told here what it knows in
    // production.
    if conn.is_postgres() {
        for table in ["initiatives", "responsibilities", "events"] {
            conn.batch_execute(&format!("VACUUM ANALYZE {table}")).expect("statistics");
        }
    }
}

/// A test of the same name on each database, each run by [`grown`] or [`watched`].
macro_rules! on_each {
    ($run:ident: $name:ident) => {
        mod $name {
            #[test]
            fn sqlite() {
                super::$run($crate::support::Backend::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                super::$run($crate::support::Backend::Postgres, super::$name);
            }
        }
    };
}
pub(crate) use on_each;

/// Whether a step of a plan reads a whole table.
pub fn reads_whole(step: &str, table: &str) -> bool {
    step.starts_with(&format!("Seq Scan on {table}")) || (step.starts_with(&format!("SCAN {table}")) && !step.contains("VIRTUAL TABLE"))
}

/// The plan by which the database would run a statement, whatever is bound; one step a line.
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
            steps.into_iter().map(|step| step.line.trim_start_matches([' ', '-', '>']).to_owned()).collect()
        }
    }
}
