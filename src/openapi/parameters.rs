//! Parameters: those that all operations of a shape have, and the bounds of filters.

use serde_json::{Value, json};

use super::{Object, lists, operation::Operation, vocabulary};
use crate::http::{
    export::{Calendar, Format},
    header_limit::MAX_FIELD,
};

/// Puts the parameters that follow from the shape beside those that the handler names, which win.
pub fn put(operation: &Operation, raw: &mut Object) {
    let mut list = match raw.remove("parameters") {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    for parameter in &mut list {
        vocabulary::bound(&operation.path, parameter);
    }
    let mut add = |name: &str, parameter: Value| {
        if !list.iter().any(|there| is(there, name)) {
            list.push(parameter);
        }
    };
    // A POST to the address of a list has no order.
    let sorts = lists::sorts(&operation.path);
    if !sorts.is_empty() && (operation.is_list() || operation.is_export()) {
        add("sort", sort(sorts));
    }
    if operation.is_list() {
        add("limit", shared("Limit"));
        add("cursor", shared("Cursor"));
        add("with_total", shared("WithTotal"));
    }
    if operation.is_export() {
        add(
            "format",
            if operation.is_report() { format(&["csv", "xlsx"]) } else { format(&list_formats(lists::has_map(&operation.path))) },
        );
        add("calendar", shared("Calendar"));
        add("bom", shared("Bom"));
    }
    if operation.path.contains("{id}") {
        list.insert(0, shared("Id"));
    }
    list.extend(headers(operation).into_iter().map(shared));
    raw.insert("parameters".into(), Value::Array(list));
}

fn is(parameter: &Value, name: &str) -> bool {
    parameter.get("name").and_then(Value::as_str) == Some(name)
}

fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn headers(operation: &Operation) -> Vec<&'static str> {
    let mut names = Vec::new();
    if operation.is_change() {
        names.push("IfMatch");
    } else if operation.is_transition() {
        names.push("IfMatchOptional");
    }
    if operation.is_conditional() {
        names.push("IfNoneMatch");
    }
    if operation.is_idempotent() {
        names.push("IdempotencyKey");
    }
    if operation.status == "202" {
        names.push("Prefer");
    }
    names.extend(["AcceptLanguage", "XRequestId"]);
    names
}

/// One of the keys, `-` before it for descending; not an enum, since `-name` makes no identifier.
fn sort(keys: &[&str]) -> Value {
    let pattern = format!("^-?({})$", keys.join("|"));
    let mut schema = json!({"type": "string", "minLength": 1, "maxLength": 40, "pattern": pattern});
    let mut description = "The order: a key, `-` before it for descending.".to_owned();
    if let (Some(first), Some(fields)) = (keys.first(), schema.as_object_mut()) {
        fields.insert("default".into(), json!(first));
        description = format!(
            "The order: {}; `-` before it for descending.",
            keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
        );
    }
    let example = keys.first().map_or_else(|| "code".to_owned(), |first| format!("-{first}"));
    json!({"name": "sort", "in": "query", "required": false, "description": description, "schema": schema, "example": example})
}

/// The formats of a list's export.
fn list_formats(has_map: bool) -> Vec<&'static str> {
    Format::WORDS.iter().copied().filter(|word| has_map || *word != "geojson").collect()
}

fn format(words: &[&str]) -> Value {
    let schema = json!({"type": "string", "enum": words, "default": "csv"});
    json!({"name": "format", "in": "query", "required": false, "description": "The format of the file.", "schema": schema, "example": "csv"})
}

/// The parameters that operations share, by name.
pub fn components() -> Object {
    let query = |name: &str, text: &str, schema: Value, example: Value| json!({"name": name, "in": "query", "required": false, "description": text, "schema": schema, "example": example});
    let parameters = [
        (
            "Id",
            json!({"name": "id", "in": "path", "required": true, "description": "The thing's id.", "schema": vocabulary::uuid(), "example": vocabulary::ID}),
        ),
        (
            "Limit",
            query(
                "limit",
                "The most items on a page.",
                json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 200, "default": 50}),
                json!(50),
            ),
        ),
        (
            "Cursor",
            query(
                "cursor",
                "`next_cursor` of the page before; good only with the same filter and sort.",
                json!({"type": "string", "minLength": 1, "maxLength": 4096, "pattern": "^[A-Za-z0-9_-]+$"}),
                json!(vocabulary::CURSOR),
            ),
        ),
        (
            "WithTotal",
            query("with_total", "Whether to count the whole filter as `total`.", json!({"type": "boolean", "default": false}), json!(true)),
        ),
        (
            "Calendar",
            query(
                "calendar",
                "The calendar of the dates.",
                json!({"type": "string", "enum": Calendar::WORDS, "default": "gregorian"}),
                json!("jalali"),
            ),
        ),
        (
            "Bom",
            query(
                "bom",
                "Whether CSV begins with a byte order mark, for spreadsheets.",
                json!({"type": "boolean", "default": false}),
                json!(true),
            ),
        ),
    ];
    parameters.into_iter().chain(header_components()).map(|(name, parameter)| (name.to_owned(), parameter)).collect()
}

/// The header parameters. A header whose faults the server ignores has no pattern that a value could break, and the greatest length
/// of any header field.
fn header_components() -> [(&'static str, Value); 7] {
    let header = |name: &str, required: bool, text: &str, schema: Value, example: &str| json!({"name": name, "in": "header", "required": required, "description": text, "schema": schema, "example": example});
    // Not `^.*$`: tools that make up values unroll that to the whole length, which takes a second each.
    let any = || json!({"type": "string", "maxLength": MAX_FIELD, "pattern": "^(|.*)$"});
    let tag = json!({"type": "string", "minLength": 1, "maxLength": 1000, "pattern": "^[ -~]+$"});
    let seen = "\"3-9f86d081884c7d65\"";
    [
        (
            "IfMatch",
            header(
                "If-Match",
                true,
                "The ETag that was read, of which only the version counts; `\"3\"` will do. 428 without, 412 where it differs.",
                tag.clone(),
                seen,
            ),
        ),
        (
            "IfMatchOptional",
            header("If-Match", false, "The ETag that was read; honoured where it is sent: 412 where its version differs.", tag, seen),
        ),
        ("IfNoneMatch", header("If-None-Match", false, "ETags that one has: 304 where the present one is among them.", any(), seen)),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                false,
                "Makes it safe to repeat: the same key and request give the stored answer for 24 hours; another request under the key is 422.",
                json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
                "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80",
            ),
        ),
        (
            "Prefer",
            header(
                "Prefer",
                false,
                "`wait=N` holds the answer until the work has ended or N seconds, at most 30, have passed (RFC 7240).",
                any(),
                "wait=20",
            ),
        ),
        ("AcceptLanguage", header("Accept-Language", false, "The language of texts for people: `fa` or `en`.", any(), "en")),
        (
            "XRequestId",
            header(
                "X-Request-Id",
                false,
                "The request's name, 1 to 64 of `A-Za-z0-9_-`; another is made where it is none.",
                any(),
                "sync-2026-11-22-0042",
            ),
        ),
    ]
}
