//! How a row of a file becomes an initiative: a draft, which an import never moves.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    dto::{InitiativeFields, InitiativePatch},
    judge::{References, judge},
    queries::{self, InitiativeRow, Initiatives},
    write,
};
use crate::{
    agencies::{self, queries::AgencyRow},
    db::{Held, Id, Roots},
    domains::{self, queries::DomainRow},
    error::ApiError,
    events::{self, Changes, EventAction, NewEvent},
    fault::{Fault, FaultCode, Referent},
    http::{
        export::Exporting,
        fields::{Code, Line, Weight},
        patch::Patch,
    },
    imports::{Cells, Dataset, Draft, FileColumns, Step, StepOf},
    neighborhoods, persian,
    tx::{Stamp, Tx},
};

/// A row's values; what it refers to by codes, the domain also by its name.
pub struct InitiativeValues {
    patch: InitiativePatch,
    place: Patch<Code>,
    domain: Patch<Line<200>>,
    lead: Patch<Option<Code>>,
}

/// What a batch refers to, by the keys of codes.
pub struct Known {
    rows: HashMap<String, InitiativeRow>,
    /// Codes of initiatives beyond the actor's reach.
    hidden: BTreeSet<String>,
    places: HashMap<String, (Id, Option<NaiveDate>)>,
    agencies: HashMap<String, AgencyRow>,
    domains: Vec<DomainRow>,
}

impl Known {
    /// The domain that a word means: the one with this code, or the only one with this name.
    fn domain(&self, word: &str) -> Option<&DomainRow> {
        let (code, name) = (persian::code_key(word), persian::search_key(word));
        let by_code = self.domains.iter().find(|domain| domain.code_key == code);
        by_code.or_else(|| {
            let mut named = self.domains.iter().filter(|domain| persian::search_key(&domain.name) == name);
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// Puts what the codes mean into the patch; `NOBODY` and the bare word stand for what is not there, for which the row is
    /// rejected.
    fn settle(&self, values: InitiativeValues, today: NaiveDate) -> (InitiativePatch, References) {
        let mut patch = values.patch;
        let mut references = References::default();
        if let Patch::Set(code) = values.place {
            let place = self.places.get(&code.key());
            references.place = Referent::of(place.map(|(_, closed)| !neighborhoods::rules::is_closed(*closed, today)));
            patch.neighborhood_id = Patch::Set(place.map_or(Id::NOBODY, |(id, _)| *id));
        }
        if let Patch::Set(Line(word)) = values.domain {
            let domain = self.domain(&word);
            references.domain = Referent::of(domain.map(|domain| domain.active));
            patch.domain = Patch::Set(Code(domain.map_or(word, |domain| domain.code.clone())));
        }
        if let Patch::Set(code) = values.lead {
            let agency = code.as_ref().map(|code| self.agencies.get(&code.key()));
            references.lead = agency.map_or(Referent::Usable, |agency| Referent::of(agency.map(|row| row.active)));
            patch.lead_agency_id = Patch::Set(agency.map(|agency| agency.map_or(Id::NOBODY, |row| row.id)));
        }
        (patch, references)
    }
}

/// A batch that only has to be stored.
#[derive(Default)]
pub struct Prepared {
    rows: Vec<InitiativeRow>,
    events: Vec<NewEvent>,
    changed: Vec<(InitiativeRow, InitiativeRow)>,
}

impl Dataset for Initiatives {
    type Values = InitiativeValues;
    type Known = Known;
    type Memory = ();
    type New = InitiativeFields;
    type Change = (InitiativeRow, InitiativeFields, Changes);
    type Prepared = Prepared;
    const TABLE: &'static str = "initiatives";
    const FILE_COLUMNS: FileColumns = FileColumns { all: Self::COLUMNS, key: &["code"] };
    const EXAMPLE: &'static [&'static str] = &[
        "NEMUNEH-01",
        "nemuneh",
        "آموزش",
        "کلاس جبرانی ریاضی در سه مدرسه",
        "شانزده هفته، هفته‌ای سه جلسه",
        "کاستن از ترک تحصیل",
        "2026-12-01",
        "2027-05-31",
        "nemuneh",
        "10",
        "4500000000",
        "",
        "320",
        "",
    ];

    fn read(cells: &mut Cells) -> InitiativeValues {
        let patch = InitiativePatch {
            code: cells.required("code"),
            neighborhood_id: Patch::Leave,
            domain: Patch::Leave,
            title: cells.required("title"),
            description: cells.optional("description"),
            objective: cells.optional("objective"),
            starts_on: cells.optional("starts_on"),
            due_on: cells.optional("due_on"),
            lead_agency_id: Patch::Leave,
            weight: cells.or("weight", Weight::default()),
            budget_planned_rial: cells.optional("budget_planned_rial"),
            budget_spent_rial: cells.optional("budget_spent_rial"),
            beneficiaries_planned: cells.optional("beneficiaries_planned"),
            beneficiaries_reached: cells.optional("beneficiaries_reached"),
        };
        let (place, domain) = (cells.required("neighborhood_code"), cells.required("domain"));
        InitiativeValues { patch, place, domain, lead: cells.optional("lead_agency_code") }
    }

    fn key(values: &InitiativeValues) -> Option<String> {
        values.patch.code.as_ref().map(Code::key)
    }

    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<InitiativeValues>], locking: bool) -> Result<Known, ApiError> {
        let province = tx.province_id();
        let keys: BTreeSet<String> = drafts.iter().filter_map(|draft| draft.key.clone()).collect();
        let places: BTreeSet<String> = drafts.iter().filter_map(|draft| draft.values.place.as_ref().map(Code::key)).collect();
        let leads = drafts.iter().filter_map(|draft| draft.values.lead.as_ref()?.as_ref().map(Code::key)).collect();
        let mut held = Held::All;
        if locking {
            tx.lock_all(Roots::ReferredNeighborhoods(places.clone()))?;
            tx.lock_referred(None)?;
            held = tx.lock_all(Roots::Initiatives(keys.clone()))?;
        }
        let (conn, scope) = tx.split();
        let (rows, hidden) = queries::by_keys(conn, &scope.actor, keys)?;
        held.check(rows.values().map(|row| row.id))?;
        Ok(Known {
            rows,
            hidden,
            places: neighborhoods::queries::places_by_keys(conn, province, places)?,
            agencies: agencies::queries::by_keys(conn, province, leads)?,
            domains: domains::queries::all(conn, province)?,
        })
    }

