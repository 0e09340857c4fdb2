//! How a row of a file becomes a neighbourhood.

use std::collections::HashMap;

use serde_json::json;

use super::{
    dto::{Designation, NeighborhoodFields, NeighborhoodPatch},
    geo::{self, Location},
    queries::{self, NeighborhoodRow, Neighborhoods},
    write,
};
use crate::{
    db::{Held, Roots},
    error::ApiError,
    events::Changes,
    fault::{Fault, FaultCode},
    http::{
        export::{Calendar, Exporting},
        fields::Refusal,
        patch::Patch,
    },
    imports::{CellValue, Cells, Coded, Dataset, Draft, FileColumns, Readable, Spoken, Step, StepOf},
    persian,
    tx::{Stamp, Tx},
};

impl Spoken for Designation {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::None, "هیچ"), (Self::Model, "الگو"), (Self::Expansion, "توسعه")];
}

/// Degrees of latitude (`MOST` 90) or longitude (`MOST` 180).
struct Degrees<const MOST: i32>(f64);

impl<const MOST: i32> Readable for Degrees<MOST> {
    fn read(given: &CellValue, _: Calendar) -> Result<Self, Refusal> {
        let number = match given {
            CellValue::Number(number) => Some(*number),
            CellValue::Numeral(number) => number.as_f64(),
            CellValue::Integer(_) => given.shown().and_then(|text| text.parse().ok()),
            // The Persian decimal separator is unambiguous; a comma may separate thousands.
            CellValue::Text(text) => persian::code(text).replace('٫', ".").parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite()).ok_or_else(|| (FaultCode::WrongType, vec!["number".to_owned()]))?;
        if number.abs() <= f64::from(MOST) {
            // -0 and 0 are one place.
            Ok(Self(number + 0.0))
        } else {
            Err((FaultCode::OutOfRange, vec![format!("-{MOST}"), MOST.to_string()]))
        }
    }
}

/// What a row says. A point has two columns, each of which leaves, clears or gives its half.
pub struct NeighborhoodValues {
    patch: NeighborhoodPatch,
    latitude: Patch<Option<f64>>,
    longitude: Patch<Option<f64>>,
}

impl Dataset for Neighborhoods {
    type Values = NeighborhoodValues;
    type Known = HashMap<String, NeighborhoodRow>;
    type Memory = ();
    type New = NeighborhoodFields;
    type Change = (NeighborhoodRow, NeighborhoodFields, Changes);
    type Prepared = Vec<StepOf<Self>>;
    const TABLE: &'static str = "neighborhoods";
    const FILE_COLUMNS: FileColumns = FileColumns { all: Self::COLUMNS, key: &["code"] };
    const EXAMPLE: &'static [&'static str] = &[
        "nemuneh",
        "نیروگاه",
        "Niroogah",
        "قم",
        "قم",
        "منطقهٔ ۲",
        "42000",
        "12300",
        "2026-03-20",
        "توسعه",
        "2026-04-01",
        "34.6012",
        "50.8331",
    ];

    fn read(cells: &mut Cells) -> NeighborhoodValues {
        let (latitude, longitude) = halves(cells);
        let patch = NeighborhoodPatch {
            code: cells.required("code"),
            name: cells.required("name"),
            name_en: cells.optional("name_en"),
            county: cells.optional("county"),
            city: cells.required("city"),
            district: cells.optional("district"),
            population: cells.optional("population"),
            households: cells.optional("households"),
            profile_as_of: cells.optional("profile_as_of"),
            boundary: Patch::Leave,
            location: Patch::Leave,
            designation: cells.or("designation", Coded(Designation::None)).map(|Coded(word)| word),
            designated_on: cells.optional("designated_on"),
            closed_on: Patch::Leave,
        };
        NeighborhoodValues { patch, latitude, longitude }
    }

    fn key(values: &NeighborhoodValues) -> Option<String> {
        values.patch.code.as_ref().map(crate::http::fields::Code::key)
    }

    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<NeighborhoodValues>], locking: bool) -> Result<Self::Known, ApiError> {
        let keys: std::collections::BTreeSet<String> = drafts.iter().filter_map(|draft| draft.key.clone()).collect();
        let held = if locking { tx.lock_all(Roots::Neighborhoods(keys.clone()))? } else { Held::All };
        let known = queries::by_keys(tx.conn, tx.province_id(), keys)?;
        held.check(known.values().map(|row| row.id))?;
        Ok(known)
    }

    fn remove_known(known: &mut Self::Known, key: &str, _: &NeighborhoodValues) {
        known.remove(key);
    }

    fn judge(_: &Stamp<'_>, values: NeighborhoodValues, known: &Self::Known, (): &()) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let old = Self::key(&values).and_then(|key| known.get(&key)).map(|row| (row, row.fields()));
        let held = old.as_ref().and_then(|(_, fields)| fields.location.as_ref().and_then(geo::lon_lat));
        let NeighborhoodValues { mut patch, latitude, longitude } = values;
        let mut faults = Vec::new();
        match located(&latitude, &longitude, held) {
            Ok(location) => patch.location = location,
            Err(half) => faults.push(Fault::at(half, FaultCode::Required)),
        }
        let Some((row, fields)) = old else { return Ok((Step::Create(patch.onto(blank())), faults)) };
        patch.code = Patch::Leave;
        let new = patch.onto(fields.clone());
        if new == fields {
            return Ok((Step::Unchanged, faults));
        }
        let changes = Changes::between(&fields, &new)?;
        Ok((Step::Update((row.clone(), new, changes)), faults))
    }

    fn prepare(_: &Stamp<'_>, steps: Vec<StepOf<Self>>) -> Result<Self::Prepared, ApiError> {
        Ok(steps)
    }

    fn store(tx: &mut Tx<'_>, steps: Self::Prepared) -> Result<(), ApiError> {
        for step in steps {
            match step {
                Step::Create(fields) => drop(write::create(tx, fields)?),
                Step::Update((row, fields, changes)) => drop(write::change(tx, &row, fields, &changes)?),
                Step::Unchanged => {}
            }
        }
        Ok(())
    }
}

