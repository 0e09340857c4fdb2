//! What can fail, on one page: [`ProblemCode`] is the table of stable problem codes (CONTRACT §1),
//! [`ApiError`] is one of them with what the answer says beside it.

use std::fmt;

use crate::fault::{Fault, FaultCode};

/// Declares each code once: variant, status, word, title and detail in Persian and in English, and the remedy that the code's
/// page names. A code without one of these does not compile.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $status:literal $word:literal
        fa($fa_title:literal, $fa_detail:literal) en($en_title:literal, $en_detail:literal)
        do($fa_remedy:literal, $en_remedy:literal);)+) => {
        /// A stable problem code. Its word never changes; its texts may.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode { $($(#[$meta])* #[doc = $en_title] $variant,)+ }

        impl ProblemCode {
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

            /// What to do about it, in Persian, then in English.
            pub const fn remedies(self) -> [&'static str; 2] {
                match self { $(Self::$variant => [$fa_remedy, $en_remedy],)+ }
            }
        }
    };
}

codes! {
    MalformedJson = 400 "malformed_json" fa("JSON نادرست", "بدنهٔ درخواست JSON درستی نیست.") en("Malformed JSON", "The body of the request is not well-formed JSON.")
        do(
            "بدنه را با یک کتابخانهٔ JSON بسازید، هر کلید را یک بار بیاورید و نویسه‌ها را با UTF-8 بفرستید.",
            "Build the body with a JSON library, name each key once and send UTF-8."
        );
    InvalidParameter = 400 "invalid_parameter" fa("پارامتر نادرست", "یک یا چند پارامتر درخواست پذیرفته نیست؛ به errors نگاه کنید.") en("Invalid parameter", "One or more request parameters were not accepted; see errors.")
        do(
            "هر خطای errors نام پارامتر را می‌گوید؛ آن را درست کنید یا بردارید و دوباره بفرستید.",
            "Each entry of errors names a parameter: correct it or leave it out, and send the request again."
        );
    Unauthenticated = 401 "unauthenticated" fa("ورود لازم است", "برای این کار باید وارد شوید و توکن دسترسی بفرستید.") en("Authentication required", "Log in and send an access token to do this.")
        do(
            "وارد شوید (POST /api/v1/auth/login) و توکن دسترسی را با Authorization: Bearer بفرستید.",
            "Log in (POST /api/v1/auth/login) and send the access token as Authorization: Bearer."
        );
    InvalidToken = 401 "invalid_token" fa("توکن نامعتبر", "توکن دسترسی نادرست، منقضی یا لغوشده است.") en("Invalid token", "The access token is malformed, expired or revoked.")
        do(
            "با توکن تازه‌سازی یک جفت تازه بگیرید (POST /api/v1/auth/refresh)؛ اگر نشد دوباره وارد شوید.",
            "Exchange the refresh token for a new pair (POST /api/v1/auth/refresh); where that fails, log in again."
        );
    InvalidCredentials = 401 "invalid_credentials" fa("نام یا گذرواژه نادرست", "نام کاربری یا گذرواژه درست نیست.") en("Invalid credentials", "The username or the password is wrong.")
        do(
            "نام کاربری و گذرواژه را بازبینی کنید. اگر گذرواژه را فراموش کرده‌اید، دفتر استان گذرواژهٔ تازه می‌دهد.",
            "Check the username and the password. Where it is forgotten, the province's office gives a new one."
        );
    RefreshReused = 401 "refresh_reused" fa("توکن تازه‌سازی دوباره به کار رفت", "این توکن پیش‌تر به کار رفته است؛ نشست بسته شد. دوباره وارد شوید.") en("Refresh token reused", "This refresh token was used before; its session has been revoked. Log in again.")
        do(
            "دوباره وارد شوید. هر توکن تازه‌سازی را تنها یک بار به کار ببرید و توکن تازه را جایگزین کنید؛ اگر کار شما نبوده، گذرواژه را عوض کنید.",
            "Log in again. Use each refresh token once and keep the new one in its place; if it was not you, change the password."
        );
    Forbidden = 403 "forbidden" fa("اجازه ندارید", "نقش یا جایگاه شما این کار را روا نمی‌دارد.") en("Forbidden", "Your role or place does not permit this.")
        do(
            "ببینید نقش شما چه اجازه‌ای دارد (GET /api/v1/me و allowed_transitions هر مورد) یا از دفتر استان بخواهید.",
            "See what your role permits (GET /api/v1/me, and allowed_transitions of each item), or ask the province's office."
        );
    ForbiddenField = 403 "forbidden_field" fa("اجازهٔ تغییر این فیلد را ندارید", "شما اجازهٔ نوشتن همهٔ این فیلدها را ندارید؛ به errors نگاه کنید.") en("Forbidden field", "You may not write all of these fields; see errors.")
        do(
            "فیلدهایی را که errors نام می‌برد از درخواست بردارید؛ بقیه را می‌توانید بنویسید.",
            "Leave the fields that errors names out of the request; the others are yours to write."
        );
    NotFound = 404 "not_found" fa("یافت نشد", "چنین چیزی نیست یا در دسترس شما نیست.") en("Not found", "There is no such thing within your reach.")
        do(
            "نشانی و شناسه را بازبینی کنید. چیزی که در دسترس شما نیست نیز همین پاسخ را دارد.",
            "Check the address and the id. What is beyond your reach is answered alike."
        );
    MethodNotAllowed = 405 "method_not_allowed" fa("متد مجاز نیست", "این نشانی این متد را نمی‌پذیرد؛ به سرآیند Allow نگاه کنید.") en("Method not allowed", "This address does not take this method; see the Allow header.")
        do(
            "یکی از متدهای سرآیند Allow را به کار ببرید.",
            "Use one of the methods in the Allow header."
        );
    NotAcceptable = 406 "not_acceptable" fa("قالب خواسته‌شده فراهم نیست", "هیچ‌یک از قالب‌هایی که Accept می‌خواهد فراهم نیست.") en("Not acceptable", "None of the media types in Accept can be served here.")
        do(
            "در Accept مقدار application/json یا نوع همان خروجی را بیاورید.",
            "Name application/json in Accept, or the type of the export."
        );
    AlreadyExists = 409 "already_exists" fa("از پیش هست", "مقداری که باید یکتا باشد از پیش به کار رفته است.") en("Already exists", "A value that must be unique is already taken.")
        do(
            "مقدار دیگری برگزینید یا مورد موجود را پیدا کنید و همان را تغییر دهید.",
            "Choose another value, or find the existing item and change that."
        );
    InUse = 409 "in_use" fa("در حال استفاده", "چیزهای دیگری به این وابسته‌اند یا از پیش‌نویس گذشته است؛ حذف نمی‌شود.") en("In use", "Other things depend on this, or it has left draft; it cannot be removed.")
        do(
            "به جای حذف، آن را غیرفعال کنید یا ببندید؛ طرح را لغو کنید.",
            "Make it inactive or close it instead; cancel an initiative."
        );
    Frozen = 409 "frozen" fa("تثبیت‌شده", "در این مرحله یک یا چند فیلد دیگر تغییر نمی‌کند؛ به errors نگاه کنید.") en("Frozen", "At this stage one or more of these fields no longer change; see errors.")
        do(
            "فیلدهایی را که errors نام می‌برد از درخواست بردارید. مهلت تنها با درخواست تمدید جابه‌جا می‌شود.",
            "Leave the fields that errors names out of the request. A due date moves by a deferral alone."
        );
    IllegalTransition = 409 "illegal_transition" fa("گذار نامجاز", "از وضعیت کنونی به این وضعیت نمی‌توان رفت؛ گذارهای روا در allowed آمده است.") en("Illegal transition", "This move does not exist from the present status; allowed lists those that do.")
        do(
            "یکی از گذارهای allowed را به کار ببرید یا مورد را دوباره بخوانید؛ شاید وضعیتش عوض شده است.",
            "Use one of the moves in allowed, or read the item again: its status may have changed."
        );
    OverlappingMandate = 409 "overlapping_mandate" fa("هم‌پوشانی حکم", "این محله در بخشی از این بازه مدیر دیگری دارد.") en("Overlapping mandate", "The neighbourhood has another manager on some of these days.")
        do(
            "پایان حکم پیشین را تعیین کنید (valid_to) یا بازهٔ دیگری بدهید.",
            "End the earlier mandate (valid_to), or give other days."
        );
    DeferralOpen = 409 "deferral_open" fa("درخواست تمدید باز است", "برای این مسئولیت یک درخواست تمدید بی‌پاسخ هست.") en("Deferral open", "This responsibility already has a deferral that awaits a decision.")
        do(
            "تا تصمیم دفتر استان دربارهٔ درخواست پیشین صبر کنید.",
            "Wait until the province has decided on the earlier one."
        );
    LastAdministrator = 409 "last_administrator" fa("آخرین کاربر استان", "آخرین کاربر فعال با نقش استان را که می‌تواند وارد شود، نمی‌توان غیرفعال یا برکنار کرد.") en("Last administrator", "The last active province user who can log in can be neither disabled nor demoted.")
        do(
            "نخست کاربر فعال دیگری با نقش استان و با گذرواژه بسازید.",
            "Make another active province user with a password first."
        );
    IdempotencyInProgress = 409 "idempotency_in_progress" fa("درخواست هم‌کلید در جریان است", "درخواست نخست با همین Idempotency-Key هنوز در جریان است.") en("Idempotent request in progress", "The first request with this Idempotency-Key is still under way.")
        do(
            "پس از زمان Retry-After همان درخواست را با همان کلید دوباره بفرستید.",
            "Send the same request with the same key again after the time in Retry-After."
        );
    StaleVersion = 412 "stale_version" fa("نسخهٔ کهنه", "این رکورد از زمانی که خواندید تغییر کرده است؛ دوباره بخوانید.") en("Stale version", "The item has changed since you read it; read it again.")
        do(
            "مورد را دوباره بخوانید، تغییر خود را با نسخهٔ کنونی بسنجید و با ETag تازه بفرستید.",
            "Read the item again, hold your change against what is there now, and send it with the new ETag."
        );
    PayloadTooLarge = 413 "payload_too_large" fa("بدنه بیش از اندازه", "بدنهٔ درخواست از حد مجاز بزرگ‌تر است.") en("Payload too large", "The body of the request exceeds the limit.")
        do(
            "درخواست را کوچک‌تر کنید؛ ردیف‌های بسیار را با ورود فایل بفرستید.",
            "Send less at once; many rows go by a file import."
        );
    UnsupportedMediaType = 415 "unsupported_media_type" fa("نوع رسانه پشتیبانی نمی‌شود", "Content-Type این درخواست پذیرفته نیست.") en("Unsupported media type", "The Content-Type of this request is not accepted.")
        do(
            "برای بدنهٔ JSON سرآیند Content-Type: application/json بفرستید.",
            "Send Content-Type: application/json with a JSON body."
        );
    ValidationFailed = 422 "validation_failed" fa("داده‌ها پذیرفته نشد", "یک یا چند مقدار نادرست است؛ به errors نگاه کنید.") en("Validation failed", "One or more values are wrong; see errors.")
        do(
            "هر خطای errors جای خطا (pointer) و چگونگی آن را می‌گوید؛ همه را درست کنید و دوباره بفرستید.",
            "Each entry of errors says where (pointer) and what: correct them all and send the request again."
        );
    IdempotencyKeyReused = 422 "idempotency_key_reused" fa("کلید تکراری با درخواست دیگر", "این Idempotency-Key با درخواست دیگری به کار رفته است.") en("Idempotency key reused", "This Idempotency-Key was used with another request.")
        do(
            "برای درخواست دیگر کلید تازه‌ای بسازید.",
            "Make a new key for another request."
        );
    PreconditionRequired = 428 "precondition_required" fa("If-Match لازم است", "برای این کار نسخه‌ای را که خوانده‌اید در If-Match بفرستید.") en("Precondition required", "Send the version that you read in If-Match.")
        do(
            "مورد را بخوانید و ETag آن را در If-Match بفرستید.",
            "Read the item and send its ETag in If-Match."
        );
    TooManyRequests = 429 "too_many_requests" fa("درخواست بیش از اندازه", "کمی درنگ کنید و پس از زمانی که Retry-After می‌گوید دوباره بکوشید.") en("Too many requests", "Slow down and try again after the time in Retry-After.")
        do(
            "به اندازهٔ Retry-After صبر کنید و سرآیند RateLimit را در نظر بگیرید.",
            "Wait as long as Retry-After says, and heed the RateLimit header."
        );
    Internal = 500 "internal" fa("خطای درونی", "کارساز به خطا برخورد؛ با شمارهٔ درخواست پیگیری کنید.") en("Internal error", "The server met an error; quote the request id when you report it.")
        do(
            "درخواست را با request_id به گردانندهٔ سامانه گزارش کنید.",
            "Report the request with its request_id to whoever runs the server."
        );
    Busy = 503 "busy" fa("کارساز مشغول است", "اکنون کار بیش از توان است؛ کمی بعد دوباره بکوشید.") en("Busy", "There is more work than the server can take just now; try again shortly.")
        do(
            "پس از زمان Retry-After دوباره بکوشید؛ برای POST همان Idempotency-Key را بفرستید.",
            "Try again after the time in Retry-After; with a POST send the same Idempotency-Key."
        );
    Unavailable = 503 "unavailable" fa("در دسترس نیست", "پایگاه داده یا دیسک در دسترس نیست؛ کمی بعد دوباره بکوشید.") en("Unavailable", "The database or the disk cannot be used; try again shortly.")
        do(
            "پس از زمان Retry-After دوباره بکوشید؛ اگر ادامه یافت گردانندهٔ سامانه را خبر کنید.",
            "Try again after the time in Retry-After; if it lasts, tell whoever runs the server."
        );
}

