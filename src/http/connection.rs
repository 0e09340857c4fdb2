//! The connection itself, which is not waited for endlessly ([`Timeouts`]). Bytes that are not HTTP never become a request: actix answers
//! them with bare headers and hangs up. Here that bare answer is replaced by a problem document, as every other refusal has (CONTRACT §1).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{HttpRequest, rt::net::TcpStream, web::Data};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    runtime::Handle,
    sync::watch,
};

use super::{
    language::Language,
    problem::Problem,
    timeouts::{HEAD_TIMEOUT, Timeouts},
};
use crate::{
    app::App,
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
};

/// The longest head of a request, in bytes: the address with all headers. It is actix's own bound.
pub const MAX_HEAD: usize = 131_072;
/// The longest bare answer, in bytes.
const MAX_BARE_ANSWER: usize = 256;
/// What a request has beside its body, in bytes; small chunks may as much as double that.
const MAX_BESIDE_BODY: usize = 16 << 20;
/// How many bytes of what was refused are still read, and for how many seconds, so that the client comes to read why.
const LINGERING: u64 = 16 << 20;
const LINGERING_SECONDS: u64 = 5;

/// Tells that the client has hung up; cloned for each request of a connection.
#[derive(Debug, Clone)]
pub struct ClientGone(watch::Receiver<()>);

impl ClientGone {
    /// That of the request's connection.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.conn_data::<Self>().cloned()
    }

    /// Ends when the client has hung up.
    pub async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

/// A connection that sends no bare answer.
pub struct Connection {
    /// Present until the connection is dropped.
    socket: Option<TcpStream>,
    /// Dropped when the other side has closed its end: like proxies, this server takes it to have hung up.
    open: Option<watch::Sender<()>>,
    app: Data<App>,
    /// What replaces a bare answer, and how many of its bytes are sent.
    refusal: Option<(Vec<u8>, usize)>,
    timeouts: Timeouts,
    /// The most bytes that a request has.
    most: u64,
}

impl Connection {
    /// Over this socket.
    pub fn new(socket: TcpStream, app: Data<App>) -> Self {
        let most = app.config.import_limit.max(app.config.body_limit).saturating_mul(2).saturating_add(MAX_BESIDE_BODY);
        let (open, _) = watch::channel(());
        Self {
            socket: Some(socket),
            open: Some(open),
            app,
            refusal: None,
            timeouts: Timeouts::default(),
            most: most.try_into().unwrap_or(u64::MAX),
        }
    }

    /// By which a request's handler learns that the client has hung up; none where it has already.
    pub fn client_gone(&self) -> Option<ClientGone> {
        self.open.as_ref().map(|open| ClientGone(open.subscribe()))
    }

