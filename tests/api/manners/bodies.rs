use reqwest::Method;
use serde_json::json;

use crate::support::{Client, on_both};

async fn total(client: &Client) -> i64 {
    client.get("/neighborhoods?with_total=true").await.is(200).json["total"].as_i64().expect("a total")
}

on_both! {
    async fn all_faults_come_at_once_with_their_places(app: TestApp) {
        let body = json!({
            "code": "no blanks", "name": "", "name_en": 5, "population": -1, "households": "many", "profile_as_of": "2026-02-30",
            "designation": "unknown", "location": {"type": "Point", "coordinates": [500, 0]}, "colour": "red", "id": "x",
        });
        let answer = app.province().await.post("/neighborhoods", body).await.refused(422, "validation_failed");
        answer.with_errors(&[
            ("/code", "invalid_format"), ("/name", "too_short"), ("/name_en", "wrong_type"), ("/city", "required"), ("/population", "out_of_range"),
            ("/households", "wrong_type"), ("/profile_as_of", "invalid_format"), ("/designation", "not_one_of"), ("/location", "invalid_format"),
            ("/colour", "unknown_field"), ("/id", "unknown_field"),
        ]);
        assert_eq!(total(&app.province().await).await, 0);
    }

    async fn a_thousand_faults_are_told_and_no_more(app: TestApp) {
        let body: serde_json::Map<_, _> = (0..5_000).map(|number| (format!("x{number}"), json!(1))).collect();
        let answer = app.anonymous().post("/auth/login", body.into()).await.refused(422, "validation_failed");
        assert_eq!(answer.errors().len(), 1_000);
    }

    async fn a_body_that_is_no_object_is_refused(app: TestApp) {
        let office = app.province().await;
        for body in [json!([]), json!("x"), json!(null), json!(5), json!([{"code": "a"}])] {
            office.post("/neighborhoods", body).await.refused(422, "validation_failed");
        }
    }

    async fn malformed_json_is_refused(app: TestApp) {
        let office = app.province().await;
        let nested = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        for text in ["", "{", "{\"code\": 1,}", r#"{"code":"a","code":"b"}"#, r#"{"a":{"b":1,"b":2}}"#, r#"{"code":"\ud800"}"#, "{} {}", "NaN", "{\"population\":1e999}", nested.as_str()] {
            office.request(Method::POST, "/neighborhoods").body("application/json", text.to_owned()).await.refused(400, "malformed_json").with_errors(&[("", "invalid_format")]);
            office.request(Method::PATCH, "/neighborhoods/x").body("application/json", text.to_owned()).await.is(404);
        }
        let bytes: &[u8] = b"{\"code\": \"\xff\xfe\"}";
        office.request(Method::POST, "/neighborhoods").body("application/json", bytes.to_vec()).await.refused(400, "malformed_json");
        let told = office.request(Method::POST, "/neighborhoods").body("application/json", "{\n  \"code\" 1}").await.refused(400, "malformed_json");
        assert!(told.json["errors"][0]["message"].as_str().is_some_and(|text| text.contains("JSON (2:10)")), "{}", told.text());
    }

    async fn another_media_type_is_refused(app: TestApp) {
        let office = app.province().await;
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "application/jsonx", "text/json"] {
            office.request(Method::POST, "/neighborhoods").body(media_type, app.neighborhood().body().to_string()).await.refused(415, "unsupported_media_type");
        }
        office.request(Method::POST, "/neighborhoods").await.refused(415, "unsupported_media_type");
        office.request(Method::POST, "/neighborhoods").body("Application/JSON; charset=utf-8", app.neighborhood().body().to_string()).await.is(201);
    }

    async fn a_body_over_the_limit_is_refused(app: TestApp) {
        let small = app.another_server(&["--body-limit", "2000"]).await;
        let office = app.province().await.at_server(&small);
        office.post("/neighborhoods", app.neighborhood().named(&"ن".repeat(1000)).body()).await.refused(413, "payload_too_large");
        office.post("/neighborhoods", app.neighborhood().body()).await.is(201);
    }

    async fn control_characters_are_refused_everywhere(app: TestApp) {
        let office = app.province().await;
        for bad in ["a\u{0}b", "a\nb", "a\tb", "a\u{7f}b", "\u{1f}\u{1f}x", "a\u{85}b"] {
            let answer = office.post("/neighborhoods", app.neighborhood().named(bad).body()).await.refused(422, "validation_failed");
            answer.with_errors(&[("/name", "invalid_text")]);
        }
        for bad in ["a\u{0}b", "\u{0}a", "a\nb", "a\u{85}b"] {
            let body = app.neighborhood().coded(bad).with("designation", bad).with("designated_on", bad).body();
            office.post("/neighborhoods", body).await.refused(422, "validation_failed")
                .with_errors(&[("/code", "invalid_text"), ("/designated_on", "invalid_text"), ("/designation", "invalid_text")]);
            office.post("/mandates", json!({"user_id": bad, "neighborhood_id": bad, "order_no": bad, "valid_from": bad})).await.refused(422, "validation_failed")
                .with_errors(&[("/neighborhood_id", "invalid_text"), ("/order_no", "invalid_text"), ("/user_id", "invalid_text"), ("/valid_from", "invalid_text")]);
        }
        office.get("/neighborhoods?q=a%00b").await.refused(400, "invalid_parameter").with_errors(&[("q", "invalid_text")]);
        office.get("/neighborhoods?city=%00").await.refused(400, "invalid_parameter").with_errors(&[("city", "invalid_text")]);
        office.get("/neighborhoods?code=a%0Ab").await.is(400);
    }

    async fn text_is_kept_as_given_but_trimmed_and_composed(app: TestApp) {
        let made = app.neighborhood().named("  شیخ\u{200c}آباد ").with("name_en", "Cafe\u{301}").make().await;
        assert_eq!(made.json["name"], "شیخ\u{200c}آباد");
        assert_eq!(made.json["name_en"], "Caf\u{e9}");
        let made = app.neighborhood().named(&"آ".repeat(200)).make().await;
        assert_eq!(made.json["name"].as_str().map(|name| name.chars().count()), Some(200));
        let answer = app.province().await.post("/neighborhoods", app.neighborhood().named(&"آ".repeat(201)).body()).await;
        answer.refused(422, "validation_failed").with_errors(&[("/name", "too_long")]);
    }

    async fn codes_fold_digits_and_keep_case(app: TestApp) {
        let made = app.neighborhood().coded(" Q-۱۲٣.a_b ").make().await;
        assert_eq!(made.json["code"], "Q-123.a_b");
        let again = app.province().await.post("/neighborhoods", app.neighborhood().coded("q-123.A_B").body()).await;
        again.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        for (bad, code) in [("", "too_short"), ("-a", "invalid_format"), ("a b", "invalid_format"), ("قم", "invalid_format"), ("a/b", "invalid_format")] {
            let answer = app.province().await.post("/neighborhoods", app.neighborhood().coded(bad).body()).await;
            answer.refused(422, "validation_failed").with_errors(&[("/code", code)]);
        }
        app.neighborhood().coded(&"a".repeat(64)).make().await;
        app.province().await.post("/neighborhoods", app.neighborhood().coded(&"b".repeat(65)).body()).await.refused(422, "validation_failed").with_errors(&[("/code", "too_long")]);
    }

    async fn numbers_and_dates_have_bounds(app: TestApp) {
        let office = app.province().await;
        for (field, value, code) in [
            ("population", json!(1_000_000_001), "out_of_range"), ("population", json!(1.5), "wrong_type"), ("population", json!(1e30), "out_of_range"),
            ("population", json!(u64::MAX), "out_of_range"), ("population", json!(i64::MIN), "out_of_range"), ("population", json!("5"), "wrong_type"),
            ("population", json!(true), "wrong_type"), ("designated_on", json!("1899-12-31"), "invalid_format"), ("designated_on", json!("2200-01-01"), "invalid_format"),
            ("designated_on", json!("2026-13-01"), "invalid_format"), ("designated_on", json!("2026-1-1"), "invalid_format"), ("designated_on", json!(20_260_101), "wrong_type"),
            ("designated_on", json!("2026-01-01T00:00:00Z"), "invalid_format"), ("designated_on", json!("1405-01-01"), "invalid_format"),
        ] {
            let answer = office.post("/neighborhoods", app.neighborhood().with(field, value.clone()).body()).await;
            assert_eq!(answer.status, 422, "{field} {value}");
            answer.refused(422, "validation_failed").with_errors(&[(&format!("/{field}"), code)]);
        }
        let made = app.neighborhood().with("population", 1e9).with("households", -0.0).with("designated_on", "2199-12-31").with("profile_as_of", "1900-01-01").make().await;
        assert_eq!((&made.json["population"], &made.json["designated_on"], &made.json["profile_as_of"]), (&json!(1_000_000_000), &json!("2199-12-31"), &json!("1900-01-01")));
        assert_eq!(made.json["households"], 0);
    }
}
