use std::future::IntoFuture;

use futures_util::future::join_all;

use crate::support::on_both;

on_both! {
    async fn who_asks_too_often_waits(app: TestApp) {
        let server = app.another_server(&["--rate-limit", "5", "--cors-origins", "https://a.example"]).await;
        let (viewer, other) = (app.viewer().await.at_server(&server), app.viewer().await.at_server(&server));
        let within = viewer.get("/me").await.is(200);
        assert_eq!(within.header("ratelimit-policy"), Some("\"default\";q=5;w=1"));
        let limit = within.header("ratelimit").expect("RateLimit").to_owned();
        assert!(limit.starts_with("\"default\";r=") && limit.contains(";t="), "{limit}");
        let answers = join_all((0..30).map(|_| viewer.get("/me").header("origin", "https://a.example").into_future())).await;
        let refused: Vec<_> = answers.into_iter().filter(|answer| answer.status != 200).collect();
        // Time stands still here, and one of the five was spent above.
        assert_eq!(refused.len(), 26);
        for answer in refused {
            let answer = answer.refused(429, "too_many_requests");
            assert!(answer.header("retry-after").expect("Retry-After").parse::<u64>().expect("seconds") >= 1);
            assert!(answer.header("ratelimit").expect("RateLimit").starts_with("\"default\";r=0;"));
            assert_eq!(answer.header("access-control-allow-origin"), Some("https://a.example"));
        }
        // Another user has his own measure, and so has health, a hundred a second at least.
        other.get("/me").await.is(200);
        for _ in 0..20 {
            viewer.at(reqwest::Method::GET, "/livez").await.is(200);
        }
        app.clock.advance(1);
        viewer.get("/me").await.is(200);
    }

    async fn no_spelling_of_a_path_gets_round_the_limit(app: TestApp) {
        let server = app.another_server(&["--rate-limit", "5"]).await;
        let nobody = app.anonymous().at_server(&server);
        let spelt = async |path: &str| nobody.at(reqwest::Method::POST, path).json(serde_json::json!({"refresh_token": "x"})).await;
        assert!(spelt("/%61pi/v1/auth/logout").await.header("ratelimit").is_some());
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(spelt("/%61pi/v1/auth/%6cogout").await.status);
        }
        assert!(statuses.contains(&429), "{statuses:?}");
    }

    async fn without_a_limit_there_are_no_such_headers(app: TestApp) {
        let answer = app.viewer().await.get("/me").await.is(200);
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
    }
}
