//! The published document: what clients are generated from, and what other checks trust.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "what is missing fails the test")]

use std::collections::BTreeSet;

use mahalleh::openapi;
use serde_json::{Map, Value, json};

use crate::documented::validator;

/// What an operation id begins with.
const VERBS: &str = "list get create replace update delete search export import start cancel retry validate issue refresh revoke login \
    logout batch upload download transition change approve reject assign restore count";
/// What anybody may call.
const PUBLIC: [&str; 10] = [
    "getAuthorizationServer",
    "getJwks",
    "getLiveness",
    "getProblem",
    "getProblems",
    "getReadiness",
    "issueToken",
    "login",
    "logout",
    "refreshTokens",
];

fn document() -> Value {
    serde_json::from_str(openapi::document().text).expect("the document is JSON")
}

/// Every operation: its id and itself, with the references in its parameters followed.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let raw = paths.values().flat_map(|item| item.as_object().expect("operations").values());
    raw.map(|operation| {
        let mut operation = operation.clone();
        for parameter in operation["parameters"].as_array_mut().expect("parameters") {
            *parameter = followed(document, parameter);
        }
        (operation["operationId"].as_str().expect("an id").to_owned(), operation)
    })
    .collect()
}

fn followed(document: &Value, value: &Value) -> Value {
    match value["$ref"].as_str() {
        Some(address) => document.pointer(address.trim_start_matches('#')).unwrap_or_else(|| panic!("{address} leads nowhere")).clone(),
        None => value.clone(),
    }
}

fn has_parameter(operation: &Value, place: &str, name: &str) -> bool {
    let parameters = operation["parameters"].as_array().expect("parameters");
    parameters.iter().any(|parameter| parameter["in"] == place && parameter["name"] == name)
}

/// Visits every object of the document with its address.
fn each_object(value: &Value, address: &str, act: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            act(address, fields);
            for (name, field) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples" | "default" | "enum")) {
                each_object(field, &format!("{address}/{}", name.replace('/', "~1")), act);
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| each_object(item, &format!("{address}/{index}"), act)),
        _ => {}
    }
}

#[test]
fn the_published_document_is_what_the_code_generates() {
    let published = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).expect("openapi/openapi.json");
    let same = published == openapi::document().text;
    assert!(same, "openapi/openapi.json is not what the code generates; `cargo run -- openapi > openapi/openapi.json` writes it anew");
}

#[test]
fn operations_are_named_summarized_and_under_one_tag() {
    let document = document();
    let tags: BTreeSet<_> = document["tags"].as_array().expect("tags").iter().map(|tag| tag["name"].clone().to_string()).collect();
    let mut names = BTreeSet::new();
    for (id, operation) in operations(&document) {
        let verb: String = id.chars().take_while(char::is_ascii_lowercase).collect();
        assert!(VERBS.split_whitespace().any(|known| known == verb), "{id} begins with no verb");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{id} is not camelCase");
        assert!(names.insert(id.clone()), "{id} stands twice");
        for text in ["summary", "description"] {
            assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{id} has no {text}");
        }
        let own = operation["tags"].as_array().expect("tags");
        assert!(own.len() == 1 && tags.contains(&own[0].to_string()), "{id} is not under one declared tag");
    }
}

#[test]
fn only_what_is_public_needs_no_token() {
    for (id, operation) in operations(&document()) {
        let for_people = ["delete", "transition", "changePassword", "createClient", "updateClient", "issueClientSecret"];
        let wanted = match PUBLIC.contains(&id.as_str()) {
            true => json!([{}]),
            false if for_people.iter().any(|begin| id.starts_with(begin)) => json!([{"bearer": []}]),
            false => json!([{"bearer": []}, {"oauth": []}]),
        };
        assert_eq!(operation["security"], wanted, "{id}");
        assert!(operation["responses"].get("401").is_some(), "{id} has no 401");
    }
}

#[test]
fn lists_pages_and_exports_have_their_parameters() {
    let document = document();
    for (id, operation) in operations(&document) {
        let wanted: &[&str] = match &id {
            list if list.starts_with("list") => &["limit", "cursor", "sort", "with_total"],
            report if report.starts_with("export") && report.ends_with("Report") => &["format", "calendar", "bom", "period", "as_of"],
            export if export.starts_with("export") => &["format", "calendar", "bom", "sort"],
            _ => &[],
        };
        for name in wanted {
            assert!(has_parameter(&operation, "query", name), "{id} has no {name}");
        }
    }
}

