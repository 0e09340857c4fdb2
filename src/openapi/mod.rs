//! The document (CONTRACT §7): what the handlers' annotations say, finished by one pass over the JSON that adds what
//! they cannot. It works by rule, from methods, paths, operation ids and schemas, so that a new resource needs no line
//! here but one in `lists` and its tag in `head`; its examples are recorded. What is like nothing else is named where it differs:
//! logins and tokens, the templates of imports, the report of what is late.

mod browser;
mod examples;
mod head;
mod lists;
mod oauth;
mod operation;
mod parameters;
mod parts;
mod paths;
mod recorded;
mod refusals;
mod responses;
mod schemas;
mod vocabulary;

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{PartialSchema, ToSchema};

use crate::http::{answer_cache::FixedAnswer, problem::Problem};
pub use browser::browser;
use paths::{Path, Paths};

/// An object of JSON.
type Object = Map<String, Value>;

/// The document, as it is served.
#[derive(Debug)]
pub struct Document {
    /// The JSON, as `openapi/openapi.json` has it.
    pub text: &'static str,
    /// What is answered with it.
    pub answer: FixedAnswer,
    paths: Paths,
}

impl Document {
    /// The path of the document that a concrete one is of; `None` where there is none.
    #[must_use]
    pub fn path(&self, concrete: &str) -> Option<&Path> {
        self.paths.find(concrete)
    }
}

/// The document; made at the first call and kept.
#[must_use]
pub fn document() -> &'static Document {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let finished = finished();
        let mut text = serde_json::to_string_pretty(&InOrder::of(&finished)).unwrap_or_default();
        text.push('\n');
        // Made once and kept as long as the server runs.
        let text: &'static str = text.leak();
        Document { answer: FixedAnswer::new(text), paths: Paths::of(&finished), text }
    });
    &DOCUMENT
}

/// The top of the document, in the order in which one reads it.
#[derive(Serialize)]
struct InOrder<'a> {
    openapi: Option<&'a Value>,
    info: Option<&'a Value>,
    servers: Option<&'a Value>,
    security: Option<&'a Value>,
    tags: Option<&'a Value>,
    paths: Option<&'a Value>,
    components: Option<&'a Value>,
}

impl<'a> InOrder<'a> {
    fn of(document: &'a Object) -> Self {
        let part = |name| document.get(name);
        Self {
            openapi: part("openapi"),
            info: part("info"),
            servers: part("servers"),
            security: part("security"),
            tags: part("tags"),
            paths: part("paths"),
            components: part("components"),
        }
    }
}

/// The annotated document, finished.
fn finished() -> Object {
    let Ok(Value::Object(mut document)) = serde_json::to_value(crate::app::annotated()) else { return Object::new() };
    let mut schemas = match document.remove("components") {
        Some(Value::Object(mut components)) => taken(&mut components, "schemas"),
        _ => Object::new(),
    };
    add_problem(&mut schemas);
    let mut paths = taken(&mut document, "paths");
    schemas::finish(&mut schemas, &mut paths);
    recorded::put(&mut schemas, &paths);
    examples::complete(&mut schemas);
    operation::finish_all(&mut paths, &schemas);
    head::put(&mut document, &paths);
    document.insert("components".into(), parts::components(schemas, &paths));
    document.insert("paths".into(), Value::Object(paths));
    document
}

/// No handler names the problem document; the pass puts it everywhere.
fn add_problem(schemas: &mut Object) {
    let mut all = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut all);
    schemas.extend(all.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))));
}

/// The object under a key, taken out; empty where there is none.
fn taken(from: &mut Object, key: &str) -> Object {
    match from.remove(key) {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// The component that a `$ref` names.
fn ref_name(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// Visits every value of a JSON document, the outer ones last.
fn visit(value: &mut Value, act: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| visit(field, act)),
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, act)),
        _ => {}
    }
    act(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allow_names_the_methods_of_the_path() {
        let document = document();
        let methods = |path| document.path(path).map(|path| path.methods.clone());
        assert_eq!(methods("/api/v1/neighborhoods").as_deref(), Some("GET, HEAD, POST"));
        assert_eq!(methods("/api/v1/neighborhoods/export").as_deref(), Some("GET, HEAD"));
        assert_eq!(methods("/api/v1/neighborhoods/x").as_deref(), Some("GET, HEAD, PATCH, DELETE"));
        assert_eq!(methods("/openapi.json").as_deref(), Some("GET, HEAD"));
        assert_eq!(methods("/api/v1/neighborhoods/x/y"), None);
        assert_eq!(methods("/api/v1/neighborhoods/"), None);
        assert_eq!(methods("/"), None);
    }
}
