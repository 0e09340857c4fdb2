//! Domains and agencies: what everybody else refers to.

use serde_json::{Value, json};

use crate::support::{Programme, on_both};

on_both! {
    async fn a_province_begins_with_the_built_in_domains_and_adds_its_own(app: TestApp) {
        let office = app.province().await;
        let names = office.get("/domains").await.is(200).each("name");
        assert_eq!(names, ["آموزش", "ورزش", "بهداشت", "اشتغال", "بانوان سرپرست خانوار", "فرهنگی"]);
        let made = office.post("/domains", json!({"code": "Water", "name": "آب"})).await.is(201);
        assert_eq!((&made.json["position"], &made.json["active"], &made.json["name_en"]), (&json!(7), &json!(true), &Value::Null));
        office.post("/domains", json!({"code": "WATER", "name": "آب"})).await.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        office.post("/domains", json!({"code": "", "name": " ", "position": -1, "active": "yes"})).await.refused(422, "validation_failed")
            .with_errors(&[("/code", "too_short"), ("/name", "too_short"), ("/position", "out_of_range"), ("/active", "wrong_type")]);
    }

    async fn a_domain_that_is_renamed_goes_on_in_its_initiatives(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = format!("/initiatives/{}", p.draft(json!({})).await.id());
        let education = p.office.get("/domains").await.items()[0]["id"].as_str().expect("an id").to_owned();
        p.office.patch(&format!("/domains/{education}"), json!({"code": "schooling"}), 1).await.is(200);
        let seen = p.seen(&draft).await;
        assert_eq!((&seen["domain"], &seen["version"]), (&json!("schooling"), &json!(1)));
        assert_eq!(p.office.get("/initiatives?domain=Schooling").await.items().len(), 1);
        assert!(p.office.get("/initiatives?domain=education").await.items().is_empty());
        p.patch(&p.manager, &draft, json!({"domain": "education"})).await.refused(422, "validation_failed").with_errors(&[("/domain", "unknown_reference")]);
    }

    async fn an_agency_has_an_office_and_no_person(app: TestApp) {
        let office = app.province().await;
        let made = office.post("/agencies", json!({"code": "edu", "name": "ادارهٔ كل آموزش", "kind": "education", "phone": "۰۲۵-۳۷۷۰۰۰۰۰", "email": "office@edu.example"})).await.is(201);
        assert_eq!(made.json["phone"], "025-37700000");
        assert_eq!(made.json["name"], "ادارهٔ كل آموزش", "text stays as it was given");
        office.post("/agencies", json!({"code": "x", "name": "x", "kind": "bank", "phone": "call me", "email": "nobody"})).await.refused(422, "validation_failed")
            .with_errors(&[("/kind", "not_one_of"), ("/phone", "invalid_format"), ("/email", "invalid_format")]);
        let path = format!("/agencies/{}", made.id());
        let cleared = office.patch(&path, json!({"phone": null, "email": null}), 1).await.is(200);
        assert_eq!((&cleared.json["phone"], &cleared.json["email"]), (&Value::Null, &Value::Null));
        office.patch(&path, json!({"name": null, "kind": null, "active": null}), 2).await.refused(422, "validation_failed")
            .with_errors(&[("/name", "required"), ("/kind", "required"), ("/active", "required")]);
        office.delete(&path, 2).await.is(204);
    }

    async fn an_agency_with_a_user_stays(app: TestApp) {
        let (office, agency) = (app.province().await, app.agency_of("sport").await);
        app.agency("sport").await;
        office.delete(&format!("/agencies/{agency}"), 1).await.refused(409, "in_use");
    }
}
