//! Examples of what is not recorded (`recorded`): a schema's own (`#[schema(example = ..)]`), or one put together from its properties'
//! own (`#[schema(examples(..))]`). A test holds every example against its schema.

use serde_json::{Value, json};

use super::{Object, ref_name};

/// A file that can be imported.
pub const FILE: &str = "code,name,kind\neducation,آموزش و پرورش,education\n";

/// Gives every object among the schemas an example.
pub fn complete(schemas: &mut Object) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        let Some(example) = schemas.get(&name).filter(|schema| is_whole(schema)).map(|schema| of(schema, schemas, 0)) else {
            continue;
        };
        if let Some(fields) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            fields.insert("examples".into(), json!([example]));
        }
    }
}

fn is_whole(schema: &Value) -> bool {
    schema.get("examples").is_none() && (schema.get("properties").is_some() || schema.get("oneOf").is_some())
}

/// Puts the example of its schema beside it.
pub fn put(media: &mut Value, schemas: &Object) {
    let Some(fields) = media.as_object_mut() else { return };
    if let Some(example) = fields.get("schema").map(|schema| of(schema, schemas, 0)) {
        fields.entry("example").or_insert(example);
    }
}

/// The example of a schema; null where nothing says one.
fn of(schema: &Value, schemas: &Object, depth: usize) -> Value {
    if let Some(own) = schema.get("examples").and_then(|examples| examples.get(0)) {
        return own.clone();
    }
    if depth > 12 {
        return Value::Null;
    }
    let first = schema.get("oneOf").and_then(|members| members.get(0));
    if let Some(other) = ref_name(schema).and_then(|name| schemas.get(name)).or(first) {
        return of(other, schemas, depth + 1);
    }
    if let Some(items) = schema.get("items") {
        return json!([of(items, schemas, depth + 1)]);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Value::Null };
    let required = schema.get("required").and_then(Value::as_array);
    let wanted = |name: &str| required.is_some_and(|required| required.iter().any(|word| word == name));
    let listed = properties.iter().filter(|(name, _)| wanted(name));
    listed.map(|(name, part)| (name.clone(), of(part, schemas, depth + 1))).collect::<Object>().into()
}
