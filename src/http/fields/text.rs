//! Codes and text.

use serde::Serialize;
use utoipa::openapi::{KnownFormat, SchemaFormat};

use super::{Field, Refusal, inline_schema, string};
use crate::{fault::FaultCode, persian};

/// A code: kept trimmed and with its digits folded, in its own case; compared without case (CONTRACT §1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Code(pub String);

impl Field for Code {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let code = persian::code(text);
        if code.is_empty() {
            return Err((FaultCode::TooShort, vec!["1".into()]));
        }
        if code.chars().count() > 64 {
            return Err((FaultCode::TooLong, vec!["64".into()]));
        }
        let sound = code.starts_with(|first: char| first.is_ascii_alphanumeric())
            && code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if sound { Ok(Self(code)) } else { Err((FaultCode::InvalidFormat, vec!["A-Z a-z 0-9 . _ -".into()])) }
    }
}

impl Code {
    /// The key under which it is unique.
    pub fn key(&self) -> String {
        persian::code_key(&self.0)
    }
}

inline_schema!(Code, "Code", string().min_length(Some(1)).max_length(Some(64)).pattern(Some("^[A-Za-z0-9][A-Za-z0-9._-]*$")));

/// Cleans text and judges its characters and length, in characters.
fn text(given: &str, max: usize, many_lines: bool) -> Result<String, Refusal> {
    let given = if many_lines { given.replace("\r\n", "\n") } else { given.to_owned() };
    if given.chars().any(|c| c.is_control() && !(many_lines && matches!(c, '\n' | '\t'))) {
        return Err((FaultCode::InvalidText, vec![]));
    }
    let clean = persian::clean(&given);
    match clean.chars().count() {
        0 => Err((FaultCode::TooShort, vec!["1".into()])),
        length if length > max => Err((FaultCode::TooLong, vec![max.to_string()])),
        _ => Ok(clean),
    }
}

/// Text of one line, 1 to `MAX` characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Line<MAX> {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        text(given, MAX, false).map(Self)
    }
}

inline_schema!(
    #[generic(const MAX: usize)] Line<MAX>, format!("Line{MAX}"),
    string().min_length(Some(1)).max_length(Some(MAX)).pattern(Some("^[^\\x00-\\x1F\\x7F-\\x9F]+$"))
);

/// Text of several lines: LF and TAB are taken, CRLF becomes LF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Prose<MAX> {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        text(given, MAX, true).map(Self)
    }
}

inline_schema!(
    #[generic(const MAX: usize)] Prose<MAX>, format!("Prose{MAX}"),
    string().min_length(Some(1)).max_length(Some(MAX)).pattern(Some("^[^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F]+$"))
);

/// An office's e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(pub String);

impl Field for Email {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        let clean = text(given, 254, false)?;
        if validator::ValidateEmail::validate_email(&clean) {
            Ok(Self(clean))
        } else {
            Err((FaultCode::InvalidFormat, vec!["name@host".into()]))
        }
    }
}

inline_schema!(
    Email,
    "Email",
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).min_length(Some(3)).max_length(Some(254))
);

/// An office's telephone number; digits are folded to ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Phone(pub String);

impl Field for Phone {
    fn from_text(given: &str) -> Result<Self, Refusal> {
        let clean = persian::ascii_digits(&text(given, 32, false)?);
        let sound = clean.chars().count() >= 3 && clean.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | ' ' | '-'));
        if sound { Ok(Self(clean)) } else { Err((FaultCode::InvalidFormat, vec!["0-9 + ( ) -".into()])) }
    }
}

inline_schema!(Phone, "Phone", string().min_length(Some(3)).max_length(Some(32)).pattern(Some("^[0-9+() -]{3,32}$")));
