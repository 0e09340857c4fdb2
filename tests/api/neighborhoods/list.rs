use serde_json::json;

use crate::support::on_both;

/// Names in the order of the Persian alphabet, of which `پ چ ژ ک گ ی` are the letters that Arabic lacks or writes otherwise.
const IN_ORDER: [&str; 14] = [
    "آبشار",
    "اکباتان",
    "بهار",
    "پردیسان",
    "تهران",
    "جمکران",
    "چهارمردان",
    "زنبیل‌آباد",
    "ژاله",
    "سالاریه",
    "کیوان",
    "گلستان",
    "نیروگاه",
    "یزدان",
];

on_both! {
    async fn names_sort_by_the_persian_alphabet(app: TestApp) {
        let mut shuffled = IN_ORDER;
        shuffled.reverse();
        shuffled.swap(2, 9);
        for name in shuffled {
            app.neighborhood().named(name).make().await;
        }
        let viewer = app.viewer().await;
        assert_eq!(viewer.get("/neighborhoods").await.each("name"), IN_ORDER);
        assert_eq!(viewer.get("/neighborhoods?sort=name").await.each("name"), IN_ORDER);
        let mut reversed = IN_ORDER;
        reversed.reverse();
        assert_eq!(viewer.get("/neighborhoods?sort=-name").await.each("name"), reversed);
    }

    async fn an_unknown_population_counts_as_the_lowest(app: TestApp) {
        for (code, population) in [("many", json!(9)), ("unknown", json!(null)), ("none", json!(0)), ("few", json!(3))] {
            app.neighborhood().coded(code).with("population", population).make().await;
        }
        let viewer = app.viewer().await;
        assert_eq!(viewer.get("/neighborhoods?sort=population").await.each("code"), ["unknown", "none", "few", "many"]);
        assert_eq!(viewer.get("/neighborhoods?sort=-population").await.each("code"), ["many", "few", "none", "unknown"]);
    }

    async fn filters_narrow_and_commas_widen(app: TestApp) {
        app.neighborhood().coded("a").with("city", "قم").with("county", "قم").with("designation", "model").make().await;
        app.neighborhood().coded("b").with("city", "كاشان").with("district", "منطقهٔ ۴").make().await;
        app.neighborhood().coded("c").with("city", "قم").with("closed_on", "2026-11-22").make().await;
        app.neighborhood().coded("d").with("city", "قم").with("closed_on", "2026-11-23").with("designation", "expansion").make().await;
        let viewer = app.viewer().await;
        for (query, codes) in [
            ("city=قم", vec!["a", "c", "d"]), ("city=کاشان", vec!["b"]), ("city=قم,کاشان", vec!["a", "b", "c", "d"]), ("county=قم", vec!["a"]),
            ("district=منطقه 4", vec!["b"]), ("code=A,b", vec!["a", "b"]), ("code=a&city=کاشان", vec![]), ("designation=model,expansion", vec!["a", "d"]),
            ("designation=none", vec!["b", "c"]), ("closed=true", vec!["c"]), ("closed=false", vec!["a", "b", "d"]), ("code=nothing", vec![]),
        ] {
            let page = viewer.get(&format!("/neighborhoods?sort=code&with_total=true&{query}")).await.is(200);
            assert_eq!(page.each("code"), codes, "{query}");
            assert_eq!(page.json["total"], codes.len(), "{query}");
            let exported = viewer.get(&format!("/neighborhoods/export?format=ndjson&sort=code&{query}")).await.is(200);
            assert_eq!(exported.text().lines().count(), codes.len(), "{query}");
        }
    }

    async fn what_changed_since_an_instant_is_found(app: TestApp) {
        let old = app.neighborhood().coded("old").make().await;
        app.neighborhood().coded("older").make().await;
        app.clock.advance(60);
        app.province().await.patch(&format!("/neighborhoods/{}", old.id()), json!({"population": 1}), 1).await.is(200);
        app.neighborhood().coded("new").make().await;
        let viewer = app.viewer().await;
        let since = |instant: &str| format!("/neighborhoods?sort=code&updated_since={}", instant.replace('+', "%2B"));
        assert_eq!(viewer.get(&since("2026-11-22T08:01:00Z")).await.is(200).each("code"), ["new", "old"]);
        assert_eq!(viewer.get(&since("2026-11-22T11:31:00+03:30")).await.is(200).each("code"), ["new", "old"]);
        assert_eq!(viewer.get(&since("2026-11-22T08:01:00.000001Z")).await.is(200).each("code"), Vec::<String>::new());
        assert_eq!(viewer.get(&since("2026-11-22T08:00:00Z")).await.is(200).items().len(), 3);
    }

    async fn the_manager_of_today_stands_beside_each(app: TestApp) {
        let (with, without) = (app.neighborhood().coded("a").make().await.id(), app.neighborhood().coded("b").make().await.id());
        let manager = app.manager(&[&with]).await;
        let page = app.viewer().await.get("/neighborhoods?sort=code").await.is(200);
        assert_eq!(page.items()[0]["manager"]["user_id"], json!(manager.user_id));
        assert_eq!((page.items()[1]["id"].as_str(), &page.items()[1]["manager"]), (Some(without.as_str()), &json!(null)));
    }

    async fn everybody_reads_alike(app: TestApp) {
        let place = app.neighborhood().make().await;
        for client in [app.province().await, app.viewer().await, app.agency("sport").await, app.manager(&[]).await] {
            assert_eq!(client.get("/neighborhoods?with_total=true").await.is(200).json["total"], 1);
            assert_eq!(client.get(&format!("/neighborhoods/{}", place.id())).await.is(200).json, place.json);
        }
    }
}
