//! Failed logins, counted in the database so that every server counts alike (DESIGN §4, decision 12).

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::count_star};

use crate::{
    app::App,
    clock::World,
    db::{Conn, Id, Timestamp, schema::login_failures::dsl},
    error::{ApiError, ProblemCode},
    persian,
};

/// The time in which failures count, in seconds.
const WINDOW_SECONDS: i64 = 15 * 60;
/// The most failures for a name from one address.
const PER_ADDRESS: i64 = 10;
/// The most failures for a name from anywhere: high, so that nobody can lock another out.
const PER_NAME: i64 = 500;

/// The name under which a user's failures are counted; province 0 stands for one that does not exist.
pub fn name(province_id: i32, username: &str) -> String {
    format!("{province_id}/{}", persian::code_key(username))
}

/// A try that counts as failed until it has succeeded.
#[derive(Debug, Clone)]
pub struct Attempt {
    id: Id,
    name: String,
    address: String,
}

impl Attempt {
    /// Counts a try as failed before it is judged, so that tries side by side are counted too.
    ///
    /// # Errors
    /// 429 with the time until the oldest failure no longer counts.
    pub fn begin(conn: &mut Conn, world: &World, name: String, address: String) -> Result<Self, ApiError> {
        check(conn, world.now(), &name, &address)?;
        let id = world.new_id();
        diesel::insert_into(dsl::login_failures)
            .values((dsl::id.eq(id), dsl::name.eq(&name), dsl::address.eq(&address), dsl::at.eq(world.now())))
            .execute(conn)?;
        Ok(Self { id, name, address })
    }

    /// Deletes the failures for its name from its address, once it has succeeded.
    ///
    /// # Errors
    /// Those of the database.
    pub fn succeed(&self, conn: &mut Conn) -> Result<(), ApiError> {
        let of_both = dsl::name.eq(&self.name).and(dsl::address.eq(&self.address));
        diesel::delete(dsl::login_failures.filter(of_both)).execute(conn)?;
        Ok(())
    }

    /// Takes the try back where no password was judged, as while the server is busy; of errors, `InvalidCredentials` alone says that
    /// one was judged.
    ///
    /// # Errors
    /// Those of what was done.
    pub async fn take_back_unless_judged<T>(self, app: &App, done: Result<T, ApiError>) -> Result<T, ApiError> {
        if let Err(error) = &done
            && error.code != ProblemCode::InvalidCredentials
        {
            let removal = move |conn: &mut Conn| Ok(diesel::delete(dsl::login_failures.filter(dsl::id.eq(self.id))).execute(conn)?);
            // Where this fails too, the try counts for a quarter of an hour.
            app.db.write(removal).await.ok();
        }
        done
    }
}

/// Refuses another attempt after too many failures.
fn check(conn: &mut Conn, now: Timestamp, name: &str, address: &str) -> Result<(), ApiError> {
    let since = now.plus_seconds(-WINDOW_SECONDS);
    let of_name = dsl::login_failures.filter(dsl::name.eq(name).and(dsl::at.gt(since)));
    let everywhere = of_name.select(count_star()).first::<i64>(conn)?;
    let of_both = of_name.filter(dsl::address.eq(address));
    let here = of_both.select(count_star()).first::<i64>(conn)?;
    if here >= PER_ADDRESS || everywhere >= PER_NAME {
        let too_many = if everywhere >= PER_NAME { of_name.into_boxed() } else { of_both.into_boxed() };
        let oldest = too_many.order(dsl::at).select(dsl::at).first::<Timestamp>(conn).optional()?;
        let wait = oldest.map_or(WINDOW_SECONDS, |at| (at.plus_seconds(WINDOW_SECONDS).micros() - now.micros()) / 1_000_000 + 1);
        return Err(ApiError::new(ProblemCode::TooManyRequests).with_retry_after(u32::try_from(wait).unwrap_or(1).max(1)));
    }
    Ok(())
}

/// Deletes failures that no longer count.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    diesel::delete(dsl::login_failures.filter(dsl::at.lt(now.plus_seconds(-WINDOW_SECONDS)))).execute(conn)?;
    Ok(())
}
