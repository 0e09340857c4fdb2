//! Who imports what (DESIGN §2, "Rights").

use serde_json::json;

use super::{by_code, counts, csv, expected, faults, state};
use crate::support::{Programme, on_both};

on_both! {
    async fn a_manager_imports_drafts_of_his_own_place(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let here = p.office.get(&format!("/neighborhoods/{}", p.place)).await.json["code"].as_str().expect("a code").to_owned();
        let there = app.neighborhood().make().await.json["code"].as_str().expect("a code").to_owned();
        let text = format!("code,neighborhood_code,domain,title\nown,{here},sport,یک\nother,{there},sport,دو\n");
        let job = csv(&p.manager, "dataset=initiatives&mode=per_row", &text).await;
        assert_eq!(counts(&job), [1, 0, 0, 1]);
        assert_eq!(faults(&p.manager, &job).await, expected(&[(2, "-", "forbidden", "-")]));

        let started = p.work("in_progress").await;
        let row = p.office.get(&started.initiative).await.json;
        let code = row["code"].as_str().expect("a code");
        let same = format!("code,title\n{code},{}\n", row["title"].as_str().expect("a title"));
        assert_eq!(counts(&csv(&p.manager, "dataset=initiatives", &same).await), [0, 0, 1, 0], "what is as it was needs no right");
        let job = csv(&p.manager, "dataset=initiatives", &format!("code,title,weight\n{code},تازه,99\n")).await;
        assert_eq!((state(&job), counts(&job)), ("rejected", [0, 0, 0, 1]));
        assert_eq!(faults(&p.manager, &job).await, expected(&[(1, "-", "forbidden", "-"), (1, "weight", "frozen", "99")]));

        // A draft elsewhere is out of his reach: it can be neither seen nor changed, and its code is taken.
        csv(&p.office, "dataset=initiatives", &format!("code,neighborhood_code,domain,title\nhidden,{there},sport,سه\n")).await;
        let job = csv(&p.manager, "dataset=initiatives", &format!("code,neighborhood_code,domain,title\nHIDDEN,{here},sport,چهار\n")).await;
        assert_eq!(faults(&p.manager, &job).await, expected(&[(1, "code", "already_exists", "HIDDEN")]));
        let job = csv(&p.manager, "dataset=responsibilities", "initiative_code,code,agency_code,part,title,due_on\nhidden,r,nobody,lead,کار,2027-01-01\n").await;
        assert_eq!(faults(&p.manager, &job).await, expected(&[(1, "initiative_code", "unknown_reference", "hidden"), (1, "agency_code", "unknown_reference", "nobody")]));
    }

    async fn service_accounts_import_within_their_role_as_themselves(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let make = async |body| p.office.post("/clients", body).await.is(201).json;
        let enter = async |made: &serde_json::Value| {
            let text = |name: &str| made[name].as_str().expect("a text").to_owned();
            let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", text("client_id"), text("client_secret"));
            let answer = app.anonymous().at(reqwest::Method::POST, "/api/v1/oauth/token").body("application/x-www-form-urlencoded", form).await.is(200);
            app.anonymous().with_token(answer.json["access_token"].as_str().expect("a token"))
        };
        let made = make(json!({"name": "همگام‌سازی", "role": "province"})).await;
        let machine = enter(&made).await;
        // Its secret is replaced; the old one and its token stay good for a while, and so an import goes on.
        p.office.post(&format!("/clients/{}/secrets", made["id"].as_str().expect("an id")), json!({"overlap_hours": 1})).await.is(201);
        let job = csv(&machine, "dataset=agencies", "code,name,kind
new,نو,کار
").await;
        assert_eq!(counts(&job), [1, 0, 0, 0]);
        assert_eq!(counts(&csv(&enter(&made).await, "dataset=agencies", "code,name
new,نوتر
").await), [0, 1, 0, 0]);
        let id = by_code(&p.office, "agencies", "new").await["id"].as_str().expect("an id").to_owned();
        for what in [id, job.id()] {
            let events = p.office.get(&format!("/events?resource_id={what}")).await.is(200);
            assert!(!events.items().is_empty());
            for event in events.items() {
                assert_eq!((&event["actor"]["username"], &event["actor"]["display_name"]), (&made["client_id"], &json!("همگام‌سازی")));
            }
        }
        let here = p.office.get(&format!("/neighborhoods/{}", p.place)).await.json["code"].as_str().expect("a code").to_owned();
        let there = p.office.get(&format!("/neighborhoods/{}", p.other_place)).await.json["code"].as_str().expect("a code").to_owned();
        let manager = enter(&make(json!({"name": "م", "role": "neighborhood_manager", "neighborhood_ids": [p.place]})).await).await;
        let text = format!("code,neighborhood_code,domain,title
own,{here},sport,یک
other,{there},sport,دو
");
        let job = csv(&manager, "dataset=initiatives&mode=per_row", &text).await;
        assert_eq!((counts(&job), faults(&manager, &job).await), ([1, 0, 0, 1], expected(&[(2, "-", "forbidden", "-")])));
        for body in [json!({"name": "د", "role": "agency", "agency_id": p.lead_id}), json!({"name": "ن", "role": "viewer"})] {
            let other = enter(&make(body).await).await;
            other.request(reqwest::Method::POST, "/imports?dataset=initiatives").body("text/csv", "code
").await.refused(403, "forbidden");
        }
    }

    async fn only_the_province_sees_the_imports_of_others(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let own = csv(&p.manager, "dataset=initiatives", "code\n").await.id();
        let office = csv(&p.office, "dataset=agencies", "code\n").await.id();
        assert_eq!(p.manager.get("/imports").await.is(200).each("id"), std::slice::from_ref(&own));
        assert_eq!(p.office.get("/imports").await.is(200).items().len(), 2);
        assert_eq!(p.office.get("/imports?dataset=agencies&state=succeeded&sort=-created_at&with_total=true").await.is(200).json["total"], 1);
        p.manager.get(&format!("/imports/{office}")).await.refused(404, "not_found");
        p.manager.get(&format!("/imports/{office}/rows")).await.refused(404, "not_found");
        p.manager.post(&format!("/imports/{office}/cancel"), json!({})).await.refused(404, "not_found");
        let events = p.manager.get(&format!("/events?resource_type=import&resource_id={own}")).await.is(200);
        assert_eq!(events.each("action"), ["imported"]);
        assert!(p.manager.get(&format!("/events?resource_id={office}")).await.items().is_empty());
    }

    async fn an_import_writes_the_events_that_requests_would(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        csv(&p.office, "dataset=agencies", "code,name,kind\nnew,نو,کار\n").await;
        let id = by_code(&p.office, "agencies", "new").await["id"].as_str().expect("an id").to_owned();
        csv(&p.office, "dataset=agencies", "code,name\nnew,نوتر\n").await;
        let events = p.office.get(&format!("/events?resource_id={id}")).await.is(200);
        assert_eq!(events.each("action"), ["created", "updated"]);
        assert_eq!(events.items()[1]["changes"], json!([{"field": "name", "before": "نو", "after": "نوتر"}]));
        assert_eq!(events.items()[1]["actor"]["username"], p.office.username.as_str());
    }
}
