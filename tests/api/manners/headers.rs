use reqwest::Method;

use crate::support::on_both;

on_both! {
    async fn a_request_id_is_taken_over_or_made(app: TestApp) {
        let viewer = app.viewer().await;
        let long = "x".repeat(64);
        for id in ["abc-DEF_123", long.as_str()] {
            assert_eq!(viewer.get("/me").header("x-request-id", id).await.header("x-request-id"), Some(id));
            let refused = viewer.get("/neighborhoods/x").header("x-request-id", id).await.refused(404, "not_found");
            assert_eq!(refused.json["request_id"], id);
        }
        for bad in ["", "a b", "a;b", &"x".repeat(65)] {
            let made = viewer.get("/me").header("x-request-id", bad).await;
            let id = made.header("x-request-id").expect("a request id");
            assert!(id != bad && (1..=64).contains(&id.len()), "{id}");
        }
        assert!(app.anonymous().at(Method::GET, "/livez").await.header("x-request-id").is_some());
    }

    async fn every_answer_forbids_sniffing_and_says_how_it_may_be_cached(app: TestApp) {
        let viewer = app.viewer().await;
        for path in ["/neighborhoods", "/neighborhoods/x", "/nowhere", "/me"] {
            assert_eq!(viewer.get(path).await.header("x-content-type-options"), Some("nosniff"), "{path}");
        }
        let read = viewer.get("/neighborhoods").await.is(200);
        assert_eq!(read.header("cache-control"), Some("private, no-cache"));
        let vary = read.all_of("vary").to_lowercase();
        assert!(["authorization", "accept", "accept-language"].iter().all(|name| vary.split(", ").any(|one| one == *name)), "{vary}");
        assert_eq!(viewer.get("/neighborhoods/x").await.header("cache-control"), Some("no-store"));
        for path in ["/nope", "/problems/nope", "/docs/nope"] {
            let vary = viewer.at(Method::GET, path).await.is(404).all_of("vary").to_lowercase();
            assert_eq!(vary.matches("accept-language").count(), 1, "{path}: {vary}");
        }
    }

    async fn a_page_of_a_configured_origin_may_call(app: TestApp) {
        let server = app.another_server(&["--cors-origins", "https://a.example,https://b.example"]).await;
        let viewer = app.viewer().await.at_server(&server);
        for (origin, allowed) in [("https://a.example", true), ("https://b.example", true), ("https://evil.example", false), ("null", false)] {
            let answer = viewer.get("/neighborhoods").header("origin", origin).await.is(200);
            assert_eq!(answer.header("access-control-allow-origin"), allowed.then_some(origin), "{origin}");
            assert!(answer.all_of("vary").to_lowercase().contains("origin"));
        }
        let answer = viewer.get("/neighborhoods").header("origin", "https://a.example").await;
        let exposed = answer.all_of("access-control-expose-headers").to_lowercase();
        for name in ["etag", "link", "location", "x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "idempotent-replayed", "content-disposition"] {
            assert!(exposed.replace(' ', "").split(',').any(|one| one == name), "{name} in {exposed}");
        }
        // The page can read refusals too.
        for path in ["/neighborhoods/x", "/nowhere"] {
            let refused = viewer.get(path).header("origin", "https://a.example").await.refused(404, "not_found");
            assert_eq!(refused.header("access-control-allow-origin"), Some("https://a.example"), "{path}");
        }
        let refused = server.get("/me").header("origin", "https://a.example").await.refused(401, "unauthenticated");
        assert_eq!(refused.header("access-control-allow-origin"), Some("https://a.example"));
    }

    async fn a_setting_that_is_empty_names_no_origin(app: TestApp) {
        let server = app.another_server(&["--cors-origins", ""]).await;
        let answer = app.viewer().await.at_server(&server).get("/neighborhoods").header("origin", "https://a.example").await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }

    async fn a_browser_may_ask_first(app: TestApp) {
        let server = app.another_server(&["--cors-origins", "https://a.example"]).await;
        let ask = |origin: &str| {
            server.request(Method::OPTIONS, "/neighborhoods/x").header("origin", origin).header("access-control-request-method", "PATCH")
                .header("access-control-request-headers", "authorization, content-type, if-match, idempotency-key, x-request-id")
        };
        let answer = ask("https://a.example").await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://a.example"));
        assert!(answer.all_of("access-control-allow-methods").contains("PATCH"));
        let headers = answer.all_of("access-control-allow-headers").to_lowercase();
        assert!(headers.contains("if-match") && headers.contains("authorization") && headers.contains("idempotency-key"), "{headers}");
        let refused = ask("https://evil.example").await.refused(400, "invalid_parameter").with_errors(&[("origin", "not_one_of")]);
        assert_eq!(refused.header("access-control-allow-origin"), None);
        for (name, value) in [("access-control-request-method", "PUT"), ("access-control-request-headers", "x-other")] {
            let asked = server.request(Method::OPTIONS, "/me").header("origin", "https://a.example");
            let asked = if name == "access-control-request-method" { asked } else { asked.header("access-control-request-method", "GET") };
            asked.header(name, value).await.refused(400, "invalid_parameter").with_errors(&[(name, "not_one_of")]);
        }
    }
}
