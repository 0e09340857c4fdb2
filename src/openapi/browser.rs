//! The page at `/docs/`: Swagger UI under a bar that logs one in. It loads nothing from elsewhere, and its policy forbids it to.

use std::{collections::BTreeMap, sync::Arc, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use utoipa_swagger_ui::{Config, serve};

use crate::{
    app::App,
    demo::{self, Account},
    error::ApiError,
    http::{
        answer::{Answer, whole},
        answer_cache::{CachedAnswer, FixedAnswer},
        language::Language,
        query,
    },
    policy::Role,
};

/// Only files of this server, and no inline script or style; images may be `data:` too, with which Swagger UI draws its arrows.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("browser/page.html");
const ACCOUNTS: &str = include_str!("browser/accounts.html");
const FORM: &str = include_str!("browser/form.html");

/// Our own files; the rest is Swagger UI's.
const OWN: [(&str, &str, &str); 3] = [
    ("docs.css", "text/css; charset=utf-8", include_str!("browser/docs.css")),
    ("docs.js", "text/javascript; charset=utf-8", include_str!("browser/docs.js")),
    ("icon.svg", "image/svg+xml", include_str!("browser/icon.svg")),
];
/// What the page needs of Swagger UI.
const VENDORED: [(&str, &str); 2] =
    [("swagger-ui.css", "text/css; charset=utf-8"), ("swagger-ui-bundle.js", "text/javascript; charset=utf-8")];

/// A file of the page.
struct Asset {
    kind: &'static str,
    answer: FixedAnswer,
}

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let asset = |name, kind, bytes: web::Bytes| (name, Asset { kind, answer: FixedAnswer::new(bytes) });
    let own = OWN.into_iter().map(|(name, kind, text)| asset(name, kind, web::Bytes::from_static(text.as_bytes())));
    let config = Arc::new(Config::default());
    let vendored = VENDORED.into_iter().filter_map(|(name, kind)| {
        let file = serve(name, Arc::clone(&config)).ok()??;
        Some(asset(name, kind, web::Bytes::from(file.bytes.into_owned())))
    });
    own.chain(vendored).collect()
});

/// The page, or one of its files.
///
/// # Errors
/// `not_found`; 400 where the page is asked for with another parameter than its language.
pub async fn browser(app: web::Data<App>, request: HttpRequest) -> Answer {
    match request.match_info().query("file") {
        "" => page(&app, &request),
        name => {
            query::none(request.query_string())?;
            file(&request, name)
        }
    }
}

fn file(request: &HttpRequest, name: &str) -> Answer {
    let asset = ASSETS.get(name).ok_or_else(ApiError::not_found)?;
    Ok(guarded(whole(request, asset.answer.coded_for(request), asset.kind)))
}

