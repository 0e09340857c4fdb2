//! The content coding of what a server remembers (RFC 9110 §8.4, §12.5.3): it is compressed once and read many times, over networks that
//! are slow where neighbourhood managers work. What is made for one answer alone is left to a proxy.

use std::io::Write;

use actix_web::{HttpRequest, http::header::ACCEPT_ENCODING, web::Bytes};
use flate2::{Compression, write::GzEncoder};

use super::header_list::weighted;
use crate::error::ApiError;

/// What is shorter fits into one packet as it is.
const MIN_BYTES: usize = 1400;

/// Beyond this level of zlib's nine a report shrinks by another sixteenth, in half as much time again.
const LEVEL: Compression = Compression::new(4);

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
}

impl Coding {
    /// The coding that a client takes: gzip unless it says otherwise, or nothing.
    pub fn of(request: &HttpRequest) -> Self {
        let ranges: Vec<(String, f32)> = weighted(request.headers(), ACCEPT_ENCODING).collect();
        let named = |names: &[&str]| ranges.iter().find(|(range, _)| names.contains(&range.as_str())).map(|(_, weight)| *weight);
        let gzip = named(&["gzip", "x-gzip"]).or_else(|| named(&["*"])).unwrap_or(0.0);
        if gzip > 0.0 && gzip >= named(&["identity"]).unwrap_or(0.0) { Self::Gzip } else { Self::Identity }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
        }
    }

    /// A body in this coding; `None` where it stays as it is, or is too short to gain from it.
    ///
    /// # Errors
    /// `internal` where the compressor fails.
    pub fn encode(self, body: &[u8]) -> Result<Option<Bytes>, ApiError> {
        if self == Self::Identity || body.len() < MIN_BYTES {
            return Ok(None);
        }
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), LEVEL);
        encoder.write_all(body).map_err(ApiError::internal)?;
        let packed = encoder.finish().map_err(ApiError::internal)?;
        Ok(Some(packed.into_boxed_slice().into()))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn gzip_is_for_who_takes_it() {
        let of = |sent: &str| Coding::of(&TestRequest::default().insert_header((ACCEPT_ENCODING, sent)).to_http_request());
        for sent in ["gzip", "br;q=1.0, GZIP;q=0.5", "x-gzip", "*", "identity;q=0.5, *;q=0.5", "gzip, deflate, br, zstd", "gzip;q=0.1"] {
            assert_eq!(of(sent), Coding::Gzip, "{sent}");
        }
        for sent in ["", "identity", "br", "gzip;q=0", "*, gzip;q=0", "*;q=0", "gzip;q=0.5, identity;q=0.8"] {
            assert_eq!(of(sent), Coding::Identity, "{sent}");
        }
        assert_eq!(Coding::of(&TestRequest::default().to_http_request()), Coding::Identity);
    }
}
