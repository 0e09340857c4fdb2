//! Whole numbers.

use serde::Serialize;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, SchemaFormat,
    schema::{SchemaType, Type},
};

use super::{Field, Refusal, inline_schema};
use crate::{fault::FaultCode, persian};

/// The greatest amount of money, in rials (CONTRACT §1).
pub const MAX_RIAL: i64 = 10_000_000_000_000;
/// The greatest count of persons or households.
pub const MAX_COUNT: i64 = 1_000_000_000;

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
        let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
        if unsigned.is_empty() || !unsigned.chars().all(|c| c.is_ascii_digit()) {
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
