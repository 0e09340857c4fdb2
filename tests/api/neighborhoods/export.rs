use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    async fn a_csv_holds_the_whole_filter_and_begins_with_the_imports_columns(app: TestApp) {
        for number in 0..5 {
            app.neighborhood().coded(&format!("n{number}")).named("نام، با ویرگول, و \"نقل\"").with("profile_as_of", "2026-03-21").make().await;
        }
        let answer = app.viewer().await.get("/neighborhoods/export?format=csv&sort=-code&city=قم").await.is(200);
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename*=UTF-8''neighborhoods.csv"));
        let mut reader = csv::Reader::from_reader(answer.body.as_slice());
        let headings: Vec<_> = reader.headers().expect("headings").iter().map(str::to_owned).collect();
        let import = ["code", "name", "name_en", "county", "city", "district", "population", "households", "profile_as_of", "designation", "designated_on", "latitude", "longitude"];
        assert_eq!(headings[..13], import);
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!(rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), ["n4", "n3", "n2", "n1", "n0"]);
        assert_eq!((&rows[0][1], &rows[0][8]), ("نام، با ویرگول, و \"نقل\"", "2026-03-21"));
    }

    async fn jalali_dates_and_a_byte_order_mark_come_where_asked_for(app: TestApp) {
        app.neighborhood().with("profile_as_of", "2026-03-21").make().await;
        let viewer = app.viewer().await;
        let answer = viewer.get("/neighborhoods/export?format=csv&calendar=jalali&bom=true").await.is(200);
        assert!(answer.text().starts_with('\u{feff}'));
        assert!(answer.text().contains("1405"), "{}", answer.text());
        assert!(!viewer.get("/neighborhoods/export?format=csv").await.is(200).text().starts_with('\u{feff}'));
    }

    async fn what_a_spreadsheet_would_run_is_defused_in_csv_alone(app: TestApp) {
        app.neighborhood().named("=1+1").with("county", "'-x").with("district", "@y").make().await;
        let viewer = app.viewer().await;
        let csv = viewer.get("/neighborhoods/export?format=csv").await.is(200);
        let row = csv::Reader::from_reader(csv.body.as_slice()).records().next().expect("a row").expect("a row");
        assert_eq!((&row[1], &row[3], &row[5]), ("'=1+1", "''-x", "'@y"));
        let line: Value = serde_json::from_slice(&viewer.get("/neighborhoods/export?format=ndjson").await.is(200).body).expect("JSON");
        assert_eq!((&line["name"], &line["county"]), (&json!("=1+1"), &json!("'-x")));
    }

    async fn ndjson_holds_an_object_a_line(app: TestApp) {
        for number in 0..3 {
            app.neighborhood().coded(&format!("n{number}")).make().await;
        }
        let viewer = app.viewer().await;
        let answer = viewer.get("/neighborhoods/export?format=ndjson&sort=code").await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        let codes: Vec<_> = answer.text().lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["code"].clone()).collect();
        assert_eq!(codes, ["n0", "n1", "n2"]);
    }

    async fn geojson_turns_rings_by_the_right_hand(app: TestApp) {
        let office = app.province().await;
        let with_the_clock = json!([[50.0, 34.0], [50.0, 35.0], [51.0, 35.0], [51.0, 34.0], [50.0, 34.0]]);
        let against_it = json!([[50.0, 34.0], [51.0, 34.0], [51.0, 35.0], [50.0, 35.0], [50.0, 34.0]]);
        let hole = json!([[50.2, 34.2], [50.8, 34.2], [50.8, 34.8], [50.2, 34.8], [50.2, 34.2]]);
        let turned_hole: Vec<_> = hole.as_array().expect("a ring").iter().rev().cloned().collect();
        for (kind, given, sent) in [
            ("Polygon", json!([with_the_clock, hole]), json!([against_it, turned_hole])),
            ("MultiPolygon", json!([[with_the_clock], [against_it]]), json!([[against_it], [against_it]])),
        ] {
            let body = json!({"code": kind, "name": "محله", "city": "قم", "boundary": {"type": kind, "coordinates": given}});
            let made = office.post("/neighborhoods", body).await.is(201);
            assert_eq!(made.json["boundary"]["coordinates"], given, "as it was given");
            let map = office.get(&format!("/neighborhoods/export?format=geojson&code={kind}")).await.is(200).json;
            assert_eq!(map["features"][0]["geometry"], json!({"type": kind, "coordinates": sent}));
        }
    }

    async fn geojson_is_a_feature_collection(app: TestApp) {
        let area = json!({"type": "Polygon", "coordinates": [[[50.0, 34.0], [51.0, 34.0], [51.0, 35.0], [50.0, 34.0]]]});
        let point = json!({"type": "Point", "coordinates": [50.5, 34.5]});
        app.neighborhood().coded("a").with("boundary", area.clone()).with("location", point.clone()).make().await;
        app.neighborhood().coded("b").with("location", point.clone()).make().await;
        app.neighborhood().coded("c").make().await;
        let viewer = app.viewer().await;
        let answer = viewer.get("/neighborhoods/export?format=geojson&sort=code").await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/geo+json"));
        assert_eq!(answer.json["type"], "FeatureCollection");
        let features = answer.json["features"].as_array().expect("features");
        assert_eq!(features.iter().map(|feature| &feature["geometry"]).collect::<Vec<_>>(), [&area, &point, &json!(null)]);
        assert!(features.iter().all(|feature| feature["type"] == "Feature" && feature["id"] == feature["properties"]["id"]));
        let empty = viewer.get("/neighborhoods/export?format=geojson&code=nothing").await.is(200);
        assert_eq!(empty.json, json!({"type": "FeatureCollection", "features": []}));
    }

    async fn more_rows_than_a_page_holds_are_streamed(app: TestApp) {
        use std::future::IntoFuture;
        let office = app.province().await;
        for batch in 0..5 {
            let posts = (0..101).map(|number| office.post("/neighborhoods", app.neighborhood().coded(&format!("n{batch}-{number:03}")).body()).into_future());
            assert!(futures_util::future::join_all(posts).await.iter().all(|answer| answer.status == 201));
        }
        let answer = office.get("/neighborhoods/export?format=ndjson&sort=code").await.is(200);
        let codes: Vec<String> = answer.text().lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["code"].as_str().expect("a code").to_owned()).collect();
        assert_eq!(codes.len(), 505);
        assert!(codes.is_sorted());
    }

    async fn an_export_is_recorded(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::schema::events::dsl;
        app.neighborhood().make().await;
        app.viewer().await.get("/neighborhoods/export?format=csv&city=x").await.is(200);
        let province = app.province_id;
        for _ in 0..100 {
            let exports: Vec<(String, String, bool)> = app
                .read(move |conn| {
                    let of_ours = dsl::events.filter(dsl::province_id.eq(province)).filter(dsl::action.eq("exported"));
                    Ok(of_ours.select((dsl::resource_type, dsl::changes, dsl::register)).load(conn)?)
                })
                .await;
            if let [(kind, changes, register)] = exports.as_slice() {
                assert_eq!((kind.as_str(), register), ("neighborhood", &false));
                assert!(changes.contains(r#"{"after":0,"before":null,"field":"rows"}"#) && changes.contains(r#"{"after":true,"before":null,"field":"complete"}"#), "{changes}");
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("no event of the export");
    }

    async fn a_wrong_parameter_is_refused(app: TestApp) {
        let viewer = app.viewer().await;
        let answer = viewer.get("/neighborhoods/export?format=pdf&limit=5&colour=red&calendar=lunar").await.refused(400, "invalid_parameter");
        answer.with_errors(&[("format", "not_one_of"), ("calendar", "not_one_of"), ("limit", "unknown_parameter"), ("colour", "unknown_parameter")]);
        app.anonymous().get("/neighborhoods/export").await.refused(401, "unauthenticated");
    }
}
