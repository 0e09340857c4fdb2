use reqwest::Method;

use crate::support::on_both;

on_both! {
    async fn an_unknown_path_is_404(app: TestApp) {
        for path in ["/", "/api", "/api/v1", "/api/v1/nowhere", "/api/v2/neighborhoods", "/api/v1/neighborhoods/", "/API/V1/neighborhoods", "/api/v1//neighborhoods", "/api/v1/neighborhoods/%00"] {
            app.province().await.at(Method::GET, path).await.refused(404, "not_found");
        }
        // It is told before who asks matters.
        app.anonymous().get("/nowhere").await.refused(404, "not_found");
        app.anonymous().with_token("nonsense").get("/nowhere").await.refused(404, "not_found");
    }

    async fn a_malformed_id_is_404(app: TestApp) {
        let office = app.province().await;
        let id = app.neighborhood().make().await.id();
        let braced = format!("%7B{id}%7D");
        let bare = id.replace('-', "");
        for bad in ["x", "1", "00000000-0000-0000-0000", braced.as_str(), bare.as_str(), "%FF", "..", "00000000-0000-7000-8000-00000000000g"] {
            assert_eq!(office.get(&format!("/neighborhoods/{bad}")).await.status, 404, "{bad}");
        }
        office.get("/neighborhoods/00000000-0000-7000-8000-000000000000").await.refused(404, "not_found");
    }

    async fn head_is_there_wherever_get_is(app: TestApp) {
        let viewer = app.viewer().await;
        let id = app.neighborhood().make().await.id();
        for path in ["/api/v1/me", "/api/v1/neighborhoods", &format!("/api/v1/neighborhoods/{id}"), "/livez", "/readyz", "/.well-known/jwks.json"] {
            let (get, head) = (viewer.at(Method::GET, path).await.is(200), viewer.at(Method::HEAD, path).await.is(200));
            assert!(head.body.is_empty());
            assert_eq!(get.header("etag"), head.header("etag"), "{path}");
            assert_eq!(get.header("content-type"), head.header("content-type"), "{path}");
            assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        }
        assert_eq!(viewer.request(Method::HEAD, "/neighborhoods/x").await.is(404).body, b"");
        assert_eq!(app.anonymous().request(Method::HEAD, "/me").await.is(401).body, b"");
    }

    async fn another_method_is_405_with_those_there_are(app: TestApp) {
        let office = app.province().await;
        let id = app.neighborhood().make().await.id();
        for (method, path, allowed) in [
            (Method::PUT, "/neighborhoods".to_owned(), "GET, HEAD, POST"),
            (Method::DELETE, "/neighborhoods".to_owned(), "GET, HEAD, POST"),
            (Method::POST, format!("/neighborhoods/{id}"), "DELETE, GET, HEAD, PATCH"),
            (Method::POST, "/me".to_owned(), "GET, HEAD"),
            (Method::GET, "/auth/login".to_owned(), "POST"),
            (Method::TRACE, "/me".to_owned(), "GET, HEAD"),
            (Method::PATCH, "/neighborhoods/export".to_owned(), "GET, HEAD"),
            (Method::DELETE, "/neighborhoods/export".to_owned(), "GET, HEAD"),
            (Method::DELETE, "/imports/template".to_owned(), "GET, HEAD"),
        ] {
            let answer = office.request(method, &path).await.refused(405, "method_not_allowed");
            let mut allow: Vec<_> = answer.header("allow").expect("Allow").split(", ").filter(|method| *method != "OPTIONS").collect();
            allow.sort_unstable();
            assert_eq!(allow.join(", "), allowed, "{path}");
        }
        let viewer = app.viewer().await;
        for (method, path) in [(Method::PUT, "/neighborhoods"), (Method::DELETE, "/neighborhoods/export"), (Method::PATCH, "/initiatives/export")] {
            app.anonymous().request(method.clone(), path).await.refused(405, "method_not_allowed");
            viewer.request(method, path).await.refused(405, "method_not_allowed");
        }
    }

    async fn what_lies_beside_the_api_has_the_same_manners(app: TestApp) {
        for path in ["/docs/", "/docs/swagger-ui.css", "/openapi.json"] {
            app.anonymous().at(Method::HEAD, path).await.is(200);
            let refused = app.anonymous().at(Method::PUT, path).await.refused(405, "method_not_allowed");
            assert!(refused.header("allow").is_some_and(|allow| allow.starts_with("GET, HEAD")), "{path}");
            app.anonymous().at(Method::GET, &format!("{path}?zzz=1")).await.refused(400, "invalid_parameter");
        }
    }

    async fn who_takes_no_json_gets_406(app: TestApp) {
        let viewer = app.viewer().await;
        for wish in ["text/html", "application/xml, text/*", "application/json;q=0", "image/*"] {
            viewer.get("/neighborhoods").header("accept", wish).await.refused(406, "not_acceptable");
        }
        for wish in ["*/*", "application/*", "application/json", "text/html, application/json;q=0.1", "APPLICATION/JSON"] {
            viewer.get("/neighborhoods").header("accept", wish).await.is(200);
        }
        viewer.get("/neighborhoods").header("accept", "").await.is(200);
        for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
            app.anonymous().post(path, serde_json::json!({})).header("accept", "text/html").await.refused(406, "not_acceptable");
        }
        viewer.get("/neighborhoods/export?format=csv").header("accept", "application/json").await.refused(406, "not_acceptable");
        viewer.get("/neighborhoods/export?format=csv").header("accept", "text/csv").await.is(200);
        // A refused write writes nothing.
        let office = app.province().await;
        office.post("/neighborhoods", app.neighborhood().body()).header("accept", "text/html").await.refused(406, "not_acceptable");
        assert_eq!(office.get("/neighborhoods").await.items().len(), 0);
    }

    async fn the_server_says_that_it_lives_and_is_ready(app: TestApp) {
        for path in ["/livez", "/readyz"] {
            assert_eq!(app.anonymous().at(Method::GET, path).await.is(200).json["status"], "ok");
        }
        app.anonymous().at(Method::GET, "/metrics").await.refused(404, "not_found");
    }
}
