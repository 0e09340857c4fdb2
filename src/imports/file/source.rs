//! The bytes of a file, chunk by chunk from the database.

use std::io::{self, Read};

use crate::{
    db::{Conn, Id},
    error::{ApiError, Code},
    imports::queries,
};

/// The largest piece of a file in a row of the database, in bytes.
pub const CHUNK: usize = 1 << 20;

/// A file that is read from its beginning to its end.
pub struct Source<'a> {
    conn: &'a mut Conn,
    province_id: i32,
    import: Id,
    next: i32,
    chunk: Vec<u8>,
    used: usize,
}

impl<'a> Source<'a> {
    /// The file of an import.
    pub const fn new(conn: &'a mut Conn, province_id: i32, import: Id) -> Self {
        Self { conn, province_id, import, next: 0, chunk: Vec::new(), used: 0 }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.chunk.len() {
            let chunk = queries::chunk(self.conn, self.province_id, self.import, self.next).map_err(io::Error::other)?;
            let Some(chunk) = chunk else { return Ok(0) };
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

/// The database's error that a read failed with.
pub fn server_error(error: io::Error) -> ApiError {
    let cause = error.to_string();
    match error.downcast::<ApiError>() {
        Ok(ours) => ours,
        Err(_) => ApiError { cause: Some(cause), ..ApiError::new(Code::Internal) },
    }
}
