//! Spreadsheets: made a few at a time, each in a temporary file, and sent once they are made.

use std::{fs::File, io::Read, sync::Arc, time::Duration};

use actix_web::rt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{Pages, Sender, hand_over};
use crate::{
    error::ApiError,
    http::export::{
        Exporting,
        xlsx::{self, Plan},
    },
};

/// How many are made at a time.
const MAX_AT_ONCE: usize = 4;

/// How long one waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// The bytes of a finished file that are sent at once.
const CHUNK: u64 = 128 * 1024;

/// The spreadsheets that a server makes.
#[derive(Debug)]
pub struct Sheets(Arc<Semaphore>);

impl Default for Sheets {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_AT_ONCE)))
    }
}

/// The right to make one.
pub type Turn = OwnedSemaphorePermit;

impl Sheets {
    /// Waits for the right to make one.
    ///
    /// # Errors
    /// `busy` where that takes too long.
    pub async fn turn(&self) -> Result<Turn, ApiError> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, Arc::clone(&self.0).acquire_owned()).await;
        turn.map_err(|_| ApiError::busy())?.map_err(ApiError::internal)
    }
}

/// Makes a spreadsheet and sends it; `false` where the client hung up.
pub(super) async fn send<E: Exporting>(pages: &mut Pages<'_, E>, turn: Turn, sender: &Sender) -> Result<bool, ApiError> {
    let (rows, taken) = mpsc::channel(2);
    let plan = Plan { name: E::SHEET, columns: E::COLUMNS, calendar: pages.export.calendar, made_at: pages.app.world.now() };
    let making = rt::task::spawn_blocking(move || {
        // Held until it is made, though nobody wait for it any more.
        let _turn = turn;
        xlsx::make(&plan, taken)
    });
    while let Some(records) = pages.next().await? {
        // Where the maker takes no more rows, its result says why.
        if sender.is_closed() || rows.send(Some(records)).await.is_err() {
            break;
        }
    }
    if !sender.is_closed() {
        drop(rows.send(None).await);
    }
    drop(rows);
    // The library panics where the folder for temporary files is full.
    let made = making.await.map_err(ApiError::unavailable)??;
    match made {
        Some(file) => send_file(file, sender).await,
        None => Ok(false),
    }
}

/// Sends a finished file; `false` where the client hung up.
async fn send_file(mut file: File, sender: &Sender) -> Result<bool, ApiError> {
    loop {
        let read = rt::task::spawn_blocking(move || {
            let mut chunk = Vec::new();
            (&file).take(CHUNK).read_to_end(&mut chunk).map(|_| (file, chunk))
        });
        let (same, chunk) = read.await.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
        file = same;
        if chunk.is_empty() {
            return Ok(true);
        }
        if !hand_over(sender, chunk).await {
            return Ok(false);
        }
    }
}
