//! Asking for a later deadline.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Programme, id_of, on_both};

fn wish(task: &str, until: &str) -> Value {
    json!({"responsibility_id": id_of(task), "requested_due_on": until, "reason": "دیرکرد"})
}

on_both! {
    async fn an_agency_asks_for_its_own(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        p.helper.post("/deferrals", json!({})).await.refused(422, "validation_failed")
            .with_errors(&[("/responsibility_id", "required"), ("/requested_due_on", "required"), ("/reason", "required")]);
        let asked = p.helper.post("/deferrals", wish(&work.helper_task, "2027-01-01")).await.is(201);
        assert_eq!(asked.json["status"], "requested");
        assert_eq!(asked.json["agency_id"], p.helper_id);
        assert_eq!(asked.json["allowed_transitions"], json!([]));
        assert_eq!(asked.json["decision_note"], Value::Null);
        assert_eq!(p.seen(&format!("/deferrals/{}", asked.id())).await["allowed_transitions"], json!(["accepted", "rejected"]));
        // The lead sees the helper's responsibility, and may not ask for it; the stranger sees nothing.
        p.lead.post("/deferrals", wish(&work.helper_task, "2027-01-01")).await.refused(403, "forbidden");
        p.stranger.post("/deferrals", wish(&work.helper_task, "2027-01-01")).await.refused(422, "validation_failed")
            .with_errors(&[("/responsibility_id", "unknown_reference")]);
        for who in [&p.office, &p.manager, &p.viewer] {
            who.post("/deferrals", wish(&work.helper_task, "2027-01-01")).await.refused(403, "forbidden");
        }
    }

    async fn one_is_open_at_a_time(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let first = p.asked(&work.helper_task, "2027-01-01").await;
        p.helper.post("/deferrals", wish(&work.helper_task, "2027-02-01")).await.refused(409, "deferral_open");
        p.office.moves(&first, "rejected").await.is(200);
        p.asked(&work.helper_task, "2027-02-01").await;
    }

    async fn one_is_open_at_a_time_also_when_eight_ask_at_once(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let answers = join_all((1..=8).map(|day| {
            let body = wish(&work.helper_task, &format!("2027-01-0{day}"));
            let helper = &p.helper;
            async move { helper.post("/deferrals", body).await }
        })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "deferral_open");
        }
        assert_eq!(p.office.get("/deferrals").await.items().len(), 1);
    }

    async fn it_is_for_a_later_day_of_what_is_still_to_be_done(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let ask = |task: String, until: &'static str| { let helper = &p.helper; async move { helper.post("/deferrals", wish(&task, until)).await } };
        for until in ["2026-12-31", "2026-12-30"] {
            ask(work.helper_task.clone(), until).await.refused(422, "validation_failed").with_errors(&[("/requested_due_on", "not_after_due_on")]);
        }
        for status in ["proposed", "declined", "reported", "verified", "withdrawn"] {
            let task = p.task_in(&work.initiative, status).await;
            ask(task.clone(), "2027-01-01").await.refused(422, "validation_failed").with_errors(&[("/responsibility_id", "responsibility_not_open")]);
            ask(task, "2026-12-01").await.refused(422, "validation_failed")
                .with_errors(&[("/responsibility_id", "responsibility_not_open"), ("/requested_due_on", "not_after_due_on")]);
        }
        for status in ["accepted", "returned"] {
            let task = p.task_in(&work.initiative, status).await;
            ask(task, "2027-01-01").await.is(201);
        }
        // It can be asked before work begins and while it is held up, not before approval nor after the end.
        for (status, open) in [("proposed", false), ("approved", true), ("blocked", true), ("cancelled", false)] {
            let work = p.work(status).await;
            let asked = ask(work.helper_task, "2027-01-01").await;
            if open { asked.is(201) } else { asked.refused(422, "validation_failed").with_errors(&[("/responsibility_id", "initiative_not_open")]) };
        }
    }

    async fn it_is_neither_changed_nor_removed(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let deferral = p.asked(&work.helper_task, "2027-01-01").await;
        for method in [reqwest::Method::PATCH, reqwest::Method::DELETE] {
            for who in [&p.office, &p.helper] {
                who.request(method.clone(), &deferral).header("if-match", "\"1\"").await.refused(405, "method_not_allowed");
            }
        }
    }
}