fn guarded(mut response: HttpResponse) -> HttpResponse {
    for (name, value) in
        [(header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page(app: &App, request: &HttpRequest) -> Answer {
    let language = wanted(request)?;
    let accounts = if app.config.is_demo { demo::accounts()? } else { Vec::new() };
    let html = html(language, &accounts);
    let mut response = whole(request, CachedAnswer::new(html.into(), None), "text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    Ok(guarded(response))
}

/// The language that `?lang=` names, else the browser's.
fn wanted(request: &HttpRequest) -> Result<Language, ApiError> {
    match request.query_string() {
        "lang=fa" => Ok(Language::Persian),
        "lang=en" => Ok(Language::English),
        others => query::none(others).map(|()| Language::of(request.headers())),
    }
}

/// A text of the page, its Persian and its English.
type Text = (&'static str, &'static str, &'static str);

const TEXTS: [Text; 22] = [
    ("lang", "fa", "en"),
    ("dir", "rtl", "ltr"),
    ("brand", "محله", "Mahalleh"),
    ("title", "مستندات API", "API documentation"),
    ("skip", "پرش به عملیات‌ها", "Skip to the operations"),
    ("links", "پیوندها", "Links"),
    ("document", "سند OpenAPI", "OpenAPI document"),
    ("problems", "کدهای خطا", "Problem codes"),
    ("other", "en", "fa"),
    ("other_name", "English", "فارسی"),
    ("login", "ورود", "Log in"),
    ("logout", "خروج", "Log out"),
    ("close", "بستن", "Close"),
    ("anonymous", "وارد نشده‌اید", "Not logged in"),
    ("as", "وارد شده: ", "Logged in: "),
    ("pending", "در حال ورود…", "Logging in…"),
    ("ended", "نشست پایان یافت؛ دوباره وارد شوید", "The session has ended; log in again"),
    ("unreachable", "سرور پاسخ نمی‌دهد.", "The server does not answer."),
    ("choose", "ورود با یک حساب نمایشی", "Log in with a demo account"),
    ("what_for", "سپس «Try it out» با حقوق همین حساب کار می‌کند.", "“Try it out” then works with what this account may do."),
    (
        "no_script",
        "این صفحه به جاوااسکریپت نیاز دارد؛ سند بدون آن در ‎/openapi.json‎ است.",
        "This page needs JavaScript; without it there is /openapi.json.",
    ),
    ("loading", "در حال بارگذاری…", "Loading…"),
];
const FORM_TEXTS: [Text; 3] =
    [("username", "نام کاربری", "Username"), ("password", "گذرواژه", "Password"), ("province", "کد استان", "Code of the province")];

fn html(language: Language, accounts: &[Account]) -> String {
    let panel = if accounts.is_empty() {
        FORM.to_owned()
    } else {
        filled(ACCOUNTS, &[("groups", &groups(language, accounts)), ("secret", demo::PASSWORD)])
    };
    let texts = TEXTS.iter().chain(&FORM_TEXTS).map(|(name, fa, en)| (*name, if language.is_english() { *en } else { *fa }));
    filled(&filled(PAGE, &[("panel", &panel)]), &texts.collect::<Vec<_>>())
}

/// The template with the values in the place of their names.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// The accounts under the names of their roles.
fn groups(language: Language, accounts: &[Account]) -> String {
    let group = |role: &Role| {
        let of_role = accounts.iter().filter(|account| account.role == *role).map(button).collect::<String>();
        format!("<section><h3>{}</h3>{of_role}</section>", role_name(*role, language.is_english()))
    };
    [Role::Province, Role::Viewer, Role::NeighborhoodManager, Role::Agency].iter().map(group).collect()
}

const fn role_name(role: Role, english: bool) -> &'static str {
    match (role, english) {
        (Role::Province, false) => "استان",
        (Role::Province, true) => "Province",
        (Role::Agency, false) => "دستگاه‌ها",
        (Role::Agency, true) => "Agencies",
        (Role::NeighborhoodManager, false) => "مدیران محله",
        (Role::NeighborhoodManager, true) => "Neighbourhood managers",
        (Role::Viewer, false) => "ناظر",
        (Role::Viewer, true) => "Viewer",
    }
}

/// Its names are the demo's own and need no escaping.
fn button(account: &Account) -> String {
    let Account { username, display_name, .. } = account;
    format!(
        "<button type=\"button\" class=\"account\" value=\"{username}\">\
         <bdi lang=\"fa\">{display_name}</bdi> <code dir=\"ltr\">{username}</code></button>"
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in_either_language() {
        let accounts = demo::accounts().expect("the demo's accounts");
        for language in [Language::Persian, Language::English] {
            for accounts in [&accounts[..], &[]] {
                let html = html(language, accounts);
                assert!(!html.contains("{{") && !html.contains("}}"), "{html}");
                assert_eq!(html.contains(demo::PASSWORD), !accounts.is_empty());
                assert_eq!(html.contains("<form"), accounts.is_empty());
            }
        }
    }

    #[test]
    fn every_file_that_the_page_names_is_there() {
        let named = PAGE.split("\"/docs/").skip(1).filter_map(|rest| rest.split('"').next());
        for name in named.filter(|name| !name.is_empty() && !name.starts_with('?')) {
            assert!(file(&TestRequest::default().to_http_request(), name).is_ok_and(|answer| answer.status() == 200), "{name}");
        }
        assert_eq!(ASSETS.len(), OWN.len() + VENDORED.len());
    }
}
