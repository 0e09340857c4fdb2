//! Passwords: Argon2id, on a thread of its own, as many at once as there are cores.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use actix_web::web;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat};

use crate::{
    app::App,
    clock::World,
    error::ApiError,
    fault::{Fault, FaultCode},
    http::fields::{Field, Refusal, field_from_json, inline_schema, string},
    persian::ascii_digits,
};

/// Passwords that everybody tries first; ten characters and more, in lower case and with ASCII digits.
const COMMON: &str = include_str!("common_passwords.txt");
/// The hash that is checked where there is no user or no password, so that this takes the same time.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bWFoYWxsZWgtbm9ib2R5$UhJLjPrzpv6OgIk5qcbXUcUiSQyXKe3sc8g3mSzGpXk";

/// How long a check waits before it is refused as busy.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// A password that somebody wants to have.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

/// A password that somebody claims to have.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenPassword(String);

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

impl std::fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenPassword(…)")
    }
}

/// How many characters a new password has.
const NEW: RangeInclusive<usize> = 10..=200;

/// How many characters of a given one are looked at.
const GIVEN: RangeInclusive<usize> = 1..=1000;

fn schema(bounds: &RangeInclusive<usize>) -> ObjectBuilder {
    let password = SchemaFormat::KnownFormat(KnownFormat::Password);
    string().format(Some(password)).min_length(Some(*bounds.start())).max_length(Some(*bounds.end()))
}

inline_schema!(NewPassword, "NewPassword", schema(&NEW));
inline_schema!(GivenPassword, "GivenPassword", schema(&GIVEN));

/// Judges length and characters. No password has control characters, so a given one is not judged by what it would match.
fn judge(text: &str, bounds: &RangeInclusive<usize>) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length < *bounds.start() {
        return Err((FaultCode::TooShort, vec![bounds.start().to_string()]));
    }
    if length > *bounds.end() {
        return Err((FaultCode::TooLong, vec![bounds.end().to_string()]));
    }
    if text.chars().any(char::is_control) { Err((FaultCode::InvalidText, vec![])) } else { Ok(()) }
}

impl Field for NewPassword {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        judge(text, &NEW)?;
        let folded = ascii_digits(text).to_lowercase();
        let mut letters = text.chars();
        let first = letters.next();
        if COMMON.lines().any(|common| common == folded) || letters.all(|letter| Some(letter) == first) {
            return Err((FaultCode::WeakPassword, vec![]));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Field for GivenPassword {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        judge(text, &GIVEN).map(|()| Self(text.to_owned()))
    }
}

field_from_json!(NewPassword, GivenPassword);

/// The hash of a password; takes some tens of milliseconds and 19 MiB.
///
/// # Errors
/// `internal` where Argon2 refuses its parameters, which are constant.
pub fn hash(password: &NewPassword, world: &World) -> Result<String, ApiError> {
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.0.as_bytes(), &world.random_bytes::<16>()).map_err(ApiError::internal)?;
    Ok(hash.to_string())
}

fn matches(password: &GivenPassword, hash: Option<&str>) -> bool {
    let fits = Argon2::default().verify_password(password.0.as_bytes(), hash.unwrap_or(DECOY)).is_ok();
    fits && hash.is_some()
}

/// Whether the password fits the hash; as slow where there is no hash.
///
/// # Errors
/// `busy` where too many passwords are being checked.
pub async fn check(app: &App, password: GivenPassword, hash: Option<String>) -> Result<bool, ApiError> {
    aside(app, move |_| matches(&password, hash.as_deref())).await
}

/// [`hash`], beside the threads that serve.
///
/// # Errors
/// `busy` where too many passwords are being checked.
pub async fn hash_aside(app: &App, password: NewPassword) -> Result<String, ApiError> {
    aside(app, move |world| hash(&password, world)).await?
}

async fn aside<T: Send + 'static>(app: &App, work: impl FnOnce(&World) -> T + Send + 'static) -> Result<T, ApiError> {
    let permit = tokio::time::timeout(CHECK_TIMEOUT, Arc::clone(&app.auth.gate).acquire_owned()).await;
    let Ok(Ok(permit)) = permit else { return Err(ApiError::busy()) };
    let world = app.world.clone();
    // The work keeps its place at the gate until it is done, even where nobody waits for it any more.
    let done = web::block(move || (work(&world), drop(permit))).await;
    done.map(|(done, ())| done).map_err(ApiError::internal)
}

/// A password that was read from a file, for the command line.
///
/// # Errors
/// A sentence for the operator.
pub fn from_operator(text: &str) -> Result<NewPassword, String> {
    NewPassword::from_text(text).map_err(|refusal| {
        let fault = Fault::of("/password", refusal);
        format!("The password is refused ({}): {}", fault.code.as_str(), fault.message(true))
    })
}
