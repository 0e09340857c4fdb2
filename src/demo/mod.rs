//! The demo: the programme of Qom as a story, told through the write functions that requests use, so that it can't show what
//! the rules forbid (CONTRACT §6).
//!
//! The files in `data/demo` are in the import's own formats; their dates lie around [`ANCHOR`] and are moved so that
//! the anchor falls on the day of loading.

mod records;
mod story;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{Days, NaiveDate};

use crate::{
    agencies,
    auth::{self, Actor},
    clock::{Clock, World},
    db::{Conn, Id, Timestamp},
    error::ApiError,
    mandates, neighborhoods,
    policy::Role,
    provinces,
    tx::Tx,
    users,
};
use records::{AgencyRecord, MandateRecord, NeighborhoodRecord, UserRecord};

/// The day that the files are written around.
pub const ANCHOR: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// The password of the demo's accounts.
pub const PASSWORD: &str = "mahalleh-demo";
/// The accounts that can log in.
pub const ACCOUNTS: [&str; 12] = [
    "province",
    "viewer",
    "agency-education",
    "agency-sport",
    "agency-health",
    "agency-labour",
    "agency-welfare",
    "agency-municipality",
    "manager-sheikhabad",
    "manager-pardisan",
    "manager-imamreza",
    "manager-chaharmardan",
];

/// An account that can log in.
pub struct Account {
    /// The name for logging in.
    pub username: String,
    /// The name for people.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
}

/// The accounts that can log in, in the order of the demo's file.
///
/// # Errors
/// None, unless the file is broken; a test reads it.
pub fn accounts() -> Result<Vec<Account>, ApiError> {
    let all = records::read::<UserRecord>(include_str!("../../data/demo/users.csv"))?;
    Ok(all.into_iter().filter(|record| ACCOUNTS.contains(&record.username.as_str())).map(UserRecord::account).collect())
}

/// A clock that shows the present moment of the story.
#[derive(Default)]
struct StoryClock(AtomicI64);

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed)).unwrap_or_else(|| Timestamp::new(chrono::DateTime::UNIX_EPOCH))
    }
}

/// The state of the story while it is told: the clock, the days of loading, and the ids of who and what is in it.
struct Stage<'a> {
    conn: &'a mut Conn,
    clock: Arc<StoryClock>,
    world: World,
    province_id: i32,
    today: NaiveDate,
    now: Timestamp,
    agencies: HashMap<String, Id>,
    places: HashMap<String, Id>,
    users: HashMap<String, Id>,
}

impl Stage<'_> {
    /// The day that a day of the files is moved to, relative to today.
    fn day(&self, written: NaiveDate) -> NaiveDate {
        self.today.checked_add_signed(written - ANCHOR).unwrap_or(self.today)
    }

    /// Sets the clock to a day's morning and some minutes in Tehran, but never beyond now.
    fn stand_at(&self, day: NaiveDate, minutes: i64) {
        let morning = day.and_hms_opt(4, 30, 0).unwrap_or_default().and_utc();
        let at = Timestamp::new(morning).plus_seconds(minutes * 60).min(self.now);
        self.clock.0.store(at.micros(), Ordering::Relaxed);
    }

    /// Does something in the name of an actor.
    fn act<T>(&mut self, actor: Actor, deed: impl FnOnce(&mut Tx<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
        deed(&mut Tx::new(self.conn, Arc::new(actor), &self.world, None))
    }

    fn operator(&self) -> Actor {
        Actor::operator(self.province_id)
    }

    /// A user as of the story's present day.
    fn user(&mut self, name: &str) -> Result<Actor, ApiError> {
        let id = *known(&self.users, name)?;
        auth::queries::get_actor(self.conn, self.province_id, id, self.world.today())?.ok_or_else(ApiError::not_found)
    }
}

/// The id, or other value, that a code of the files stands for.
fn known<'a, T>(of: &'a HashMap<String, T>, code: &str) -> Result<&'a T, ApiError> {
    of.get(code).ok_or_else(|| ApiError::internal(format!("the demo's files speak of {code}, which is not there")))
}

/// Tells the whole story in one transaction: the province, its people and places, and what they did.
///
/// # Errors
/// Where the files break a rule; a test loads them.
pub fn load(conn: &mut Conn, real: &World, password_hash: &str) -> Result<(), ApiError> {
    let clock = Arc::new(StoryClock::default());
    let world = real.under(clock.clone());
    let mut stage = Stage {
        conn,
        clock,
        world,
        province_id: 0,
        today: real.today(),
        now: real.now(),
        agencies: HashMap::new(),
        places: HashMap::new(),
        users: HashMap::new(),
    };
    let long_ago = stage.today.checked_sub_days(Days::new(900)).unwrap_or(stage.today);
    stage.stand_at(long_ago, 0);
    stage.province_id = provinces::add(stage.conn, &stage.world, "qom", "قم", "Qom")?;
    introduce(&mut stage, password_hash)?;
    story::tell(&mut stage)
}

/// Makes agencies, neighbourhoods, users and mandates.
fn introduce(stage: &mut Stage<'_>, password_hash: &str) -> Result<(), ApiError> {
    for record in records::read::<AgencyRecord>(include_str!("../../data/demo/agencies.csv"))? {
        let row = stage.act(stage.operator(), |tx| agencies::write::create(tx, record.into()))?;
        stage.agencies.insert(row.code, row.id);
    }
    for record in records::read::<NeighborhoodRecord>(include_str!("../../data/demo/neighborhoods.csv"))? {
        let fields = record.fields(|day| stage.day(day));
        let row = stage.act(stage.operator(), |tx| neighborhoods::write::create(tx, fields))?;
        stage.places.insert(row.code, row.id);
    }
    for record in records::read::<UserRecord>(include_str!("../../data/demo/users.csv"))? {
        let agency = record.agency_code.as_deref().map(|code| known(&stage.agencies, code).copied()).transpose()?;
        let hash = ACCOUNTS.contains(&record.username.as_str()).then(|| password_hash.to_owned());
        let row = stage.act(stage.operator(), |tx| users::write::create(tx, record.fields(agency), hash, false))?;
        stage.users.insert(row.username, row.id);
    }
    for record in records::read::<MandateRecord>(include_str!("../../data/demo/mandates.csv"))? {
        let fields = mandates::MandateFields {
            user_id: *known(&stage.users, &record.username)?,
            neighborhood_id: *known(&stage.places, &record.neighborhood_code)?,
            order_no: record.order_no,
            valid_from: stage.day(record.valid_from),
            valid_to: record.valid_to.map(|day| stage.day(day)),
        };
        stage.act(stage.operator(), |tx| mandates::write::create(tx, fields))?;
    }
    Ok(())
}
