//! The query string: unknown names are refused, each name may stand once, and all faults are told at once.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, web};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use percent_encoding::percent_decode_str;
use serde_json::Map;

use super::{
    fields::{Field, Refusal, from_json},
    shape::{self, Faults},
};
use crate::{
    error::ApiError,
    fault::{Fault, FaultCode},
    persian,
};

/// The longest value of a parameter, in characters: 200 codes and their commas.
pub const MAX_VALUE: usize = 13_000;

/// Refuses every parameter, for an operation that has none.
///
/// # Errors
/// 400 `invalid_parameter` with `unknown_parameter` at each.
pub fn none(query: &str) -> Result<(), ApiError> {
    let (pairs, mut faults) = pairs(query);
    faults.extend(pairs.keys().map(|name| Fault::parameter(name, FaultCode::UnknownParameter)));
    if faults.is_empty() { Ok(()) } else { Err(ApiError::parameters(faults)) }
}

/// All parameters of a request.
///
/// # Errors
/// 400 `invalid_parameter` with all faults.
pub fn read<T: Deserr<Faults>>(request: &HttpRequest) -> Result<T, ApiError> {
    let (pairs, mut faults) = pairs(request.query_string());
    let read = shape::parameters::<T>(pairs).map_err(|more| faults.extend(more)).ok();
    read.filter(|_| faults.is_empty()).ok_or_else(|| ApiError::parameters(faults))
}

/// The pairs of a query string, and the faults of those that cannot be taken.
pub fn pairs(query: &str) -> (Map<String, serde_json::Value>, Vec<Fault>) {
    let list = if is_utf8(query) { web::Query::<Vec<(String, String)>>::from_query(query).ok() } else { None };
    let Some(web::Query(list)) = list else {
        return (Map::new(), vec![Fault::parameter("query", FaultCode::InvalidFormat).with("percent-encoded UTF-8")]);
    };
    let (mut pairs, mut faults) = (Map::new(), Vec::new());
    for (name, value) in list {
        if value.chars().any(char::is_control) {
            faults.push(Fault::parameter(&name, FaultCode::InvalidText));
        } else if value.chars().count() > MAX_VALUE {
            faults.push(Fault::parameter(&name, FaultCode::TooLong).with(MAX_VALUE));
        } else if pairs.insert(name.clone(), value.into()).is_some() {
            faults.push(Fault::parameter(&name, FaultCode::InvalidFormat).with("name=value, once"));
        }
    }
    (pairs, faults)
}

/// Whether what stands behind the percent signs is UTF-8; the decoder would put U+FFFD in its place in silence.
fn is_utf8(query: &str) -> bool {
    percent_decode_str(query).decode_utf8().is_ok()
}

/// Several values separated by commas, any of which will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyOf<T>(pub Vec<T>);

impl<T: Field> Field for AnyOf<T> {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let values = text.split(',').map(|part| T::from_text(part.trim())).collect::<Result<Vec<_>, _>>()?;
        if values.len() > 200 { Err((FaultCode::TooLong, vec!["200".into()])) } else { Ok(Self(values)) }
    }
}

/// A number in a query, where all is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<T>(pub T);

impl<T: Field> Field for Number<T> {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        T::from_text(text).map(Self)
    }
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Field for Flag {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        match text {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err((FaultCode::NotOneOf, vec!["true, false".into()])),
        }
    }
}

/// The most different words of a search.
const MAX_SEARCH_WORDS: usize = 16;

/// Words to search for, each folded and without blanks (DESIGN §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search(pub Vec<String>);

impl Field for Search {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let words: BTreeSet<String> =
            persian::folded(text).split_whitespace().map(persian::search_key).filter(|word| !word.is_empty()).collect();
        // Each word costs a search of its own.
        if words.len() > MAX_SEARCH_WORDS {
            return Err((FaultCode::TooLong, vec![format!("{MAX_SEARCH_WORDS} words")]));
        }
        let words: Vec<String> = words.into_iter().collect();
        if words.is_empty() {
            return Err((FaultCode::TooShort, vec!["1".into()]));
        }
        if text.chars().count() > 200 { Err((FaultCode::TooLong, vec!["200".into()])) } else { Ok(Self(words)) }
    }
}

/// A name that is compared folded: a city, a county, a district, a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded(pub String);

impl Field for Folded {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let key = persian::search_key(text);
        if key.is_empty() { Err((FaultCode::TooShort, vec!["1".into()])) } else { Ok(Self(key)) }
    }
}

/// A code that is compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeKey(pub String);

impl Field for CodeKey {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        super::fields::Code::from_text(text).map(|code| Self(code.key()))
    }
}

/// A word of a list that may grow; an unknown one is no fault, but matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub String);

impl Field for Name {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if sound { Ok(Self(text.to_owned())) } else { Err((FaultCode::InvalidFormat, vec!["a-z _".into()])) }
    }
}

impl<T: Field> Deserr<Faults> for AnyOf<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        from_json(value, location)
    }
}

impl<T: Field> Deserr<Faults> for Number<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        from_json(value, location)
    }
}

super::fields::field_from_json!(Flag, Search, Folded, CodeKey, Name);
