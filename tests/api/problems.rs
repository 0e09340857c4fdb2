//! Every code has a page and the same as JSON.

use mahalleh::{error::ProblemCode, fault::FaultCode};
use reqwest::Method;

use crate::support::on_both;

on_both! {
    async fn every_code_is_explained_in_both_languages(app: TestApp) {
        let anybody = app.anonymous();
        let words = ProblemCode::ALL.iter().map(|code| (code.as_str(), Some(code.status()))).chain(FaultCode::ALL.iter().map(|fault| (fault.as_str(), None)));
        for (word, status) in words {
            let told = anybody.at(Method::GET, &format!("/problems/{word}")).await.is(200);
            assert_eq!((told.header("content-type"), &told.json["code"]), (Some("application/json"), &word.into()));
            if let Some(status) = status {
                assert_eq!(told.json["status"], status);
            }
            for language in ["fa", "en"] {
                for field in ["title", "meaning", "remedy"] {
                    let text = told.json[language][field].as_str().expect("text");
                    let is_persian = text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
                    assert!(is_persian == (language == "fa") && !text.contains('{'), "{word} {language} {field}: {text}");
                }
            }
            let page = anybody.at(Method::GET, &format!("/problems/{word}")).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").await.is(200);
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
            assert!(page.text().contains(word) && page.text().contains(told.json["fa"]["remedy"].as_str().expect("text")), "{word}");
        }
        anybody.at(Method::GET, "/problems/nothing").await.refused(404, "not_found");
        anybody.at(Method::GET, "/problems/stale_version").header("accept", "image/png").await.refused(406, "not_acceptable");
    }

    async fn the_list_has_every_code_once_and_the_page_loads_nothing(app: TestApp) {
        let anybody = app.anonymous();
        let mut words: Vec<String> = anybody.at(Method::GET, "/problems").await.is(200).each("code");
        let all = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), all, "one stands twice");
        // A word that is both is one thing.
        let known: std::collections::BTreeSet<&str> = ProblemCode::ALL.iter().map(|code| code.as_str()).chain(FaultCode::ALL.iter().map(|code| code.as_str())).collect();
        assert_eq!(words, known.into_iter().collect::<Vec<_>>());
        let read = |language: &'static str| anybody.at(Method::GET, "/problems").header("accept", "text/html").header("accept-language", language);
        let page = read("fa").await.is(200);
        assert!(page.text().contains("<html lang=\"fa\" dir=\"rtl\">"));
        assert!(!page.text().contains("http://") && !page.text().contains("https://") && !page.text().contains("<script"));
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let english = read("en").await.is(200);
        assert!(english.text().contains("<html lang=\"en\" dir=\"ltr\">"));
        assert!(["Accept", "Accept-Language"].iter().all(|name| english.all_of("vary").split(", ").any(|one| one == *name)), "{}", english.all_of("vary"));
        let tag = page.header("etag").expect("a tag").to_owned();
        read("fa").header("if-none-match", &tag).await.is(304);
    }
}
