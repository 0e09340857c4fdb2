//! How a row of a file becomes an agency.

use std::collections::HashMap;

use super::{
    dto::{AgencyFields, AgencyKind, AgencyPatch},
    queries::{self, Agencies, AgencyRow},
    write,
};
use crate::{
    db::Root,
    error::ApiError,
    events::Changes,
    fault::Fault,
    http::{export::Exporting, patch::Patch},
    imports::{Cells, Coded, Dataset, Draft, FileColumns, Spoken, Step, StepOf, YesNo},
    tx::{Stamp, Tx},
};

impl Spoken for AgencyKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Education, "آموزش"),
        (Self::Sport, "ورزش"),
        (Self::Health, "بهداشت"),
        (Self::Labour, "کار"),
        (Self::Welfare, "رفاه"),
        (Self::Municipality, "شهرداری"),
        (Self::Culture, "فرهنگ"),
        (Self::Charity, "خیریه"),
        (Self::University, "دانشگاه"),
        (Self::Other, "سایر"),
    ];
}

impl Dataset for Agencies {
    type Values = AgencyPatch;
    type Known = HashMap<String, AgencyRow>;
    type Memory = ();
    type New = AgencyFields;
    type Change = (AgencyRow, AgencyFields, Changes);
    type Prepared = Vec<StepOf<Self>>;
    const TABLE: &'static str = "agencies";
    const FILE_COLUMNS: FileColumns = FileColumns { all: Self::COLUMNS, key: &["code"] };
    const EXAMPLE: &'static [&'static str] =
        &["nemuneh", "ادارهٔ کل آموزش و پرورش", "Education Department", "آموزش", "025-37112233", "info@example.ir", "بله"];

    fn read(cells: &mut Cells) -> AgencyPatch {
        AgencyPatch {
            code: cells.required("code"),
            name: cells.required("name"),
            name_en: cells.optional("name_en"),
            kind: cells.required("kind").map(|Coded(kind)| kind),
            phone: cells.optional("phone"),
            email: cells.optional("email"),
            active: cells.or("active", YesNo(true)).map(|YesNo(flag)| flag),
        }
    }

    fn key(values: &AgencyPatch) -> Option<String> {
        values.code.as_ref().map(crate::http::fields::Code::key)
    }

    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<AgencyPatch>], locking: bool) -> Result<Self::Known, ApiError> {
        if locking {
            tx.lock(Root::Province)?;
        }
        queries::by_keys(tx.conn, tx.province_id(), drafts.iter().filter_map(|draft| draft.key.clone()).collect())
    }

    fn remove_known(known: &mut Self::Known, key: &str, _: &AgencyPatch) {
        known.remove(key);
    }

    fn judge(_: &Stamp<'_>, mut values: AgencyPatch, known: &Self::Known, (): &()) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let old = Self::key(&values).and_then(|key| known.get(&key));
        let Some(row) = old else { return Ok((Step::Create(values.onto(blank())), Vec::new())) };
        // The key is matched folded and never rewritten.
        values.code = Patch::Leave;
        let fields = row.fields();
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

/// What a new one has where the file says nothing.
const fn blank() -> AgencyFields {
    AgencyFields {
        code: String::new(),
        name: String::new(),
        name_en: None,
        kind: AgencyKind::Other,
        phone: None,
        email: None,
        active: true,
    }
}
