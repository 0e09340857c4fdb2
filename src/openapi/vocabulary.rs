//! The words of parameters: the bounds of a filter, and an example, by the name.

use serde_json::{Value, json};

use crate::http::query::MAX_VALUE;

/// An id.
pub const ID: &str = "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80";
/// A cursor.
pub const CURSOR: &str = "eyJmIjo3NTM0MiwiayI6IkNjQSIsImkiOiIwMTkzYTFiMCJ9";

/// A UUID's schema.
pub fn uuid() -> Value {
    json!({"type": "string", "format": "uuid", "minLength": 36, "maxLength": 36, "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"})
}

/// Bounds a filter that says no more than that it is a string, and gives it an example.
pub fn bound(path: &str, parameter: &mut Value) {
    let Some(fields) = parameter.as_object_mut() else { return };
    let Some(name) = fields.get("name").and_then(Value::as_str).map(str::to_owned) else { return };
    let bare = fields
        .get("schema")
        .and_then(Value::as_object)
        .is_some_and(|schema| schema.len() == 1 && schema.get("type") == Some(&json!("string")));
    if bare {
        fields.insert("schema".into(), filter(&name));
    }
    let of_initiatives = (name == "status" && path.starts_with("/api/v1/initiatives")).then(|| json!("in_progress"));
    let example = of_initiatives.or_else(|| word(&name)).or_else(|| match fields.get("schema")?.get("type")?.as_str()? {
        "boolean" => Some(json!(true)),
        "integer" => fields.get("schema")?.get("minimum").cloned(),
        _ => None,
    });
    if let Some(example) = example {
        fields.entry("example").or_insert(example);
    }
}

fn text(most: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": "^[^\\x00-\\x1F\\x7F-\\x9F]+$"})
}

/// What the server takes for a filter of this name.
fn filter(name: &str) -> Value {
    let ends = |ends: &[&str]| ends.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|stem| stem.ends_with('_')));
    match name {
        "q" => text(200),
        "bbox" => {
            json!({"type": "string", "minLength": 7, "maxLength": 100, "pattern": "^-?[0-9]{1,3}([.][0-9]{1,15})?(,-?[0-9]{1,3}([.][0-9]{1,15})?){3}$"})
        }
        "period" => json!({"type": "string", "minLength": 4, "maxLength": 7, "pattern": "^[0-9]{4}(-(Q[1-4]|[0-9]{2}))?$"}),
        "updated_since" | "at_from" | "at_to" => json!({"type": "string", "format": "date-time", "minLength": 20, "maxLength": 40}),
        "status" | "health" | "part" | "role" | "designation" | "action" | "resource_type" | "state" | "outcome" | "kind" => {
            json!({"type": "string", "minLength": 1, "maxLength": MAX_VALUE, "pattern": "^[a-z_]+( *, *[a-z_]+)*$"})
        }
        _ if ends(&["id"]) => {
            json!({"type": "string", "minLength": 36, "maxLength": MAX_VALUE, "pattern": "^[0-9A-Fa-f-]{36}( *, *[0-9A-Fa-f-]{36}){0,199}$"})
        }
        // Of reports, which with `calendar=jalali` take Jalali days too.
        "from" | "to" | "as_of" => json!({
            "type": "string", "format": "date", "minLength": 10, "maxLength": 10,
            "pattern": "^(1[345]|19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        }),
        _ if ends(&["on", "from", "to", "as_of"]) => json!({
            "type": "string", "format": "date", "minLength": 10, "maxLength": 10,
            "pattern": "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        }),
        _ => text(MAX_VALUE),
    }
}

/// Examples, by names: JSON.
const WORDS: [(&[&str], &str); 25] = [
    (&["dataset"], r#""initiatives""#),
    (&["state"], r#""succeeded""#),
    (&["outcome"], r#""rejected""#),
    (&["code"], r#""sheikhabad""#),
    (&["county", "city"], r#""قم""#),
    (&["district"], r#""منطقه ۶""#),
    (&["as_of", "on"], r#""2026-11-22""#),
    (&["from", "due_from", "starts_from"], r#""2026-10-01""#),
    (&["to", "due_to", "starts_to"], r#""2026-12-31""#),
    (&["at_from", "updated_since"], r#""2026-11-22T08:30:00.000000Z""#),
    (&["at_to"], r#""2026-11-22T09:00:00.000000Z""#),
    (&["bbox"], r#""50.80,34.55,50.95,34.70""#),
    (&["q"], r#""شیخ آباد""#),
    (&["after"], "1042"),
    (&["role"], r#""neighborhood_manager""#),
    (&["domain"], r#""education""#),
    (&["kind"], r#""education""#),
    (&["designation"], r#""model""#),
    (&["status"], r#""accepted""#),
    (&["health"], r#""at_risk""#),
    (&["part"], r#""lead""#),
    (&["action"], r#""updated""#),
    (&["resource_type"], r#""initiative""#),
    (&["active"], "true"),
    (&["closed"], "false"),
];

/// An example for a parameter of this name; `None` where the type says enough.
fn word(name: &str) -> Option<Value> {
    if name.ends_with("_id") {
        return Some(json!(ID));
    }
    WORDS.iter().find(|(names, _)| names.contains(&name)).and_then(|(_, json)| serde_json::from_str(json).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_json_and_stands_once() {
        let mut names: Vec<&str> = WORDS.iter().flat_map(|(names, _)| names.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for (names, json) in WORDS {
            assert!(serde_json::from_str::<Value>(json).is_ok(), "{names:?}: {json}");
        }
    }
}
