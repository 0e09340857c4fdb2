//! Who may make which move; `allowed_transitions` says exactly what the server then does.

use serde_json::json;

use crate::support::{Programme, on_both};

const ALL: [&str; 7] = ["proposed", "accepted", "declined", "reported", "verified", "returned", "withdrawn"];

/// DESIGN §2, "Lifecycles", in an initiative that is in progress: from, to, and who. `helper` is the agency.
const MOVES: &[(&str, &str, &[&str])] = &[
    ("proposed", "accepted", &["helper", "province"]),
    ("proposed", "declined", &["helper"]),
    ("proposed", "withdrawn", &["province"]),
    ("declined", "proposed", &["province"]),
    ("accepted", "reported", &["helper"]),
    ("accepted", "withdrawn", &["province"]),
    ("returned", "reported", &["helper"]),
    ("returned", "withdrawn", &["province"]),
    ("reported", "verified", &["manager", "province"]),
    ("reported", "returned", &["manager", "province"]),
];

on_both! {
    async fn each_moves_what_is_his_and_nothing_else(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for status in ALL {
            let task = p.task_in(&work.initiative, status).await;
            for (name, who) in p.everybody() {
                let case = format!("{name}, {status}");
                let mine: Vec<&str> = ALL.into_iter().filter(|to| MOVES.iter().any(|(from, there, whose)| (*from, there) == (status, to) && whose.contains(&name))).collect();
                if name == "stranger" {
                    who.get(&task).await.refused(404, "not_found");
                } else {
                    assert_eq!(who.get(&task).await.is(200).json["allowed_transitions"], json!(mine), "{case}");
                }
                for to in ALL {
                    let exists = MOVES.iter().any(|(from, there, _)| (*from, *there) == (status, to));
                    let case = format!("{case} to {to}");
                    if mine.contains(&to) {
                        let fresh = p.task_in(&work.initiative, status).await;
                        if status == "declined" {
                            p.patch(&p.office, &fresh, json!({"agency_id": p.lead_id})).await.is(200);
                        }
                        assert_eq!(who.moves(&fresh, to).await.is(200).json["status"], to, "{case}");
                        continue;
                    }
                    let refused = who.moves(&task, to).await;
                    let expected = match (name, exists) {
                        ("viewer", _) => (403, "forbidden"),
                        ("stranger", _) => (404, "not_found"),
                        (_, true) => (403, "forbidden"),
                        (_, false) => (409, "illegal_transition"),
                    };
                    assert_eq!((refused.status, refused.json["code"].as_str().unwrap_or_default()), expected, "{case}");
                    if expected.0 == 409 {
                        assert_eq!(refused.json["allowed"], json!(mine), "{case}");
                    }
                }
            }
            assert_eq!(p.seen(&task).await["status"], status, "what was refused changed nothing");
        }
    }

    async fn in_a_draft_the_province_withdraws_and_nobody_answers(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("draft").await;
        // The list is by state and role; that nothing is answered in a draft is a condition.
        assert_eq!(p.seen(&work.helper_task).await["allowed_transitions"], json!(["accepted", "withdrawn"]));
        assert_eq!(p.manager.get(&work.helper_task).await.json["allowed_transitions"], json!([]));
        p.manager.moves(&work.helper_task, "accepted").await.refused(403, "forbidden");
        for who in [&p.helper, &p.lead] {
            who.moves(&work.helper_task, "accepted").await.refused(404, "not_found");
        }
    }
}
