//! What a report costs: a number of statements that does not depend on what there is, and figures from indexes alone.

use mahalleh::policy::Role;

use crate::support::watch::{Watched, on_each, reads_whole, watched};

/// Every report, and whether it shows figures alone; the others show rows, and read those.
const REPORTS: [(&str, bool); 9] = [
    ("overview", true),
    ("neighborhoods", true),
    ("domains", true),
    ("agencies", true),
    ("late", true),
    ("gaps", false),
    ("pace", true),
    ("agenda", false),
    ("timeline", false),
];

/// The large tables, as a report's statements call them.
const LARGE: [&str; 4] = ["initiatives", "responsibilities", "i", "r"];

/// A step that reads the rows of a province in a large table, or builds an index of its own.
fn is_dear(step: &str) -> bool {
    let whole = reads_whole(step, "initiatives") || reads_whole(step, "responsibilities");
    let searches = LARGE.iter().any(|table| step.starts_with(&format!("SEARCH {table} ")));
    let beside = searches && step.contains(" USING INDEX ") && step.ends_with(" (province_id=?)");
    whole || beside || step.contains("AUTOMATIC")
}

async fn reports_are_cheap(watched: &Watched<'_>) {
    let mut wrong = Vec::new();
    let (viewer, manager) = (watched.app.viewer().await, watched.app.user(Role::NeighborhoodManager, None).await);
    let place = watched.office.get("/neighborhoods?code=sheikhabad").await.items()[0]["id"].as_str().expect("an id").to_owned();
    let today = watched.app.app.world.today();
    watched.app.mandate(manager.user_id.expect("a user"), &place, today, Some(today)).await;
    let agency = watched.app.agency("sport").await;
    // An agency sees what it declined too, for which rows are read.
    for (caller, who, by_indexes) in
        [("province", &watched.office, true), ("viewer", &viewer, true), ("manager", &manager, true), ("agency", &agency, false)]
    {
        // Who asks is remembered from here on.
        who.get("/me").await.is(200);
        for (report, figures_alone) in REPORTS {
            // Each day is asked for once, so that none is remembered.
            let statements = watched.statements_for(who, &format!("/reports/{report}?as_of=2026-11-22")).await;
            let of_some_places = watched.statements_for(who, &format!("/reports/{report}?as_of=2026-11-21&designation=model")).await;
            assert_eq!(statements.len(), of_some_places.len(), "{report} of the {caller}: {statements:#?}");
            assert!((6..=15).contains(&statements.len()), "{report} of the {caller}: {statements:#?}");
            if figures_alone && by_indexes {
                let dear = watched.plans(&statements).into_iter().filter(|(_, plan)| plan.iter().any(|step| is_dear(step)));
                wrong.extend(dear.map(|(statement, plan)| format!("{report} of the {caller}: {statement}\n  {}", plan.join("\n  "))));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether anything has changed is asked for each report; what is sealed, which is nearly all there is, costs it nothing.
async fn what_waits_is_found_past_what_is_sealed(watched: &Watched<'_>) {
    watched.office.get("/events?limit=1").await.is(200);
    watched.office.get("/reports/agencies").await.is(200);
    let settled = watched.statements_for(&watched.office, "/reports/agencies?as_of=2026-11-20").await;
    watched.office.post("/agencies", serde_json::json!({"code": "waits", "name": "در راه", "kind": "other"})).await.is(201);
    let waiting = watched.statements_for(&watched.office, "/reports/agencies?as_of=2026-11-19").await;
    assert!(settled.len() < waiting.len(), "{settled:#?} {waiting:#?}");
    let statements: Vec<String> = settled.into_iter().chain(waiting).filter(|statement| statement.contains("event_heads")).collect();
    assert!(statements.iter().any(|statement| statement.contains("count") || statement.contains("COUNT")), "{statements:#?}");
    for (statement, plan) in watched.plans(&statements) {
        let walks_all = |step: &String| {
            reads_whole(step, "events") || ["events_pkey", "autoindex_events", "events_sealed"].iter().any(|index| step.contains(index))
        };
        assert!(plan.iter().any(|step| step.contains("events_unsealed")), "{statement}: {plan:#?}");
        assert!(!plan.iter().any(walks_all), "{statement}: {plan:#?}");
    }
}

on_each!(watched: reports_are_cheap);
on_each!(watched: what_waits_is_found_past_what_is_sealed);
