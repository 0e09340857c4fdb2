//! Recording what was done, in the transaction that does it.

use diesel::{ExpressionMethods, Insertable, PgConnection, RunQueryDsl};

use super::changes::Changes;
use crate::{
    db::{
        Conn, Id, Timestamp, insert_all,
        schema::{event_bulks, events},
        text_enum,
    },
    error::ApiError,
    policy::{Kind, Role},
    tx::{Stamp, Tx},
};

/// The fewest events that are written as a bulk.
const MIN_BULK: usize = 100;

text_enum! {
    /// What was done.
    // Published under this name, which generated clients have.
    #[schema(as = Deed)]
    #[expect(missing_docs, reason = "the words speak")]
    pub enum EventAction {
        Created = "created",
        Updated = "updated",
        Deleted = "deleted",
        Transitioned = "transitioned",
        Imported = "imported",
        Exported = "exported",
        LoggedIn = "logged_in",
        LoggedOut = "logged_out",
        PasswordChanged = "password_changed",
        KeyRotated = "key_rotated",
    }
}

impl EventAction {
    /// Whether it changes the register, and so what reports say, where it is done to a thing of this kind.
    fn changes_register(self, kind: &str) -> bool {
        match self {
            // A cancelled import moves alone: what it wrote has events of its own.
            Self::Transitioned => kind != Kind::Import.as_str(),
            Self::Created | Self::Updated | Self::Deleted | Self::Imported => true,
            Self::Exported | Self::LoggedIn | Self::LoggedOut | Self::PasswordChanged | Self::KeyRotated => false,
        }
    }
}

/// What an event is about, with the ids that its readers find it by.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// Kind of thing: singular, in snake case.
    pub kind: &'static str,
    /// Its id; none for what is no single thing, as an export.
    pub id: Option<Id>,
    /// Its version after the deed.
    pub version: Option<i32>,
    /// The neighbourhood that it lies in.
    pub neighborhood_id: Option<Id>,
    /// The initiative that it belongs to.
    pub initiative_id: Option<Id>,
    /// The user or service account that it concerns.
    pub user_id: Option<Id>,
}

impl Subject {
    /// A thing of this kind, in no neighbourhood.
    pub const fn new(kind: Kind, id: Id, version: i32) -> Self {
        Self { kind: kind.as_str(), id: Some(id), version: Some(version), neighborhood_id: None, initiative_id: None, user_id: None }
    }

    /// A user; without a version where the deed is not of the user's own fields.
    pub const fn user(id: Id, version: Option<i32>) -> Self {
        Self { kind: Kind::User.as_str(), id: Some(id), version, neighborhood_id: None, initiative_id: None, user_id: Some(id) }
    }

    /// A service account; without a version where the deed is not of its own fields.
    pub const fn client(id: Id, version: Option<i32>) -> Self {
        Self { kind: Kind::Client.as_str(), id: Some(id), version, neighborhood_id: None, initiative_id: None, user_id: Some(id) }
    }

    /// A kind of thing as a whole.
    pub const fn kind(kind: &'static str) -> Self {
        Self { kind, id: None, version: None, neighborhood_id: None, initiative_id: None, user_id: None }
    }

    /// The same, in a neighbourhood.
    #[must_use]
    pub const fn in_neighborhood(self, id: Id) -> Self {
        Self { neighborhood_id: Some(id), ..self }
    }

    /// The same, of an initiative.
    #[must_use]
    pub const fn of_initiative(self, id: Id) -> Self {
        Self { initiative_id: Some(id), ..self }
    }
}

/// An event as it is inserted: `intake` comes from the database, `seq` and the hashes from the sealer.
#[derive(Debug, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct NewEvent {
    province_id: i32,
    id: Id,
    at: Timestamp,
    actor_id: Option<Id>,
    actor_username: Option<String>,
    actor_display_name: Option<String>,
    role: Option<Role>,
    action: EventAction,
    resource_type: &'static str,
    resource_id: Option<Id>,
    version: Option<i32>,
    changes: String,
    reason: Option<String>,
    request_id: Option<String>,
    neighborhood_id: Option<Id>,
    initiative_id: Option<Id>,
    user_id: Option<Id>,
    register: bool,
    bulk: Option<i64>,
}

impl NewEvent {
    /// A deed of the transaction's actor, yet to be recorded.
    ///
    /// # Errors
    /// `internal` where the changes are not JSON, which none of ours are.
    pub fn of(
        stamp: &Stamp<'_>,
        action: EventAction,
        subject: &Subject,
        changes: &Changes,
        reason: Option<&str>,
    ) -> Result<Self, ApiError> {
        let changes = changes.canonical()?;
        let actor = stamp.actor();
        let user = (actor.user_id != Id::NOBODY).then_some(actor);
        Ok(Self {
            province_id: actor.province_id,
            id: stamp.new_id(),
            at: stamp.now(),
            actor_id: user.map(|actor| actor.user_id),
            actor_username: user.map(|actor| actor.username.clone()),
            actor_display_name: user.map(|actor| actor.display_name.clone()),
            role: user.map(|actor| actor.role),
            action,
            resource_type: subject.kind,
            resource_id: subject.id,
            version: subject.version,
            changes,
            reason: reason.map(str::to_owned),
            request_id: stamp.request_id().map(str::to_owned),
            neighborhood_id: subject.neighborhood_id,
            initiative_id: subject.initiative_id,
            user_id: subject.user_id,
            register: action.changes_register(subject.kind),
            bulk: None,
        })
    }
}

/// Records a deed of the transaction's actor. It gets its `seq` and hash when it is sealed.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, action: EventAction, subject: &Subject, changes: &Changes, reason: Option<&str>) -> Result<(), ApiError> {
    let event = NewEvent::of(tx, action, subject, changes, reason)?;
    diesel::insert_into(events::table).values(&event).execute(tx.conn)?;
    Ok(())
}

/// Records many deeds of the transaction's actor, in their order.
///
/// # Errors
/// Those of the database.
pub fn record_all(tx: &mut Tx<'_>, mut new: Vec<NewEvent>) -> Result<(), ApiError> {
    if let Conn::Postgres(pg) = &mut *tx.conn
        && new.len() >= MIN_BULK
    {
        gather(pg, &mut new)?;
    }
    insert_all!(tx.conn, events::table, &new[..]);
    Ok(())
}

/// Makes a bulk of these events, so that nobody comes across them before they are committed (`waiting`). SQLite shows nobody what is not.
fn gather(pg: &mut PgConnection, new: &mut [NewEvent]) -> Result<(), ApiError> {
    let ids = || new.iter().map(|event| event.id);
    let (Some(one), Some(first), Some(last)) = (new.first(), ids().min(), ids().max()) else { return Ok(()) };
    let number = |count: usize| i32::try_from(count).map_err(ApiError::internal);
    let (events, changes) = (number(new.len())?, number(new.iter().filter(|event| event.register).count())?);
    let bulk: i64 = diesel::insert_into(event_bulks::table)
        .values((
            event_bulks::province_id.eq(one.province_id),
            event_bulks::first_id.eq(first),
            event_bulks::last_id.eq(last),
            event_bulks::events.eq(events),
            event_bulks::changes.eq(changes),
            event_bulks::actor_id.eq(one.actor_id),
        ))
        .returning(event_bulks::intake)
        .get_result(pg)?;
    for event in new {
        event.bulk = Some(bulk);
    }
    Ok(())
}