impl ProblemCode {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        self.row().1
    }
}

/// A refusal or a failure: a code, and what the problem document says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The code, which gives the status.
    pub code: ProblemCode,
    /// All faults that were found, each with its place.
    pub faults: Vec<Fault>,
    /// For `illegal_transition`: the statuses to which this caller may move the item.
    pub allowed: Option<Vec<&'static str>>,
    /// For `stale_version`: the present version of the item.
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
    pub const fn new(code: ProblemCode) -> Self {
        Self { code, faults: Vec::new(), allowed: None, current_version: None, retry_after: None, allow: None, cause: None }
    }

    /// The same, with what really happened, which goes to the log alone.
    #[must_use]
    pub fn with_cause(self, cause: impl fmt::Display) -> Self {
        Self { cause: Some(one_line(cause)), ..self }
    }

    /// The same, worth another try after so many seconds.
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 422 with its faults.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(ProblemCode::ValidationFailed) }
    }

    /// 422 with one fault at a pointer.
    pub fn at(pointer: &str, code: FaultCode) -> Self {
        Self::invalid(vec![Fault::at(pointer, code)])
    }

    /// 400 `malformed_json`, with what a well-formed body would be; the cause goes to the log alone.
    pub fn malformed(expected: &str, cause: impl fmt::Display) -> Self {
        let faults = vec![Fault::at("", FaultCode::InvalidFormat).with(expected)];
        Self { faults, ..Self::new(ProblemCode::MalformedJson) }.with_cause(cause)
    }

    /// 422 `idempotency_key_reused`.
    pub fn key_reused() -> Self {
        let faults = vec![Fault::parameter("Idempotency-Key", FaultCode::AlreadyExists)];
        Self { faults, ..Self::new(ProblemCode::IdempotencyKeyReused) }
    }

    /// 400 with its faults.
    pub fn parameters(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(ProblemCode::InvalidParameter) }
    }

    /// 422 where there are faults, else nothing.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn refuse(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self::invalid(faults)) }
    }

    /// 409 `already_exists`, at the field whose value is another row's.
    pub fn taken(field: &str) -> Self {
        Self::on_fields(ProblemCode::AlreadyExists, FaultCode::AlreadyExists, &[field])
    }

    /// 412 `stale_version`, where a row has changed since this transaction read it.
    pub const fn stale() -> Self {
        Self::new(ProblemCode::StaleVersion)
    }

    /// 409 with the statuses to which this caller may move the item.
    pub fn illegal_transition(allowed: Vec<&'static str>) -> Self {
        Self { allowed: Some(allowed), ..Self::new(ProblemCode::IllegalTransition) }
    }

    /// 404.
    pub const fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    /// 403 by role or row.
    pub const fn forbidden() -> Self {
        Self::new(ProblemCode::Forbidden)
    }

    /// An error of this code, with the same fault at each of these fields.
    pub fn on_fields(code: ProblemCode, fault: FaultCode, fields: &[&str]) -> Self {
        let faults = fields.iter().map(|field| Fault::at(&format!("/{field}"), fault)).collect();
        Self { faults, ..Self::new(code) }
    }

    /// 500; the cause goes to the log alone.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(ProblemCode::Internal).with_cause(cause)
    }

    /// 503 `busy`, worth another try in a second.
    pub fn busy() -> Self {
        Self::new(ProblemCode::Busy).with_retry_after(1)
    }

    /// 503 `unavailable`; the cause goes to the log alone.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::new(ProblemCode::Unavailable).with_retry_after(2).with_cause(cause)
    }
}

/// A cause as one line of the log; PostgreSQL's have several.
fn one_line(cause: impl fmt::Display) -> String {
    cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        for fault in &self.faults {
            write!(f, "; {} {}", fault.location(), fault.code.as_str())?;
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
        let mut words: Vec<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ProblemCode::ALL.len());
        for code in ProblemCode::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(code.texts().iter().all(|(title, detail)| !title.is_empty() && !detail.is_empty()), "{code:?}");
        }
    }
}
