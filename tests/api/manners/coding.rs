//! What a server remembers comes compressed to who takes it so.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, Client, Programme, Request, on_both};

fn packed(request: Request) -> Request {
    request.header("accept-encoding", "gzip, deflate, br")
}

#[track_caller]
fn unpacked(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-encoding"), Some("gzip"), "{}", answer.request);
    let mut text = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// Reads a list until it comes from memory, which it does once its changes are sealed.
async fn remembered(who: &Client, path: &str) -> Answer {
    who.get("/events?limit=1").await.is(200);
    packed(who.get(path)).await.is(200);
    packed(who.get(path)).await.is(200)
}

on_both! {
    async fn a_report_comes_compressed_to_who_takes_it_so(app: TestApp) {
        let p = Programme::of(&app).await;
        p.work("in_progress").await;
        for path in ["/reports/overview", "/reports/neighborhoods?sort=gap", "/reports/domains", "/reports/neighborhoods/chart"] {
            let plain = p.office.get(path).await.is(200);
            assert_eq!(plain.header("content-encoding"), None, "{path}");
            let first = packed(p.office.get(path)).await.is(200);
            let again = packed(p.office.get(path)).await.is(200);
            assert_eq!(first.body, again.body, "{path}");
            assert!(first.body.len() * 2 < plain.body.len(), "{path}: {} and {} bytes", first.body.len(), plain.body.len());
            if !path.ends_with("chart") {
                assert_eq!(unpacked(&first), plain.json, "{path}");
            }
            assert_eq!(first.header("content-type"), plain.header("content-type"), "{path}");
            let head = packed(p.office.request(Method::HEAD, path)).await.is(200);
            assert_eq!(head.header("content-length"), first.header("content-length"), "{path}");
            assert_eq!(head.header("content-encoding"), Some("gzip"), "{path}");
        }
    }

    async fn a_list_comes_compressed_from_memory(app: TestApp) {
        let p = Programme::of(&app).await;
        for _ in 0..3 {
            p.work("in_progress").await;
        }
        for path in ["/initiatives?limit=2&with_total=true", "/responsibilities?limit=2"] {
            let plain = p.office.get(path).await.is(200);
            let from_memory = remembered(&p.office, path).await;
            assert_eq!(unpacked(&from_memory), plain.json, "{path}");
            assert_eq!(from_memory.header("link"), plain.header("link"), "{path}");
        }
        // What somebody changes shows in the next answer, compressed or not.
        p.work("in_progress").await;
        let (plain, now) = (p.office.get("/responsibilities?limit=200").await.is(200), remembered(&p.office, "/responsibilities?limit=200").await);
        assert_eq!(unpacked(&now), plain.json);
    }

    async fn one_etag_stands_for_both_forms(app: TestApp) {
        let p = Programme::of(&app).await;
        for _ in 0..3 {
            p.work("in_progress").await;
        }
        for path in ["/reports/neighborhoods", "/responsibilities?limit=5"] {
            let plain = p.office.get(path).await.is(200);
            let strong = plain.header("etag").expect("an ETag").to_owned();
            let weak = remembered(&p.office, path).await.header("etag").expect("an ETag").to_owned();
            assert_eq!(weak, format!("W/{strong}"), "{path}");
            for known in [&strong, &weak] {
                for unchanged in [packed(p.office.get(path)), p.office.get(path)] {
                    let unchanged = unchanged.header("if-none-match", known).await.is(304);
                    assert!([&strong, &weak].contains(&&unchanged.header("etag").expect("an ETag").to_owned()), "{path}");
                    assert_eq!(unchanged.header("content-encoding"), None, "{path}");
                    assert!(unchanged.body.is_empty(), "{path}");
                }
            }
            for answer in [plain, packed(p.office.get(path)).await.is(200)] {
                assert!(answer.all_of("vary").contains("Accept-Encoding"), "{path}: {}", answer.all_of("vary"));
            }
        }
    }

    async fn what_is_short_or_not_remembered_comes_as_it_is(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("in_progress").await;
        for path in [work.initiative.as_str(), "/me", "/deferrals?limit=1", "/responsibilities/export?format=ndjson"] {
            let answer = remembered(&p.office, path).await;
            assert_eq!(answer.header("content-encoding"), None, "{path}");
            assert!(!answer.header("etag").unwrap_or_default().starts_with("W/"), "{path}");
        }
        for refused in ["identity", "br", "gzip;q=0", "*;q=0"] {
            let answer = p.office.get("/reports/neighborhoods").header("accept-encoding", refused).await.is(200);
            assert_eq!(answer.header("content-encoding"), None, "{refused}");
        }
    }

    async fn the_document_and_the_page_of_it_come_compressed(app: TestApp) {
        let anybody = app.anonymous();
        for path in ["/openapi.json", "/docs/swagger-ui.css"] {
            let plain = anybody.at(Method::GET, path).await.is(200);
            let compressed = packed(anybody.at(Method::GET, path)).await.is(200);
            assert!(compressed.body.len() * 5 < plain.body.len(), "{path}: {} and {} bytes", compressed.body.len(), plain.body.len());
            assert_eq!(compressed.header("cache-control"), Some("no-cache"), "{path}");
            let tag = compressed.header("etag").expect("an ETag");
            assert_eq!(tag.strip_prefix("W/"), plain.header("etag"), "{path}");
            packed(anybody.at(Method::GET, path)).header("if-none-match", tag).await.is(304);
        }
        assert_eq!(unpacked(&packed(anybody.at(Method::GET, "/openapi.json")).await.is(200)), anybody.at(Method::GET, "/openapi.json").await.is(200).json);
    }
}
