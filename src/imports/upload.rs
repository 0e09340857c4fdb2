//! Takes a file in: stores it in the database piece by piece as it arrives, so that any server can work on it and memory does not
//! grow with its size.

use std::{pin::pin, time::Duration};

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest,
    error::PayloadError,
    web::{Bytes, Data, Payload},
};
use futures_util::{Stream, StreamExt, stream::unfold};
use tokio::time::timeout;
use xxhash_rust::xxh3::Xxh3;

use super::{
    dto::NewImport,
    file::{CHUNK, FileFormat},
    queries,
};
use crate::{
    app::App,
    db::Id,
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
    http::body,
};

/// How long a client may send nothing before its upload counts as broken off.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A file that has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// The id of the import to be.
    pub id: Id,
    /// Its size.
    pub bytes: i64,
    /// Its format.
    pub format: FileFormat,
    /// A digest of its bytes.
    pub digest: u128,
}

/// How the body is to be read.
enum Media {
    /// The file itself.
    Bare,
    /// A form with a part `file`.
    Form,
}

/// Takes a file in. Where it is refused or broken off, the pieces stored so far are removed.
///
/// # Errors
/// 415, 400 where its format is not told, 413.
pub async fn receive(
    app: &Data<App>,
    province_id: i32,
    request: &HttpRequest,
    options: &NewImport,
    payload: Payload,
) -> Result<Received, ApiError> {
    if body::is_encoded(request) {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType));
    }
    let (media, told) = match body::media_type(request).as_str() {
        "multipart/form-data" => (Media::Form, None),
        "application/octet-stream" => (Media::Bare, None),
        other => (Media::Bare, Some(FileFormat::of_media_type(other).ok_or_else(|| ApiError::new(ProblemCode::UnsupportedMediaType))?)),
    };
    if told.is_some() && options.format.is_some_and(|format| Some(format) != told) {
        let fault = Fault::parameter("format", FaultCode::NotOneOf).with(told.map_or("", FileFormat::as_str));
        return Err(ApiError::parameters(vec![fault]));
    }
    body::refuse_announced(request, app.config.import_limit)?;
    let payload = unstalled(payload, STALL_TIMEOUT);
    let mut store =
        Store { app, province_id, id: app.world.new_id(), number: 0, held: Vec::new(), bytes: 0, digest: Xxh3::new(), settled: false };
    let taken = match media {
        Media::Bare => match told.or(options.format).ok_or_else(untold) {
            Ok(format) => store.all(payload).await.map(|()| format),
            Err(error) => Err(error),
        },
        Media::Form => store.form(request, options.format, payload).await,
    };
    store.settled = true;
    match taken {
        Ok(format) => Ok(Received { id: store.id, bytes: store.bytes, format, digest: store.digest.digest128() }),
        Err(error) => {
            discard(app, province_id, store.id).await;
            Err(error)
        }
    }
}

/// Removes a file that becomes no import.
pub async fn discard(app: &App, province_id: i32, id: Id) {
    if let Err(error) = app.db.write(move |conn| queries::delete_unclaimed_chunks(conn, province_id, id)).await {
        tracing::warn!(%error, "a file that was not taken was not removed; it will be within a day");
    }
}

fn untold() -> ApiError {
    ApiError::parameters(vec![Fault::parameter("format", FaultCode::Required)])
}

fn broken_off(error: impl std::fmt::Display) -> ApiError {
    ApiError::parameters(vec![Fault::parameter("body", FaultCode::InvalidFormat).with("a whole body")]).with_cause(error)
}

/// The body, broken off where nothing of it comes for so long.
fn unstalled<S>(payload: S, patience: Duration) -> impl Stream<Item = Result<Bytes, PayloadError>>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    unfold(Some(payload), move |payload| async move {
        let mut payload = payload?;
        match timeout(patience, payload.next()).await {
            Ok(piece) => Some((piece?, Some(payload))),
            Err(_) => Some((Err(PayloadError::Incomplete(None)), None)),
        }
    })
    .fuse()
}

struct Store<'a> {
    app: &'a Data<App>,
    province_id: i32,
    id: Id,
    number: i32,
    held: Vec<u8>,
    bytes: i64,
    digest: Xxh3,
    /// Whether the upload has ended, well or badly; where the client hangs up it has not.
    settled: bool,
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.settled, tokio::runtime::Handle::try_current()) {
            let (app, province_id, id) = (self.app.clone(), self.province_id, self.id);
            runtime.spawn(async move { discard(&app, province_id, id).await });
        }
    }
}

impl Store<'_> {
    async fn form(
        &mut self,
        request: &HttpRequest,
        format: Option<FileFormat>,
        payload: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
    ) -> Result<FileFormat, ApiError> {
        let mut form = Multipart::new(request.headers(), payload);
        let refused = |name: &str, code| ApiError::parameters(vec![Fault::parameter(name, code)]);
        let part = form.next().await.ok_or_else(|| refused("file", FaultCode::Required))?.map_err(broken_off)?;
        if part.name() != Some("file") {
            return Err(refused(part.name().unwrap_or("part"), FaultCode::UnknownField));
        }
        let told = part.content_type().and_then(|media| FileFormat::of_media_type(media.essence_str()));
        let named = part.content_disposition().and_then(|header| {
            let extended = || header.get_filename_ext().map(|name| String::from_utf8_lossy(&name.value).into_owned());
            FileFormat::of_name(&header.get_filename().map(str::to_owned).or_else(extended)?)
        });
        let format = format.or(told).or(named).ok_or_else(untold)?;
        self.all(part).await?;
        match form.next().await {
            None => Ok(format),
            Some(other) => Err(refused(other.map_err(broken_off)?.name().unwrap_or("part"), FaultCode::UnknownField)),
        }
    }

    async fn all<E: std::fmt::Display>(&mut self, stream: impl Stream<Item = Result<Bytes, E>>) -> Result<(), ApiError> {
        let mut stream = pin!(stream);
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(broken_off)?;
            self.digest.update(&piece);
            self.bytes = self.bytes.saturating_add(i64::try_from(piece.len()).unwrap_or(i64::MAX));
            if usize::try_from(self.bytes).is_ok_and(|bytes| bytes > self.app.config.import_limit) {
                return Err(ApiError::new(ProblemCode::PayloadTooLarge));
            }
            self.held.extend_from_slice(&piece);
            if self.held.len() >= CHUNK {
                self.keep().await?;
            }
        }
        if self.held.is_empty() { Ok(()) } else { self.keep().await }
    }

    async fn keep(&mut self) -> Result<(), ApiError> {
        let (province, id, number, bytes) = (self.province_id, self.id, self.number, std::mem::take(&mut self.held));
        self.number += 1;
        let now = self.app.world.now();
        self.app.db.write(move |conn| queries::insert_chunk(conn, province, id, number, &bytes, now)).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream::{iter, pending};

    use super::*;

    #[tokio::test]
    async fn a_body_of_which_nothing_comes_any_more_is_broken_off() {
        let pieces = || iter([Ok(Bytes::from_static(b"a")), Ok(Bytes::from_static(b"b"))]);
        let whole: Vec<_> = unstalled(pieces(), STALL_TIMEOUT).map(|piece| piece.is_ok()).collect().await;
        let stalled: Vec<_> = unstalled(pieces().chain(pending()), Duration::from_millis(20)).map(|piece| piece.is_ok()).collect().await;
        assert_eq!((whole, stalled), (vec![true, true], vec![true, true, false]));
    }
}