#[test]
fn changes_name_the_version_that_was_read() {
    for (path, item) in document()["paths"].as_object().expect("paths") {
        for method in ["patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let text = operation.to_string();
            assert!(text.contains("#/components/parameters/IfMatch\""), "{method} {path}");
            assert!(operation["responses"].get("412").is_some() && operation["responses"].get("428").is_some(), "{method} {path}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let text = document.to_string();
    each_object(&document, "", &mut |_, fields| {
        if let Some(address) = fields.get("$ref") {
            followed(&document, &json!({"$ref": address}));
        }
    });
    for section in ["headers", "parameters", "responses", "schemas"] {
        for name in document["components"][section].as_object().expect("components").keys() {
            assert!(text.contains(&format!("\"#/components/{section}/{name}\"")), "{section}/{name} is used nowhere");
        }
    }
}

#[test]
fn values_are_bounded() {
    each_object(&document(), "", &mut |address, schema| {
        let is = |kind: &str| match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
            Some(one) => one == kind && !address.ends_with("/properties"),
            None => false,
        };
        let has = |key: &str| schema.contains_key(key);
        if is("string") {
            assert!(has("enum") || has("maxLength"), "{address} may be of any length");
            assert!(has("enum") || has("pattern") || has("format"), "{address} may be any text");
        }
        if is("integer") {
            let within = |key: &str| schema.get(key).and_then(Value::as_i64).is_some_and(|bound| bound.abs() <= 1 << 53);
            assert!(within("minimum") && within("maximum"), "{address} may be any number");
            let format = schema.get("format").and_then(Value::as_str);
            assert!(matches!(format, Some("int32" | "int64")), "{address} is not a signed integer");
        }
        if is("array") {
            assert!(has("maxItems"), "{address} may be of any length");
        }
        let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
        assert!(
            !["\\s", "\\w", "\\d", "\\S", "\\W", "\\D"].iter().any(|class| pattern.contains(class)),
            "{address}: engines disagree on {pattern}"
        );
    });
}

#[test]
fn objects_are_named_and_requests_closed() {
    let document = document();
    each_object(&document, "", &mut |address, schema| {
        let is_object = schema.get("type").is_some_and(|kind| kind == "object") && schema.contains_key("properties");
        let is_component = address.strip_prefix("/components/schemas/").is_some_and(|name| !name.contains('/'));
        assert!(!is_object || is_component, "{address} is an object without a name");
    });
    for (id, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_object() {
            assert_eq!(followed(&document, schema)["additionalProperties"], json!(false), "{id} takes anything");
        }
    }
}

#[test]
fn examples_are_of_their_schemas() {
    let document = document();
    let check = |address: &str, schema: &Value, example: &Value| {
        let faults: Vec<String> =
            validator(&document, schema).iter_errors(example).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{address}: {example}: {faults:#?}");
    };
    each_object(&document, "", &mut |address, fields| {
        let own = Value::Object(fields.clone());
        if let (Some(schema), Some(example)) = (fields.get("schema"), fields.get("example")) {
            check(address, schema, example);
        }
        for example in fields.get("examples").and_then(Value::as_array).into_iter().flatten() {
            check(address, &own, example);
        }
        for named in fields.get("examples").and_then(Value::as_object).into_iter().flat_map(Map::values) {
            check(address, &fields["schema"], &named["value"]);
        }
    });
}

#[test]
fn every_body_answer_parameter_and_header_has_an_example() {
    let document = document();
    each_object(&document, "", &mut |address, fields| {
        let is_value = fields.contains_key("schema") && !address.ends_with("/properties");
        assert!(
            !is_value || fields.contains_key("example") || fields.contains_key("examples"),
            "{address} has no example; tests/api/examples.rs records them"
        );
    });
}

#[test]
fn one_success_of_one_json_type_and_problems_for_the_rest() {
    let document = document();
    for (id, operation) in operations(&document) {
        let answers = operation["responses"].as_object().expect("answers");
        assert_eq!(answers.keys().filter(|status| status.starts_with('2')).count(), 1, "{id}");
        for (status, answer) in answers {
            let answer = followed(&document, answer);
            let headers = answer["headers"].as_object().expect("headers");
            assert!(headers.contains_key("X-Request-Id"), "{id} {status}");
            let types: Vec<&String> = answer["content"].as_object().into_iter().flat_map(Map::keys).collect();
            match status.as_bytes()[0] {
                // A picture, and the same as text for generators that know no pictures.
                b'2' if id.ends_with("Chart") => assert_eq!(types, ["image/svg+xml", "text/xml"], "{id}"),
                // Other formats of the file, none of which is JSON to a generator; see `beside_csv`.
                b'2' if types.iter().any(|name| *name == "text/csv") => {
                    assert!(types.len() == 2 && !types.iter().any(|name| name.contains("json")), "{id}: {types:?}");
                }
                b'2' => assert!(types.len() <= 1, "{id} {status}"),
                b'3' => assert!(types.is_empty(), "{id} {status}"),
                // RFC 6749 §5.2, or what did not come as far as that.
                _ if id == "issueToken" && status == "400" => assert_eq!(types, ["application/json", "application/problem+json"]),
                _ if id == "issueToken" && status == "401" => assert_eq!(types, ["application/json"]),
                _ => assert_eq!(types, ["application/problem+json"], "{id} {status}"),
            }
        }
    }
}
