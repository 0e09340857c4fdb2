use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn the_province_adds_a_neighborhood(app: TestApp) {
        let office = app.province().await;
        let body = json!({"code": "niroogah", "name": " نیروگاه ", "name_en": "Niroogah", "county": "قم", "city": "قم", "population": 42000});
        let made = office.post("/neighborhoods", body).await.is(201);
        assert_eq!(made.header("location"), Some(format!("/api/v1/neighborhoods/{}", made.id()).as_str()));
        assert_eq!(made.json["name"], "نیروگاه");
        assert_eq!(made.json["households"], json!(null));
        assert_eq!(made.json["designation"], "none");
        assert_eq!(made.version(), 1);
        assert_eq!(made.json["created_at"], "2026-11-22T08:00:00.000000Z");
        let read = office.get(&format!("/neighborhoods/{}", made.id())).await.is(200);
        assert_eq!(read.json, made.json);
        assert_eq!(read.header("etag"), made.header("etag"));
    }
}
