//! How a row of a file becomes a responsibility: one that is proposed to its agency.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    dto::{Part, ResponsibilityFields, ResponsibilityPatch},
    judge::{References, judge_change, judge_new},
    queries::{self, Responsibilities, ResponsibilityRow},
    write,
};
use crate::{
    agencies::{self, queries::AgencyRow},
    db::{Held, Id, Roots},
    error::ApiError,
    events::{self, Changes, EventAction, NewEvent},
    fault::{Fault, FaultCode, Referent},
    http::{
        export::Exporting,
        fields::{Code, Weight},
        patch::Patch,
    },
    imports::{Cells, Coded, Dataset, Draft, FileColumns, Spoken, Step, StepOf},
    initiatives::{self, queries::InitiativeRow},
    tx::{Stamp, Tx},
};

impl Spoken for Part {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Lead, "مسئول"), (Self::Support, "همکار")];
}

/// A row's values; what it refers to by codes.
pub struct ResponsibilityValues {
    patch: ResponsibilityPatch,
    initiative: Patch<Code>,
    agency: Patch<Code>,
}

/// What a batch refers to, by the keys of codes.
pub struct Known {
    roots: HashMap<String, InitiativeRow>,
    rows: HashMap<(Id, String), ResponsibilityRow>,
    agencies: HashMap<String, AgencyRow>,
}

/// A change of a responsibility, under its initiative.
pub struct Change {
    root: InitiativeRow,
    row: ResponsibilityRow,
    fields: ResponsibilityFields,
    changes: Changes,
}

/// A batch that only has to be stored.
#[derive(Default)]
pub struct Prepared {
    rows: Vec<ResponsibilityRow>,
    events: Vec<NewEvent>,
    changed: Vec<ResponsibilityRow>,
    /// The initiatives in which other agencies may take part afterwards, each with its lead.
    leads: BTreeMap<Id, Option<Id>>,
}

