//! Successes: what they are, their headers, their examples, and where one goes from there.

use serde_json::{Value, json};

use super::{Object, examples, lists, operation::Operation, recorded};
use crate::{http::export::Format, imports};

/// Finishes the success of an operation, and adds 304 where the read is conditional.
pub fn finish(operation: &Operation, raw: &mut Object, schemas: &Object, all: &[Operation]) {
    let has_map = lists::has_map(&operation.path);
    let Some(answers) = raw.get_mut("responses").and_then(Value::as_object_mut) else { return };
    if let Some(Value::Object(success)) = answers.get_mut(&operation.status) {
        success.insert("description".into(), description(operation).into());
        success.insert("headers".into(), headers(operation));
        if matches!(operation.status.as_str(), "201" | "202") {
            success.insert("links".into(), links(operation, all));
        }
        let content = success.get_mut("content").and_then(Value::as_object_mut);
        if let Some(content) = content {
            if operation.is_chart() {
                // Some generators know no pictures and would leave the answer out; the same bytes are there as XML.
                content.insert("text/xml".into(), Value::Null);
            } else if content.contains_key("text/csv") {
                content.insert(beside_csv(operation).into(), json!({}));
            }
        }
        for (media_type, media) in success.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            if media_type == "text/csv" {
                *media = file(operation);
            } else if operation.is_chart() {
                *media = picture(media_type);
            } else if media_type == beside_csv(operation) {
                *media = other_file(operation, media_type, has_map);
            } else {
                if let (Some(answer), Some(media)) = (recorded::answer(&operation.id), media.as_object_mut()) {
                    media.insert("example".into(), answer.clone());
                }
                examples::put(media, schemas);
            }
        }
    }
    if operation.is_conditional() {
        let name = if operation.in_api() { "NotModified" } else { "NotModifiedBeside" };
        answers.insert("304".into(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
}

fn description(operation: &Operation) -> &'static str {
    match (operation.verb(), operation.status.as_str()) {
        ("list", _) => "A page.",
        ("export", _) => "The file.",
        _ if operation.is_chart() => "The picture.",
        ("update" | "transition", _) => "The thing as it is now.",
        (_, "201") => "Made; the thing as it is now.",
        (_, "202") => "Taken; `Location` says where it goes on.",
        ("delete", _) => "Removed.",
        (_, "204") => "Done.",
        _ => "What was asked for.",
    }
}

/// The headers of a success. Those of the rate limit are there where one is configured.
fn headers(operation: &Operation) -> Value {
    let mut names = vec!["Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy", "X-Content-Type-Options", "X-Request-Id"];
    if operation.in_api() {
        names.extend(["Cache-Control", "Content-Language"]);
    }
    if operation.gives_item() || operation.is_conditional() {
        names.push("ETag");
    }
    if operation.is_conditional() && !operation.in_api() {
        names.push("Cache-Control");
    }
    if operation.is_list() || operation.path == "/api/v1/reports/late" {
        names.push("Link");
    }
    if matches!(operation.status.as_str(), "201" | "202") {
        names.push("Location");
    }
    if operation.status == "202" {
        names.push("Preference-Applied");
    }
    if operation.is_idempotent() {
        names.push("Idempotent-Replayed");
    }
    if operation.id == "issueToken" {
        names.push("Pragma");
    }
    if operation.is_export() || operation.path.ends_with("/template") {
        names.push("Content-Disposition");
    }
    named(names).into()
}

/// Shared headers, by name.
pub fn named(names: impl IntoIterator<Item = &'static str>) -> Object {
    names.into_iter().map(|name| (name.to_owned(), header(name))).collect()
}

/// A shared header.
pub fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// Links from a new thing to the operations on it.
fn links(operation: &Operation, all: &[Operation]) -> Value {
    let item = match operation.path.split_once("/{id}/") {
        Some((list, _)) => format!("{list}/{{id}}"),
        None => format!("{}/{{id}}", operation.path),
    };
    let is_below = |other: &Operation| other.path.strip_prefix(&item).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let on_item = all.iter().filter(|other| is_below(other));
    let link = |other: &Operation| {
        let mut parameters = json!({"id": "$response.body#/id"});
        if let (true, Some(fields)) = (other.is_change(), parameters.as_object_mut()) {
            fields.insert("header.If-Match".into(), "$response.header.ETag".into());
        }
        (other.id.clone(), json!({"operationId": other.id, "parameters": parameters}))
    };
    on_item.map(link).collect::<Object>().into()
}

/// A chart; as SVG bytes to generated clients, as XML a text.
fn picture(media_type: &str) -> Value {
    let mut schema = json!({"type": "string", "maxLength": 2_147_483_647, "pattern": "^[^\\x00]*$", "description": "SVG 1.1."});
    if let (false, Some(schema)) = (media_type.starts_with("text/"), schema.as_object_mut()) {
        schema.insert("format".into(), "binary".into());
    }
    json!({"schema": schema, "example": "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 400\"/>"})
}

/// The media types of the other formats. Where there are several, one range stands for them: generated clients that find a type
/// with JSON in its name ask for that alone in Accept, whatever the format.
fn beside_csv(operation: &Operation) -> &'static str {
    let alone = operation.is_report() || operation.path.ends_with("/template");
    if alone { Format::Xlsx.media_type() } else { "application/*" }
}

/// A file in another format; the example is how a ZIP begins, or a line of NDJSON. A client that reads GeoJSON as JSON gets an
/// object, so where GeoJSON is among the formats the schema has no type. As `binary` generated clients leave the bytes as they are.
fn other_file(operation: &Operation, media_type: &str, has_map: bool) -> Value {
    let spreadsheet = json!("PK\u{3}\u{4}");
    let example = if media_type == Format::Xlsx.media_type() { Some(&spreadsheet) } else { recorded::ndjson(&operation.id) };
    let mut schema = json!({
        "type": "string",
        "format": "binary",
        "maxLength": 2_147_483_647,
        "description": "The bytes of the file, in the format asked for.",
    });
    if let (true, Some(schema)) = (has_map, schema.as_object_mut()) {
        schema.remove("type");
    }
    json!({"schema": schema, "example": example})
}

/// The file of an export as CSV. Its schema is a string in every format, since generated clients keep one type.
fn file(operation: &Operation) -> Value {
    let schema = json!({
        "type": "string",
        "maxLength": 2_147_483_647,
        "pattern": "^[^\\x00]*$",
        "description": "CSV (RFC 4180); other formats have media types of their own.",
    });
    let template = || operation.path.ends_with("/template").then(imports::template_example).flatten().map(Value::from);
    match recorded::answer(&operation.id).cloned().or_else(template) {
        Some(example) => json!({"schema": schema, "example": example}),
        None => json!({"schema": schema}),
    }
}
