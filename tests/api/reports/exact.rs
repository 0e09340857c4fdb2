//! Figures that the database's sums, which cut off what is less than a part, do not tell: they are exact all the same. And the copies
//! beside the responsibilities from which reports are added up.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use mahalleh::db::schema::{initiatives, responsibilities};
use serde_json::json;

use super::generated::{Initiative, Programme as Generated, Task, day};
use crate::support::{Programme, TestApp, id_of, on_both};

/// An initiative's place, weight, and of its responsibilities the weight, whether it is verified and whether it is planned.
type Work<'a> = (usize, i32, &'a [(i32, bool, bool)]);

/// A programme of these initiatives alone, all in progress.
async fn put(app: &TestApp, works: &[Work<'_>]) -> Generated {
    let world = app.app.world.clone();
    let mut all = Generated::thrown(1, &world);
    let (initiative, task): (Initiative, Task) = (all.initiatives[0].clone(), all.tasks[0].clone());
    (all.initiatives, all.tasks, all.deferrals, all.returns) = Default::default();
    for (n, (place, weight, parts)) in works.iter().enumerate() {
        all.initiatives.push(Initiative {
            id: world.new_id(),
            code: format!("i-{n}"),
            place: all.places[*place].id,
            domain: "sport".into(),
            status: "in_progress",
            weight: *weight,
            ..initiative.clone()
        });
        for (m, (weight, verified, planned)) in parts.iter().enumerate() {
            let (status, due) = (if *verified { "verified" } else { "accepted" }, day(if *planned { "2026-11-22" } else { "2026-11-30" }));
            let (id, code) = (world.new_id(), format!("r-{m}"));
            all.tasks.push(Task { id, code, of: n, weight: *weight, due, baseline: Some(due), status, declined_by: None, ..task.clone() });
        }
    }
    all.put(app).await;
    all
}

/// How many responsibilities have another weight, domain or neighbourhood beside them than their initiative.
async fn wrong_copies(app: &TestApp) -> i64 {
    app.read(|conn| {
        use initiatives as i;
        use responsibilities as r;
        let differ =
            i::weight.ne(r::initiative_weight).or(i::domain.ne(r::initiative_domain)).or(i::neighborhood_id.ne(r::neighborhood_id));
        Ok(r::table.inner_join(i::table.on(i::id.eq(r::initiative_id))).filter(differ).count().get_result(conn)?)
    })
    .await
}

on_both! {
    async fn a_half_is_rounded_away_from_zero_though_its_shares_were_cut(app: TestApp) {
        // 1/29 and 28/29 of weight 1 each are 1 of 80 together: 1.25 %.
        let one_of_80: [Work<'_>; 3] = [
            (0, 1, &[(1, true, false), (28, false, false)]),
            (0, 1, &[(28, true, false), (1, false, false)]),
            (0, 78, &[(1, false, false)]),
        ];
        let all = put(&app, &one_of_80).await;
        let answer = app.province().await.get("/reports/neighborhoods?as_of=2026-11-22").await.is(200).json;
        let rows = answer["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["neighborhood"]["code"] == all.places[0].code.as_str()).unwrap();
        assert_eq!((&row["progress"], &row["gap"], &answer["totals"]["progress"]), (&json!(1.3), &json!(1.3), &json!(1.3)));
        let domains = app.province().await.get("/reports/domains?as_of=2026-11-22").await.is(200).json;
        assert_eq!(domains["totals"]["progress"], json!(1.3));
    }

    async fn gaps_that_are_the_same_leave_the_order_to_the_names(app: TestApp) {
        // One of 23 behind, each by other weights.
        let alike: [Work<'_>; 3] = [
            (0, 7, &[(3, false, true), (66, false, false)]),
            (1, 3, &[(2, false, true), (44, false, false)]),
            (2, 1, &[(1, false, true), (22, false, false)]),
        ];
        let all = put(&app, &alike).await;
        let office = app.province().await;
        for sort in ["gap", "-gap"] {
            let answer = office.get(&format!("/reports/neighborhoods?as_of=2026-11-22&sort={sort}")).await.is(200).json;
            let told = answer["rows"].as_array().unwrap().iter().filter(|row| row["gap"] == json!(-4.3)).map(|row| row["neighborhood"]["code"].clone());
            let names: Vec<_> = all.places[..3].iter().map(|place| json!(place.code)).collect();
            assert_eq!(told.collect::<Vec<_>>(), names, "{sort}");
        }
    }

    async fn responsibilities_follow_weight_domain_and_place_of_their_initiative(app: TestApp) {
        let p = Programme::of(&app).await;
        let (work, other) = (p.written(json!({"weight": 10})).await, p.work("in_progress").await);
        let elsewhere = json!({"weight": 70, "domain": "sport", "neighborhood_id": p.other_place});
        p.patch(&p.office, &work.initiative, elsewhere).await.is(200);
        assert_eq!(wrong_copies(&app).await, 0);
        let domains = p.office.get("/domains").await.is(200);
        let education = domains.items().iter().find(|domain| domain["code"] == "education").unwrap()["id"].clone();
        p.patch(&p.office, &format!("/domains/{}", education.as_str().unwrap()), json!({"code": "learning"})).await.is(200);
        assert_eq!(wrong_copies(&app).await, 0);
        let late = p.office.get("/reports/domains?domain=learning&as_of=2027-01-05").await.is(200).json;
        assert_eq!((&late["totals"]["late"], &late["totals"]["initiatives"]["total"]), (&json!(2), &json!(1)));
        let tasks = p.office.get(&format!("/responsibilities?initiative_id={}", id_of(&other.initiative))).await.is(200);
        assert!(tasks.items().iter().all(|task| task["version"] == 3), "copies are no change of their own: {}", tasks.text());
    }
}
