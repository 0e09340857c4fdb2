//! The way of an export to its client: page after page, with an event at the end.

mod sheets;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpRequest, rt,
    web::{Bytes, Data},
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::{
    Cell, Export, Exporting, Format,
    pieces::{Sender, hand_over, last_call, pieces},
    xlsx,
};
use crate::{
    app::App,
    auth::{self, Caller, Scope},
    db::Conn,
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, Subject},
    http::{
        answer::{Answer, attachment},
        connection::ClientGone,
        negotiate::accepts,
        page::PageRequest,
        request::RequestContext,
    },
    policy::Kind,
    tx::Tx,
};

pub use sheets::{Sheets, Turn};

/// How often a long export looks whether its caller may still have it.
const RIGHTS_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How long the first bytes are waited for before the answer begins with 200.
const FIRST_BYTES_TIMEOUT: Duration = Duration::from_secs(10);

/// The pauses after which an export that is over is recorded after all, where the database was busy: an import may hold SQLite for a while.
const RECORD_RETRY_PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(60)];

/// Streams an export. The event at its end says how many rows there were, and whether all were sent.
///
/// # Errors
/// 406 where the client does not take the format, 400 where a spreadsheet cannot hold the rows, `busy` where too many are being made.
pub async fn stream<E: Exporting>(app: &Data<App>, who: Caller, request: &HttpRequest, export: Export<E>) -> Answer {
    accepts(request, &[export.format.media_type(), "application/problem+json"])?;
    if export.format == Format::Xlsx {
        let (scope, filter) = (who.scope(app), export.list.filter.clone());
        xlsx::refuse_too_many(app.db.read(move |conn| E::total(conn, &scope, &filter)).await?)?;
    }
    let (sender, mut receiver) = mpsc::channel::<Result<Bytes, ApiError>>(4);
    let mut response = attachment(export.format.media_type(), &format!("{}.{}", E::plural(), export.format.as_str()));
    let whole = Arc::new(AtomicBool::new(false));
    if RequestContext::of(request).head_only {
        // A HEAD takes no rows, so it is no export.
        whole.store(true, Ordering::Release);
        drop(sender);
    } else {
        let way = match export.format {
            Format::Xlsx => Way::Sheet(app.sheets.turn().await?, ClientGone::of(request)),
            Format::Csv | Format::Ndjson | Format::Geojson => Way::Text,
        };
        rt::spawn(run(app.clone(), who, export, way, sender, Arc::clone(&whole)).in_current_span());
    }
    // A failure before the first byte is answered like that of any other request.
    let first = match tokio::time::timeout(FIRST_BYTES_TIMEOUT, receiver.recv()).await {
        Ok(Some(Err(error))) => return Err(error),
        Ok(first) => first,
        Err(_) => None,
    };
    Ok(response.streaming(stream::iter(first).chain(pieces(receiver, whole))))
}

/// How the rows get to the client.
enum Way {
    /// Page by page.
    Text,
    /// In a spreadsheet. No byte of it is sent before it is made, so that nothing but the connection tells that the client hung up.
    Sheet(Turn, Option<ClientGone>),
}

/// Sends the rows and records that they were exported.
async fn run<E: Exporting>(app: Data<App>, who: Caller, export: Export<E>, way: Way, sender: Sender, whole: Arc<AtomicBool>) {
    let mut pages = Pages::of(&app, &who, &export);
    let sent = tokio::select! {
        sent = send(&mut pages, way, &sender) => sent,
        () = last_call(&app) => Ok(false),
    };
    let complete = sent.unwrap_or_else(|error| {
        broke_off(error, &sender);
        false
    });
    let ended = Ended { app: &app, who: &who, kind: E::KIND, format: export.format, query: &export.query, rows: pages.rows };
    let recorded = ended.record(complete).await;
    // The answer ends only now, so that its caller finds the event; where the database is busy it does not wait for it any longer. What
    // can't be recorded, as on a full disk, is nobody's to have, and its answer is cut.
    let complete = complete && recorded.as_ref().err().is_none_or(|error| error.code == ProblemCode::Busy);
    whole.store(complete, Ordering::Release);
    drop(sender);
    ended.record_at_last(recorded, complete).await;
}

/// Sends the rows; `false` where the client hung up.
async fn send<E: Exporting>(pages: &mut Pages<'_, E>, way: Way, sender: &Sender) -> Result<bool, ApiError> {
    match way {
        Way::Text => send_text(pages, sender).await,
        Way::Sheet(turn, None) => sheets::send(pages, turn, sender).await,
        Way::Sheet(turn, Some(client)) => tokio::select! {
            sent = sheets::send(pages, turn, sender) => sent,
            () = client.wait() => Ok(false),
        },
    }
}

