//! What can fail, on one page: [`Code`] is the table of stable problem codes (CONTRACT §1),
//! [`ApiError`] is one of them with what the answer says beside it.

use std::fmt;

use crate::{
    db::Id,
    fault::{Fault, FaultCode},
};

/// Declares the codes once: variant, status, word, title and detail in Persian and in English.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $status:literal $word:literal
        fa($fa_title:literal, $fa_detail:literal) en($en_title:literal, $en_detail:literal);)+) => {
        /// A stable problem code. Its word never changes; its texts may.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$meta])* #[doc = $en_title] $variant,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// HTTP status and word.
            pub const fn row(self) -> (u16, &'static str) {
                match self { $(Self::$variant => ($status, $word),)+ }
            }

            /// Title and detail in Persian, then in English.
            pub const fn texts(self) -> [(&'static str, &'static str); 2] {
                match self { $(Self::$variant => [($fa_title, $fa_detail), ($en_title, $en_detail)],)+ }
            }
        }
    };
}

codes! {
    MalformedJson = 400 "malformed_json" fa("JSON نادرست", "بدنهٔ درخواست JSON درستی نیست.") en("Malformed JSON", "The body of the request is not well-formed JSON.");
    InvalidParameter = 400 "invalid_parameter" fa("پارامتر نادرست", "یک یا چند پارامتر درخواست پذیرفته نیست؛ به errors نگاه کنید.") en("Invalid parameter", "One or more request parameters were not accepted; see errors.");
    Unauthenticated = 401 "unauthenticated" fa("ورود لازم است", "برای این کار باید وارد شوید و توکن دسترسی بفرستید.") en("Authentication required", "Log in and send an access token to do this.");
    InvalidToken = 401 "invalid_token" fa("توکن نامعتبر", "توکن دسترسی نادرست، منقضی یا لغوشده است.") en("Invalid token", "The access token is malformed, expired or revoked.");
    InvalidCredentials = 401 "invalid_credentials" fa("نام یا گذرواژه نادرست", "نام کاربری یا گذرواژه درست نیست.") en("Invalid credentials", "The username or the password is wrong.");
    RefreshReused = 401 "refresh_reused" fa("توکن تازه‌سازی دوباره به کار رفت", "این توکن پیش‌تر به کار رفته است؛ نشست بسته شد. دوباره وارد شوید.") en("Refresh token reused", "This refresh token was used before; its session has been revoked. Log in again.");
    Forbidden = 403 "forbidden" fa("اجازه ندارید", "نقش یا جایگاه شما این کار را روا نمی‌دارد.") en("Forbidden", "Your role or place does not permit this.");
    ForbiddenField = 403 "forbidden_field" fa("اجازهٔ تغییر این فیلد را ندارید", "شما اجازهٔ نوشتن همهٔ این فیلدها را ندارید؛ به errors نگاه کنید.") en("Forbidden field", "You may not write all of these fields; see errors.");
    NotFound = 404 "not_found" fa("یافت نشد", "چنین چیزی نیست یا در دسترس شما نیست.") en("Not found", "There is no such thing within your reach.");
    MethodNotAllowed = 405 "method_not_allowed" fa("متد مجاز نیست", "این نشانی این متد را نمی‌پذیرد؛ به سرآیند Allow نگاه کنید.") en("Method not allowed", "This address does not take this method; see the Allow header.");
    NotAcceptable = 406 "not_acceptable" fa("قالب خواسته‌شده فراهم نیست", "هیچ‌یک از قالب‌هایی که Accept می‌خواهد فراهم نیست.") en("Not acceptable", "None of the media types in Accept can be served here.");
    AlreadyExists = 409 "already_exists" fa("از پیش هست", "مقداری که باید یکتا باشد از پیش به کار رفته است.") en("Already exists", "A value that must be unique is already taken.");
    InUse = 409 "in_use" fa("در حال استفاده", "چیزهای دیگری به این وابسته‌اند یا از پیش‌نویس گذشته است؛ حذف نمی‌شود.") en("In use", "Other things depend on this, or it has left draft; it cannot be removed.");
    Frozen = 409 "frozen" fa("تثبیت‌شده", "در این مرحله یک یا چند فیلد دیگر تغییر نمی‌کند؛ به errors نگاه کنید.") en("Frozen", "At this stage one or more of these fields no longer change; see errors.");
    IllegalTransition = 409 "illegal_transition" fa("گذار نامجاز", "از وضعیت کنونی به این وضعیت نمی‌توان رفت؛ گذارهای روا در allowed آمده است.") en("Illegal transition", "This move does not exist from the present status; allowed lists those that do.");
    OverlappingMandate = 409 "overlapping_mandate" fa("هم‌پوشانی حکم", "این محله در بخشی از این بازه مدیر دیگری دارد.") en("Overlapping mandate", "The neighbourhood has another manager on some of these days.");
    DeferralOpen = 409 "deferral_open" fa("درخواست تمدید باز است", "برای این مسئولیت یک درخواست تمدید بی‌پاسخ هست.") en("Deferral open", "This responsibility already has a deferral that awaits a decision.");
    LastAdministrator = 409 "last_administrator" fa("آخرین کاربر استان", "آخرین کاربر فعال با نقش استان را نمی‌توان غیرفعال یا برکنار کرد.") en("Last administrator", "The last active province user can be neither disabled nor demoted.");
    IdempotencyInProgress = 409 "idempotency_in_progress" fa("درخواست هم‌کلید در جریان است", "درخواست نخست با همین Idempotency-Key هنوز در جریان است.") en("Idempotent request in progress", "The first request with this Idempotency-Key is still under way.");
    StaleVersion = 412 "stale_version" fa("نسخهٔ کهنه", "این رکورد از زمانی که خواندید تغییر کرده است؛ دوباره بخوانید.") en("Stale version", "The item has changed since you read it; read it again.");
    PayloadTooLarge = 413 "payload_too_large" fa("بدنه بیش از اندازه", "بدنهٔ درخواست از حد مجاز بزرگ‌تر است.") en("Payload too large", "The body of the request exceeds the limit.");
    UnsupportedMediaType = 415 "unsupported_media_type" fa("نوع رسانه پشتیبانی نمی‌شود", "Content-Type این درخواست پذیرفته نیست.") en("Unsupported media type", "The Content-Type of this request is not accepted.");
    ValidationFailed = 422 "validation_failed" fa("داده‌ها پذیرفته نشد", "یک یا چند مقدار نادرست است؛ به errors نگاه کنید.") en("Validation failed", "One or more values are wrong; see errors.");
    IdempotencyKeyReused = 422 "idempotency_key_reused" fa("کلید تکراری با درخواست دیگر", "این Idempotency-Key با درخواست دیگری به کار رفته است.") en("Idempotency key reused", "This Idempotency-Key was used with another request.");
    PreconditionRequired = 428 "precondition_required" fa("If-Match لازم است", "برای این کار نسخه‌ای را که خوانده‌اید در If-Match بفرستید.") en("Precondition required", "Send the version that you read in If-Match.");
    TooManyRequests = 429 "too_many_requests" fa("درخواست بیش از اندازه", "کمی درنگ کنید و پس از زمانی که Retry-After می‌گوید دوباره بکوشید.") en("Too many requests", "Slow down and try again after the time in Retry-After.");
    Internal = 500 "internal" fa("خطای درونی", "کارساز به خطا برخورد؛ با شمارهٔ درخواست پیگیری کنید.") en("Internal error", "The server met an error; quote the request id when you report it.");
    Busy = 503 "busy" fa("کارساز مشغول است", "اکنون کار بیش از توان است؛ کمی بعد دوباره بکوشید.") en("Busy", "There is more work than the server can take just now; try again shortly.");
    Unavailable = 503 "unavailable" fa("در دسترس نیست", "پایگاه داده در دسترس نیست؛ کمی بعد دوباره بکوشید.") en("Unavailable", "The database cannot be reached; try again shortly.");
}

