//! Recording what was done, in the transaction that does it.

use diesel::{Insertable, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    db::{Id, Timestamp, insert_all, schema::events, text_enum},
    error::ApiError,
    policy::Role,
    tx::{Stamp, Tx},
};

text_enum! {
    /// What was done.
    #[allow(missing_docs, reason = "the words speak")]
    pub enum Deed {
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

impl Deed {
    /// Whether it changes the register, and so what reports say.
    const fn changes_register(self) -> bool {
        match self {
            Self::Created | Self::Updated | Self::Deleted | Self::Transitioned | Self::Imported => true,
            Self::Exported | Self::LoggedIn | Self::LoggedOut | Self::PasswordChanged | Self::KeyRotated => false,
        }
    }
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// What it was; null where the thing is new.
    pub before: Value,
    /// What it is; null where the thing is removed.
    pub after: Value,
}

/// What differs between two states of a thing: the one comparison that PATCH, events, imports and the check
/// of frozen fields share (DESIGN §4, decision 5).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// Nothing.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// From `old` to `new`.
    ///
    /// # Errors
    /// `internal` where they are not JSON objects, which no fields of ours are.
    pub fn between(old: &impl Serialize, new: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(fields(old)?, fields(new)?))
    }

    /// From nothing to `new`, without what is null.
    ///
    /// # Errors
    /// As [`Self::between`].
    pub fn created(new: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(Map::new(), fields(new)?))
    }

    /// From `old` to nothing, without what was null.
    ///
    /// # Errors
    /// As [`Self::between`].
    pub fn deleted(old: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::of(fields(old)?, Map::new()))
    }

    /// One field's change.
    pub fn one(field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        Self(vec![Change { field: field.to_owned(), before: before.into(), after: after.into() }])
    }

    /// One change more.
    pub fn push(&mut self, field: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.0.push(Change { field: field.to_owned(), before: before.into(), after: after.into() });
    }

    fn of(mut old: Map<String, Value>, new: Map<String, Value>) -> Self {
        let mut changes = Vec::new();
        for (field, after) in new {
            let before = old.remove(&field).unwrap_or_default();
            if before != after {
                changes.push(Change { field, before, after });
            }
        }
        let removed = old.into_iter().filter(|(_, before)| !before.is_null());
        changes.extend(removed.map(|(field, before)| Change { field, before, after: Value::Null }));
        changes.sort_by(|one, other| one.field.cmp(&other.field));
        Self(changes)
    }

    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the fields that differ.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|change| change.field.as_str())
    }
}

/// As canonical JSON (RFC 8785). Texts and whole numbers, which nearly all values are, serde writes in the canonical form;
/// the rest goes through the canonicalizer.
fn canonical(changes: &Changes) -> Result<String, ApiError> {
    fn put(out: &mut String, value: &Value) -> serde_json::Result<()> {
        match value {
            Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&serde_json::to_string(value)?),
            Value::Number(number) if number.as_i64().is_some_and(|whole| whole.unsigned_abs() < 1 << 53) => {
                out.push_str(&number.to_string());
            }
            _ => out.push_str(&serde_json_canonicalizer::to_string(value)?),
        }
        Ok(())
    }
    let mut out = String::with_capacity(64 * (1 + changes.0.len()));
    out.push('[');
    for (number, change) in changes.0.iter().enumerate() {
        out.push_str(if number == 0 { "{\"after\":" } else { ",{\"after\":" });
        put(&mut out, &change.after).map_err(ApiError::internal)?;
        out.push_str(",\"before\":");
        put(&mut out, &change.before).map_err(ApiError::internal)?;
        out.push_str(",\"field\":");
        out.push_str(&serde_json::to_string(&change.field).map_err(ApiError::internal)?);
        out.push('}');
    }
    out.push(']');
    Ok(out)
}

fn fields(value: &impl Serialize) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(value).map_err(ApiError::internal)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(ApiError::internal("a thing without fields")),
    }
}

/// Of what an event speaks, and by what its readers find it.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// Singular, snake case.
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
    /// A thing of this kind that lies nowhere.
    pub const fn new(kind: &'static str, id: Id, version: i32) -> Self {
        Self { kind, id: Some(id), version: Some(version), neighborhood_id: None, initiative_id: None, user_id: None }
    }

    /// A user; without a version where the deed is not of his own fields.
    pub const fn user(id: Id, version: Option<i32>) -> Self {
        Self { kind: "user", id: Some(id), version, neighborhood_id: None, initiative_id: None, user_id: Some(id) }
    }

    /// A service account; without a version where the deed is not of its own fields.
    pub const fn client(id: Id, version: Option<i32>) -> Self {
        Self { kind: "client", id: Some(id), version, neighborhood_id: None, initiative_id: None, user_id: Some(id) }
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
    action: Deed,
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
}

impl NewEvent {
    /// A deed of the transaction's actor, yet to be recorded.
    ///
    /// # Errors
    /// `internal` where the changes are not JSON, which none of ours are.
    pub fn of(stamp: &Stamp<'_>, deed: Deed, subject: &Subject, changes: &Changes, reason: Option<&str>) -> Result<Self, ApiError> {
        let changes = canonical(changes)?;
        let actor = stamp.actor();
        let user = (actor.user_id != Id::NOBODY).then_some(actor);
        Ok(Self {
            province_id: actor.province_id,
            id: stamp.id(),
            at: stamp.now(),
            actor_id: user.map(|actor| actor.user_id),
            actor_username: user.map(|actor| actor.username.clone()),
            actor_display_name: user.map(|actor| actor.display_name.clone()),
            role: user.map(|actor| actor.role),
            action: deed,
            resource_type: subject.kind,
            resource_id: subject.id,
            version: subject.version,
            changes,
            reason: reason.map(str::to_owned),
            request_id: stamp.request_id().map(str::to_owned),
            neighborhood_id: subject.neighborhood_id,
            initiative_id: subject.initiative_id,
            user_id: subject.user_id,
            register: deed.changes_register(),
        })
    }
}

/// Records a deed of the transaction's actor. It gets its `seq` and hash when it is sealed.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, deed: Deed, subject: &Subject, changes: &Changes, reason: Option<&str>) -> Result<(), ApiError> {
    let event = NewEvent::of(tx, deed, subject, changes, reason)?;
    diesel::insert_into(events::table).values(&event).execute(tx.conn)?;
    Ok(())
}

/// Records many deeds, in their order.
///
/// # Errors
/// Those of the database.
pub fn record_all(tx: &mut Tx<'_>, new: &[NewEvent]) -> Result<(), ApiError> {
    insert_all!(tx.conn, events::table, new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_written_canonically() {
        let new = json!({"z": "\u{1}\n\"é‌ک\u{2028}", "a": -5, "f": 0.1, "g": {"b": [1.0, 1e30], "a": null}, "big": u64::MAX});
        let changes = Changes::created(&new).expect("an object");
        let expected = serde_json_canonicalizer::to_string(&changes).expect("JSON");
        assert_eq!(canonical(&changes).expect("JSON"), expected);
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let old = json!({"a": 1, "b": null, "c": "x"});
        let new = json!({"a": 1, "b": 2, "c": null});
        let changes = Changes::between(&old, &new).expect("objects");
        assert_eq!(changes.fields().collect::<Vec<_>>(), ["b", "c"]);
        assert!(Changes::between(&old, &old).expect("objects").is_empty());
        assert_eq!(Changes::created(&old).expect("an object").fields().collect::<Vec<_>>(), ["a", "c"]);
    }
}
