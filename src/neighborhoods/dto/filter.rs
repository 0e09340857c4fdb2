//! The filter of the list.

use deserr::Deserr;
use utoipa::IntoParams;

use super::Designation;
use crate::{
    db::Timestamp,
    fault::FaultCode,
    http::{
        fields::{Field, Refusal, field_from_json},
        query::{AnyOf, CodeKey, Flag, Folded, Search},
        shape::Faults,
    },
    persian,
};

/// A box on the map, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Its least longitude.
    pub west: f64,
    /// Its least latitude.
    pub south: f64,
    /// Its greatest longitude.
    pub east: f64,
    /// Its greatest latitude.
    pub north: f64,
}

impl Field for BoundingBox {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let digits = persian::ascii_digits(text);
        let parts: Option<Vec<f64>> =
            digits.split(',').map(|part| part.trim().parse::<f64>().ok().filter(|degrees| degrees.is_finite())).collect();
        match parts.as_deref() {
            Some(&[west, south, east, north])
                if west <= east && south <= north && west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0 =>
            {
                Ok(Self { west, south, east, north })
            }
            _ => Err((FaultCode::InvalidFormat, vec!["minlon,minlat,maxlon,maxlat".into()])),
        }
    }
}

field_from_json!(BoundingBox);

/// The filter of the list of neighbourhoods.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeighborhoodFilter {
    /// Codes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub code: Option<AnyOf<CodeKey>>,
    /// Cities, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub city: Option<AnyOf<Folded>>,
    /// Counties, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub county: Option<AnyOf<Folded>>,
    /// Districts, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub district: Option<AnyOf<Folded>>,
    /// Designations, separated by commas: `none`, `model`, `expansion`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub designation: Option<AnyOf<Designation>>,
    /// Only closed ones (`true`) or only open ones (`false`).
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub closed: Option<Flag>,
    /// Only those whose location lies in this box: `minlon,minlat,maxlon,maxlat`, in degrees.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub bbox: Option<BoundingBox>,
    /// Words, each of which must occur in the code, the name or the English name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
