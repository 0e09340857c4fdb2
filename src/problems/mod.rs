//! `/problems` and `/problems/{code}`: what a code means and what to do about it, for people as a page and for programs as JSON.
//!
//! Made from the tables of `error` and `fault`, in both languages: a code without a page does not compile.

mod catalogue;
mod page;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    get,
    http::header::{self, ACCEPT, HeaderValue},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Anybody,
    error::ApiError,
    http::{
        answer::{Answer, Reply},
        conditional,
        header_list::weighted,
        language::Language,
        negotiate::accepts,
        query,
    },
};
use catalogue::{ProblemCatalogue, ProblemExplanation};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_problems).service(get_problem);
}

/// In which form the client wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Json,
    Html,
}

impl FromRequest for Shown {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sound = Anybody::with_bearer_at_most(request)
            .and_then(|_| accepts(request, &["application/json", "text/html"]))
            .and_then(|()| query::none(request.query_string()));
        std::future::ready(sound.map(|()| Self::of(request)))
    }
}

impl Shown {
    /// A browser names HTML before anything else; whoever does not name it gets JSON.
    fn of(request: &HttpRequest) -> Self {
        let mut ranges = weighted(request.headers(), ACCEPT).map(|(range, _)| range);
        match ranges.find(|kind| matches!(kind.as_str(), "text/html" | "application/json" | "text/*" | "application/*")) {
            Some(kind) if kind.starts_with("text/") => Self::Html,
            _ => Self::Json,
        }
    }
}

/// All problem codes, and the codes of single faults.
///
/// What each means and what to do about it, in Persian and in English. A browser gets a page.
#[utoipa::path(tag = "operations", operation_id = "getProblems", security(()), responses((status = 200, body = ProblemCatalogue)))]
#[get("/problems")]
async fn get_problems(shown: Shown, request: HttpRequest) -> Answer {
    let all = ProblemCatalogue::whole();
    answered(shown, &request, &all, |language| page::catalogue(&all, language))
}

/// What a code means, and what to do about it.
///
/// The `type` of a problem document is this address; the codes in its `errors` have one too. A browser gets a page.
#[utoipa::path(
    tag = "operations", operation_id = "getProblem", security(()), responses((status = 200, body = ProblemExplanation)),
    params(("code" = String, Path, description = "The code.", example = "stale_version", min_length = 1, max_length = 64, pattern = "^[a-z_]+$"))
)]
#[get("/problems/{code}")]
async fn get_problem(shown: Shown, request: HttpRequest) -> Answer {
    let found = request.match_info().get("code").and_then(ProblemExplanation::of).ok_or_else(ApiError::not_found)?;
    answered(shown, &request, &found, |language| page::single(&found, language))
}

fn answered(shown: Shown, request: &HttpRequest, value: &impl serde::Serialize, page: impl FnOnce(Language) -> String) -> Answer {
    let mut answer = match shown {
        Shown::Json => HttpResponse::from(Reply::tagged(value)?),
        Shown::Html => {
            let language = Language::of(request.headers());
            let html = page(language);
            HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .insert_header((header::ETAG, conditional::etag(html.as_bytes())))
                .insert_header((header::CONTENT_LANGUAGE, language.tag()))
                .insert_header((header::CONTENT_SECURITY_POLICY, page::policy()))
                .insert_header((header::REFERRER_POLICY, "no-referrer"))
                .body(html)
        }
    };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(answer)
}
