//! Which of them a list holds.

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

/// A box on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Degrees.
    pub west: f64,
    /// Degrees.
    pub south: f64,
    /// Degrees.
    pub east: f64,
    /// Degrees.
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

/// Which neighbourhoods.
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
    /// `none`, `model`, `expansion`, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub designation: Option<AnyOf<Designation>>,
    /// Whether closed.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub closed: Option<Flag>,
    /// `minlon,minlat,maxlon,maxlat`, of the location.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub bbox: Option<BoundingBox>,
    /// Words, each a part of code, name or English name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
