//! The first stage of validation: the shape of a body or a query, all faults at once, before any transaction
//! (DESIGN §4, decision 6).

use std::{collections::BTreeSet, fmt, ops::ControlFlow};

use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{
    error::ApiError,
    fault::{Fault, FaultCode, Location},
};

/// The deepest nesting of a JSON body.
const MAX_DEPTH: usize = 32;
/// The longest array of a JSON body.
const MAX_ITEMS: usize = 20_000;

/// The most faults that an answer tells.
pub const MAX_FAULTS: usize = 1_000;

/// The faults found so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// One fault at a place of the value.
    pub fn one(location: ValuePointerRef<'_>, code: FaultCode, args: Vec<String>) -> Self {
        Self(vec![Fault { at: Location::Pointer(pointer(location)), code, args }])
    }
}

/// The place as a JSON pointer (RFC 6901).
pub fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => format!("{}/{}", pointer(*prev), key.replace('~', "~0").replace('/', "~1")),
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

impl MergeWithError<Self> for Faults {
    fn merge(earlier: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut all = earlier.unwrap_or(Self(Vec::new()));
        all.0.extend(other.0);
        // Who sends a hundred thousand faults gets no answer of ten megabytes.
        if all.0.len() >= MAX_FAULTS { ControlFlow::Break(all) } else { ControlFlow::Continue(all) }
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(earlier: Option<Self>, error: ErrorKind<'_, V>, location: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let new = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => wrong_kind(actual.kind(), accepted, location),
            ErrorKind::MissingField { field } => Self::one(location.push_key(field), FaultCode::Required, vec![]),
            ErrorKind::UnknownKey { key, .. } => Self::one(location.push_key(key), FaultCode::UnknownField, vec![]),
            ErrorKind::UnknownValue { accepted, .. } => Self::one(location, FaultCode::NotOneOf, vec![accepted.join(", ")]),
            ErrorKind::BadSequenceLen { expected, .. } => Self::one(location, FaultCode::TooLong, vec![expected.to_string()]),
            ErrorKind::Unexpected { msg } => Self::one(location, FaultCode::InvalidFormat, vec![msg]),
        };
        Self::merge(earlier, new, location)
    }
}

fn wrong_kind(actual: ValueKind, accepted: &[ValueKind], location: ValuePointerRef<'_>) -> Faults {
    if actual == ValueKind::Null {
        return Faults::one(location, FaultCode::Required, vec![]);
    }
    let names: BTreeSet<_> = accepted.iter().copied().map(json_name).collect();
    Faults::one(location, FaultCode::WrongType, vec![names.into_iter().collect::<Vec<_>>().join(" / ")])
}

const fn json_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "integer",
        ValueKind::Float => "number",
        ValueKind::String => "string",
        ValueKind::Sequence => "array",
        ValueKind::Map => "object",
    }
}

/// Reads a value into a request type.
///
/// # Errors
/// 422 `validation_failed` with all faults.
pub fn body<T: Deserr<Faults>>(value: Value) -> Result<T, ApiError> {
    deserr::deserialize::<T, Value, Faults>(value).map_err(|faults| ApiError::invalid(faults.0))
}

/// Reads query parameters, of which each name stands once, into a request type.
///
/// # Errors
/// The faults, as parameters.
pub fn parameters<T: Deserr<Faults>>(pairs: Map<String, Value>) -> Result<T, Vec<Fault>> {
    deserr::deserialize::<T, Value, Faults>(Value::Object(pairs)).map_err(|faults| faults.0.into_iter().map(as_parameter).collect())
}

/// The same fault, of a parameter.
fn as_parameter(fault: Fault) -> Fault {
    let name = fault.location().trim_start_matches('/').to_owned();
    let code = if fault.code == FaultCode::UnknownField { FaultCode::UnknownParameter } else { fault.code };
    Fault { at: Location::Parameter(name), code, args: fault.args }
}

/// Parses JSON and refuses what serde lets pass in silence: a key that stands twice, deep nesting, endless arrays.
///
/// # Errors
/// 400 `malformed_json`.
pub fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let malformed = |error: serde_json::Error| ApiError::malformed(&format!("JSON ({}:{})", error.line(), error.column()), error);
    let value = Strict { depth: 0 }.deserialize(&mut source).map_err(malformed)?;
    source.end().map_err(malformed)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH { Err(E::custom("nested too deep")) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = source.next_element_seed(inner)? {
            if items.len() >= MAX_ITEMS {
                return Err(de::Error::custom("array too long"));
            }
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut fields = Map::new();
        while let Some(key) = source.next_key::<String>()? {
            let value = source.next_value_seed(inner)?;
            if fields.insert(key, value).is_some() {
                return Err(de::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ProblemCode;

    #[test]
    fn json_that_says_a_thing_twice_is_malformed() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"b":1}}"#, "{", "", r#""\ud800""#, "[1] 2", "1e999", &"[".repeat(40)] {
            assert_eq!(parse(text.as_bytes()).map_err(|error| error.code), Err(ProblemCode::MalformedJson), "{text}");
        }
        assert_eq!(
            parse(br#"{"a":[1,-2,0.5,null,true,"x"]}"#).map(|value| value.to_string()),
            Ok(r#"{"a":[1,-2,0.5,null,true,"x"]}"#.to_owned())
        );
    }
}