impl Code {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// The stable word.
    pub const fn word(self) -> &'static str {
        self.row().1
    }
}

/// A refusal or a failure: a code, and what the problem document says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The code, which gives the status.
    pub code: Code,
    /// All faults that were found, each with its place.
    pub faults: Vec<Fault>,
    /// For `illegal_transition`: where this caller may move it.
    pub allowed: Option<Vec<&'static str>>,
    /// For `stale_version`: the version now.
    pub current_version: Option<i32>,
    /// Seconds, for `Retry-After`.
    pub retry_after: Option<u32>,
    /// For `method_not_allowed`: the value of `Allow`.
    pub allow: Option<String>,
    /// What really happened; for the log, never for the answer.
    pub cause: Option<String>,
}

impl ApiError {
    /// An error with nothing beside its code.
    pub const fn new(code: Code) -> Self {
        Self { code, faults: Vec::new(), allowed: None, current_version: None, retry_after: None, allow: None, cause: None }
    }

    /// 422 with its faults.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(Code::ValidationFailed) }
    }

    /// 422 with one fault at a pointer.
    pub fn at(pointer: &str, code: FaultCode) -> Self {
        Self::invalid(vec![Fault::at(pointer, code)])
    }

    /// 400 with its faults.
    pub fn parameters(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(Code::InvalidParameter) }
    }

    /// 422 where there are faults, else nothing.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn refuse(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self::invalid(faults)) }
    }

    /// 409 where a unique value is another row's; `own` is the row that may have it.
    ///
    /// # Errors
    /// `already_exists`, at the field.
    pub fn refuse_taken(taken: Option<Id>, own: Option<Id>, field: &str) -> Result<(), Self> {
        if taken.is_some() && taken != own { Err(Self::on_fields(Code::AlreadyExists, FaultCode::AlreadyExists, &[field])) } else { Ok(()) }
    }

    /// 409 with where this caller may move the item.
    pub fn illegal_transition(allowed: Vec<&'static str>) -> Self {
        Self { allowed: Some(allowed), ..Self::new(Code::IllegalTransition) }
    }

    /// 404.
    pub const fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// 403 by role or row.
    pub const fn forbidden() -> Self {
        Self::new(Code::Forbidden)
    }

    /// An error of this code with a fault, with one and the same word, at each field.
    pub fn on_fields(code: Code, fault: FaultCode, fields: &[&str]) -> Self {
        let faults = fields.iter().map(|field| Fault::at(&format!("/{field}"), fault)).collect();
        Self { faults, ..Self::new(code) }
    }

    /// 500; the cause goes to the log alone.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal) }
    }

    /// 503 `busy`, worth another try in a second.
    pub fn busy() -> Self {
        Self { retry_after: Some(1), ..Self::new(Code::Busy) }
    }

    /// 503 `unavailable`; the cause goes to the log alone.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), retry_after: Some(2), ..Self::new(Code::Unavailable) }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.word())?;
        for fault in &self.faults {
            write!(f, "; {} {}", fault.place(), fault.code.word())?;
        }
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own_and_texts_in_two_languages() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(code.texts().iter().all(|(title, detail)| !title.is_empty() && !detail.is_empty()), "{code:?}");
        }
    }
}
