//! CSV as it stands: the csv crate skips blank lines in silence, where each is to be counted, and takes text behind a closing quote,
//! where RFC 4180 has none and a quote before it may have been forgotten.

use std::{
    collections::VecDeque,
    io::{self, Read},
};

/// What [`BlankLineMarker`] puts into a blank line. No field may hold it, since it is a control character.
pub(super) const MARK: u8 = 0x1e;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    RecordStart,
    AfterReturn,
    FieldStart,
    Bare,
    Quoted,
    QuoteInQuoted,
    /// Blanks behind a closing quote.
    Closed,
}

/// Puts a mark into each blank line, and notes where text stands behind a closing quote.
pub(super) struct BlankLineMarker<R> {
    inner: R,
    separator: u8,
    at: At,
    ready: Vec<u8>,
    used: usize,
    ended: bool,
    /// Bytes of the record so far.
    length: u64,
    /// Bytes that have been made ready so far.
    made: u64,
    /// Where text stands behind a closing quote, the first of each record; those of records that are still to be read.
    misquoted: VecDeque<u64>,
    is_noted: bool,
}

impl<R> BlankLineMarker<R> {
    /// The file, from its beginning.
    pub(super) const fn new(inner: R, separator: u8) -> Self {
        Self {
            inner,
            separator,
            at: At::RecordStart,
            ready: Vec::new(),
            used: 0,
            ended: false,
            length: 0,
            made: 0,
            misquoted: VecDeque::new(),
            is_noted: false,
        }
    }

    /// Whether text stood behind a closing quote before this byte of what was read, and since the last time that was asked.
    pub(super) fn is_misquoted_before(&mut self, end: u64) -> bool {
        let before = self.misquoted.partition_point(|at| *at < end);
        self.misquoted.drain(..before).count() > 0
    }

    /// Whether the file ended within quotes.
    pub(super) fn ends_quoted(&self) -> bool {
        self.ended && self.at == At::Quoted
    }

    /// Whether the record is longer than any row.
    pub(super) const fn is_too_long(&self) -> bool {
        self.length > super::MAX_ROW_BYTES
    }

    fn step(&mut self, byte: u8) {
        if matches!(self.at, At::RecordStart | At::AfterReturn) {
            (self.length, self.is_noted) = (0, false);
        }
        self.length += 1;
        let (at, newline) = (self.at, matches!(byte, b'\r' | b'\n'));
        let blank = match at {
            At::RecordStart => newline,
            At::AfterReturn => byte == b'\r',
            _ => false,
        };
        if blank {
            self.push(MARK);
        }
        self.push(byte);
        let start = matches!(at, At::RecordStart | At::AfterReturn | At::FieldStart);
        self.at = match (at, byte) {
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::QuoteInQuoted, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b'\r') => At::AfterReturn,
            (_, b'\n') => At::RecordStart,
            (_, byte) if byte == self.separator => At::FieldStart,
            (_, b'"') if start => At::Quoted,
            (At::QuoteInQuoted | At::Closed, b' ' | b'\t') => At::Closed,
            (At::QuoteInQuoted | At::Closed, _) => {
                if !std::mem::replace(&mut self.is_noted, true) {
                    self.misquoted.push_back(self.made - 1);
                }
                At::Bare
            }
            _ => At::Bare,
        };
    }

    fn push(&mut self, byte: u8) {
        self.ready.push(byte);
        self.made += 1;
    }
}

impl<R: Read> Read for BlankLineMarker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.ready.len() {
            let mut raw = [0; 16 << 10];
            let count = self.inner.read(&mut raw)?;
            self.ended = count == 0;
            self.ready.clear();
            self.used = 0;
            for byte in raw.iter().take(count) {
                self.step(*byte);
                if self.is_too_long() {
                    return Err(io::Error::other("a row that is too long"));
                }
            }
        }
        let count = self.ready.get(self.used..).unwrap_or_default().read(buffer)?;
        self.used += count;
        Ok(count)
    }
}
