//! Recorded examples: what the demo's server was sent in each operation, and what it answered. `tests/api/examples.rs` holds
//! `openapi/examples.json` to a server, and writes it anew.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Object, operation, ref_name};

/// The file; empty where it is broken, which a test finds.
static FILE: LazyLock<Object> = LazyLock::new(|| serde_json::from_str(include_str!("../../openapi/examples.json")).unwrap_or_default());

/// What an operation answered.
pub fn answer(operation: &str) -> Option<&'static Value> {
    FILE.get(operation)?.get("answered")
}

/// What an export answered as NDJSON.
pub fn ndjson(operation: &str) -> Option<&'static Value> {
    FILE.get(operation)?.get("ndjson")
}

/// Gives the schemas of recorded bodies and answers, and of all their parts, what stands there for them.
pub fn put(schemas: &mut Object, paths: &Object) {
    let mut found = Object::new();
    // What is read shows a thing in the midst of its life, so it comes first.
    let (reads, writes): (Vec<_>, Vec<_>) = operation::all(paths).into_iter().partition(|operation| operation.method == "get");
    for operation in reads.iter().chain(&writes) {
        let Some(raw) = paths.get(&operation.path).and_then(|item| item.get(&operation.method)) else { continue };
        let places = [("sent", "/requestBody".to_owned()), ("answered", format!("/responses/{}", operation.status))];
        for (part, place) in places {
            let example = FILE.get(&operation.id).and_then(|parts| parts.get(part));
            let schema = raw.pointer(&format!("{place}/content/application~1json/schema"));
            if let (Some(example), Some(schema)) = (example, schema) {
                share(schema, example, schemas, &mut found);
            }
        }
    }
    for (name, example) in found {
        if let Some(schema) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            schema.insert("examples".into(), json!([example]));
        }
    }
}

/// Gives each component on the way its part of an example, unless it has one.
fn share(schema: &Value, example: &Value, schemas: &Object, found: &mut Object) {
    if let Some((name, named)) = ref_name(schema).and_then(|name| schemas.get_key_value(name)) {
        if example.is_object() && !found.contains_key(name) {
            found.insert(name.clone(), example.clone());
        }
        return share(named, example, schemas, found);
    }
    // Null, or the one thing; of a union nobody knows which it is.
    if let Some([one, _null]) = schema.get("oneOf").and_then(Value::as_array).map(Vec::as_slice).filter(|_| example.is_object()) {
        return share(one, example, schemas, found);
    }
    for (name, part) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(example) = example.get(name) {
            share(part, example, schemas, found);
        }
    }
    if let Some(items) = schema.get("items") {
        for example in example.as_array().into_iter().flatten() {
            share(items, example, schemas, found);
        }
    }
}
