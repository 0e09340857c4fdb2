use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Client, on_both};

/// Walks a list from its first page to its last by the cursors.
async fn walk(client: &Client, path: &str) -> Vec<String> {
    let (mut codes, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = client.get(&format!("{path}{next}")).await.is(200);
        codes.extend(page.each("code"));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return codes,
        }
    }
}

on_both! {
    async fn pages_follow_one_another(app: TestApp) {
        for number in 0..7 {
            app.neighborhood().coded(&format!("n{number}")).make().await;
        }
        let viewer = app.viewer().await;
        let page = viewer.get("/neighborhoods?sort=code&limit=3&with_total=true").await.is(200);
        assert_eq!(page.each("code"), ["n0", "n1", "n2"]);
        assert_eq!(page.json["total"], 7);
        let cursor = page.json["next_cursor"].as_str().expect("a cursor").to_owned();
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)), "{cursor}");
        let link = page.header("link").expect("Link");
        let (address, relation) = link.split_once(">; ").expect("an address");
        assert_eq!(relation, "rel=\"next\"");
        let next = viewer.at(reqwest::Method::GET, address.trim_start_matches('<')).await.is(200);
        assert_eq!(next.each("code"), ["n3", "n4", "n5"]);
        // However the client has written the parameter's name.
        let page = viewer.get(&format!("/neighborhoods?sort=code&limit=3&%63ursor={cursor}")).await.is(200);
        let link = page.header("link").expect("Link");
        let address = link.trim_start_matches('<').split('>').next().expect("an address");
        assert_eq!(viewer.at(reqwest::Method::GET, address).await.is(200).each("code"), ["n6"]);
        assert_eq!(next.json["total"], 7);
        assert_eq!(walk(&viewer, "/neighborhoods?sort=code&limit=3").await, ["n0", "n1", "n2", "n3", "n4", "n5", "n6"]);
        assert_eq!(walk(&viewer, "/neighborhoods?sort=-code&limit=3").await, ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]);
        let whole = viewer.get("/neighborhoods").await.is(200);
        assert_eq!((whole.items().len(), &whole.json["next_cursor"], whole.header("link")), (7, &json!(null), None));
        assert_eq!(whole.json.get("total"), None);
    }

    async fn a_page_that_holds_exactly_what_there_is_has_no_next(app: TestApp) {
        for _ in 0..3 {
            app.neighborhood().make().await;
        }
        let page = app.viewer().await.get("/neighborhoods?limit=3").await.is(200);
        assert_eq!((page.items().len(), &page.json["next_cursor"]), (3, &json!(null)));
    }

    async fn a_page_without_rows_has_its_total(app: TestApp) {
        let office = app.province().await;
        for code in ["e-1", "e-2", "e-3"] {
            office.post("/domains", json!({"code": code, "name": code})).await.is(201);
        }
        let all = office.get("/domains").await.is(200).items().len();
        let path = format!("/domains?sort=-code&limit={}&with_total=true", all - 1);
        let first = office.get(&path).await.is(200);
        let cursor = first.json["next_cursor"].as_str().expect("a cursor").to_owned();
        let next = format!("{path}&cursor={cursor}");
        let last = office.get(&next).await.is(200);
        assert_eq!((last.items().len(), &last.json["total"]), (1, &json!(all)));
        office.delete(&format!("/domains/{}", last.items()[0]["id"].as_str().expect("an id")), 1).await.is(204);
        let empty = office.get(&next).await.is(200);
        assert_eq!((empty.items().len(), &empty.json["total"]), (0, &json!(all - 1)));
        let nothing = office.get("/initiatives?domain=none&with_total=true").await.is(200);
        assert_eq!((nothing.items().len(), &nothing.json["total"]), (0, &json!(0)));
    }

    async fn rows_with_one_and_the_same_key_are_neither_skipped_nor_repeated(app: TestApp) {
        let mut codes = BTreeSet::new();
        for number in 0..11 {
            let population = if number % 3 == 0 { json!(null) } else { json!(number % 2) };
            let made = app.neighborhood().named("همنام").with("population", population).make().await;
            codes.insert(made.json["code"].as_str().expect("a code").to_owned());
        }
        let viewer = app.viewer().await;
        for sort in ["name", "-name", "code", "-code", "population", "-population", "updated_at", "-updated_at"] {
            for limit in [1, 2, 4] {
                let walked = walk(&viewer, &format!("/neighborhoods?sort={sort}&limit={limit}")).await;
                assert_eq!(walked.len(), 11, "{sort} {limit}");
                assert_eq!(walked.into_iter().collect::<BTreeSet<_>>(), codes, "{sort} {limit}");
            }
        }
    }

    async fn nothing_is_skipped_or_repeated_while_others_write(app: TestApp) {
        let mut before = BTreeSet::new();
        for number in 0..20 {
            before.insert(app.neighborhood().coded(&format!("m{number:02}")).make().await.json["code"].as_str().expect("a code").to_owned());
        }
        let viewer = app.viewer().await;
        let writer = async {
            for number in 0..20 {
                app.neighborhood().coded(&format!("a{number:02}")).make().await;
                app.neighborhood().coded(&format!("m{number:02}x")).make().await;
            }
        };
        let (walked, ()) = tokio::join!(walk(&viewer, "/neighborhoods?sort=code&limit=3"), writer);
        let unique: BTreeSet<_> = walked.iter().cloned().collect();
        assert_eq!(unique.len(), walked.len(), "repeated: {walked:?}");
        assert!(before.is_subset(&unique), "skipped: {walked:?}");
        assert!(walked.is_sorted(), "{walked:?}");
    }

    async fn a_cursor_is_bound_to_its_filter_and_sort(app: TestApp) {
        for _ in 0..3 {
            app.neighborhood().make().await;
        }
        let viewer = app.viewer().await;
        let cursor = viewer.get("/neighborhoods?limit=1&sort=code").await.json["next_cursor"].as_str().expect("a cursor").to_owned();
        viewer.get(&format!("/neighborhoods?limit=2&with_total=true&sort=code&cursor={cursor}")).await.is(200);
        let name = viewer.get("/neighborhoods?limit=1").await.json["next_cursor"].as_str().expect("a cursor").to_owned();
        for query in [
            format!("cursor={cursor}"), format!("sort=-code&cursor={cursor}"), format!("sort=code&city=x&cursor={cursor}"), format!("sort=code&cursor={name}"),
            format!("sort=code&cursor={}", &cursor[1..]), "sort=code&cursor=nonsense".to_owned(), "sort=code&cursor=".to_owned(),
        ] {
            let answer = viewer.get(&format!("/neighborhoods?{query}")).await.refused(400, "invalid_parameter");
            answer.with_errors(&[("cursor", "invalid_cursor")]);
        }
        let all = viewer.get("/neighborhoods?limit=0&sort=age&cursor=nonsense").await.refused(400, "invalid_parameter");
        all.with_errors(&[("limit", "out_of_range"), ("sort", "not_one_of"), ("cursor", "invalid_cursor")]);
        // Whether it fits a sort that is none can't be said.
        viewer.get(&format!("/neighborhoods?sort=age&cursor={cursor}")).await.refused(400, "invalid_parameter").with_errors(&[("sort", "not_one_of")]);
    }

    async fn a_forged_cursor_is_refused_and_not_asked_of_the_database(app: TestApp) {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
        for _ in 0..2 {
            app.neighborhood().make().await;
        }
        let viewer = app.viewer().await;
        for (list, sort, key) in [
            ("neighborhoods", "code", "a\u{0}"), ("neighborhoods", "updated_at", "-9000000000000000000"), ("neighborhoods", "updated_at", "9000000000000000000"),
            ("neighborhoods", "population", "x"),
        ] {
            let path = format!("/{list}?limit=1&sort={sort}");
            let cursor = viewer.get(&path).await.is(200).json["next_cursor"].as_str().expect("a cursor").to_owned();
            let mut held: serde_json::Value = serde_json::from_slice(&BASE64.decode(cursor).expect("base64url")).expect("JSON");
            held["k"] = key.into();
            let forged = BASE64.encode(held.to_string());
            viewer.get(&format!("{path}&cursor={forged}")).await.refused(400, "invalid_parameter").with_errors(&[("cursor", "invalid_cursor")]);
        }
        let words = (0..17).map(|word| format!("w{word}")).collect::<Vec<_>>().join("+");
        viewer.get(&format!("/neighborhoods?q={words}")).await.refused(400, "invalid_parameter").with_errors(&[("q", "too_long")]);
        viewer.get(&format!("/neighborhoods?q={}", "w+".repeat(90))).await.is(200);
    }

    async fn unknown_and_wrong_parameters_are_all_named(app: TestApp) {
        let viewer = app.viewer().await;
        let query = "colour=red&limit=0&sort=age&with_total=perhaps&designation=x&closed=1&bbox=1,2,3&updated_since=yesterday&q=";
        let answer = viewer.get(&format!("/neighborhoods?{query}")).await.refused(400, "invalid_parameter");
        answer.with_errors(&[
            ("colour", "unknown_parameter"), ("limit", "out_of_range"), ("sort", "not_one_of"), ("with_total", "not_one_of"), ("designation", "not_one_of"),
            ("closed", "not_one_of"), ("bbox", "invalid_format"), ("updated_since", "invalid_format"), ("q", "too_short"),
        ]);
        for limit in ["0", "201", "-1", "x", "1.5", "99999999999999999999"] {
            let answer = viewer.get(&format!("/neighborhoods?limit={limit}")).await.refused(400, "invalid_parameter");
            assert_eq!(answer.errors()[0].0, "limit");
        }
        viewer.get("/neighborhoods?limit=200").await.is(200);
        viewer.get("/neighborhoods?limit=1&limit=2").await.refused(400, "invalid_parameter");
        viewer.get("/neighborhoods?q=%FF").await.is(400);
    }
}
