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
    db::Roots,
    error::ApiError,
    events::Changes,
    fault::{Fault, FaultCode},
    http::{
        export::{Calendar, Exporting},
        fields::Refusal,
        patch::Patch,
    },
    imports::{Cells, Coded, Dataset, Draft, Given, Readable, Spoken, Step, StepOf, Wanted},
    persian,
    tx::{Stamp, Tx},
};

impl Spoken for Designation {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::None, "هیچ"), (Self::Model, "الگو"), (Self::Expansion, "توسعه")];
}

/// Degrees of latitude (`MOST` 90) or longitude (`MOST` 180).
struct Degrees<const MOST: i32>(f64);

impl<const MOST: i32> Readable for Degrees<MOST> {
    fn read(given: &Given, _: Calendar) -> Result<Self, Refusal> {
        let number = match given {
            Given::Number(number) => Some(*number),
            Given::Numeral(number) => number.as_f64(),
            Given::Integer(_) => given.shown().and_then(|text| text.parse().ok()),
            // The Persian decimal separator is unmistakable; a comma may be one of thousands.
            Given::Text(text) => persian::code(text).replace('٫', ".").parse().ok(),
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

impl Dataset for Neighborhoods {
    type Values = NeighborhoodPatch;
    type Known = HashMap<String, NeighborhoodRow>;
    type Memory = ();
    type New = NeighborhoodFields;
    type Change = (NeighborhoodRow, NeighborhoodFields, Changes);
    type Prepared = Vec<StepOf<Self>>;
    const TABLE: &'static str = "neighborhoods";
    const WANTED: Wanted = Wanted { columns: Self::COLUMNS, key: &["code"] };

    fn read(cells: &mut Cells) -> NeighborhoodPatch {
        NeighborhoodPatch {
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
            location: location(cells),
            designation: cells.or("designation", Coded(Designation::None)).map(|Coded(word)| word),
            designated_on: cells.optional("designated_on"),
            closed_on: Patch::Leave,
        }
    }

    fn key(values: &NeighborhoodPatch) -> Option<String> {
        values.code.as_ref().map(crate::http::fields::Code::key)
    }

    fn begin(_: &mut Tx<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<NeighborhoodPatch>], locking: bool) -> Result<Self::Known, ApiError> {
        let keys: std::collections::BTreeSet<String> = drafts.iter().filter_map(|draft| draft.key.clone()).collect();
        if locking {
            tx.lock_all(Roots::Neighborhoods(keys.clone()))?;
        }
        queries::by_keys(tx.conn, tx.province_id(), keys)
    }

    fn judge(_: &Stamp<'_>, mut values: NeighborhoodPatch, known: &Self::Known, (): &()) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let old = Self::key(&values).and_then(|key| known.get(&key));
        let Some(row) = old else { return Ok((Step::Create(values.onto(blank())), Vec::new())) };
        values.code = Patch::Leave;
        let fields = row.fields();
        // The same place may be written as 50 or 50.0.
        let moved = |point: &Option<Location>| point.as_ref().and_then(|point| geo::lon_lat(&point.0));
        if values.location.as_ref().is_some_and(|point| point.is_some() && moved(point) == fields.location.as_ref().and_then(geo::lon_lat))
        {
            values.location = Patch::Leave;
        }
        let new = values.onto(fields.clone());
        if new == fields {
            return Ok((Step::Unchanged, Vec::new()));
        }
        let changes = Changes::between(&fields, &new)?;
        Ok((Step::Update((row.clone(), new, changes)), Vec::new()))
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

/// A point needs both its columns.
fn location(cells: &mut Cells) -> Patch<Option<Location>> {
    let (latitude, longitude) = (cells.optional::<Degrees<90>>("latitude"), cells.optional::<Degrees<180>>("longitude"));
    let is_there = |cells: &Cells, name: &str| cells.given(name).is_some_and(|given| *given != Given::Empty);
    match (is_there(cells, "latitude"), is_there(cells, "longitude")) {
        (true, false) => cells.fault("longitude", (FaultCode::Required, Vec::new())),
        (false, true) => cells.fault("latitude", (FaultCode::Required, Vec::new())),
        (true, true) | (false, false) => {}
    }
    match (latitude, longitude) {
        (Patch::Set(Some(latitude)), Patch::Set(Some(longitude))) => {
            Patch::Set(Some(Location(json!({"type": "Point", "coordinates": [longitude.0, latitude.0]}))))
        }
        (Patch::Set(None), Patch::Set(None)) => Patch::Set(None),
        _ => Patch::Leave,
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
