//! Answers that a server remembers until something in the province changes, so that a client that polls costs little.

use std::sync::OnceLock;

use actix_web::{HttpRequest, web::Bytes};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::{coding::Coding, conditional};
use crate::{auth::Scope, db::Conn, error::ApiError, events};

/// The most bytes of answers that a server remembers.
const MAX_BYTES: u64 = 64 << 20;

/// How many addresses a server knows to have been asked for.
const MAX_ADDRESSES: usize = 16_384;

/// Answers that were given before, by all that they depend on: the state of the register, who asks on which day, what for, and in
/// which coding.
pub struct AnswerCache {
    answers: Cache<String, CachedAnswer, ByBytes>,
    asked: Cache<u64, ()>,
}

/// An answer's body with its ETag, and the cursor of its next page.
#[derive(Debug, Clone)]
pub struct CachedAnswer {
    /// The body.
    pub body: Bytes,
    /// What the body is coded in.
    pub coding: Coding,
    /// The ETag, a digest of the body before it was compressed.
    pub tag: String,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

impl CachedAnswer {
    /// A value as JSON, in no more room than it takes.
    ///
    /// # Errors
    /// `internal` where the value cannot be written as JSON, which every type here can.
    pub fn json(value: &impl Serialize, next: Option<String>) -> Result<Self, ApiError> {
        // Room for a page of 50, which else is moved at each doubling.
        let mut body = Vec::with_capacity(64 << 10);
        serde_json::to_writer(&mut body, value).map_err(ApiError::internal)?;
        Ok(Self::new(body.into_boxed_slice().into(), next))
    }

    /// A body as it is.
    pub fn new(body: Bytes, next: Option<String>) -> Self {
        Self { tag: conditional::etag(&body), coding: Coding::Identity, body, next }
    }

    /// The same for who takes this coding.
    ///
    /// # Errors
    /// `internal` where the compressor fails.
    pub fn coded(self, coding: Coding) -> Result<Self, ApiError> {
        Ok(match coding.encode(&self.body)? {
            Some(body) => Self { body, coding, ..self },
            None => self,
        })
    }
}

/// What stays as it is while the server runs; compressed when it is first asked for so.
#[derive(Debug)]
pub struct FixedAnswer {
    plain: CachedAnswer,
    packed: OnceLock<CachedAnswer>,
}

impl FixedAnswer {
    /// A body that does not change.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { plain: CachedAnswer::new(body.into(), None), packed: OnceLock::new() }
    }

    /// The body in the coding that a client takes.
    pub fn coded_for(&self, request: &HttpRequest) -> CachedAnswer {
        let (plain, coding) = (|| self.plain.clone(), Coding::of(request));
        match coding {
            Coding::Identity => plain(),
            Coding::Gzip => self.packed.get_or_init(|| plain().coded(coding).unwrap_or_else(|_| plain())).clone(),
        }
    }
}

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<String, CachedAnswer> for ByBytes {
    fn weight(&self, key: &String, value: &CachedAnswer) -> u64 {
        // The cache itself needs about 128 bytes for an entry.
        u64::try_from(key.len() + value.body.len()).unwrap_or(MAX_BYTES) + 128
    }
}

impl Default for AnswerCache {
    fn default() -> Self {
        // In one piece, of which a quarter is for what is new: else a large answer would not fit beside what is asked for no more.
        let options =
            OptionsBuilder::new().estimated_items_capacity(1024).weight_capacity(MAX_BYTES).shards(1).hot_allocation(0.75).build();
        let answers = options.map_or_else(
            |_| Cache::with_weighter(1024, MAX_BYTES, ByBytes),
            |options| Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), DefaultLifecycle::default()),
        );
        Self { answers, asked: Cache::new(MAX_ADDRESSES) }
    }
}

impl AnswerCache {
    /// The answer under a key; others who ask for it while it is made wait for it.
    ///
    /// # Errors
    /// What `work` gives.
    pub async fn answer(&self, key: &str, work: impl Future<Output = Result<CachedAnswer, ApiError>>) -> Result<CachedAnswer, ApiError> {
        self.answers.get_or_insert_async(key, work).await
    }

    /// The answer at an address, remembered from the second time on where nothing has changed since: what is asked for once is
    /// spared the question for the state, the memory, and being compressed. While a change waits to be sealed it is read anew, since
    /// telling the state would then take a count of what waits.
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
        coding: Coding,
        work: impl FnOnce(&mut Conn) -> Result<CachedAnswer, ApiError>,
    ) -> Result<CachedAnswer, ApiError> {
        let asked = format!("{}\n{}\n{address}", scope.key(), coding.as_str());
        if !self.was_asked(&asked) {
            return work(conn);
        }
        let Some(state) = events::settled(conn, scope.actor.province_id)? else { return work(conn) };
        let key = format!("{state}\n{asked}");
        if let Some(known) = self.answers.get(&key) {
            return Ok(known);
        }
        let answer = work(conn)?.coded(coding)?;
        self.answers.insert(key, answer.clone());
        Ok(answer)
    }

    /// Whether this was asked for before, of late; from now on it was.
    fn was_asked(&self, asked: &str) -> bool {
        // Two of one hash cost one of them a question more, and no answer is ever another's.
        let asked = xxh3_64(asked.as_bytes());
        let was = self.asked.get(&asked).is_some();
        if !was {
            self.asked.insert(asked, ());
        }
        was
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_answer_finds_room_beside_what_was_asked_for_before() {
        let cache = AnswerCache::default();
        let answer = |bytes: usize| CachedAnswer::new(vec![b' '; bytes].into(), None);
        for old in 0..2000 {
            let key = format!("old {old}");
            cache.answers.insert(key.clone(), answer(64 << 10));
            assert!(cache.answers.get(&key).is_some(), "{key}");
        }
        assert!((MAX_BYTES / 2..=MAX_BYTES).contains(&cache.answers.weight()));
        for new in 0..20 {
            let key = format!("new {new}");
            cache.answers.insert(key.clone(), answer(8 << 20));
            assert!(cache.answers.get(&key).is_some(), "{key}");
            assert!(cache.answers.weight() <= MAX_BYTES);
        }
    }
}
