//! The bytes of a file, chunk by chunk from the database.

use std::io::{self, ErrorKind, Read};

use super::{FileFault, ReadError, Unreadable};
use crate::{
    db::Conn,
    error::ApiError,
    imports::queries::{self, JobRow},
};

/// The size from which on what has arrived is stored as a row of the database, in bytes.
pub const CHUNK: usize = 1 << 20;

/// A file that is read from its beginning to its end.
pub struct Source<'a> {
    conn: &'a mut Conn,
    job: &'a JobRow,
    next: i32,
    chunk: Vec<u8>,
    used: usize,
    /// The bytes of the chunks so far.
    found: i64,
}

impl<'a> Source<'a> {
    /// The file of an import.
    pub const fn new(conn: &'a mut Conn, job: &'a JobRow) -> Self {
        Self { conn, job, next: 0, chunk: Vec::new(), used: 0, found: 0 }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.chunk.len() {
            let chunk = queries::chunk(self.conn, self.job.province_id, self.job.id, self.next).map_err(io::Error::other)?;
            let Some(chunk) = chunk else {
                // The end, unless a piece is gone: a part of a file must not pass for the whole.
                return if self.found == self.job.bytes { Ok(0) } else { Err(ErrorKind::UnexpectedEof.into()) };
            };
            self.found += i64::try_from(chunk.len()).unwrap_or_default();
            (self.chunk, self.used) = (chunk, 0);
            self.next += 1;
        }
        let rest = self.chunk.get(self.used..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.used += count;
        Ok(count)
    }
}

/// Why a read failed: a piece of the file is lost for good, or the database failed.
pub fn trouble(error: io::Error) -> ReadError {
    if error.kind() == ErrorKind::UnexpectedEof {
        return FileFault::unreadable(Unreadable::Torn, None).into();
    }
    let cause = error.to_string();
    let ours = error.downcast::<ApiError>();
    ours.unwrap_or_else(|_| ApiError::internal(cause)).into()
}
