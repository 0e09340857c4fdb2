//! What must hold of a mandate, and what no longer changes.

use chrono::NaiveDate;

use super::dto::MandateFields;
use crate::{
    fault::{Fault, FaultCode, Referent},
    neighborhoods::queries::NeighborhoodRow,
    policy::Role,
    users::queries::UserRow,
};

/// The fields that are fixed once a mandate has begun.
const FIXED: &[&str] = &["user_id", "neighborhood_id", "valid_from"];

/// Whether it has begun.
pub fn has_begun(valid_from: NaiveDate, today: NaiveDate) -> bool {
    valid_from <= today
}

/// Whether a field of a mandate with this first day no longer changes.
pub fn is_frozen(valid_from: NaiveDate, today: NaiveDate, field: &str) -> bool {
    has_begun(valid_from, today) && FIXED.contains(&field)
}

/// Whether it has no day at all.
pub fn is_empty(fields: &MandateFields) -> bool {
    fields.valid_to.is_some_and(|last| last < fields.valid_from)
}

/// The fault of a mandate that lasts less than a day.
pub fn dates_fault(fields: &MandateFields) -> Option<Fault> {
    is_empty(fields).then(|| Fault::at("/valid_to", FaultCode::DatesOutOfOrder))
}

/// The faults of a user who cannot be appointed.
pub fn user_faults(user: Option<&UserRow>) -> Vec<Fault> {
    let role = user.filter(|user| user.role != Role::NeighborhoodManager).map(|_| Fault::at("/user_id", FaultCode::NotAManager));
    let state = Fault::reference("/user_id", Referent::of(user.map(|user| user.active)));
    role.into_iter().chain(state).collect()
}

/// The fault of a place that cannot be given a manager.
pub fn place_fault(place: Option<&NeighborhoodRow>, today: NaiveDate) -> Option<Fault> {
    Fault::reference("/neighborhood_id", Referent::of(place.map(|place| !place.is_closed(today))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn who_where_and_since_when_are_fixed_from_the_first_day_on() {
        let frozen = |today: &str, field: &str| is_frozen(day("2026-11-22"), day(today), field);
        assert!(!frozen("2026-11-21", "user_id"));
        assert!(frozen("2026-11-22", "user_id"));
        assert!(frozen("2026-11-23", "valid_from"));
        assert!(!frozen("2026-11-23", "valid_to"));
        assert!(!frozen("2026-11-23", "order_no"));
    }

    #[test]
    fn a_mandate_may_last_one_day_but_no_less() {
        let id = crate::db::Id::NOBODY;
        let until = |last: Option<&str>| MandateFields {
            user_id: id,
            neighborhood_id: id,
            order_no: "1".into(),
            valid_from: day("2026-11-22"),
            valid_to: last.map(day),
        };
        assert_eq!(dates_fault(&until(None)), None);
        assert_eq!(dates_fault(&until(Some("2026-11-22"))), None);
        assert_eq!(dates_fault(&until(Some("2026-11-21"))).map(|fault| fault.code), Some(FaultCode::DatesOutOfOrder));
    }
}
