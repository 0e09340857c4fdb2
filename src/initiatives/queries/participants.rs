//! Who takes part in an initiative: its lead, and every agency with a responsibility that counts (DESIGN §2).

use std::collections::{BTreeMap, BTreeSet};

use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, RunQueryDsl};

use crate::{
    db::{
        Id, MultiBackend, among, insert_all,
        schema::{initiative_agencies, responsibilities},
    },
    error::ApiError,
    responsibilities::ResponsibilityStatus,
    tx::Tx,
};

type TakingPart = initiative_agencies::BoxedQuery<'static, MultiBackend, crate::db::types::sql::Uid>;

/// The initiatives in which one of these agencies takes part.
pub fn with_participant(province_id: i32, agencies: Vec<Id>) -> TakingPart {
    initiative_agencies::table
        .filter(initiative_agencies::province_id.eq(province_id).and(among(initiative_agencies::agency_id, agencies)))
        .select(initiative_agencies::initiative_id)
        .into_boxed()
}

/// An agency that takes part in an initiative.
#[derive(Debug, Insertable)]
#[diesel(table_name = initiative_agencies, treat_none_as_default_value = false)]
#[expect(clippy::struct_field_names, reason = "the columns' own names")]
pub(super) struct Participant {
    pub(super) province_id: i32,
    pub(super) initiative_id: Id,
    pub(super) agency_id: Id,
}

/// Makes agencies take part, as far as they do not already.
///
/// # Errors
/// Those of the database.
pub fn add_participants(tx: &mut Tx<'_>, pairs: &BTreeSet<(Id, Id)>) -> Result<(), ApiError> {
    use initiative_agencies as part;
    let province_id = tx.province_id();
    let initiatives: BTreeSet<Id> = pairs.iter().map(|(initiative, _)| *initiative).collect();
    let of_these = part::table.filter(part::province_id.eq(province_id).and(among(part::initiative_id, initiatives)));
    let known: BTreeSet<(Id, Id)> =
        of_these.select((part::initiative_id, part::agency_id)).load::<(Id, Id)>(tx.conn)?.into_iter().collect();
    insert_missing(tx, pairs, &known)
}

fn insert_missing(tx: &mut Tx<'_>, wanted: &BTreeSet<(Id, Id)>, known: &BTreeSet<(Id, Id)>) -> Result<(), ApiError> {
    let province_id = tx.province_id();
    let takes_part =
        |(initiative_id, agency_id): &(Id, Id)| Participant { province_id, initiative_id: *initiative_id, agency_id: *agency_id };
    let new: Vec<Participant> = wanted.difference(known).map(takes_part).collect();
    insert_all!(tx.conn, initiative_agencies::table, &new[..]);
    Ok(())
}

/// Brings the table of who takes part up to date: the lead, and every agency whose responsibility counts.
///
/// # Errors
/// Those of the database.
pub fn sync_participants(tx: &mut Tx<'_>, initiative: Id, lead: Option<Id>) -> Result<(), ApiError> {
    sync_all_participants(tx, &BTreeMap::from([(initiative, lead)]))
}

/// The same for several initiatives, each with its lead.
///
/// # Errors
/// Those of the database.
pub fn sync_all_participants(tx: &mut Tx<'_>, leads: &BTreeMap<Id, Option<Id>>) -> Result<(), ApiError> {
    use initiative_agencies as part;
    if leads.is_empty() {
        return Ok(());
    }
    let province_id = tx.province_id();
    // Without DISTINCT, for which SQLite would read the whole province in the order of agencies.
    let working = responsibilities::table
        .filter(responsibilities::province_id.eq(province_id).and(among(responsibilities::initiative_id, leads.keys().copied())))
        .filter(responsibilities::status.ne_all(ResponsibilityStatus::IDLE))
        .select((responsibilities::initiative_id, responsibilities::agency_id))
        .load::<(Id, Id)>(tx.conn)?;
    let led = leads.iter().filter_map(|(initiative, lead)| Some((*initiative, (*lead)?)));
    let wanted: BTreeSet<(Id, Id)> = working.into_iter().chain(led).collect();
    let of = |initiatives: BTreeSet<Id>| part::table.filter(part::province_id.eq(province_id).and(among(part::initiative_id, initiatives)));
    let pairs = of(leads.keys().copied().collect()).select((part::initiative_id, part::agency_id));
    let mut known: BTreeSet<(Id, Id)> = pairs.load::<(Id, Id)>(tx.conn)?.into_iter().collect();
    // Where an agency has left, all rows of the initiative are written anew: Diesel has no condition on pairs that both databases know.
    let left: BTreeSet<Id> = known.difference(&wanted).map(|(initiative, _)| *initiative).collect();
    if !left.is_empty() {
        known.retain(|(initiative, _)| !left.contains(initiative));
        diesel::delete(of(left)).execute(tx.conn)?;
    }
    insert_missing(tx, &wanted, &known)
}
