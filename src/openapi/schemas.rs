//! The schemas, made as generators want them: single values written where they are used, null told the one way that all
//! understand, unions with a discriminator, answers complete and requests closed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Object, ref_name, visit};

/// The one request that may say more than is listed (RFC 6749 §3.2).
const OPEN: &str = "TokenRequest";

/// Finishes the schemas, and what the paths say of schemas.
pub fn finish(schemas: &mut Object, paths: &mut Object) {
    let mut all = Value::Object(std::mem::take(schemas));
    let mut uses = Value::Object(std::mem::take(paths));
    let singles = singles(&all);
    for document in [&mut all, &mut uses] {
        visit(document, &mut |schema| inline(schema, &singles));
        visit(document, &mut tell_null);
    }
    if let (Value::Object(mut all), Value::Object(uses)) = (all, uses) {
        all.retain(|name, _| !singles.contains_key(name));
        let requests = reached(&all, bodies(&uses, "requestBody"));
        let answers = reached(&all, bodies(&uses, "responses").chain([&json!({"$ref": "/Problem"})]));
        all.retain(|name, _| requests.contains(name) || answers.contains(name));
        describe_requests(&mut all);
        let tags = single_words(&all);
        for (name, schema) in &mut all {
            discriminate(schema, &tags);
            modernize(schema);
            if answers.contains(name) {
                require_nullable(schema);
            }
            if requests.contains(name) && name != OPEN && schema.get("properties").is_some() {
                set(schema, "additionalProperties", json!(false));
            }
        }
        (*schemas, *paths) = (all, uses);
    }
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

/// The components that are one value each, neither an object nor a closed list.
fn singles(schemas: &Value) -> Object {
    let is_single = |schema: &Value| {
        let kind = schema.get("type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind != "object") && schema.get("enum").is_none()
    };
    let all = schemas.as_object().into_iter().flatten();
    all.filter(|(_, schema)| is_single(schema)).map(|(name, schema)| (name.clone(), schema.clone())).collect()
}

/// Writes a single value in the place of its reference; what stands beside the reference wins.
fn inline(schema: &mut Value, singles: &Object) {
    let Some(Value::Object(single)) = ref_name(schema).and_then(|name| singles.get(name)).cloned() else { return };
    if let Value::Object(beside) = schema {
        beside.remove("$ref");
        let own = std::mem::take(beside);
        *beside = single;
        beside.extend(own);
    }
}

/// `oneOf: [X, null]` becomes `type: [X, "null"]` of a single value; of a reference it stays, with its description outside.
fn tell_null(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    let Some(members) = fields.get("oneOf").and_then(Value::as_array) else { return };
    let is_null = |member: &Value| member.get("type") == Some(&json!("null"));
    let named: Vec<&Value> = members.iter().filter(|member| !is_null(member)).collect();
    let ([Value::Object(one)], true) = (named.as_slice(), named.len() < members.len()) else { return };
    let mut one = one.clone();
    let description = one.remove("description");
    if let Some(Value::String(kind)) = one.get("type").cloned() {
        fields.remove("oneOf");
        one.insert("type".into(), json!([kind, "null"]));
        one.extend(std::mem::take(fields));
        *fields = one;
    } else {
        fields.insert("oneOf".into(), json!([one, {"type": "null"}]));
    }
    if let Some(description) = description {
        fields.entry("description").or_insert(description);
    }
}

/// What a field of an answer means, the field of the same name means in the bodies that make or change the thing. A reference says what
/// it is itself; not all tools take a description beside it.
fn describe_requests(schemas: &mut Object) {
    let meanings: Vec<(String, String, Value)> = schemas
        .iter()
        .flat_map(|(name, schema)| {
            schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(move |field| (name, field))
        })
        .filter_map(|(name, (field, of))| Some((name.clone(), field.clone(), of.get("description")?.clone())))
        .collect();
    for (name, field, meaning) in meanings {
        for body in [format!("New{name}"), format!("{name}Patch")] {
            let field = schemas.get_mut(&body).and_then(|body| body.get_mut("properties")?.get_mut(&field)?.as_object_mut());
            field.filter(|field| field.contains_key("type")).map(|field| field.entry("description").or_insert_with(|| meaning.clone()));
        }
    }
}

/// The contents of all request bodies, or of all answers.
fn bodies<'a>(paths: &'a Object, part: &'a str) -> impl Iterator<Item = &'a Value> {
    paths.values().filter_map(Value::as_object).flat_map(Object::values).filter_map(move |operation| operation.get(part))
}

/// The components that are reached from these places.
fn reached<'a>(schemas: &'a Object, from: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = from.collect();
    while let Some(value) = open.pop() {
        if let Some(name) = ref_name(value)
            && found.insert(name.to_owned())
        {
            open.extend(schemas.get(name));
        }
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// Each object that is told apart by a property with one word only: its name, the property and the word.
fn single_words(schemas: &Object) -> Vec<(String, String, String)> {
    let word = |schema: &Value| {
        let schema = ref_name(schema).and_then(|name| schemas.get(name)).unwrap_or(schema);
        match schema.get("enum")?.as_array()?.as_slice() {
            [Value::String(word)] => Some(word.clone()),
            _ => None,
        }
    };
    let tagged = |(name, schema): (&String, &Value)| {
        let (property, word) =
            schema.get("properties")?.as_object()?.iter().find_map(|(property, of)| Some((property.clone(), word(of)?)))?;
        Some((name.clone(), property, word))
    };
    schemas.iter().filter_map(tagged).collect()
}

/// A union of named objects says by which property they are told apart.
fn discriminate(schema: &mut Value, tags: &[(String, String, String)]) {
    let Some(members) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else { return };
    let mut mapping = Object::new();
    let mut by = None;
    for member in members.iter_mut() {
        let found = ref_name(member).and_then(|name| tags.iter().find(|(tagged, ..)| tagged == name));
        let Some((name, property, word)) = found else { return };
        let target = format!("#/components/schemas/{name}");
        *member = json!({"$ref": target});
        mapping.insert(word.clone(), target.into());
        by = Some(property.clone());
    }
    if members.len() > 1 {
        set(schema, "discriminator", json!({"propertyName": by, "mapping": mapping}));
    }
}

/// `example`, which JSON Schema does not know, becomes `examples`.
fn modernize(schema: &mut Value) {
    if let Some(example) = schema.as_object_mut().and_then(|fields| fields.remove("example")) {
        set(schema, "examples", json!([example]));
    }
}

/// Whether a schema takes null.
pub fn is_nullable(schema: &Value) -> bool {
    let null = json!("null");
    let by_type = schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.contains(&null));
    let members = schema.get("oneOf").and_then(Value::as_array);
    let takes_anything = ["type", "$ref", "oneOf", "allOf", "enum"].iter().all(|key| schema.get(key).is_none());
    takes_anything || by_type || members.is_some_and(|members| members.iter().any(|member| member.get("type") == Some(&null)))
}

/// In an answer a property that may be null is always there.
fn require_nullable(schema: &mut Value) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let listed = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let wanted = |(name, of): &(&String, &Value)| is_nullable(of) || listed.iter().any(|word| word == name.as_str());
    let required: Vec<&String> = properties.iter().filter(wanted).map(|(name, _)| name).collect();
    let required = json!(required);
    set(schema, "required", required);
}
