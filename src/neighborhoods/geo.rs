//! GeoJSON (RFC 7946) in WGS84: a place's boundary and location.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use geojson::{Geometry, GeometryValue, Position};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, SchemaFormat,
        schema::{ArrayBuilder, ArrayItems, SchemaType, Type},
    },
};

use crate::{
    fault::FaultCode,
    http::{fields::inline_schema, shape::Faults},
};

/// The most positions of a boundary.
const MAX_POSITIONS: usize = 10_000;
/// The most areas of a boundary, and the most rings of an area.
const MAX_PARTS: usize = 100;

/// A GeoJSON Point (RFC 7946).
#[derive(ToSchema)]
#[schema(as = Point, example = json!({"type": "Point", "coordinates": [50.8764, 34.6401]}))]
#[expect(dead_code, reason = "the document's view of what is kept as JSON")]
pub struct PointSchema {
    #[schema(value_type = PointType)]
    r#type: PointType,
    /// Longitude, then latitude, in degrees.
    #[schema(min_items = 2, max_items = 2, minimum = -180, maximum = 180)]
    coordinates: Vec<f64>,
}

/// Always `Point`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's view")]
pub enum PointType {
    Point,
}

/// A GeoJSON Polygon (RFC 7946): closed rings of longitude and latitude, the outer one first.
#[derive(ToSchema)]
#[schema(as = Polygon, example = json!({"type": "Polygon", "coordinates": [[[50.87, 34.63], [50.89, 34.63], [50.89, 34.65], [50.87, 34.63]]]}))]
#[expect(dead_code, reason = "the document's view")]
pub struct PolygonSchema {
    r#type: PolygonType,
    coordinates: Rings,
}

/// Always `Polygon`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's view")]
pub enum PolygonType {
    Polygon,
}

/// A GeoJSON MultiPolygon (RFC 7946): several polygons, each as in a Polygon.
#[derive(ToSchema)]
#[schema(as = MultiPolygon, example = json!({"type": "MultiPolygon", "coordinates": [[[[50.87, 34.63], [50.89, 34.63], [50.89, 34.65], [50.87, 34.63]]]]}))]
#[expect(dead_code, reason = "the document's view")]
pub struct MultiPolygonSchema {
    r#type: MultiPolygonType,
    coordinates: Areas,
}

/// Always `MultiPolygon`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's view")]
pub enum MultiPolygonType {
    MultiPolygon,
}

/// The rings of a polygon.
pub struct Rings;

/// The polygons of a multipolygon.
pub struct Areas;

inline_schema!(Rings, "Rings", rings());
inline_schema!(Areas, "Areas", array(rings(), 1, MAX_PARTS));

fn array(items: impl Into<ArrayItems>, least: usize, most: usize) -> ArrayBuilder {
    ArrayBuilder::new().items(items).min_items(Some(least)).max_items(Some(most))
}

/// Rings of at least four positions, each of longitude and latitude.
fn rings() -> ArrayBuilder {
    let degrees = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Number))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .minimum(Some(-180))
        .maximum(Some(180));
    array(array(array(degrees, 2, 2), 4, MAX_POSITIONS), 1, MAX_PARTS)
}

/// The boundary of a neighbourhood.
#[derive(ToSchema)]
#[schema(as = Boundary)]
#[serde(untagged)]
#[expect(dead_code, reason = "the document's view")]
pub enum BoundarySchema {
    /// One area.
    Polygon(PolygonSchema),
    /// Several areas.
    MultiPolygon(MultiPolygonSchema),
}

/// A location, as a body gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Location(pub serde_json::Value);

/// A boundary, as a body gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary(pub serde_json::Value);

/// The longitude and latitude of a location that is kept.
pub fn lon_lat(location: &serde_json::Value) -> Option<(f64, f64)> {
    let coordinates = location.get("coordinates")?;
    Some((coordinates.get(0)?.as_f64()?, coordinates.get(1)?.as_f64()?))
}

