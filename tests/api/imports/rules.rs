//! The rules of requests hold for rows of files, all faults at once.

use super::{by_code, counts, csv, expected, faults, office, send};
use crate::support::{Programme, on_both};

on_both! {
    async fn what_is_frozen_or_does_not_fit_is_said_of_each_column(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let root = p.office.get(&work.initiative).await.json["code"].as_str().expect("a code").to_owned();
        let task = p.office.get(&work.lead_task).await.json;
        let (code, agency) = (task["code"].as_str().expect("a code"), task["agency_id"].as_str().expect("an agency"));
        let agency = p.office.get(&format!("/agencies/{agency}")).await.json["code"].as_str().expect("a code").to_owned();
        p.office.post("/agencies", serde_json::json!({"code": "idle", "name": "بیکار", "kind": "other", "active": false})).await.is(201);
        let text = format!(
            "initiative_code,code,agency_code,part,title,weight,due_on\n\
             {root},{code},idle,support,تازه,77,2030-01-01\n\
             {root},late,{agency},مدیر,دیر,1,2099-01-01\n\
             {root},bad,idle,boss,,x,1405/01/01\n"
        );
        let job = csv(&p.office, "dataset=responsibilities&mode=per_row", &text).await;
        assert_eq!(faults(&p.office, &job).await, expected(&[
            (1, "agency_code", "frozen", "idle"), (1, "due_on", "frozen", "2030-01-01"), (1, "part", "frozen", "support"), (1, "weight", "frozen", "77"),
            (1, "agency_code", "inactive_reference", "idle"), (1, "due_on", "due_on_outside_initiative", "2030-01-01"),
            (2, "part", "not_one_of", "مدیر"),
            (3, "part", "not_one_of", "boss"), (3, "title", "required", "-"), (3, "weight", "wrong_type", "x"), (3, "due_on", "invalid_format", "1405/01/01"),
            (3, "agency_code", "inactive_reference", "idle"),
        ]));
    }

    async fn an_agency_that_is_not_there_hides_no_other_fault(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        let root = p.office.get(&work.initiative).await.json["code"].as_str().expect("a code").to_owned();
        let task = p.office.get(&work.helper_task).await.json["code"].as_str().expect("a code").to_owned();
        let text = format!("initiative_code,code,agency_code,part,title\n{root},{task},nobody,lead,کار\n");
        let job = csv(&p.office, "dataset=responsibilities&mode=per_row", &text).await;
        assert_eq!(faults(&p.office, &job).await, expected(&[
            (1, "agency_code", "frozen", "nobody"), (1, "part", "frozen", "lead"),
            (1, "agency_code", "unknown_reference", "nobody"), (1, "part", "lead_part_of_other_agency", "lead"),
        ]));
    }

    async fn what_cannot_be_read_is_no_fault_of_a_rule_too(app: TestApp) {
        app.imports();
        let p = Programme::of(&app).await;
        let code = p.draft(serde_json::json!({})).await.json["code"].as_str().expect("a code").to_owned();
        let dates = format!("code,starts_on,due_on\n{code},2026-13-01,2025-06-01\n");
        let job = csv(&p.office, "dataset=initiatives&mode=per_row", &dates).await;
        assert_eq!(faults(&p.office, &job).await, expected(&[(1, "starts_on", "invalid_format", "2026-13-01")]));
        let users = format!("username,display_name,role,agency_code\n{},,boss,\nsomebody,نام,boss,nobody\n", p.lead.username);
        let job = csv(&p.office, "dataset=users&mode=per_row", &users).await;
        assert_eq!(faults(&p.office, &job).await, expected(&[
            (1, "display_name", "required", "-"), (1, "role", "not_one_of", "boss"),
            (2, "role", "not_one_of", "boss"), (2, "agency_code", "unknown_reference", "nobody"),
        ]));
    }

    async fn the_last_administrator_stays_whatever_the_order_of_rows(app: TestApp) {
        let office = office(&app).await;
        let me = office.username.clone();
        let text = format!("username,display_name,role,active\nsecond,دوم,استان,بله\n{me},اول,ناظر,بله\nSecond,دوم,استان,خیر\n");
        let first = csv(&office, "dataset=users&mode=per_row&dry_run=true", &text).await;
        // The second has no password yet, so that nobody could log in and give him one.
        assert_eq!(faults(&office, &first).await, expected(&[(2, "-", "last_administrator", "-"), (3, "username", "duplicate_key", "Second")]));
        let lone = format!("username,active\n{me},خیر\n");
        let job = csv(&office, "dataset=users", &lone).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "-", "last_administrator", "-")]));
        let job = csv(&office, "dataset=users&mode=per_row", "username,display_name,role,agency_code\nu1,یک,دستگاه,\nu2,دو,ناظر,edu\nu3,سه,دستگاه,edu\n").await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "agency_code", "required", "-"), (2, "agency_code", "agency_not_allowed", "edu")]));
        assert_eq!(by_code_of_user(&office, "u3").await["must_change_password"], false);
        let login = serde_json::json!({"username": "u3", "password": "any-password-at-all", "province": app.code});
        app.anonymous().post("/auth/login", login).await.refused(401, "invalid_credentials");
    }

    async fn a_place_needs_both_coordinates(app: TestApp) {
        let office = office(&app).await;
        let text = "code,name,city,latitude,longitude\ng1,یک,قم,34.5,50.9\ng2,دو,قم,34.5,\ng3,سه,قم,91,۵۰٫۵\n";
        let job = csv(&office, "dataset=neighborhoods&mode=per_row", text).await;
        assert_eq!(faults(&office, &job).await, expected(&[(2, "longitude", "required", "-"), (3, "latitude", "out_of_range", "91")]));
        assert_eq!(by_code(&office, "neighborhoods", "g1").await["location"]["coordinates"], serde_json::json!([50.9, 34.5]));
        // Each column leaves, clears or gives its half.
        for (file, outcome, coordinates) in [
            ("code,latitude\ng1,34.5\n", [0, 0, 1, 0], Some([50.9, 34.5])),
            ("code,latitude\ng1,35\n", [0, 1, 0, 0], Some([50.9, 35.0])),
            ("code,longitude\ng1,\n", [0, 1, 0, 0], None),
            ("code,longitude\ng1,\n", [0, 0, 1, 0], None),
            ("code,latitude,longitude\ng1,34.5,50.9\n", [0, 1, 0, 0], Some([50.9, 34.5])),
        ] {
            assert_eq!(counts(&csv(&office, "dataset=neighborhoods", file).await), outcome, "{file}");
            let point = by_code(&office, "neighborhoods", "g1").await["location"].clone();
            assert_eq!(point.get("coordinates").cloned(), coordinates.map(|both| serde_json::json!(both)), "{file}");
        }
        for (file, missing) in [("code,latitude,longitude\ng1,35,\n", "longitude"), ("code,latitude,longitude\ng1,,50\n", "latitude")] {
            let job = csv(&office, "dataset=neighborhoods", file).await;
            assert_eq!(faults(&office, &job).await, expected(&[(1, missing, "required", "-")]), "{file}");
        }
        assert_eq!(counts(&csv(&office, "dataset=neighborhoods", "code,latitude,longitude\ng1,,\n").await), [0, 1, 0, 0]);
        assert!(by_code(&office, "neighborhoods", "g1").await["location"].is_null());
    }

    async fn a_domain_is_known_by_its_code_and_by_its_name_alone(app: TestApp) {
        let office = office(&app).await;
        for code in ["art", "craft"] {
            office.post("/domains", serde_json::json!({"code": code, "name": "هنر"})).await.is(201);
        }
        let text = "code,neighborhood_code,domain,title\nd1,sheikh,بانوان سرپرست خانوار,یک\nd2,sheikh,ART,دو\nd3,sheikh,هنر,سه\n";
        let job = csv(&office, "dataset=initiatives&mode=per_row", text).await;
        assert_eq!(faults(&office, &job).await, expected(&[(3, "domain", "unknown_reference", "هنر")]));
        assert_eq!(by_code(&office, "initiatives", "d2").await["domain"], "art");
    }

    async fn a_file_over_the_limit_is_refused_as_it_arrives(app: TestApp) {
        let office = office(&app).await;
        let small = app.another_server(&["--import-limit", "1000"]).await;
        let there = office.at_server(&small);
        let body = format!("code\n{}", "x\n".repeat(1000));
        there.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", body).await.refused(413, "payload_too_large");
        let stream = futures_util::stream::iter((0..2000).map(|_| Ok::<_, std::io::Error>("x\n")));
        let sent = there.request(reqwest::Method::POST, "/imports?dataset=agencies").body("text/csv", reqwest::Body::wrap_stream(stream)).await;
        sent.refused(413, "payload_too_large");
        assert!(send(&office, "dataset=agencies", "text/csv", b"code\n".to_vec()).await.json["error"].is_null());
    }
}

async fn by_code_of_user(who: &crate::support::Client, name: &str) -> serde_json::Value {
    who.get(&format!("/users?q={name}")).await.is(200).items()[0].clone()
}