/// Both halves of a point; where one has a fault of its own, both count as absent, so that nothing more is said of the point.
fn halves(cells: &mut Cells) -> (Patch<Option<f64>>, Patch<Option<f64>>) {
    let latitude = cells.optional::<Degrees<90>>("latitude").map(|half| half.map(|Degrees(degrees)| degrees));
    let longitude = cells.optional::<Degrees<180>>("longitude").map(|half| half.map(|Degrees(degrees)| degrees));
    let is_broken = |name: &str, half: &Patch<Option<f64>>| {
        !matches!(half, Patch::Set(Some(_))) && cells.given(name).is_some_and(|given| *given != CellValue::Empty)
    };
    if is_broken("latitude", &latitude) || is_broken("longitude", &longitude) {
        (Patch::Leave, Patch::Leave)
    } else {
        (latitude, longitude)
    }
}

/// What the two halves make of the point that is held, as longitude and latitude: a half that is left stays, and clearing one clears both.
///
/// # Errors
/// The half that is missing beside one that is given.
fn located(
    latitude: &Patch<Option<f64>>,
    longitude: &Patch<Option<f64>>,
    held: Option<(f64, f64)>,
) -> Result<Patch<Option<Location>>, &'static str> {
    if matches!((latitude, longitude), (Patch::Leave, Patch::Leave)) {
        return Ok(Patch::Leave);
    }
    let half = |given: &Patch<Option<f64>>, held: Option<f64>| given.as_ref().map_or(held, |half| *half);
    let point = (half(longitude, held.map(|(longitude, _)| longitude)), half(latitude, held.map(|(_, latitude)| latitude)));
    match point {
        // The same place may be written as 50 or 50.0.
        (Some(longitude), Some(latitude)) if held == Some((longitude, latitude)) => Ok(Patch::Leave),
        (Some(longitude), Some(latitude)) => Ok(Patch::Set(Some(Location(json!({"type": "Point", "coordinates": [longitude, latitude]}))))),
        (None, Some(_)) if matches!(latitude, Patch::Set(_)) => Err("/longitude"),
        (Some(_), None) if matches!(longitude, Patch::Set(_)) => Err("/latitude"),
        _ => Ok(Patch::Set(None)),
    }
}

/// What a new one has where the file says nothing.
const fn blank() -> NeighborhoodFields {
    NeighborhoodFields {
        code: String::new(),
        name: String::new(),
        name_en: None,
        county: None,
        city: String::new(),
        district: None,
        population: None,
        households: None,
        profile_as_of: None,
        boundary: None,
        location: None,
        designation: Designation::None,
        designated_on: None,
        closed_on: None,
    }
}
