//! Since when an agency has not answered: since it was asked.

use serde_json::{Value, json};

use crate::support::{Programme, on_both};

/// The days since which responsibilities are unanswered, and how many of an agency are.
async fn unanswered(p: &Programme<'_>, agency: &str) -> (Vec<Value>, Value) {
    let gaps = p.office.get("/reports/gaps").await.is(200).json;
    let rows = gaps["rows"].as_array().expect("rows").iter().filter(|row| row["kind"] == "unaccepted_over_7_days");
    let since = rows.map(|row| row["since"].clone()).collect();
    let agencies = p.office.get(&format!("/reports/agencies?agency_id={agency}")).await.is(200).json;
    (since, agencies["rows"][0]["unanswered"].clone())
}

on_both! {
    async fn the_time_in_a_draft_is_no_time_to_answer(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.written(json!({})).await;
        p.wait_days(10).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        assert_eq!(unanswered(&p, &p.helper_id).await, (vec![], json!(0)));
        p.wait_days(8).await;
        assert_eq!(unanswered(&p, &p.helper_id).await, (vec![json!("2026-12-02"); 2], json!(1)));
    }

    async fn another_agency_has_its_own_days(app: TestApp) {
        let mut p = Programme::of(&app).await;
        let work = p.written(json!({})).await;
        p.manager.moves(&work.initiative, "proposed").await.is(200);
        p.lead.moves(&work.lead_task, "accepted").await.is(200);
        p.wait_days(10).await;
        assert_eq!(unanswered(&p, &p.helper_id).await, (vec![json!("2026-11-22")], json!(1)));
        p.patch(&p.office, &work.helper_task, json!({"weight": 41})).await.is(200);
        assert_eq!(unanswered(&p, &p.helper_id).await, (vec![json!("2026-11-22")], json!(1)));
        p.patch(&p.office, &work.helper_task, json!({"agency_id": p.stranger_id})).await.is(200);
        assert_eq!(unanswered(&p, &p.stranger_id).await, (vec![], json!(0)));
    }
}
