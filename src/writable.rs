//! Which fields a caller may write, and which no longer change: judged on what really differs (DESIGN §4, decision 5).

use crate::{
    error::{ApiError, ProblemCode},
    events::Changes,
    fault::FaultCode,
};

/// Fields that a caller may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// All fields.
    All,
    /// These fields alone.
    Only(&'static [&'static str]),
    /// No field.
    None,
}

impl FieldSet {
    /// Refuses changes beyond these fields; an empty change is refused to nobody.
    ///
    /// # Errors
    /// 403 `forbidden` where the caller may write nothing here, else `forbidden_field` with a pointer for each.
    pub fn check(self, changes: &Changes) -> Result<(), ApiError> {
        match self {
            Self::All => Ok(()),
            Self::None if changes.is_empty() => Ok(()),
            Self::None => Err(ApiError::forbidden()),
            Self::Only(allowed) => {
                refuse(changes, |field| !allowed.contains(&field), ProblemCode::ForbiddenField, FaultCode::ForbiddenField)
            }
        }
    }
}

/// Refuses changes of fields that are fixed.
///
/// # Errors
/// 409 `frozen` with a pointer for each.
pub fn check_frozen(changes: &Changes, frozen: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    refuse(changes, frozen, ProblemCode::Frozen, FaultCode::Frozen)
}

fn refuse(changes: &Changes, bad: impl Fn(&str) -> bool, code: ProblemCode, fault: FaultCode) -> Result<(), ApiError> {
    let fields: Vec<&str> = changes.fields().filter(|field| bad(field)).collect();
    if fields.is_empty() { Ok(()) } else { Err(ApiError::on_fields(code, fault, &fields)) }
}
