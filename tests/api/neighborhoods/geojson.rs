use serde_json::{Value, json};

use crate::support::on_both;

fn ring(points: &[(f64, f64)]) -> Value {
    Value::Array(points.iter().map(|(lon, lat)| json!([lon, lat])).collect())
}

on_both! {
    async fn a_boundary_and_a_location_come_back_as_they_went_in(app: TestApp) {
        let square = ring(&[(50.5, 34.5), (50.75, 34.5), (50.75, 34.75), (50.5, 34.75), (50.5, 34.5)]);
        let polygon = json!({"type": "Polygon", "coordinates": [square]});
        let several = json!({"type": "MultiPolygon", "coordinates": [[square], [square]]});
        let point = json!({"type": "Point", "coordinates": [50.876_4, 34.640_1]});
        for boundary in [polygon, several] {
            let made = app.neighborhood().with("boundary", boundary.clone()).with("location", point.clone()).make().await;
            assert_eq!((&made.json["boundary"], &made.json["location"]), (&boundary, &point));
            let read = app.viewer().await.get(&format!("/neighborhoods/{}", made.id())).await;
            assert_eq!(read.json["boundary"], boundary);
        }
    }

    async fn what_is_no_place_on_earth_is_refused(app: TestApp) {
        let office = app.province().await;
        let point = |coordinates: Value| json!({"type": "Point", "coordinates": coordinates});
        for (location, code) in [
            (point(json!([181, 0])), "invalid_format"), (point(json!([0, 91])), "invalid_format"), (point(json!([1])), "invalid_format"),
            (point(json!([1, 2, 3])), "invalid_format"), (point(json!(["1", "2"])), "invalid_format"), (point(json!([])), "invalid_format"),
            (json!({"type": "Point"}), "invalid_format"), (json!({"coordinates": [1, 2]}), "invalid_format"), (json!("POINT(1 2)"), "wrong_type"),
            (json!({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}), "invalid_format"), (json!({"type": "point", "coordinates": [1, 2]}), "invalid_format"),
        ] {
            let answer = office.post("/neighborhoods", app.neighborhood().with("location", location.clone()).body()).await;
            assert_eq!(answer.status, 422, "{location}: {}", answer.text());
            answer.refused(422, "validation_failed").with_errors(&[("/location", code)]);
        }
        let answer = office.post("/neighborhoods", app.neighborhood().with("location", json!({"type": "Point", "coordinates": [1, 2], "crs": "x", "bbox": []})).body()).await;
        answer.refused(422, "validation_failed").with_errors(&[("/location/bbox", "unknown_field"), ("/location/crs", "unknown_field")]);
    }

    async fn a_boundary_must_be_made_of_closed_rings(app: TestApp) {
        let office = app.province().await;
        let polygon = |rings: Value| json!({"type": "Polygon", "coordinates": rings});
        for boundary in [
            polygon(json!([])), polygon(json!([[]])), polygon(json!([ring(&[(1.0, 1.0), (2.0, 2.0), (1.0, 1.0)])])),
            polygon(json!([ring(&[(1.0, 1.0), (2.0, 2.0), (3.0, 1.0), (1.5, 1.0)])])), polygon(json!([ring(&[(1.0, 1.0), (2.0, 200.0), (3.0, 1.0), (1.0, 1.0)])])),
            json!({"type": "MultiPolygon", "coordinates": []}), json!({"type": "MultiPolygon", "coordinates": [[]]}), json!({"type": "Point", "coordinates": [1, 2]}),
            json!({"type": "GeometryCollection", "geometries": []}),
        ] {
            let answer = office.post("/neighborhoods", app.neighborhood().with("boundary", boundary.clone()).body()).await;
            assert_eq!(answer.status, 422, "{boundary}: {}", answer.text());
        }
        let point = |number: u32| (f64::from(number) / 1000.0, 1.0);
        let long: Vec<_> = (0..=10_001).map(|number| point(number % 10_001)).collect();
        let answer = office.post("/neighborhoods", app.neighborhood().with("boundary", polygon(json!([ring(&long)]))).body()).await;
        answer.refused(422, "validation_failed").with_errors(&[("/boundary", "too_long")]);
        let square = ring(&[(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)]);
        for (count, is_taken) in [(100, true), (101, false)] {
            let parts = |part: &Value| Value::Array(vec![part.clone(); count]);
            for boundary in [polygon(parts(&square)), json!({"type": "MultiPolygon", "coordinates": parts(&json!([square]))})] {
                let answer = office.post("/neighborhoods", app.neighborhood().with("boundary", boundary).body()).await;
                if is_taken {
                    answer.is(201);
                } else {
                    answer.refused(422, "validation_failed").with_errors(&[("/boundary", "too_long")]);
                }
            }
        }
    }

    async fn a_box_on_the_map_finds_the_locations_in_it(app: TestApp) {
        for (code, lon, lat) in [("a", 50.0, 34.0), ("b", 50.5, 34.5), ("c", 51.0, 35.0), ("d", -50.0, -34.0)] {
            app.neighborhood().coded(code).with("location", json!({"type": "Point", "coordinates": [lon, lat]})).make().await;
        }
        app.neighborhood().coded("nowhere").make().await;
        let viewer = app.viewer().await;
        for (bbox, codes) in [("50,34,50.5,34.5", vec!["a", "b"]), ("50.1,34.1,52,36", vec!["b", "c"]), ("۵۰,٣٤,50.5,۳۴.۵", vec!["a", "b"]), ("-180,-90,180,90", vec!["a", "b", "c", "d"]), ("0,0,1,1", vec![])] {
            assert_eq!(viewer.get(&format!("/neighborhoods?sort=code&bbox={bbox}")).await.is(200).each("code"), codes, "{bbox}");
        }
        for bbox in ["1,2,3", "51,34,50,35", "50,35,51,34", "a,b,c,d", "NaN,0,1,1", "0,0,inf,1", "-181,0,1,1", "0,0,0,91", "1,2,3,4,5"] {
            viewer.get(&format!("/neighborhoods?bbox={bbox}")).await.refused(400, "invalid_parameter").with_errors(&[("bbox", "invalid_format")]);
        }
    }
}
