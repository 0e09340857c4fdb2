//! What a move of an initiative costs: a number of statements that does not depend on how many responsibilities it has.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::{Connection, connection::InstrumentationEvent};
use serde_json::json;

use crate::support::{Backend, Client, Programme, TestApp, databases, id_of, in_system};

/// An initiative of the lead and the helper with so many responsibilities.
async fn with_tasks(p: &Programme<'_>, count: usize) -> (String, Vec<String>) {
    let work = p.written(json!({})).await;
    let mut tasks = vec![work.lead_task, work.helper_task];
    while tasks.len() < count {
        tasks.push(p.task(&work.initiative, json!({})).await);
    }
    (work.initiative, tasks)
}

/// How many statements of the writer each step of the way takes: asked and taken back, approved, given up while all ask for time.
async fn counted(p: &Programme<'_>, told: &AtomicUsize, count: usize) -> Vec<(&'static str, usize)> {
    let (initiative, tasks) = with_tasks(p, count).await;
    let mut counts = Vec::new();
    let mut moved = async |who: &Client, to: &'static str| {
        told.store(0, Ordering::SeqCst);
        who.transition(&initiative, json!({"to": to, "reason": "چون"})).await.is(200);
        counts.push((to, told.load(Ordering::SeqCst)));
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
        let body = json!({"responsibility_id": id_of(task), "requested_due_on": "2027-01-31", "reason": "دیرکرد"});
        p.helper.post("/deferrals", body).await.is(201);
    }
    moved(&p.office, "cancelled").await;
    counts
}

#[test]
fn a_move_takes_as_many_statements_whatever_hangs_on_it() {
    let shared = databases::own(Backend::Sqlite).expect("SQLite");
    in_system(async {
        let app = TestApp::start(shared).await;
        let (told, p) = (Arc::new(AtomicUsize::new(0)), Programme::of(&app).await);
        let counter = Arc::clone(&told);
        app.write(move |conn| {
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            });
            Ok(())
        })
        .await;
        // Rows go into events by five and by fifty.
        let (few, many) = (counted(&p, &told, 6).await, counted(&p, &told, 51).await);
        assert_eq!(few.len(), 6);
        for (one, other) in few.iter().zip(&many) {
            assert!(one.1 > 3 && one.1.abs_diff(other.1) <= 1, "{few:?}, {many:?}");
        }
    });
}
