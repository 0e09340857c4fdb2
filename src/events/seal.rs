//! Sealing: committed events get their `seq`, in the order of their intake, and their place in the hash chain.
//!
//! An event has no `seq` before it is visible, so the feed skips none; a crash leaves unsealed events to the next sealer.

use diesel::{
    RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Array, BigInt, Integer, Text},
};
use serde::Serialize;

use super::{head::Head, verify::chained, waiting};
use crate::{
    app::App,
    db::{Conn, Id, large, lock_seals, types::sql::Uid},
    error::{ApiError, ProblemCode},
};

const TABLE: &str = "events";
/// The most events sealed in one transaction.
const MAX_BATCH: i64 = 1000;
/// The same on SQLite, where all other writes wait for it, some 2 ms.
const MAX_BATCH_ON_SQLITE: i64 = 100;
/// The same where somebody waits for the events, some 10 ms.
const MAX_BATCH_WHEN_AWAITED: i64 = 500;

/// Seals what is pending in every province, as far as it can be.
///
/// # Errors
/// Those of finding out where something is pending.
pub async fn seal_all(app: &App) -> Result<(), ApiError> {
    for province_id in app.db.read_now(waiting::provinces).await? {
        // One that can't be sealed is no reason to leave the others.
        if let Err(error) = seal(app, province_id, false).await {
            tracing::warn!(%error, province_id, "events were not sealed; the next round tries again");
        }
    }
    Ok(())
}

/// Has PostgreSQL analyze the events where they have outgrown what is known of them, and tells whether it was tried; once they are
/// sealed, as nearly all are that it will be asked for. Where that takes ten seconds it is left to the database itself.
///
/// # Errors
/// Those of finding out.
pub async fn analyze_if_outgrown(app: &App) -> Result<bool, ApiError> {
    if !app.db.read_now(|conn| Ok(large::has_outgrown(conn, TABLE)?)).await? {
        return Ok(false);
    }
    seal_all(app).await?;
    let analyzed = app.db.write(|conn| {
        conn.batch_execute("SET LOCAL statement_timeout = '10s'")?;
        Ok(large::analyze_if_outgrown(conn, TABLE)?)
    });
    if let Err(error) = analyzed.await {
        tracing::debug!(%error, "the table of events was not analyzed");
    }
    Ok(true)
}

/// Seals what is pending in one province, so that callers see their own writes. Where the database takes no writes, as on a full disk or
/// while an import has SQLite to itself, what is sealed can be read all the same.
///
/// # Errors
/// Those of the database.
pub async fn seal_province(app: &App, province_id: i32) -> Result<(), ApiError> {
    match seal(app, province_id, true).await {
        Err(error) if matches!(error.code, ProblemCode::Unavailable | ProblemCode::Busy) => {
            tracing::warn!(%error, province_id, "events were not sealed; what is sealed is told");
            Ok(())
        }
        done => done,
    }
}

async fn seal(app: &App, province_id: i32, is_awaited: bool) -> Result<(), ApiError> {
    // No further: what others add meanwhile may have no end.
    if let Some(latest) = app.db.read_now(move |conn| waiting::latest(conn, province_id)).await? {
        while app.db.write(move |conn| seal_batch(conn, province_id, is_awaited)).await?.is_some_and(|sealed| sealed < latest) {}
    }
    Ok(())
}

/// Seals a batch, one sealer at a time for a province. Gives the place of what came last in it; none where nothing waited.
fn seal_batch(conn: &mut Conn, province_id: i32, is_awaited: bool) -> Result<Option<i64>, ApiError> {
    lock_seals(conn, province_id)?;
    let mut head = Head::find(conn, province_id)?;
    let is_first = head.seq == 0;
    let most = match conn {
        Conn::Postgres(_) => MAX_BATCH,
        Conn::Sqlite(_) if is_awaited => MAX_BATCH_WHEN_AWAITED,
        Conn::Sqlite(_) => MAX_BATCH_ON_SQLITE,
    };
    let next = waiting::next(conn, province_id, most)?;
    if next.last.is_none() {
        return Ok(None);
    }
    let mut seals = Vec::with_capacity(next.events.len());
    for event in next.events {
        let hash = chained(&event, head.seq + 1, &head.hash)?;
        let prev_hash = head.follow(&event, hash.clone());
        seals.push(Seal { id: event.id, intake: event.intake, seq: head.seq, prev_hash, hash });
    }
    store(conn, province_id, seals)?;
    waiting::delete_bulks(conn, province_id, next.bulks)?;
    head.store(conn, province_id, is_first)?;
    Ok(next.last)
}

/// What sealing gives to an event.
#[derive(Serialize)]
struct Seal {
    #[serde(skip)]
    id: Id,
    intake: i64,
    seq: i64,
    prev_hash: String,
    hash: String,
}

/// Stores seals in one statement: each is a round trip on PostgreSQL, and is parsed anew on SQLite, where `intake` is the row's own key.
fn store(conn: &mut Conn, province_id: i32, seals: Vec<Seal>) -> Result<(), ApiError> {
    match conn {
        Conn::Postgres(pg) => {
            const ALL: &str = "UPDATE events SET seq = sealed.seq, prev_hash = sealed.prev_hash, hash = sealed.hash, bulk = NULL \
                FROM unnest($2, $3, $4, $5) AS sealed (id, seq, prev_hash, hash) \
                WHERE events.province_id = $1 AND events.id = sealed.id";
            diesel::sql_query(ALL)
                .bind::<Integer, _>(province_id)
                .bind::<Array<Uid>, _>(seals.iter().map(|seal| seal.id).collect::<Vec<_>>())
                .bind::<Array<BigInt>, _>(seals.iter().map(|seal| seal.seq).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(seals.iter().map(|seal| seal.prev_hash.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(seals.iter().map(|seal| seal.hash.as_str()).collect::<Vec<_>>())
                .execute(pg)?;
        }
        Conn::Sqlite(sqlite) => {
            const ALL: &str = "UPDATE events SET seq = sealed.value ->> 'seq', prev_hash = sealed.value ->> 'prev_hash', \
                hash = sealed.value ->> 'hash', bulk = NULL FROM json_each(?) AS sealed WHERE events.intake = sealed.value ->> 'intake'";
            let sealed = serde_json::to_string(&seals).map_err(ApiError::internal)?;
            diesel::sql_query(ALL).bind::<Text, _>(sealed).execute(sqlite)?;
        }
    }
    Ok(())
}
