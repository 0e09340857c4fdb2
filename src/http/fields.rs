//! The types of single fields. Each carries its bounds once: for bodies, parameters, cells of a file and the document.

mod number;
mod text;
mod time;

use deserr::{IntoValue, Value, ValuePointerRef};
use utoipa::openapi::{
    ObjectBuilder, SchemaFormat,
    schema::{SchemaType, Type},
};

pub use self::{
    number::{Count, Rial, Weight, Whole},
    text::{Code, Email, Line, Phone, Prose},
    time::{Day, NoDay},
};
use super::shape::Faults;
use crate::{
    db::{Id, TextEnum, Timestamp},
    fault::FaultCode,
};

/// Why a value is refused: a code and the arguments of its message.
pub type Refusal = (FaultCode, Vec<String>);

/// A type of one field.
pub trait Field: Sized {
    /// Whether JSON writes it as a string; else it is a whole number.
    const TEXTUAL: bool = true;

    /// Reads it from text: a JSON string, a parameter, a cell.
    ///
    /// # Errors
    /// The one fault that the text has.
    fn from_text(text: &str) -> Result<Self, Refusal>;

    /// The same, but where the form is wrong because of a control character, the fault is `invalid_text` (CONTRACT §1).
    ///
    /// # Errors
    /// The one fault that the text has.
    fn read_text(text: &str) -> Result<Self, Refusal> {
        Self::from_text(text).map_err(|refusal| match refusal.0 {
            FaultCode::InvalidFormat | FaultCode::NotOneOf if text.contains(char::is_control) => (FaultCode::InvalidText, vec![]),
            _ => refusal,
        })
    }

    /// Reads it from a whole number.
    ///
    /// # Errors
    /// The one fault that the number has.
    fn from_number(_number: i64) -> Result<Self, Refusal> {
        Err((FaultCode::WrongType, vec!["string".into()]))
    }
}

impl<T: TextEnum> Field for T {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        T::parse(text).ok_or_else(|| (FaultCode::NotOneOf, vec![T::WORDS.join(", ")]))
    }
}

/// Reads a field from a JSON value; the one place that maps JSON kinds to faults.
///
/// # Errors
/// The one fault that the value has.
pub fn from_json<T: Field, V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<T, Faults> {
    let wrong = || Err((FaultCode::WrongType, vec![if T::TEXTUAL { "string" } else { "integer" }.to_owned()]));
    let read = match value {
        Value::Null => Err((FaultCode::Required, vec![])),
        Value::String(text) if T::TEXTUAL => T::read_text(&text),
        Value::Integer(number) if !T::TEXTUAL => T::from_number(i64::try_from(number).unwrap_or(i64::MAX)),
        Value::NegativeInteger(number) if !T::TEXTUAL => T::from_number(number),
        // `1.0` and `1e2` are integers to JSON Schema, and so to the document.
        Value::Float(number) if !T::TEXTUAL => whole_of_json(number).map_or_else(wrong, T::from_number),
        _ => wrong(),
    };
    read.map_err(|(code, args)| Faults::one(location, code, args))
}

/// A number without a fraction, where it is exact: below 2^53.
pub fn whole(number: f64) -> Option<i64> {
    let exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    exact.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// The same for a number that JSON writes with a fraction or an exponent, but one beyond 2^53 becomes the greatest or the least there
/// is. None where it is not whole.
pub fn whole_of_json(number: f64) -> Option<i64> {
    let beyond = if number < 0.0 { i64::MIN } else { i64::MAX };
    (number.fract() == 0.0).then(|| whole(number).unwrap_or(beyond))
}

/// Lets deserr read a [`Field`].
macro_rules! field_from_json {
    ($($(#[generic($($generic:tt)*)])? $type:ty),+ $(,)?) => {$(
        impl $(<$($generic)*>)? deserr::Deserr<$crate::http::shape::Faults> for $type {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, $crate::http::shape::Faults> {
                $crate::http::fields::from_json(value, location)
            }
        }
    )+};
}
pub(crate) use field_from_json;
field_from_json!(
    Code,
    #[generic(const MAX: usize)] Line<MAX>,
    #[generic(const MAX: usize)] Prose<MAX>,
    #[generic(const MIN: i64, const MAX: i64)] Whole<MIN, MAX>,
    Day,
    NoDay,
    Email,
    Phone,
    Id,
    Timestamp,
);

/// A schema that is written where it is used; `openapi::schemas` folds these in.
macro_rules! inline_schema {
    ($(#[generic($($generic:tt)*)])? $type:ty, $name:expr, $build:expr) => {
        impl $(<$($generic)*>)? utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $build.into()
            }
        }
        impl $(<$($generic)*>)? utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}

pub(crate) use inline_schema;

/// The schema of a string, to be narrowed.
pub fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

impl Field for Id {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).ok_or_else(|| (FaultCode::InvalidFormat, vec!["UUID".into()]))
    }
}

inline_schema!(
    Id,
    "Id",
    string()
        .format(Some(SchemaFormat::Custom("uuid".into())))
        .min_length(Some(36))
        .max_length(Some(36))
        .pattern(Some("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"))
);
