use crate::support::on_both;

on_both! {
    async fn what_nothing_depends_on_is_removed(app: TestApp) {
        let office = app.province().await;
        let path = format!("/neighborhoods/{}", app.neighborhood().named("رفتنی").make().await.id());
        let gone = office.delete(&path, 1).await.is(204);
        assert!(gone.body.is_empty());
        office.get(&path).await.refused(404, "not_found");
        office.delete(&path, 1).await.refused(404, "not_found");
        assert_eq!(office.get("/neighborhoods?q=رفتنی").await.items().len(), 0);
    }

    async fn a_place_with_a_mandate_stays(app: TestApp) {
        let place = app.neighborhood().make().await.id();
        app.manager(&[&place]).await;
        app.province().await.delete(&format!("/neighborhoods/{place}"), 1).await.refused(409, "in_use");
    }

    async fn nobody_but_the_province_removes_one(app: TestApp) {
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        app.viewer().await.delete(&path, 1).await.refused(403, "forbidden");
        app.agency("sport").await.delete(&path, 1).await.refused(403, "forbidden");
        app.anonymous().delete(&path, 1).await.refused(401, "unauthenticated");
    }
}
