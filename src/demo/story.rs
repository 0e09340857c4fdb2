//! The events of the story: each initiative is made a day before the first deed that moves it, and then come the deeds in order.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use super::{
    ANCHOR, Stage, known,
    records::{self, InitiativeRecord, ResponsibilityRecord, StoryRecord, Thing},
};
use crate::{
    db::Id,
    deferrals::{self, DeferralFields, DeferralStatus, DeferralTransition},
    error::ApiError,
    http::{
        conditional::IfMatch,
        fields::{Day, Prose},
    },
    initiatives::{self, InitiativeStatus, InitiativeTransition},
    responsibilities::{self, ResponsibilityStatus, ResponsibilityTransition},
};

/// How many days before the anchor an initiative is made that no deed moves.
const QUIET_DAYS: u64 = 10;

/// One thing that happens.
enum Scene {
    Made(Box<InitiativeRecord>, Vec<ResponsibilityRecord>),
    Done(Box<StoryRecord>),
}

/// The ids of what has been made so far.
#[derive(Default)]
struct Cast {
    initiatives: HashMap<String, Id>,
    responsibilities: HashMap<String, Id>,
}

/// Tells the story day by day.
pub(super) fn tell(stage: &mut Stage<'_>) -> Result<(), ApiError> {
    let mut cast = Cast::default();
    let (mut today, mut minutes) = (None, 0);
    for (day, scene) in scenes()? {
        minutes = if today == Some(day) { minutes + 1 } else { 0 };
        today = Some(day);
        stage.stand_at(stage.day(day), minutes);
        match scene {
            Scene::Made(initiative, below) => make(stage, &mut cast, *initiative, below)?,
            Scene::Done(deed) => {
                let what = format!("{} {} {} {}", deed.day, deed.initiative_code, deed.code.as_deref().unwrap_or("-"), deed.to);
                act(stage, &cast, *deed).map_err(|error| ApiError::internal(format!("{what}: {error}")))?;
            }
        }
    }
    Ok(())
}

/// All that happens, in order.
fn scenes() -> Result<Vec<(NaiveDate, Scene)>, ApiError> {
    let deeds = records::read::<StoryRecord>(include_str!("../../data/demo/story.csv"))?;
    let mut first: HashMap<&str, NaiveDate> = HashMap::new();
    for deed in &deeds {
        first.entry(&deed.initiative_code).or_insert(deed.day);
    }
    let mut below: HashMap<String, Vec<ResponsibilityRecord>> = HashMap::new();
    for record in records::read::<ResponsibilityRecord>(include_str!("../../data/demo/responsibilities.csv"))? {
        below.entry(record.initiative_code.clone()).or_default().push(record);
    }
    let quiet = ANCHOR.checked_sub_days(Days::new(QUIET_DAYS)).unwrap_or(ANCHOR);
    let mut scenes = Vec::new();
    for record in records::read::<InitiativeRecord>(include_str!("../../data/demo/initiatives.csv"))? {
        let made = first.get(record.code.as_str()).and_then(NaiveDate::pred_opt).unwrap_or(quiet);
        let parts = below.remove(&record.code).unwrap_or_default();
        scenes.push((made, Scene::Made(Box::new(record), parts)));
    }
    scenes.extend(deeds.into_iter().map(|deed| (deed.day, Scene::Done(Box::new(deed)))));
    // The sort is stable: on each day what is made comes before the deeds, and the deeds are in the order of the file.
    scenes.sort_by_key(|(day, _)| *day);
    Ok(scenes)
}

fn make(stage: &mut Stage<'_>, cast: &mut Cast, record: InitiativeRecord, below: Vec<ResponsibilityRecord>) -> Result<(), ApiError> {
    let place = *known(&stage.places, &record.neighborhood_code)?;
    let lead = record.lead_agency_code.as_deref().map(|code| known(&stage.agencies, code).copied()).transpose()?;
    let fields = record.fields(place, lead, |day| stage.day(day));
    let row = stage.act(stage.operator(), |tx| initiatives::write::create(tx, fields))?;
    for record in below {
        let name = format!("{}/{}", record.initiative_code, record.code);
        let agency = *known(&stage.agencies, &record.agency_code)?;
        let fields = record.fields(row.id, agency, |day| stage.day(day));
        let part = stage.act(stage.operator(), |tx| responsibilities::write::create(tx, fields))?;
        cast.responsibilities.insert(name, part.id);
    }
    cast.initiatives.insert(row.code, row.id);
    Ok(())
}

fn act(stage: &mut Stage<'_>, cast: &Cast, deed: StoryRecord) -> Result<(), ApiError> {
    let actor = stage.user(&deed.actor)?;
    let (reason, note) = (deed.reason.map(Prose), deed.note.map(Prose));
    let initiative = *known(&cast.initiatives, &deed.initiative_code)?;
    let name = format!("{}/{}", deed.initiative_code, deed.code.unwrap_or_default());
    let unknown = || ApiError::internal(format!("no such status: {}", deed.to));
    match deed.resource {
        Thing::Initiative => {
            let to = InitiativeStatus::parse(&deed.to).ok_or_else(unknown)?;
            let wish = InitiativeTransition { to, reason, note, reported_done_on: None };
            stage.act(actor, |tx| initiatives::write::transition(tx, initiative, &IfMatch::Any, wish).map(drop))
        }
        Thing::Responsibility => {
            let to = ResponsibilityStatus::parse(&deed.to).ok_or_else(unknown)?;
            let reported_done_on = deed.reported_done_on.map(|day| Day(stage.day(day)));
            let (id, wish) = (*known(&cast.responsibilities, &name)?, ResponsibilityTransition { to, reason, note, reported_done_on });
            stage.act(actor, |tx| responsibilities::write::transition(tx, id, &IfMatch::Any, wish).map(drop))
        }
        Thing::Deferral => {
            let to = DeferralStatus::parse(&deed.to).ok_or_else(unknown)?;
            let responsibility_id = *known(&cast.responsibilities, &name)?;
            let requested_due_on = deed.requested_due_on.map(|day| stage.day(day));
            stage.act(actor, |tx| {
                if let Some(requested_due_on) = requested_due_on {
                    let reason = reason.map(|text| text.0).unwrap_or_default();
                    return deferrals::write::create(tx, DeferralFields { responsibility_id, requested_due_on, reason }).map(drop);
                }
                let open = deferrals::queries::get_open(tx.conn, tx.province_id(), responsibility_id)?.ok_or_else(ApiError::not_found)?;
                let wish = DeferralTransition { to, reason, note, reported_done_on: None };
                deferrals::write::transition(tx, open.id, &IfMatch::Any, wish).map(drop)
            })
        }
    }
}
