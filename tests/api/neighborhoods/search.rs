use crate::support::{Client, on_both};

async fn found(client: &Client, words: &str) -> Vec<String> {
    let address = reqwest::Url::parse_with_params("http://x/neighborhoods", [("sort", "code"), ("q", words)]).expect("an address");
    client.get(&format!("{}?{}", address.path(), address.query().expect("a query"))).await.is(200).each("code")
}

on_both! {
    async fn three_spellings_of_sheikhabad_find_one_another(app: TestApp) {
        let spellings = ["شیخ\u{200c}آباد", "شيخ آباد", "شیخآباد"];
        for (number, name) in spellings.iter().enumerate() {
            app.neighborhood().coded(&format!("n{number}")).named(name).make().await;
        }
        app.neighborhood().coded("x").named("پردیسان").make().await;
        let viewer = app.viewer().await;
        for words in spellings.into_iter().chain(["شیخ", "آباد", "شَیخ آباد", "شیـــخ‌آباد", "خ‌آب"]) {
            assert_eq!(found(&viewer, words).await, ["n0", "n1", "n2"], "{words}");
        }
        assert_eq!(found(&viewer, "آباد شیخ").await, ["n0", "n1", "n2"]);
        assert_eq!(found(&viewer, "شیخ پردیسان").await, Vec::<String>::new());
    }

    async fn codes_and_english_names_are_searched_without_case(app: TestApp) {
        app.neighborhood().coded("Q-77").named("الف").with("name_en", "Imam Reza").make().await;
        let viewer = app.viewer().await;
        for words in ["q-77", "Q-۷۷", "IMAM", "imamreza", "reza imam", "mamr", "الف", "77"] {
            let expected: &[&str] = if words == "77" { &[] } else { &["Q-77"] };
            assert_eq!(found(&viewer, words).await, expected, "{words}");
        }
        // Two letters match a beginning.
        assert_eq!(found(&viewer, "im").await, ["Q-77"]);
        assert_eq!(found(&viewer, "i").await, ["Q-77"]);
        assert_eq!(found(&viewer, "am").await, Vec::<String>::new());
    }

    async fn a_name_with_short_words_is_found_whole(app: TestApp) {
        let name = "باغ و بوستان سی در قم";
        app.neighborhood().coded("b").named(name).make().await;
        app.neighborhood().coded("c").named("باغ بوستان").make().await;
        let viewer = app.viewer().await;
        for words in [name, "قم بوستان", "در باغ"] {
            assert_eq!(found(&viewer, words).await, ["b"], "{words}");
        }
        for words in ["بوستان نی", "در قم", "قم", "% بوستان", "و"] {
            assert_eq!(found(&viewer, words).await, Vec::<String>::new(), "{words}");
        }
    }

    async fn what_sql_and_its_searches_hold_special_is_searched_as_it_stands(app: TestApp) {
        for (code, name) in [("percent", "صد % درصد"), ("under", "خط_زیر نام"), ("back", r"راه\پشت سر"), ("quote", "نقل \"قول\" کن"), ("star", "ستاره* دارد"), ("none", "خطازیر صددرصد")] {
            app.neighborhood().coded(code).named(name).make().await;
        }
        let viewer = app.viewer().await;
        for (words, code) in [("صد%درصد", "percent"), ("خط_زیر", "under"), (r"راه\پشت", "back"), ("\"قول\"", "quote"), ("ستاره*", "star"), ("د%د", "percent"), ("ط_ز", "under")] {
            assert_eq!(found(&viewer, words).await, [code], "{words}");
        }
        for words in ["%", "_", "%%%", "___", "\\", "'", "OR", "NEAR(a b)", "a AND b", "\"", "*", "صد OR خط", "' OR 1=1 --"] {
            assert_eq!(found(&viewer, words).await, Vec::<String>::new(), "{words}");
        }
    }

    async fn a_change_of_name_is_found_under_the_new_one_alone(app: TestApp) {
        let place = app.neighborhood().coded("x").named("قدیمی").make().await;
        app.province().await.patch(&format!("/neighborhoods/{}", place.id()), serde_json::json!({"name": "تازه"}), 1).await.is(200);
        let viewer = app.viewer().await;
        assert_eq!(found(&viewer, "قدیمی").await, Vec::<String>::new());
        assert_eq!(found(&viewer, "تازه").await, ["x"]);
    }
}
