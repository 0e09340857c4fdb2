//! The pieces of an export on their way to its client.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use crate::{app::App, error::ApiError};

/// How long a client may take nothing before it counts as one that hung up.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How long an export may go on after the server was told to stop: that it is recorded may take ten seconds, and the server ends after 28.
const LAST_CALL: Duration = Duration::from_secs(15);

/// Where pieces are given to; a full one waits for the client.
pub type Sender = mpsc::Sender<Result<Bytes, ApiError>>;

/// What is sent; where it ends before it is `whole`, an error cuts the connection, so that it does not pass for a whole answer.
pub fn pieces(receiver: mpsc::Receiver<Result<Bytes, ApiError>>, whole: Arc<AtomicBool>) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::unfold(Some(receiver), move |receiver| {
        let whole = Arc::clone(&whole);
        async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(piece) => Some((piece, Some(receiver))),
                None if whole.load(Ordering::Acquire) => None,
                None => Some((Err(ApiError::unavailable("an export was broken off")), None)),
            }
        }
    })
}

/// Sends a piece; `false` where the client takes nothing any more.
pub async fn hand_over(sender: &Sender, piece: Vec<u8>) -> bool {
    sender.send_timeout(Ok(Bytes::from(piece)), STALL_TIMEOUT).await.is_ok()
}

/// Ends when an export must, since the server was told to stop a while ago.
pub async fn last_call(app: &App) {
    while app.shutdown.elapsed().is_none_or(|gone| gone < LAST_CALL) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn what_is_not_whole_ends_with_an_error() {
        for whole in [true, false] {
            let (sender, receiver) = mpsc::channel(4);
            sender.send(Ok(Bytes::from_static(b"a"))).await.expect("there is room");
            drop(sender);
            let pieces: Vec<bool> = pieces(receiver, Arc::new(AtomicBool::new(whole))).map(|piece| piece.is_ok()).collect().await;
            assert_eq!(pieces, if whole { vec![true] } else { vec![true, false] });
        }
    }
}
