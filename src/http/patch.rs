//! Fields of a merge patch, which have three states (RFC 7396; CONTRACT §1, "PATCH").

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};

use super::shape::Faults;

/// A field of a PATCH: left as it is where absent. `Patch<Option<T>>` can also be cleared, by null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Absent from the body.
    #[default]
    Leave,
    /// Given.
    Set(T),
}

impl<T> Patch<T> {
    /// The given value, made into another.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Leave => Patch::Leave,
            Self::Set(value) => Patch::Set(make(value)),
        }
    }

    /// The given value, where there is one.
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Leave => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Puts the given value, made into the target's type, in the target's place.
    pub fn apply<U>(self, target: &mut U, make: impl FnOnce(T) -> U) {
        if let Self::Set(value) = self {
            *target = make(value);
        }
    }
}

impl<T: Deserr<Faults>> Deserr<Faults> for Patch<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        T::deserialize_from_value(value, location).map(Self::Set)
    }
}
