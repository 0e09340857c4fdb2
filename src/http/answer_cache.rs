//! Answers that a server remembers until something in the province changes, so that a client that polls costs little.

use actix_web::web::Bytes;
use quick_cache::{Weighter, sync::Cache};
use serde::Serialize;

use crate::{auth::Scope, db::Conn, error::ApiError, events};

/// The most bytes of answers that a server remembers.
const MOST: u64 = 64 << 20;

/// Answers that were given before, by all that they depend on: the state of the register, who asks on which day, and what for.
pub struct AnswerCache(Cache<String, CachedAnswer, ByBytes>);

/// An answer's body, and the cursor of its next page.
#[derive(Debug, Clone)]
pub struct CachedAnswer {
    /// The body.
    pub body: Bytes,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

impl CachedAnswer {
    /// A value as JSON, in no more room than it takes.
    ///
    /// # Errors
    /// `internal` where the value cannot be written as JSON, which every type here can.
    pub fn json(value: &impl Serialize, next: Option<String>) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        Ok(Self { body: body.into_boxed_slice().into(), next })
    }
}

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<String, CachedAnswer> for ByBytes {
    fn weight(&self, key: &String, value: &CachedAnswer) -> u64 {
        // The cache itself needs about 128 bytes for an entry.
        u64::try_from(key.len() + value.body.len()).unwrap_or(MOST) + 128
    }
}

impl Default for AnswerCache {
    fn default() -> Self {
        Self(Cache::with_weighter(1024, MOST, ByBytes))
    }
}

impl AnswerCache {
    /// The answer under a key; others who ask for it while it is made wait for it.
    ///
    /// # Errors
    /// What `work` gives.
    pub async fn answer(&self, key: &str, work: impl Future<Output = Result<CachedAnswer, ApiError>>) -> Result<CachedAnswer, ApiError> {
        self.0.get_or_insert_async(key, work).await
    }

    /// The answer at an address, remembered where nothing has changed since. While a change waits to be sealed it is read anew,
    /// since telling the state would then take a count of what waits.
    ///
    /// The state is asked of the same connection and before the work, so what is remembered is never older than its state.
    ///
    /// # Errors
    /// Those of the database; what `work` gives.
    pub fn read(
        &self,
        conn: &mut Conn,
        scope: &Scope,
        address: &str,
        work: impl FnOnce(&mut Conn) -> Result<CachedAnswer, ApiError>,
    ) -> Result<CachedAnswer, ApiError> {
        let Some(state) = events::settled(conn, scope.actor.province_id)? else { return work(conn) };
        let key = format!("{state}\n{}\n{address}", scope.key());
        if let Some(known) = self.0.get(&key) {
            return Ok(known);
        }
        let answer = work(conn)?;
        self.0.insert(key, answer.clone());
        Ok(answer)
    }
}