    fn remove_known(known: &mut Known, key: &str, _: &InitiativeValues) {
        known.rows.remove(key);
    }

    fn judge(stamp: &Stamp<'_>, values: InitiativeValues, known: &Known, (): &()) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let key = Self::key(&values);
        let row = key.as_ref().and_then(|key| known.rows.get(key));
        // A row without a code may mean an old initiative: a place that it does not name is no lack of rights and no unknown reference.
        let no_place = values.place == Patch::Leave;
        let (mut patch, mut references) = known.settle(values, stamp.today());
        let Some(row) = row else {
            let new = patch.onto(blank());
            references.taken = key.is_some_and(|key| known.hidden.contains(&key));
            if no_place {
                references.place = Referent::Missing;
            }
            let mut faults = judge(stamp.actor(), None, &new, &references).into_faults();
            faults.retain(|fault| !(no_place && fault.location() == "/neighborhood_id"));
            return Ok((Step::Create(new), faults));
        };
        patch.code = Patch::Leave;
        let old = row.fields();
        let new = patch.onto(old.clone());
        if new == old {
            return Ok((Step::Unchanged, Vec::new()));
        }
        let changes = Changes::between(&old, &new)?;
        let faults = judge(stamp.actor(), Some((&row.state(), &old, &changes)), &new, &references).into_faults();
        Ok((Step::Update((row.clone(), new, changes)), faults))
    }

    fn depends_on(fault: &Fault) -> &'static [&'static str] {
        if fault.code == FaultCode::DatesOutOfOrder { &["starts_on", "due_on"] } else { &[] }
    }

    fn prepare(stamp: &Stamp<'_>, steps: Vec<StepOf<Self>>) -> Result<Prepared, ApiError> {
        let mut batch = Prepared::default();
        for step in steps {
            match step {
                Step::Create(fields) => {
                    let changes = Changes::created(&fields)?;
                    let row = InitiativeRow::draft(stamp.province_id(), stamp.new_id(), stamp.now(), fields);
                    batch.events.push(NewEvent::of(stamp, EventAction::Created, &write::subject(&row), &changes, None)?);
                    batch.rows.push(row);
                }
                Step::Update((old, fields, changes)) => {
                    let next = old.clone().changed(stamp.now(), fields);
                    batch.events.push(NewEvent::of(stamp, EventAction::Updated, &write::subject(&next), &changes, None)?);
                    batch.changed.push((old, next));
                }
                Step::Unchanged => {}
            }
        }
        Ok(batch)
    }

    fn store(tx: &mut Tx<'_>, batch: Prepared) -> Result<(), ApiError> {
        write::change_all(tx, batch.changed)?;
        queries::insert_drafts(tx, &batch.rows)?;
        events::record_all(tx, batch.events)
    }
}

/// What a new one has where the file says nothing.
fn blank() -> InitiativeFields {
    InitiativeFields {
        code: String::new(),
        neighborhood_id: Id::NOBODY,
        domain: String::new(),
        title: String::new(),
        description: None,
        objective: None,
        starts_on: None,
        due_on: None,
        lead_agency_id: None,
        weight: Weight::default().small(),
        budget_planned_rial: None,
        budget_spent_rial: None,
        beneficiaries_planned: None,
        beneficiaries_reached: None,
    }
}
