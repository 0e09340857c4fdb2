//! Examples: a schema's own, or one put together from its properties' own and the common words. A test holds every one
//! against its schema. A resource whose properties the common words don't fit says so at the property
//! (`#[schema(examples(..))]`), at the schema (`#[schema(example = ..)]`), or in [`OWN`].

use serde_json::{Value, json};

use super::{Object, lists, ref_name, vocabulary};

/// Values of single properties, which the common words do not fit: schema, property, JSON.
const OWN: [(&str, &str, &str); 20] = [
    ("Agency", "code", r#""education""#),
    ("Agency", "name", r#""آموزش و پرورش""#),
    ("Agency", "name_en", r#""Education Office""#),
    ("Client", "agency_id", "null"),
    ("Client", "name", r#""انبار دادهٔ شهرداری""#),
    ("Deferral", "allowed_transitions", r#"["accepted", "rejected"]"#),
    ("Deferral", "status", r#""requested""#),
    ("Domain", "code", r#""education""#),
    ("Domain", "name", r#""آموزش""#),
    ("Domain", "name_en", r#""Education""#),
    ("EventActor", "username", r#""province""#),
    ("EventActor", "display_name", r#""دفتر استان""#),
    ("EventChange", "before", r#""2026-12-01""#),
    ("EventChange", "after", r#""2026-12-20""#),
    ("Initiative", "allowed_transitions", r#"["blocked", "completed", "cancelled"]"#),
    ("Initiative", "code", r#""jobrani-1405""#),
    ("Initiative", "status", r#""in_progress""#),
    ("Me", "agency_id", "null"),
    ("Responsibility", "allowed_transitions", r#"["reported", "withdrawn"]"#),
    ("Responsibility", "code", r#""jobrani-1405-1""#),
];

/// A file that can be imported.
pub const FILE: &str = "code,name,kind\neducation,آموزش و پرورش,education\n";

/// Gives every object among the schemas an example.
pub fn complete(schemas: &mut Object) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        let Some(example) = schemas.get(&name).filter(|schema| is_whole(schema)).map(|schema| of(schema, &name, schemas, 0)) else {
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
    if let Some(example) = fields.get("schema").map(|schema| of(schema, "", schemas, 0)) {
        fields.entry("example").or_insert(example);
    }
}

/// The example of a schema; `owner` is the component that it is, or is a part of.
fn of(schema: &Value, owner: &str, schemas: &Object, depth: usize) -> Value {
    if let Some(own) = schema.get("examples").and_then(|examples| examples.get(0)) {
        return own.clone();
    }
    if depth > 12 {
        return Value::Null;
    }
    if let Some(name) = ref_name(schema) {
        return schemas.get(name).map(|schema| of(schema, name, schemas, depth + 1)).unwrap_or_default();
    }
    if let Some(first) = schema.get("oneOf").and_then(|members| members.get(0)) {
        return of(first, owner, schemas, depth + 1);
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let required = schema.get("required").and_then(Value::as_array);
        let wanted = |name: &str| required.is_some_and(|required| required.iter().any(|word| word == name));
        let listed = properties.iter().filter(|(name, _)| wanted(name));
        return listed.map(|(name, part)| (name.clone(), property(part, owner, name, schemas, depth))).collect::<Object>().into();
    }
    single(schema, schemas, depth)
}

/// The example of a property: its own, this schema's, the common word, or what its type allows.
fn property(schema: &Value, owner: &str, name: &str, schemas: &Object, depth: usize) -> Value {
    let own = OWN.iter().find(|(of, property, _)| *of == owner && *property == name);
    if let Some(own) = own.and_then(|(.., json)| serde_json::from_str(json).ok()) {
        return own;
    }
    let is_single = schema.get("examples").is_none() && schema.get("type").is_some()
        || ref_name(schema).is_some_and(|name| is_closed_list(name, schemas));
    match vocabulary::word(name).filter(|word| is_single && fits(schema, word, schemas)) {
        Some(word) => word,
        None => of(schema, owner, schemas, depth + 1),
    }
}

fn is_closed_list(name: &str, schemas: &Object) -> bool {
    schemas.get(name).is_some_and(|schema| schema.get("enum").is_some())
}

/// Whether a common word is of the schema's type, and in its list where it has one.
fn fits(schema: &Value, word: &Value, schemas: &Object) -> bool {
    let schema = ref_name(schema).and_then(|name| schemas.get(name)).unwrap_or(schema);
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        return list.contains(word);
    }
    let kind = match word {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    }
}

/// What the type alone allows.
fn single(schema: &Value, schemas: &Object, depth: usize) -> Value {
    if let Some(first) = schema.get("enum").and_then(|words| words.get(0)) {
        return first.clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) if kinds.iter().any(|kind| kind == "null") => return Value::Null,
        Some(Value::String(kind)) => kind.as_str(),
        _ => return Value::Null,
    };
    match kind {
        "boolean" => json!(false),
        "integer" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "number" => json!(0.0),
        "array" => match schema.get("items") {
            Some(items) => json!([of(items, "", schemas, depth + 1)]),
            None => json!([]),
        },
        "string" => match schema.get("format").and_then(Value::as_str) {
            Some("uuid") => json!(vocabulary::ID),
            Some("date") => json!("2026-11-22"),
            Some("date-time") => json!("2026-11-22T08:30:00.000000Z"),
            _ => json!("sheikhabad"),
        },
        _ => json!({}),
    }
}

/// An export of one row: the columns, and what the item's example has of them. `None` where the columns are not known.
pub fn csv(path: &str, item: Option<&Value>) -> Option<String> {
    let columns = lists::columns(path);
    let cell = |column: &&str| match item.and_then(|item| item.get(*column)) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    };
    let row = columns.iter().map(cell).collect::<Vec<_>>().join(",");
    (!columns.is_empty()).then(|| format!("{}\r\n{row}\r\n", columns.join(",")))
}
