//! What differs between two states of a thing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::ApiError;

/// Change of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = EventChange)]
pub struct Change {
    /// Name of the field.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z_]+$", examples("due_on"))]
    pub field: String,
    /// Value before the event; null where there was none.
    #[schema(value_type = Option<Value>)]
    pub before: Value,
    /// Value after the event; null where there is none.
    #[schema(value_type = Option<Value>)]
    pub after: Value,
}

/// What differs between two states of a thing: the one comparison that PATCH, events, imports and the check
/// of frozen fields share (DESIGN §4, decision 5).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// From `old` to `new`.
    ///
    /// # Errors
    /// `internal` where they are not JSON objects, which no fields of ours are.
    pub fn between(old: &impl Serialize, new: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(fields(old)?, fields(new)?))
    }

    /// From nothing to `new`, without what is null.
    ///
    /// # Errors
    /// As [`Self::between`].
    pub fn created(new: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(Map::new(), fields(new)?))
    }

    /// From `old` to nothing, without what was null.
    ///
    /// # Errors
    /// As [`Self::between`].
    pub fn deleted(old: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(fields(old)?, Map::new()))
    }

    /// One field's change.
    pub fn one(field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        Self(vec![Change { field: field.to_owned(), before: before.into(), after: after.into() }])
    }

    /// These but of one field.
    #[must_use]
    pub fn without(&self, field: &str) -> Self {
        Self(self.0.iter().filter(|change| change.field != field).cloned().collect())
    }

    /// One change more.
    pub fn push(&mut self, field: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.0.push(Change { field: field.to_owned(), before: before.into(), after: after.into() });
    }

    fn of(mut old: Map<String, Value>, new: Map<String, Value>) -> Self {
        let mut changes = Vec::new();
        for (field, after) in new {
            let before = old.remove(&field).unwrap_or_default();
            if before != after {
                changes.push(Change { field, before, after });
            }
        }
        let removed = old.into_iter().filter(|(_, before)| !before.is_null());
        changes.extend(removed.map(|(field, before)| Change { field, before, after: Value::Null }));
        changes.sort_by(|one, other| one.field.cmp(&other.field));
        Self(changes)
    }

    /// As canonical JSON (RFC 8785). Texts and whole numbers, which nearly all values are, serde writes in the canonical form;
    /// the rest goes through the canonicalizer.
    ///
    /// # Errors
    /// `internal` where a value is not JSON, which none of ours is.
    pub fn canonical(&self) -> Result<String, ApiError> {
        fn put(out: &mut String, value: &Value) -> serde_json::Result<()> {
            match value {
                Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&serde_json::to_string(value)?),
                Value::Number(number) if number.as_i64().is_some_and(|whole| whole.unsigned_abs() < 1 << 53) => {
                    out.push_str(&number.to_string());
                }
                _ => out.push_str(&serde_json_canonicalizer::to_string(value)?),
            }
            Ok(())
        }
        let mut out = String::with_capacity(64 * (1 + self.0.len()));
        out.push('[');
        for (number, change) in self.0.iter().enumerate() {
            out.push_str(if number == 0 { "{\"after\":" } else { ",{\"after\":" });
            put(&mut out, &change.after).map_err(ApiError::internal)?;
            out.push_str(",\"before\":");
            put(&mut out, &change.before).map_err(ApiError::internal)?;
            out.push_str(",\"field\":");
            out.push_str(&serde_json::to_string(&change.field).map_err(ApiError::internal)?);
            out.push('}');
        }
        out.push(']');
        Ok(out)
    }

    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the fields that differ.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|change| change.field.as_str())
    }
}

fn fields(value: &impl Serialize) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(value).map_err(ApiError::internal)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(ApiError::internal("a thing without fields")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_written_canonically() {
        let new = json!({"z": "\u{1}\n\"é‌ک\u{2028}", "a": -5, "f": 0.1, "g": {"b": [1.0, 1e30], "a": null}, "big": u64::MAX});
        let changes = Changes::created(&new).expect("an object");
        let expected = serde_json_canonicalizer::to_string(&changes).expect("JSON");
        assert_eq!(changes.canonical().expect("JSON"), expected);
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let old = json!({"a": 1, "b": null, "c": "x"});
        let new = json!({"a": 1, "b": 2, "c": null});
        let changes = Changes::between(&old, &new).expect("objects");
        assert_eq!(changes.fields().collect::<Vec<_>>(), ["b", "c"]);
        assert!(Changes::between(&old, &old).expect("objects").is_empty());
        assert_eq!(Changes::created(&old).expect("an object").fields().collect::<Vec<_>>(), ["a", "c"]);
    }
}