    fn socket(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.socket.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn poll_refusal(&mut self, cx: &mut Context<'_>, fault: Fault) -> Poll<io::Result<()>> {
        let app = &self.app;
        let (bytes, sent) = self.refusal.get_or_insert_with(|| (answer(app, fault), 0));
        let Some(socket) = self.socket.as_mut() else { return Poll::Ready(Err(io::ErrorKind::NotConnected.into())) };
        while let Some(rest) = bytes.get(*sent..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut *socket).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => *sent += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.socket()?.poll_read(cx, buffer)?;
        if read.is_ready() && buffer.filled().len() == before && buffer.remaining() > 0 {
            self.open = None;
        }
        let Self { timeouts, most, .. } = &mut *self;
        match read {
            Poll::Ready(()) => Poll::Ready(timeouts.read(buffer.filled().get(before..).unwrap_or_default(), *most)),
            Poll::Pending => timeouts.wait_to_read(cx).map_or_else(|error| Poll::Ready(Err(error)), |()| Poll::Pending),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = match bare_answer(bytes) {
            None => self.socket()?.poll_write(cx, bytes),
            Some((0, fault)) => self.poll_refusal(cx, fault).map_ok(|()| bytes.len()),
            // The answers to earlier requests go out first.
            Some((start, _)) => self.socket()?.poll_write(cx, bytes.get(..start).unwrap_or_default()),
        };
        match written {
            Poll::Ready(_) if bytes.starts_with(b"HTTP/1.1 100 ") => self.timeouts.invited(),
            Poll::Ready(_) => self.timeouts.wrote(),
            Poll::Pending => self.timeouts.wait_to_write(cx)?,
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_shutdown(cx)
    }
}

impl Drop for Connection {
    /// Goes on reading for a while after a refusal: closing while the client still sends would lose it the answer.
    fn drop(&mut self) {
        let refused = self.refusal.as_ref().is_some_and(|(bytes, sent)| *sent == bytes.len());
        let socket = self.socket.take().filter(|_| refused);
        if let (Some(mut socket), Ok(runtime)) = (socket, Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(Duration::from_secs(LINGERING_SECONDS), async move {
                socket.shutdown().await?;
                tokio::io::copy(&mut socket.take(LINGERING), &mut tokio::io::sink()).await
            }));
        }
    }
}

/// Where the bare answer that these bytes end with begins, and the fault it names; `None` where there is no bare answer, since
/// the server's own answers have more headers.
fn bare_answer(bytes: &[u8]) -> Option<(usize, Fault)> {
    let from = bytes.len().saturating_sub(MAX_BARE_ANSWER);
    let tail = bytes.get(from..).filter(|tail| tail.ends_with(b"\r\n\r\n"))?;
    let start = tail.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let head = std::str::from_utf8(tail.get(start..)?).ok()?;
    let mut lines = head.strip_suffix("\r\n\r\n")?.split("\r\n");
    let fault = match lines.next()? {
        "HTTP/1.1 400 Bad Request" => Fault::parameter("request", FaultCode::InvalidFormat).with("HTTP/1.1, percent-encoded"),
        "HTTP/1.1 408 Request Timeout" => {
            Fault::parameter("request", FaultCode::InvalidFormat).with(format!("a head within {} s", HEAD_TIMEOUT.as_secs()))
        }
        "HTTP/1.1 431 Request Header Fields Too Large" => Fault::parameter("request", FaultCode::TooLong).with(MAX_HEAD),
        _ => return None,
    };
    let bare = lines.all(|line| ["content-length: 0", "connection: close"].contains(&line) || line.starts_with("date: "));
    bare.then_some((from + start, fault))
}

/// The whole answer. Its language is the default, since nothing of the request was understood; a head that is too long or too slow gets
/// 400 too, since no operation promises 431 or 408.
fn answer(app: &App, fault: Fault) -> Vec<u8> {
    let (request_id, language) = (app.world.new_id().to_string(), Language::default());
    tracing::info!(id = request_id, fault = fault.code.as_str(), "refused what is no request");
    let problem = Problem::new(&ApiError::parameters(vec![fault]), language, &request_id);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let date = app.world.now().utc().format("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 {} Bad Request\r\ncontent-length: {}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n\
         content-language: {}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nx-request-id: {request_id}\r\n\
         date: {date}\r\n\r\n",
        ProblemCode::InvalidParameter.status(),
        body.len(),
        language.tag(),
    );
    [head.into_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Thu, 26 Nov 2026 11:42:20 GMT\r\n\r\n";

    #[test]
    fn only_what_actix_says_by_itself_is_a_bare_answer() {
        let start = |bytes: &str| bare_answer(bytes.as_bytes()).map(|(start, fault)| (start, fault.code));
        assert_eq!(start(BARE), Some((0, FaultCode::InvalidFormat)));
        assert_eq!(start(&BARE.replace("400 Bad Request", "408 Request Timeout")), Some((0, FaultCode::InvalidFormat)));
        let before = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: a\r\n\r\n{}";
        assert_eq!(start(&format!("{before}{BARE}")), Some((before.len(), FaultCode::InvalidFormat)));
        assert_eq!(start(&BARE.replace("400 Bad Request", "431 Request Header Fields Too Large")), Some((0, FaultCode::TooLong)));
        for ours in [
            before.to_owned(),
            BARE.replace("date:", "x-request-id: a\r\ndate:"),
            BARE.replace("400 Bad Request", "404 Not Found"),
            format!("{BARE}x"),
            "\r\n\r\n".to_owned(),
        ] {
            assert_eq!(start(&ours), None, "{ours}");
        }
    }
}