impl Dataset for Responsibilities {
    type Values = ResponsibilityValues;
    type Known = Known;
    type Memory = ();
    /// None where there is no such initiative; the row is then rejected.
    type New = Option<(InitiativeRow, ResponsibilityFields)>;
    type Change = Change;
    type Prepared = Prepared;
    const TABLE: &'static str = "responsibilities";
    const FILE_COLUMNS: FileColumns = FileColumns { all: Self::COLUMNS, key: &["initiative_code", "code"] };
    const EXAMPLE: &'static [&'static str] =
        &["NEMUNEH-01", "R1", "nemuneh", "مسئول", "برگزاری کلاس‌ها", "۴۸ جلسه کلاس", "فهرست حضور ماهانه", "40", "2027-05-15"];

    fn read(cells: &mut Cells) -> ResponsibilityValues {
        let initiative = cells.required("initiative_code");
        let patch = ResponsibilityPatch {
            code: cells.required("code"),
            initiative_id: Patch::Leave,
            agency_id: Patch::Leave,
            part: cells.required("part").map(|Coded(part)| part),
            title: cells.required("title"),
            deliverable: cells.optional("deliverable"),
            acceptance_criterion: cells.optional("acceptance_criterion"),
            weight: cells.or("weight", Weight::default()),
            due_on: cells.required("due_on"),
        };
        ResponsibilityValues { patch, initiative, agency: cells.required("agency_code") }
    }

    fn key(values: &ResponsibilityValues) -> Option<String> {
        Some(format!("{}/{}", values.initiative.as_ref()?.key(), values.patch.code.as_ref()?.key()))
    }

    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<ResponsibilityValues>], locking: bool) -> Result<Known, ApiError> {
        let roots: BTreeSet<String> = drafts.iter().filter_map(|draft| draft.values.initiative.as_ref().map(Code::key)).collect();
        let keys = drafts.iter().filter_map(|draft| draft.values.patch.code.as_ref().map(Code::key)).collect();
        let codes = drafts.iter().filter_map(|draft| draft.values.agency.as_ref().map(Code::key)).collect();
        let mut held = Held::All;
        if locking {
            tx.lock_referred(None)?;
            held = tx.lock_all(Roots::Initiatives(roots.clone()))?;
        }
        let province = tx.province_id();
        let (conn, scope) = tx.split();
        let (roots, _) = initiatives::queries::by_keys(conn, &scope.actor, roots)?;
        held.check(roots.values().map(|root| root.id))?;
        let ids = roots.values().map(|root| root.id).collect();
        Ok(Known {
            rows: queries::by_keys(conn, province, ids, keys)?,
            agencies: agencies::queries::by_keys(conn, province, codes)?,
            roots,
        })
    }

    fn remove_known(known: &mut Known, _: &str, values: &ResponsibilityValues) {
        let root = values.initiative.as_ref().and_then(|code| known.roots.get(&code.key()));
        if let Some((root, code)) = root.zip(values.patch.code.as_ref()) {
            known.rows.remove(&(root.id, code.key()));
        }
    }

    fn judge(stamp: &Stamp<'_>, values: ResponsibilityValues, known: &Known, (): &()) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let root = values.initiative.as_ref().and_then(|code| known.roots.get(&code.key()));
        let code = values.patch.code.as_ref().map(Code::key);
        let row = root.zip(code).and_then(|(root, code)| known.rows.get(&(root.id, code)));
        let mut patch = values.patch;
        let mut references = References::default();
        if let Patch::Set(code) = values.agency {
            let agency = known.agencies.get(&code.key());
            references.agency = Referent::of(agency.map(|agency| agency.active));
            patch.agency_id = Patch::Set(agency.map_or(Id::NOBODY, |agency| agency.id));
        }
        let (Some(row), Some(root)) = (row, root) else {
            let new = patch.onto(blank(root.map_or(Id::NOBODY, |root| root.id)));
            let faults = judge_new(stamp.actor(), root, &new, &references).into_faults();
            return Ok((Step::Create(root.map(|root| (root.clone(), new))), faults));
        };
        patch.code = Patch::Leave;
        let old = row.fields();
        let new = patch.of(&row.state(), root.lead_agency_id, &old);
        if new == old {
            return Ok((Step::Unchanged, Vec::new()));
        }
        let changes = Changes::between(&old, &new)?;
        let faults = judge_change(stamp.actor(), root, (&row.state(), &old), &new, &changes, &references).into_faults();
        Ok((Step::Update(Change { root: root.clone(), row: row.clone(), fields: new, changes }), faults))
    }

    fn depends_on(fault: &Fault) -> &'static [&'static str] {
        if fault.code == FaultCode::LeadPartOfOtherAgency { &["part", "agency_code"] } else { &[] }
    }

    fn prepare(stamp: &Stamp<'_>, steps: Vec<StepOf<Self>>) -> Result<Prepared, ApiError> {
        let mut batch = Prepared::default();
        for step in steps {
            match step {
                Step::Create(Some((root, fields))) => {
                    let changes = Changes::created(&fields)?;
                    let row = ResponsibilityRow::proposed(&root, stamp.new_id(), stamp.now(), fields);
                    batch.events.push(NewEvent::of(stamp, EventAction::Created, &write::subject(&row), &changes, None)?);
                    batch.rows.push(row);
                }
                Step::Update(Change { root, row, fields, mut changes }) => {
                    let next = write::changed(&row, stamp.now(), fields, &mut changes).renewed(stamp.now());
                    batch.events.push(NewEvent::of(stamp, EventAction::Updated, &write::subject(&next), &changes, None)?);
                    if (next.agency_id, next.status) != (row.agency_id, row.status) {
                        batch.leads.insert(root.id, root.lead_agency_id);
                    }
                    batch.changed.push(next);
                }
                Step::Create(None) | Step::Unchanged => {}
            }
        }
        Ok(batch)
    }

    fn store(tx: &mut Tx<'_>, batch: Prepared) -> Result<(), ApiError> {
        queries::update_changed(tx, &batch.changed, &batch.leads)?;
        queries::insert_proposed(tx, &batch.rows)?;
        events::record_all(tx, batch.events)
    }
}

/// What a new one has where the file says nothing.
fn blank(initiative_id: Id) -> ResponsibilityFields {
    ResponsibilityFields {
        code: String::new(),
        initiative_id,
        agency_id: Id::NOBODY,
        part: Part::Support,
        title: String::new(),
        deliverable: None,
        acceptance_criterion: None,
        weight: Weight::default().small(),
        due_on: NaiveDate::default(),
    }
}