/// Tells the log, and the client where that is possible.
fn broke_off(error: ApiError, sender: &Sender) {
    if error.code.status() < 500 {
        tracing::info!(%error, "an export was ended");
    } else {
        tracing::error!(%error, "an export broke off");
    }
    // The first piece of an answer tells the client; a later one, for which there may be no room, cuts the connection.
    sender.try_send(Err(error)).ok();
}

/// An export that is over.
struct Ended<'a> {
    app: &'a App,
    who: &'a Caller,
    kind: Kind,
    format: Format,
    query: &'a str,
    rows: usize,
}

impl Ended<'_> {
    /// Records it.
    async fn record(&self, complete: bool) -> Result<(), ApiError> {
        let summary = json!({"format": self.format, "query": self.query, "rows": self.rows, "complete": complete});
        let (changes, kind) = (Changes::created(&summary)?, self.kind);
        let (actor, world, request_id) = (Arc::clone(&self.who.actor), self.app.world.clone(), self.who.request_id.clone());
        let write = move |conn: &mut Conn| {
            let mut tx = Tx::new(conn, actor, &world, Some(request_id));
            events::record(&mut tx, EventAction::Exported, &Subject::kind(kind.as_str()), &changes, None)
        };
        self.app.db.write(write).await
    }

    /// Tries again for a while where it is not recorded yet and may still be.
    async fn record_at_last(&self, mut recorded: Result<(), ApiError>, complete: bool) {
        let (user, format, rows) = (self.who.actor.user_id, self.format, self.rows);
        let is_transient = |error: &&ApiError| matches!(error.code, ProblemCode::Busy | ProblemCode::Unavailable);
        for pause in RECORD_RETRY_PAUSES {
            let Some(error) = recorded.as_ref().err().filter(is_transient) else { break };
            // Told now: a server that ends meanwhile does not try again.
            tracing::warn!(%error, %user, %format, rows, complete, "an export is not recorded yet");
            tokio::time::sleep(pause).await;
            recorded = self.record(complete).await;
        }
        if let Err(error) = recorded {
            tracing::error!(%error, %user, %format, rows, complete, "an export was not recorded");
        }
    }
}

/// The pages of the list, one after the other.
struct Pages<'a, E: Exporting> {
    app: &'a App,
    /// The caller, and the day on which it began, whenever the last row is sent.
    scope: Scope,
    export: &'a Export<E>,
    /// The next page; none after the last.
    next: Option<PageRequest>,
    /// The rows given so far.
    rows: usize,
    /// When it was last checked that the caller may still have them.
    looked_at: Duration,
}

impl<'a, E: Exporting> Pages<'a, E> {
    fn of(app: &'a App, who: &'a Caller, export: &'a Export<E>) -> Self {
        Self { app, scope: who.scope(app), export, next: Some(export.list.page.clone()), rows: 0, looked_at: app.world.elapsed() }
    }

    /// The rows of the next page, `None` after the last; the first page is empty where nothing matches the filter.
    async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, ApiError> {
        let Some(mut page) = self.next.take() else { return Ok(None) };
        self.look().await?;
        let (scope, filter, wanted) = (self.scope.clone(), self.export.list.filter.clone(), page.clone());
        let (records, last) = self
            .app
            .db
            .read(move |conn| {
                let mut rows = E::rows(conn, &scope, &filter, &wanted)?;
                let last = wanted.cut_at(&mut rows, |row| (E::key(row, wanted.sort), E::identity(row).0));
                let items = E::items(conn, &scope, rows)?;
                Ok((E::cells(conn, &scope, items)?, last))
            })
            .await?;
        self.next = last.map(|after| {
            page.after = Some(after);
            page
        });
        self.rows += records.len();
        Ok(Some(records))
    }

    /// Ends an export that a slow reader draws out past the end of the session, account or reach (CONTRACT §2).
    async fn look(&mut self) -> Result<(), ApiError> {
        let elapsed = self.app.world.elapsed();
        if elapsed.saturating_sub(self.looked_at) < RIGHTS_CHECK_INTERVAL {
            return Ok(());
        }
        self.looked_at = elapsed;
        let (now, actor) = (self.app.world.now(), Arc::clone(&self.scope.actor));
        let unchanged = self.app.db.read_now(move |conn| auth::queries::is_unchanged(conn, &actor, now)).await?;
        if unchanged { Ok(()) } else { Err(ApiError::new(ProblemCode::InvalidToken)) }
    }
}

/// Sends rows as they come; `false` where the client hung up.
async fn send_text<E: Exporting>(pages: &mut Pages<'_, E>, sender: &Sender) -> Result<bool, ApiError> {
    let export = pages.export;
    let (mut chunk, mut first) = (export.head()?, true);
    while let Some(records) = pages.next().await? {
        for cells in records {
            chunk.extend(export.row(&cells, first)?);
            first = false;
        }
        if pages.next.is_none() {
            chunk.extend(export.tail());
        }
        if !hand_over(sender, std::mem::take(&mut chunk)).await {
            return Ok(false);
        }
    }
    Ok(true)
}
