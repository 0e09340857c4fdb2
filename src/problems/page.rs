//! The pages: one HTML file each, with neither a script nor a request, in both languages, the reader's first.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::catalogue::{ProblemCatalogue, ProblemExplanation, ProblemText};
use crate::http::language::Language;

const STYLE: &str = "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font-family:Vazirmatn,Tahoma,sans-serif;line-height:1.8;\
color:#1b1b1b;background:#fff}code{direction:ltr;unicode-bidi:isolate;background:#f1f1f1;padding:0 .3em}\
section{border-top:1px solid #ddd;margin-top:1.5rem}h1{font-size:1.3rem}h2{font-size:1.1rem}a{color:#0b57a4}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}code{background:#2b2b2b}a{color:#8ab8ff}}";

/// Nothing is loaded and nothing runs but the page's own style.
pub fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

/// The page of a code.
pub fn single(code: &ProblemExplanation, language: Language) -> String {
    let heading = code.status.map_or_else(|| word(code.code), |status| format!("{} {status}", word(code.code)));
    let sections = in_order(language).into_iter().map(|english| section(code, english)).collect::<String>();
    whole(code.code, language, &format!("<h1>{heading}</h1>{sections}<p><a href=\"/problems\">/problems</a></p>"))
}

/// The page of all codes.
pub fn catalogue(all: &ProblemCatalogue, language: Language) -> String {
    let english = language.is_english();
    let row = |code: &ProblemExplanation| {
        let text = text(code, english);
        format!("<li><a href=\"/problems/{}\">{}</a>: {}</li>", code.code, word(code.code), escaped(&text.meaning))
    };
    let list = |of_problems: bool| all.items.iter().filter(|code| code.status.is_some() == of_problems).map(row).collect::<String>();
    let [title, problems, faults] = if english {
        ["Codes", "Problems", "Faults of single values"]
    } else {
        ["کدها", "مشکل‌ها", "خطاهای یک مقدار"]
    };
    let body = format!("<h1>{title}</h1><h2>{problems}</h2><ul>{}</ul><h2>{faults}</h2><ul>{}</ul>", list(true), list(false));
    whole(title, language, &body)
}

/// Whether in English, the reader's language first.
fn in_order(language: Language) -> [bool; 2] {
    [language.is_english(), !language.is_english()]
}

const fn text(code: &ProblemExplanation, english: bool) -> &ProblemText {
    if english { &code.en } else { &code.fa }
}

fn section(code: &ProblemExplanation, english: bool) -> String {
    let text = text(code, english);
    let (attributes, what_to_do) =
        if english { ("lang=\"en\" dir=\"ltr\"", "What to do") } else { ("lang=\"fa\" dir=\"rtl\"", "چه باید کرد") };
    let (title, meaning, remedy) = (escaped(text.title), escaped(&text.meaning), escaped(text.remedy));
    format!("<section {attributes}><h2>{title}</h2><p>{meaning}</p><p><strong>{what_to_do}:</strong> {remedy}</p></section>")
}

fn word(code: &str) -> String {
    format!("<code>{code}</code>")
}

fn whole(title: &str, language: Language, body: &str) -> String {
    let direction = if language.is_english() { "ltr" } else { "rtl" };
    format!(
        "<!DOCTYPE html><html lang=\"{}\" dir=\"{direction}\"><head><meta charset=\"utf-8\"><title>{title} · Mahalleh</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head><body>{body}</body></html>",
        language.tag()
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
