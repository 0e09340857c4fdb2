//! What a write works with: its connection, its caller, its instant, and whom to forget once it is committed
//! (DESIGN §4, decision 3).

use std::{ops::Deref, sync::Arc};

use chrono::NaiveDate;

use crate::{
    auth::{Actor, Scope},
    clock::{World, tehran_day},
    db::{self, Conn, Id, Root, Roots, Timestamp},
    error::ApiError,
    http::{language::Language, resource::Resource},
};

/// What a write is stamped with: by whom, when, on which request; and where its ids come from.
pub struct Stamp<'a> {
    scope: Scope,
    world: &'a World,
    now: Timestamp,
    request_id: Option<String>,
}

/// A write under way.
pub struct Tx<'a> {
    /// The connection: inside the transaction, but for an import that only judges, which writes nothing through it.
    pub conn: &'a mut Conn,
    stamp: Stamp<'a>,
    outdated: Vec<Id>,
}

impl<'a> Stamp<'a> {
    /// The stamp of a write by `actor` that begins now.
    pub fn new(actor: Arc<Actor>, world: &'a World, request_id: Option<String>) -> Self {
        let now = world.now();
        Self { scope: Scope { actor, today: tehran_day(now), language: Language::default() }, world, now, request_id }
    }

    /// Has it begin now: a write that has waited for a lock comes after the one that held it.
    fn begin_anew(&mut self) {
        self.now = self.world.now();
        self.scope.today = tehran_day(self.now);
    }

    /// Who writes.
    pub fn actor(&self) -> &Actor {
        &self.scope.actor
    }

    /// Who writes, on which day.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The tenant.
    pub fn province_id(&self) -> i32 {
        self.scope.actor.province_id
    }

    /// The instant of this write, not before that of another write that it has waited for.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The day in Tehran.
    pub const fn today(&self) -> NaiveDate {
        self.scope.today
    }

    /// A new id.
    pub fn new_id(&self) -> Id {
        self.world.new_id()
    }

    /// Bytes that nobody can guess.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        self.world.random_bytes()
    }

    /// The id of the request that asked for it, where one did.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Stamp<'a>;

    fn deref(&self) -> &Stamp<'a> {
        &self.stamp
    }
}

impl<'a> Tx<'a> {
    /// A write by `actor` that begins now.
    pub fn new(conn: &'a mut Conn, actor: Arc<Actor>, world: &'a World, request_id: Option<String>) -> Self {
        Self { conn, stamp: Stamp::new(actor, world, request_id), outdated: Vec::new() }
    }

    /// The connection together with the scope, for views that need both.
    pub const fn split(&mut self) -> (&mut Conn, &Scope) {
        (self.conn, &self.stamp.scope)
    }

    /// The row of an id, within the actor's reach.
    ///
    /// # Errors
    /// `not_found`.
    pub fn find<R: Resource>(&mut self, id: Id) -> Result<R::Row, ApiError> {
        R::find(self.conn, &self.stamp.scope.actor, id)
    }

    /// The row of an id, where there is one within the actor's reach.
    ///
    /// # Errors
    /// Those of the database.
    pub fn get_optional<R: Resource>(&mut self, id: Id) -> Result<Option<R::Row>, ApiError> {
        R::get_optional(self.conn, &self.stamp.scope.actor, id)
    }

    /// Locks a root row of this province.
    ///
    /// # Errors
    /// `busy` where another transaction holds it for too long.
    pub fn lock(&mut self, root: Root) -> Result<(), ApiError> {
        let province = self.province_id();
        db::lock(self.conn, province, root)?;
        self.stamp.begin_anew();
        Ok(())
    }

    /// Holds what is newly referred to: a neighbourhood, and all agencies and domains, while others may refer to them too.
    ///
    /// # Errors
    /// `busy` where another transaction changes one for too long.
    pub fn lock_referred(&mut self, neighborhood: Option<Id>) -> Result<(), ApiError> {
        let province = self.province_id();
        db::lock_referred(self.conn, province, neighborhood)?;
        self.stamp.begin_anew();
        Ok(())
    }

    /// Waits, before an agency or a domain becomes inactive, for those who are referring to one.
    ///
    /// # Errors
    /// `busy` where that takes too long.
    pub fn lock_ending(&mut self) -> Result<(), ApiError> {
        let province = self.province_id();
        db::lock_ending(self.conn, province)?;
        self.stamp.begin_anew();
        Ok(())
    }

    /// Locks many root rows of this province.
    ///
    /// # Errors
    /// `busy` where another transaction holds one for too long.
    pub fn lock_all(&mut self, roots: Roots) -> Result<db::Held, ApiError> {
        let province = self.province_id();
        let held = db::lock_all(self.conn, province, roots)?;
        self.stamp.begin_anew();
        Ok(held)
    }

    /// Has this server forget, after the commit, what it remembers of a user's role, places and sessions.
    pub fn invalidate_user(&mut self, user: Id) {
        self.outdated.push(user);
    }

    /// Whom this server is to forget after the commit.
    pub fn into_invalidated_users(self) -> Vec<Id> {
        self.outdated
    }
}
