//! What must hold of a service account, whatever the request was.

use super::dto::ClientFields;
use crate::{
    fault::{Fault, FaultCode},
    policy::Role,
};

/// The role `agency` needs an agency, the role `neighborhood_manager` neighbourhoods; no other role has either.
pub fn reach_faults(fields: &ClientFields) -> Vec<Fault> {
    let places = match (fields.role == Role::NeighborhoodManager, fields.neighborhood_ids.is_empty()) {
        (true, true) => Some(FaultCode::Required),
        (false, false) => Some(FaultCode::NeighborhoodsNotAllowed),
        _ => None,
    };
    fields.grant().agency_fault().into_iter().chain(places.map(|code| Fault::at("/neighborhood_ids", code))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Id;

    #[test]
    fn reach_goes_with_the_role() {
        for role in Role::ALL.iter().copied() {
            for (agency, places) in [(false, false), (true, false), (false, true), (true, true)] {
                let fields = ClientFields {
                    name: "a".into(),
                    role,
                    agency_id: agency.then_some(Id::NOBODY),
                    neighborhood_ids: places.then_some(Id::NOBODY).into_iter().collect(),
                    valid_to: None,
                    active: true,
                };
                let sound = agency == (role == Role::Agency) && places == (role == Role::NeighborhoodManager);
                assert_eq!(reach_faults(&fields).is_empty(), sound, "{fields:?}");
            }
        }
    }
}