/// A boundary with its outer rings counterclockwise and its holes clockwise, as RFC 7946 §3.1.6 demands of what is sent. Rings taken in
/// may run either way, and are kept and answered as they were given.
pub fn right_handed(mut boundary: serde_json::Value) -> serde_json::Value {
    let is_one = boundary.get("type").is_some_and(|kind| kind == "Polygon");
    let areas = boundary.get_mut("coordinates").map(std::slice::from_mut).unwrap_or_default();
    let areas =
        if is_one { areas } else { areas.first_mut().and_then(serde_json::Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default() };
    for rings in areas.iter_mut().filter_map(serde_json::Value::as_array_mut) {
        for (number, ring) in rings.iter_mut().filter_map(serde_json::Value::as_array_mut).enumerate() {
            let turned = if number == 0 { doubled_area(ring) < 0.0 } else { doubled_area(ring) > 0.0 };
            if turned {
                ring.reverse();
            }
        }
    }
    boundary
}

/// Twice the area within a ring, negative where it runs clockwise.
fn doubled_area(ring: &[serde_json::Value]) -> f64 {
    let degrees =
        |position: &serde_json::Value, number: usize| position.get(number).and_then(serde_json::Value::as_f64).unwrap_or_default();
    let sides = ring.iter().zip(ring.iter().skip(1));
    sides.map(|(from, to)| degrees(from, 0) * degrees(to, 1) - degrees(to, 0) * degrees(from, 1)).sum()
}

fn geometry<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<GeometryValue, Faults> {
    let wrong = |location, expected: &str| Faults::one(location, FaultCode::InvalidFormat, vec![expected.to_owned()]);
    let kind = value.kind();
    if kind == deserr::ValueKind::Null {
        return Err(Faults::one(location, FaultCode::Required, vec![]));
    }
    if kind != deserr::ValueKind::Map {
        return Err(Faults::one(location, FaultCode::WrongType, vec!["object".into()]));
    }
    let json = <serde_json::Value as Deserr<Faults>>::deserialize_from_value(value, location)?;
    let members = json.as_object().into_iter().flat_map(|members| members.keys());
    let others = members.filter(|name| !matches!(name.as_str(), "type" | "coordinates"));
    let unknown: Vec<_> = others.flat_map(|name| Faults::one(location.push_key(name), FaultCode::UnknownField, vec![]).0).collect();
    if !unknown.is_empty() {
        return Err(Faults(unknown));
    }
    serde_json::from_value::<Geometry>(json).map(|geometry| geometry.value).map_err(|_| wrong(location, "GeoJSON"))
}

fn on_earth(position: &Position) -> bool {
    match position.as_slice() {
        [lon, lat] => (-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat),
        _ => false,
    }
}

/// Makes -0 into 0: they are the same place, and `jsonb` keeps only 0.
fn without_minus_zero(position: &mut Position) {
    for degrees in position.as_slice_mut() {
        *degrees += 0.0;
    }
}

fn is_area(rings: &[Vec<Position>]) -> bool {
    !rings.is_empty() && rings.iter().all(|ring| ring.len() >= 4 && ring.first() == ring.last() && ring.iter().all(on_earth))
}

impl Deserr<Faults> for Location {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match geometry(value, location)? {
            GeometryValue::Point { mut coordinates } if on_earth(&coordinates) => {
                without_minus_zero(&mut coordinates);
                Ok(Self(json!({"type": "Point", "coordinates": coordinates.as_slice()})))
            }
            _ => Err(Faults::one(location, FaultCode::InvalidFormat, vec!["GeoJSON Point, WGS84 [longitude, latitude]".into()])),
        }
    }
}

impl Deserr<Faults> for Boundary {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let mut geometry = geometry(value, location)?;
        match &mut geometry {
            GeometryValue::Polygon { coordinates } => coordinates.iter_mut().flatten().for_each(without_minus_zero),
            GeometryValue::MultiPolygon { coordinates } => coordinates.iter_mut().flatten().flatten().for_each(without_minus_zero),
            _ => {}
        }
        let areas: Vec<&[Vec<Position>]> = match &geometry {
            GeometryValue::Polygon { coordinates } => vec![coordinates.as_slice()],
            GeometryValue::MultiPolygon { coordinates } => coordinates.iter().map(Vec::as_slice).collect(),
            _ => vec![],
        };
        let positions = areas.iter().flat_map(|area| area.iter()).map(Vec::len).sum::<usize>();
        let parts = areas.iter().map(|area| area.len()).max().unwrap_or_default().max(areas.len());
        if let Some((_, most)) = [(positions, MAX_POSITIONS), (parts, MAX_PARTS)].into_iter().find(|(count, most)| count > most) {
            return Err(Faults::one(location, FaultCode::TooLong, vec![most.to_string()]));
        }
        if areas.is_empty() || !areas.iter().all(|area| is_area(area)) {
            let expected = "GeoJSON Polygon or MultiPolygon, WGS84, rings closed";
            return Err(Faults::one(location, FaultCode::InvalidFormat, vec![expected.into()]));
        }
        let json = serde_json::to_value(Geometry::new(geometry));
        json.map(Self).map_err(|_| Faults::one(location, FaultCode::InvalidFormat, vec!["GeoJSON".into()]))
    }
}
