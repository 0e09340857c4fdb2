//! Every refusal that any test meets is one that the document names for its operation, by its code.

use std::{collections::BTreeSet, sync::LazyLock};

use mahalleh::openapi;
use serde_json::{Map, Value};

use super::Answer;

/// Each operation's method and path, with a code that its refusals have examples of.
static NAMED: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(openapi::document().text).expect("JSON");
    let mut named = BTreeSet::new();
    for (path, methods) in fields(&document["paths"]) {
        for (method, operation) in fields(methods) {
            for (_, answer) in fields(&operation["responses"]) {
                let shared = answer["$ref"].as_str().and_then(|address| document.pointer(address.trim_start_matches('#')));
                let examples = &shared.unwrap_or(answer)["content"]["application/problem+json"]["examples"];
                named.extend(fields(examples).map(|(code, _)| (format!("{} {path}", method.to_uppercase()), code.clone())));
            }
        }
    }
    named
});

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Fails where an operation of the document refuses with a code that it does not name there.
#[track_caller]
pub fn hold(answer: &Answer) {
    let Some((method, address)) = answer.request.split_once(' ') else { return };
    let path = openapi::document().path(address.split('?').next().unwrap_or_default());
    let (Some(path), Some(code)) = (path, answer.json["code"].as_str()) else { return };
    // The document itself is no operation of it.
    if answer.status < 400 || path.template == "/openapi.json" || !path.methods.split(", ").any(|known| known == method) {
        return;
    }
    let operation = format!("{method} {}", path.template);
    assert!(NAMED.contains(&(operation, code.to_owned())), "{}: {} {code} is not documented", answer.request, answer.status);
}
