//! How a row of a file becomes a user, who can't log in until the province gives a password.

use std::collections::HashMap;

use super::{
    dto::{UserFields, UserPatch},
    queries::{self, UserRow, Users},
    rules::{self, References},
    write,
};
use crate::{
    agencies::{self, queries::AgencyRow},
    db::{Id, Root},
    error::ApiError,
    events::Changes,
    fault::{Fault, FaultCode, Referent},
    http::{export::Exporting, fields::Code, patch::Patch},
    imports::{Cells, Coded, Dataset, Draft, FileColumns, Spoken, Step, StepOf, YesNo},
    policy::Role,
    tx::{Stamp, Tx},
};

impl Spoken for Role {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::Province, "استان"), (Self::Agency, "دستگاه"), (Self::NeighborhoodManager, "مدیر محله"), (Self::Viewer, "ناظر")];
}

/// A row's values; the agency by its code.
pub struct UserValues {
    patch: UserPatch,
    agency: Patch<Option<Code>>,
}

/// Users by name and agencies by code.
pub struct Known {
    users: HashMap<String, UserRow>,
    agencies: HashMap<String, AgencyRow>,
}

impl Dataset for Users {
    type Values = UserValues;
    type Known = Known;
    /// How many administrators of the province can log in.
    type Memory = i64;
    type New = (UserFields, Changes);
    type Change = (UserRow, UserFields, Changes);
    type Prepared = Vec<StepOf<Self>>;
    const TABLE: &'static str = "users";
    const FILE_COLUMNS: FileColumns = FileColumns { all: Self::COLUMNS, key: &["username"] };
    const EXAMPLE: &'static [&'static str] = &["manager-nemuneh", "مدیر محلهٔ نیروگاه", "مدیر محله", "", "بله"];

    fn read(cells: &mut Cells) -> UserValues {
        let patch = UserPatch {
            username: cells.required("username"),
            display_name: cells.required("display_name"),
            role: cells.required("role").map(|Coded(role)| role),
            agency_id: Patch::Leave,
            active: cells.or("active", YesNo(true)).map(|YesNo(flag)| flag),
            password: Patch::Leave,
        };
        UserValues { patch, agency: cells.optional("agency_code") }
    }

    fn key(values: &UserValues) -> Option<String> {
        values.patch.username.as_ref().map(Code::key)
    }

    fn begin(tx: &mut Tx<'_>) -> Result<i64, ApiError> {
        // Held to the end of the transaction, so that nobody changes a user, or the number of administrators, meanwhile; a dry run has none.
        tx.lock(Root::Province)?;
        queries::administrators(tx.conn, tx.province_id())
    }

    /// Locks nothing more: what `begin` has locked is enough.
    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<UserValues>], _: bool) -> Result<Known, ApiError> {
        let province = tx.province_id();
        let codes = drafts.iter().filter_map(|draft| draft.values.agency.as_ref()?.as_ref().map(Code::key));
        Ok(Known {
            users: queries::by_keys(tx.conn, province, drafts.iter().filter_map(|draft| draft.key.clone()).collect())?,
            agencies: agencies::queries::by_keys(tx.conn, province, codes.collect())?,
        })
    }

    fn remove_known(known: &mut Known, key: &str, _: &UserValues) {
        known.users.remove(key);
    }

    fn judge(stamp: &Stamp<'_>, values: UserValues, known: &Known, leading: &i64) -> Result<(StepOf<Self>, Vec<Fault>), ApiError> {
        let row = Self::key(&values).and_then(|key| known.users.get(&key));
        let mut patch = values.patch;
        let mut agency = Referent::Usable;
        if let Patch::Set(code) = values.agency {
            let found = code.as_ref().map(|code| known.agencies.get(&code.key()));
            agency = found.map_or(Referent::Usable, |found| Referent::of(found.map(|row| row.active)));
            // NOBODY stands for an agency that is not there; the row is rejected for it.
            patch.agency_id = Patch::Set(found.map(|found| found.map_or(Id::NOBODY, |row| row.id)));
        }
        let old = row.map(UserRow::fields);
        if old.is_some() {
            patch.username = Patch::Leave;
        }
        let new = patch.onto(old.clone().unwrap_or_else(blank));
        let changes = match &old {
            Some(old) => Changes::between(old, &new)?,
            None => Changes::created(&new)?,
        };
        let references = References { agency, taken: false, last: *leading <= i64::from(row.is_some_and(UserRow::can_administer)) };
        let faults = rules::judge(stamp.actor().is_client, old.as_ref(), &new, &changes, references).into_faults();
        let step = match row {
            None => Step::Create((new, changes)),
            Some(_) if changes.is_empty() => Step::Unchanged,
            Some(row) => Step::Update((row.clone(), new, changes)),
        };
        Ok((step, faults))
    }

    fn remember(step: &StepOf<Self>, leading: &mut i64) {
        // One who is made by an import cannot log in yet.
        if let Step::Update((row, new, _)) = step
            && row.password_hash.is_some()
        {
            *leading += i64::from(rules::administers(new.role, new.active)) - i64::from(row.can_administer());
        }
    }

    fn depends_on(fault: &Fault) -> &'static [&'static str] {
        // What is required or not allowed there, the role says.
        if matches!(fault.code, FaultCode::AgencyNotAllowed | FaultCode::Required) && fault.location() == "/agency_id" {
            &["role"]
        } else {
            &[]
        }
    }

    fn prepare(_: &Stamp<'_>, steps: Vec<StepOf<Self>>) -> Result<Self::Prepared, ApiError> {
        Ok(steps)
    }

    fn store(tx: &mut Tx<'_>, steps: Self::Prepared) -> Result<(), ApiError> {
        for step in steps {
            match step {
                Step::Create((fields, changes)) => drop(write::insert(tx, fields, None, false, &changes)?),
                Step::Update((row, fields, changes)) => drop(write::change(tx, row, fields, None, &changes)?),
                Step::Unchanged => {}
            }
        }
        Ok(())
    }
}

/// What a new one has where the file says nothing.
const fn blank() -> UserFields {
    UserFields { username: String::new(), display_name: String::new(), role: Role::Viewer, agency_id: None, active: true }
}
