//! Who may make which move; `allowed_transitions` says exactly what the server then does.

use serde_json::json;

use crate::support::{Programme, on_both};

const ALL: [&str; 7] = ["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"];

/// DESIGN §2, "Lifecycles": from, to, and who.
const MOVES: &[(&str, &str, &[&str])] = &[
    ("draft", "proposed", &["province", "manager"]),
    ("draft", "cancelled", &["province"]),
    ("proposed", "draft", &["province"]),
    ("proposed", "approved", &["province"]),
    ("proposed", "cancelled", &["province"]),
    ("approved", "in_progress", &["province", "lead"]),
    ("approved", "cancelled", &["province"]),
    ("in_progress", "blocked", &["province", "lead"]),
    ("in_progress", "completed", &["province", "lead"]),
    ("in_progress", "cancelled", &["province"]),
    ("blocked", "in_progress", &["province", "lead"]),
    ("blocked", "cancelled", &["province"]),
];

/// Who sees an initiative of this status that others are to see; drafts are for the province and the place.
fn sees(name: &str, status: &str) -> bool {
    match name {
        "province" | "manager" => true,
        "stranger" => false,
        _ => status != "draft",
    }
}

on_both! {
    async fn each_moves_what_is_his_and_nothing_else(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ALL {
            let work = p.work(status).await;
            if status == "in_progress" {
                p.finish(&work).await;
            }
            for (name, who) in p.everybody() {
                let case = format!("{name}, {status}");
                let mine: Vec<&str> = ALL.into_iter().filter(|to| MOVES.iter().any(|(from, there, whose)| (*from, there) == (status, to) && whose.contains(&name))).collect();
                if sees(name, status) {
                    assert_eq!(who.get(&work.initiative).await.is(200).json["allowed_transitions"], json!(mine), "{case}");
                } else {
                    who.get(&work.initiative).await.refused(404, "not_found");
                }
                for to in ALL {
                    let exists = MOVES.iter().any(|(from, there, _)| (*from, *there) == (status, to));
                    let case = format!("{case} to {to}");
                    if mine.contains(&to) {
                        let fresh = p.work(status).await;
                        if to == "completed" {
                            p.finish(&fresh).await;
                        }
                        assert_eq!(who.moves(&fresh.initiative, to).await.is(200).json["status"], to, "{case}");
                        continue;
                    }
                    let refused = who.moves(&work.initiative, to).await;
                    let expected = match (name, sees(name, status), exists) {
                        ("viewer", ..) => (403, "forbidden"),
                        (_, false, _) => (404, "not_found"),
                        (_, true, true) => (403, "forbidden"),
                        (_, true, false) => (409, "illegal_transition"),
                    };
                    assert_eq!((refused.status, refused.json["code"].as_str().unwrap_or_default()), expected, "{case}");
                    if expected.0 == 409 {
                        assert_eq!(refused.json["allowed"], json!(mine), "{case}");
                    }
                }
            }
            assert_eq!(p.seen(&work.initiative).await["status"], status, "what was refused changed nothing");
        }
    }
}
