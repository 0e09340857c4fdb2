//! The types of single fields. Each carries its bounds once: for bodies, parameters, cells of a file and the document.

use chrono::NaiveDate;
use deserr::{IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, SchemaFormat,
    schema::{SchemaType, Type},
};

use super::shape::Faults;
use crate::{
    db::{Id, Timestamp},
    fault::FaultCode,
    persian,
};

/// Why a value is refused: a code and the arguments of its message.
pub type Refusal = (FaultCode, Vec<String>);

/// The greatest amount of money, in rials (CONTRACT §1).
pub const MAX_RIAL: i64 = 10_000_000_000_000;
/// The greatest count of persons or households.
pub const MAX_COUNT: i64 = 1_000_000_000;

/// A type of one field.
pub trait Field: Sized {
    /// Whether JSON writes it as a string; else it is a whole number.
    const TEXTUAL: bool = true;

    /// Reads it from text: a JSON string, a parameter, a cell.
    ///
    /// # Errors
    /// The one fault that the text has.
    fn from_text(text: &str) -> Result<Self, Refusal>;

    /// Reads it from a whole number.
    ///
    /// # Errors
    /// The one fault that the number has.
    fn from_number(_number: i64) -> Result<Self, Refusal> {
        Err((FaultCode::WrongType, vec!["string".into()]))
    }
}

/// A word of a closed list.
pub trait Word: Sized {
    /// The list.
    const WORDS: &'static [&'static str];
    /// The value of a word.
    fn of(word: &str) -> Option<Self>;
}

impl<T: Word> Field for T {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        T::of(text).ok_or_else(|| (FaultCode::NotOneOf, vec![T::WORDS.join(", ")]))
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
        Value::String(text) if T::TEXTUAL => T::from_text(&text),
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

/// The same of a number that JSON writes with a fraction or an exponent; a greater one is as great as any. None where it is not whole.
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

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// A code: kept as given, compared without case and with digits folded (CONTRACT §1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Code(pub String);

impl Field for Code {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let code = persian::code(text);
        if code.is_empty() {
            return Err((FaultCode::TooShort, vec!["1".into()]));
        }
        if code.chars().count() > 64 {
            return Err((FaultCode::TooLong, vec!["64".into()]));
        }
        let sound = code.starts_with(|first: char| first.is_ascii_alphanumeric())
            && code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if sound { Ok(Self(code)) } else { Err((FaultCode::InvalidFormat, vec!["A-Z a-z 0-9 . _ -".into()])) }
    }
}

impl Code {
    /// The key under which it is unique.
    pub fn key(&self) -> String {
        persian::code_key(&self.0)
    }
}

inline_schema!(Code, "Code", string().min_length(Some(1)).max_length(Some(64)).pattern(Some("^[A-Za-z0-9][A-Za-z0-9._-]*$")));

/// Cleans text and judges its characters and length, in characters.
fn text(given: &str, max: usize, many_lines: bool) -> Result<String, Refusal> {
    let given = if many_lines { given.replace("\r\n", "\n") } else { given.to_owned() };
    if given.chars().any(|c| c.is_control() && !(many_lines && matches!(c, '\n' | '\t'))) {
        return Err((FaultCode::InvalidText, vec![]));
    }
    let clean = persian::clean(&given);
    match clean.chars().count() {
        0 => Err((FaultCode::TooShort, vec!["1".into()])),
        length if length > max => Err((FaultCode::TooLong, vec![max.to_string()])),
        _ => Ok(clean),
    }
}

/// Text of one line, 1 to `MAX` characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Line<MAX> {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        text(given, MAX, false).map(Self)
    }
}

inline_schema!(
    #[generic(const MAX: usize)] Line<MAX>, format!("Line{MAX}"),
    string().min_length(Some(1)).max_length(Some(MAX)).pattern(Some("^[^\\x00-\\x1F\\x7F-\\x9F]+$"))
);

/// Text of several lines: LF and TAB are taken, CRLF becomes LF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Prose<MAX> {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        text(given, MAX, true).map(Self)
    }
}

inline_schema!(
    #[generic(const MAX: usize)] Prose<MAX>, format!("Prose{MAX}"),
    string().min_length(Some(1)).max_length(Some(MAX)).pattern(Some("^[^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F]+$"))
);

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

/// Rials.
pub type Rial = Whole<0, MAX_RIAL>;
/// Persons or households.
pub type Count = Whole<0, MAX_COUNT>;
/// The weight of an initiative or responsibility.
pub type Weight = Whole<1, 100>;

impl Default for Weight {
    /// What a thing weighs where nobody says (CONTRACT §3).
    fn default() -> Self {
        Self(10)
    }
}

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// As the database keeps small numbers.
    pub fn small(self) -> i32 {
        i32::try_from(self.0).unwrap_or(i32::MAX)
    }
}

impl<const MIN: i64, const MAX: i64> Field for Whole<MIN, MAX> {
    const TEXTUAL: bool = false;

    fn from_text(text: &str) -> Result<Self, Refusal> {
        let digits = persian::ascii_digits(text.trim());
        let shaped = !digits.is_empty() && digits.strip_prefix('-').unwrap_or(&digits).chars().all(|c| c.is_ascii_digit());
        if !shaped {
            return Err((FaultCode::WrongType, vec!["integer".into()]));
        }
        Self::from_number(digits.parse().unwrap_or(i64::MAX))
    }

    fn from_number(number: i64) -> Result<Self, Refusal> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err((FaultCode::OutOfRange, vec![MIN.to_string(), MAX.to_string()])) }
    }
}

inline_schema!(
    #[generic(const MIN: i64, const MAX: i64)] Whole<MIN, MAX>, format!("Whole{MIN}To{MAX}"),
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(MIN))
        .maximum(Some(MAX))
);

/// A date, `YYYY-MM-DD`, 1900 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

impl Field for Day {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        persian::parse_gregorian(text).map(Self).ok_or_else(|| (FaultCode::InvalidFormat, vec!["YYYY-MM-DD, 1900..2199".into()]))
    }
}

inline_schema!(
    Day,
    "Day",
    string()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .min_length(Some(10))
        .max_length(Some(10))
        .pattern(Some("^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))
);

/// An office's e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(pub String);

impl Field for Email {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        let clean = text(given, 254, false)?;
        if validator::ValidateEmail::validate_email(&clean) {
            Ok(Self(clean))
        } else {
            Err((FaultCode::InvalidFormat, vec!["name@host".into()]))
        }
    }
}

inline_schema!(
    Email,
    "Email",
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).min_length(Some(3)).max_length(Some(254))
);

/// An office's telephone number; digits are folded to ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Phone(pub String);

impl Field for Phone {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        let clean = persian::ascii_digits(&text(given, 32, false)?);
        let sound = clean.chars().count() >= 3 && clean.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | ' ' | '-'));
        if sound { Ok(Self(clean)) } else { Err((FaultCode::InvalidFormat, vec!["0-9 + ( ) -".into()])) }
    }
}

inline_schema!(Phone, "Phone", string().min_length(Some(3)).max_length(Some(32)).pattern(Some("^[0-9+() -]{3,32}$")));

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

impl Field for Timestamp {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        match chrono::DateTime::parse_from_rfc3339(text) {
            Ok(at) if (1900..2200).contains(&chrono::Datelike::year(&at)) => Ok(Self::new(at.to_utc())),
            _ => Err((FaultCode::InvalidFormat, vec!["RFC 3339".into()])),
        }
    }
}

inline_schema!(
    Timestamp,
    "Timestamp",
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).min_length(Some(20)).max_length(Some(40))
);
