//! How long a connection is waited for. actix bounds the first head of a connection and the pause between requests; who sends half of a
//! later head, or takes nothing of an answer, would hold the connection, and what is kept for it, for ever.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// How long a head may take from its first byte on, as the first one of a connection.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing at all may pass: longer than an idle connection is kept, and than a large workbook takes to be made.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(900);
/// How long the other side may take nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// What passed over a connection, and how long the other side may still take.
pub struct Timeouts {
    /// When something passed last.
    passed: Instant,
    /// When the head began that has not ended yet.
    head: Option<Instant>,
    /// How many line ends that head ends with; none before its first letter, since lines before a head may be blank (RFC 9112 §2.2).
    line_ends: Option<usize>,
    /// Whether an answer has begun since the last byte was read: the next one begins a head.
    answered: bool,
    /// When the other side began to take nothing.
    stuck: Option<Instant>,
    /// How many bytes were read since something was written.
    unanswered: u64,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Default for Timeouts {
    /// With a connection that was just made.
    fn default() -> Self {
        Self { passed: Instant::now(), head: None, line_ends: None, answered: false, stuck: None, unanswered: 0, alarm: None }
    }
}

impl Timeouts {
    /// Takes note of bytes that were read.
    ///
    /// # Errors
    /// `InvalidData` where they are more than `most` without anything having been answered: more than any request has.
    pub fn read(&mut self, bytes: &[u8], most: u64) -> io::Result<()> {
        self.passed = Instant::now();
        if std::mem::take(&mut self.answered) && !bytes.is_empty() {
            (self.head, self.line_ends) = (Some(self.passed), None);
        }
        if self.head.is_some() && self.ends(bytes) {
            self.head = None;
        }
        self.unanswered = self.unanswered.saturating_add(bytes.len().try_into().unwrap_or(u64::MAX));
        if self.unanswered > most { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }

    /// Whether the head ends within these bytes.
    fn ends(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| {
            match (byte, &mut self.line_ends) {
                (b'\r', _) | (b'\n', None) => {}
                (b'\n', Some(ends)) => *ends += 1,
                (_, ends) => *ends = Some(0),
            }
            self.line_ends == Some(2)
        })
    }

    /// Takes note of an answer, or a part of one, that was written.
    pub fn wrote(&mut self) {
        self.invited();
        (self.head, self.answered, self.unanswered) = (None, true, 0);
    }

    /// Takes note of a `100 Continue`, after which the body of the same request comes.
    pub fn invited(&mut self) {
        (self.passed, self.stuck) = (Instant::now(), None);
    }

    /// Where there is nothing to read: whether that has lasted too long. Wakes the task when it will have.
    ///
    /// # Errors
    /// `TimedOut`.
    pub fn wait_to_read(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let silent = self.passed + SILENCE_TIMEOUT;
        self.wait(cx, self.head.map_or(silent, |began| silent.min(began + HEAD_TIMEOUT)))
    }

    /// Where nothing can be written: whether that has lasted too long. Wakes the task when it will have.
    ///
    /// # Errors
    /// `TimedOut`.
    pub fn wait_to_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let since = *self.stuck.get_or_insert_with(Instant::now);
        self.wait(cx, since + WRITE_TIMEOUT)
    }

    fn wait(&mut self, cx: &mut Context<'_>, until: Instant) -> io::Result<()> {
        if Instant::now() >= until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(until)));
        // One that rings too early is set anew then, so that what passes in between costs nothing.
        if alarm.deadline() > until {
            alarm.as_mut().reset(until);
        }
        if alarm.as_mut().poll(cx) == Poll::Ready(()) {
            alarm.as_mut().reset(until);
            if alarm.as_mut().poll(cx) == Poll::Ready(()) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    const MOST: u64 = 1000;

    fn is_waited_for(timeouts: &mut Timeouts) -> bool {
        timeouts.wait_to_read(&mut Context::from_waker(Waker::noop())).is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_head_has_the_time_of_the_first() {
        let mut timeouts = Timeouts::default();
        timeouts.read(b"GET / HTTP/1.1\r\n\r\n", MOST).expect("a request");
        timeouts.wrote();
        tokio::time::advance(HEAD_TIMEOUT * 3).await;
        assert!(is_waited_for(&mut timeouts), "between requests");
        timeouts.read(b"GET / HTTP/1.1\r\nhost: a\r\n\r", MOST).expect("half of a head");
        tokio::time::advance(HEAD_TIMEOUT / 2).await;
        assert!(is_waited_for(&mut timeouts));
        timeouts.read(b"", MOST).expect("nothing");
        tokio::time::advance(HEAD_TIMEOUT / 2).await;
        assert!(!is_waited_for(&mut timeouts));
        timeouts.read(b"\n", MOST).expect("its end");
        tokio::time::advance(HEAD_TIMEOUT * 2).await;
        assert!(is_waited_for(&mut timeouts), "its body");
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_ends_with_a_blank_line_and_does_not_begin_with_one() {
        for (head, is_whole) in [("GET / HTTP/1.1\nhost: a\n\n", true), ("\r\n\r\nGET / HTTP/1.1\r\n", false), ("\r\n\r\n", false)] {
            let mut timeouts = Timeouts::default();
            timeouts.wrote();
            timeouts.read(head.as_bytes(), MOST).expect("a head");
            tokio::time::advance(HEAD_TIMEOUT * 2).await;
            assert_eq!(is_waited_for(&mut timeouts), is_whole, "{head:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_invited_is_a_body() {
        let mut timeouts = Timeouts::default();
        timeouts.read(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\n\r\n", MOST).expect("a head");
        timeouts.invited();
        timeouts.read(b"code,name", MOST).expect("a part of the body");
        tokio::time::advance(HEAD_TIMEOUT * 2).await;
        assert!(is_waited_for(&mut timeouts));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it_at_last() {
        let mut timeouts = Timeouts::default();
        timeouts.read(b"POST / HTTP/1.1\r\n\r\n", MOST).expect("a head");
        for _ in 0..3 {
            tokio::time::advance(SILENCE_TIMEOUT / 2).await;
            assert!(is_waited_for(&mut timeouts));
            timeouts.read(b"body", MOST).expect("a part");
        }
        tokio::time::advance(SILENCE_TIMEOUT).await;
        assert!(!is_waited_for(&mut timeouts));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_an_answer_is_left() {
        let mut timeouts = Timeouts::default();
        let stuck = |timeouts: &mut Timeouts| timeouts.wait_to_write(&mut Context::from_waker(Waker::noop())).is_err();
        assert!(!stuck(&mut timeouts));
        tokio::time::advance(WRITE_TIMEOUT / 2).await;
        timeouts.wrote();
        assert!(!stuck(&mut timeouts));
        tokio::time::advance(WRITE_TIMEOUT / 2).await;
        assert!(!stuck(&mut timeouts));
        tokio::time::advance(WRITE_TIMEOUT / 2).await;
        assert!(stuck(&mut timeouts));
    }

    #[tokio::test]
    async fn a_body_without_end_is_not_read_for_ever() {
        let mut timeouts = Timeouts::default();
        for _ in 0..2 {
            timeouts.read(&[b'a'; 600], MOST).expect("a part");
            timeouts.wrote();
        }
        timeouts.read(&[b'a'; 600], MOST).expect("a part");
        assert!(timeouts.read(&[b'a'; 600], MOST).is_err());
    }
}
