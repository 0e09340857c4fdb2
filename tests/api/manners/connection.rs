//! What is no request of HTTP, by bytes that no client would send.

use mahalleh::http::{connection::MAX_HEAD, header_limit::MAX_FIELD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, on_both};

/// All that comes back for these bytes, until the server hangs up.
async fn exchanged(client: &Client, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(client.address()).await.expect("a connection");
    socket.write_all(bytes).await.expect("the server takes it all");
    let mut answers = Vec::new();
    socket.read_to_end(&mut answers).await.expect("the server hangs up in order");
    String::from_utf8(answers).expect("UTF-8")
}

/// The one problem document that these bytes end with.
fn refused(answer: &str, fault: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let header =
        |name: &str| head.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| *known == name)).map(|(_, value)| value);
    assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
    assert_eq!(header("content-type"), Some("application/problem+json"), "{head}");
    assert_eq!(header("content-length").and_then(|length| length.parse().ok()), Some(body.len()), "{head}");
    assert_eq!((header("connection"), header("cache-control"), header("content-language")), (Some("close"), Some("no-store"), Some("fa")));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert!(header("date").is_some_and(|date| date.ends_with(" GMT")), "{head}");
    let problem: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&problem["code"], &problem["status"]), (&"invalid_parameter".into(), &400.into()));
    assert_eq!(problem["request_id"].as_str(), header("x-request-id"));
    assert_eq!((&problem["errors"][0]["parameter"], &problem["errors"][0]["code"]), (&"request".into(), &fault.into()));
}

on_both! {
    async fn what_is_no_http_is_refused_by_a_problem_document(app: TestApp) {
        let client = app.anonymous();
        for address in ["/api/v1/neighborhoods?q=شیخ", "/محله", "/api/v1/neighborhoods?q=<", "/api/v1/me\u{1}", "/docs/é", "/a b"] {
            refused(&exchanged(&client, format!("GET {address} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await, "invalid_format");
        }
        let bad: [&[u8]; 8] = [
            b"GET /api/v1/me?q=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /api/v1/me HTTP/1.1\r\n\r\n",
            b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            b"GET /api/v1/me HTTP/2.0\r\nHost: x\r\n\r\n",
            b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
            b"POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ];
        for bytes in bad {
            refused(&exchanged(&client, bytes).await, "invalid_format");
        }
    }

    async fn the_requests_before_it_have_their_own_answers(app: TestApp) {
        let good = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
        let answers = exchanged(&app.anonymous(), format!("{good}{good}GET /é HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await;
        assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answers}");
        refused(&answers[answers.find("HTTP/1.1 400").expect("a refusal")..], "invalid_format");
    }

    async fn a_head_that_is_too_long_is_read_to_the_end_and_refused(app: TestApp) {
        let client = app.anonymous();
        for length in [MAX_HEAD + 1, 1 << 20] {
            let head = format!("GET /api/v1/domains HTTP/1.1\r\nHost: x\r\nX-Request-Id: {}\r\n\r\n", "a".repeat(length));
            refused(&exchanged(&client, head.as_bytes()).await, "too_long");
        }
        let many: String = (0..200).map(|number| format!("X-{number}: a\r\n")).collect();
        refused(&exchanged(&client, format!("GET /livez HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes()).await, "too_long");
    }

    async fn a_header_that_is_overlooked_may_be_as_long_as_any(app: TestApp) {
        let viewer = app.viewer().await;
        let long = "a".repeat(MAX_FIELD);
        let answer = viewer.get("/domains").header("x-request-id", &long).await.is(200);
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36));
        for name in ["accept-language", "if-none-match", "x-of-another"] {
            viewer.get("/domains").header(name, &long).await.is(200);
        }
        let longer = "a".repeat(MAX_FIELD + 1);
        let refused = viewer.get("/domains").header("accept-language", &longer).header("x-of-another", &longer).await;
        refused.refused(400, "invalid_parameter").with_errors(&[("accept-language", "too_long"), ("x-of-another", "too_long")]);
    }
}
