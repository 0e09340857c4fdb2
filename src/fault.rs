//! One entry of a problem's `errors`: where, which stable code, and a message in the caller's language.

/// Declares the fault codes: word, message in Persian and in English; `{0}` and `{1}` stand for the arguments.
macro_rules! fault_codes {
    ($($variant:ident = $word:literal fa($fa:literal) en($en:literal);)+) => {
        /// A stable code of one fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultCode { $(#[doc = $en] $variant,)+ }

        impl FaultCode {
            /// Every fault code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The code of a stable word.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == word)
            }

            /// The message in Persian, then in English.
            pub const fn templates(self) -> [&'static str; 2] {
                match self { $(Self::$variant => [$fa, $en],)+ }
            }
        }
    };
}

fault_codes! {
    Required = "required" fa("این مقدار لازم است.") en("A value is required here.");
    WrongType = "wrong_type" fa("نوع مقدار نادرست است؛ باید {0} باشد.") en("The value has the wrong type; expected {0}.");
    TooShort = "too_short" fa("کوتاه‌تر از {0} نویسه است.") en("Shorter than {0} characters.");
    TooLong = "too_long" fa("بلندتر از {0} است.") en("Longer than {0}.");
    OutOfRange = "out_of_range" fa("بیرون از بازهٔ {0} تا {1} است.") en("Outside the range {0} to {1}.");
    InvalidFormat = "invalid_format" fa("قالب نادرست است؛ قالب درست: {0}.") en("The format is wrong; expected {0}.");
    InvalidText = "invalid_text" fa("نویسهٔ کنترلی در متن پذیرفته نیست.") en("Control characters are not accepted in text.");
    NotOneOf = "not_one_of" fa("باید یکی از این‌ها باشد: {0}.") en("Must be one of: {0}.");
    UnknownField = "unknown_field" fa("چنین فیلدی شناخته نیست.") en("There is no such field.");
    UnknownParameter = "unknown_parameter" fa("چنین پارامتری شناخته نیست.") en("There is no such parameter.");
    InvalidCursor = "invalid_cursor" fa("این نشانگر از این فهرست، پالایش و ترتیب نیامده است.") en("This cursor does not come from this list, filter and sort.");
    TooManyRows = "too_many_rows" fa("{0} سطر است و یک برگهٔ XLSX بیش از {1} سطر نمی‌گیرد؛ CSV یا NDJSON بخواهید یا پالایش را تنگ‌تر کنید.") en("There are {0} rows, and an XLSX sheet holds no more than {1}; ask for CSV or NDJSON, or narrow the filter.");
    UnknownReference = "unknown_reference" fa("چنین چیزی نیست یا در دسترس شما نیست.") en("There is no such thing within your reach.");
    InactiveReference = "inactive_reference" fa("این مورد غیرفعال یا بسته است و دیگر به کار نمی‌آید.") en("This one is inactive or closed and can no longer be referred to.");
    DatesOutOfOrder = "dates_out_of_order" fa("تاریخ‌ها به ترتیب نیستند.") en("The dates are out of order.");
    ExcludesOther = "excludes_other" fa("این پارامتر با {0} با هم نمی‌آیند.") en("This parameter and {0} exclude each other.");
    WeakPassword = "weak_password" fa("این گذرواژه بسیار رایج است؛ گذرواژهٔ دیگری برگزینید.") en("This password is among the most common ones; choose another.");
    AlreadyExists = "already_exists" fa("این مقدار از پیش به کار رفته است.") en("This value is already taken.");
    Frozen = "frozen" fa("در این مرحله این فیلد تغییر نمی‌کند.") en("This field no longer changes at this stage.");
    ForbiddenField = "forbidden_field" fa("شما اجازهٔ نوشتن این فیلد را ندارید.") en("You may not write this field.");
    AgencyNotAllowed = "agency_not_allowed" fa("تنها کاربری که نقشش دستگاه است دستگاه دارد.") en("Only a user with the role agency has an agency.");
    NeighborhoodsNotAllowed = "neighborhoods_not_allowed" fa("تنها حساب سرویسی که نقشش مدیر محله است محله دارد.") en("Only a service account with the role neighborhood_manager has neighbourhoods.");
    NotAManager = "not_a_manager" fa("نقش این کاربر مدیر محله نیست.") en("This user does not have the role neighborhood_manager.");
    Forbidden = "forbidden" fa("نقش یا جایگاه شما این کار را روا نمی‌دارد.") en("Your role or place does not permit this.");
    LastAdministrator = "last_administrator" fa("آخرین کاربر فعال با نقش استان را که می‌تواند وارد شود، نمی‌توان غیرفعال یا برکنار کرد.") en("The last active province user who can log in can be neither disabled nor demoted.");
    // Of files that are imported (CONTRACT §4).
    DuplicateKey = "duplicate_key" fa("این کلید پیش‌تر در ردیف {0} همین پرونده آمده است.") en("This key stands already in row {0} of this file.");
    WrongCellCount = "wrong_cell_count" fa("این ردیف {0} خانه دارد و سرستون {1} تا؛ معلوم نیست کدام خانه از کدام ستون است.") en("This row has {0} cells and the heading {1}; which cell is of which column is not clear.");
    Misquoted = "misquoted" fa("پس از نشان \" پایانی متن آمده است: یا \" پیش از آن بسته نشده، یا \" درون متن دو بار نوشته نشده است.") en("Text stands behind a closing \": a \" before it was not closed, or one within the text was not doubled.");
    MalformedRow = "malformed_json" fa("این سطر یک شیء JSON درست نیست.") en("This line is not a well-formed JSON object.");
    UnknownColumn = "unknown_column" fa("ستون «{0}» شناخته نیست.") en("Not known as a column: {0}.");
    MissingColumn = "missing_column" fa("ستون «{0}» لازم است و در پرونده نیست.") en("The column \"{0}\" is required and not in the file.");
    DuplicateColumn = "duplicate_column" fa("ستون «{0}» دو بار آمده است.") en("The column \"{0}\" stands twice.");
    UnreadableFile = "unreadable_file" fa("پرونده خوانده نشد: {0}") en("The file cannot be read: {0}");
    EmptyFile = "empty_file" fa("پرونده سرستون ندارد یا خالی است.") en("The file is empty or has no heading.");
    FileTooLarge = "file_too_large" fa("پرونده از حد مجاز بزرگ‌تر است ({0}).") en("The file exceeds the limit of {0}.");
    ImportBroke = "internal" fa("کارساز چند بار کوشید و به خطا برخورد؛ چیزی نیمه‌کاره نماند.") en("The server tried several times and met an error; nothing is left half done.");
    // Conditions of transitions (DESIGN §2).
    LeadAgencyRequired = "lead_agency_required" fa("دستگاه مسئول تعیین نشده است.") en("The initiative has no lead agency.");
    DatesRequired = "dates_required" fa("تاریخ شروع و پایان لازم است.") en("Both the start and the due date are required.");
    ResponsibilityRequired = "responsibility_required" fa("دست‌کم یک مسئولیت لازم است.") en("At least one responsibility is required.");
    DueOnOutsideInitiative = "due_on_outside_initiative" fa("مهلت بیرون از بازهٔ طرح است: {0}.") en("The due date lies outside the initiative's dates: {0}.");
    LeadPartOfOtherAgency = "lead_part_of_other_agency" fa("نقش مسئول با دستگاهی جز دستگاه مسئول است: {0}.") en("The lead part is with an agency that is not the lead: {0}.");
    AcceptedLeadRequired = "accepted_lead_required" fa("دستگاه مسئول هنوز مسئولیتی با نقش مسئول نپذیرفته است.") en("The lead agency has not accepted a responsibility with part lead.");
    UnsettledResponsibility = "unsettled_responsibility" fa("هنوز تأیید، رد یا کنار گذاشته نشده است: {0}.") en("Neither verified, withdrawn nor declined: {0}.");
    VerifiedResponsibilityRequired = "verified_responsibility_required" fa("دست‌کم یک مسئولیت تأییدشده لازم است.") en("At least one verified responsibility is required.");
    InitiativeNotOpen = "initiative_not_open" fa("طرح در وضعیت {0} است و این کار در آن روا نیست.") en("The initiative is {0}, in which this cannot be done.");
    ResponsibilityNotOpen = "responsibility_not_open" fa("مسئولیت در وضعیت {0} است و این کار در آن روا نیست.") en("The responsibility is {0}, in which this cannot be done.");
    InTheFuture = "in_the_future" fa("این روز هنوز نیامده است.") en("This day has not come yet.");
    NotAfterDueOn = "not_after_due_on" fa("باید پس از مهلت کنونی ({0}) باشد.") en("Must be after the present due date, {0}.");
    AgencyUnchanged = "agency_unchanged" fa("نخست با PATCH دستگاه دیگری برای آن بگذارید.") en("Give it to another agency with a PATCH first.");
}

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A JSON pointer into the body (RFC 6901).
    Pointer(String),
    /// The name of a query parameter or header.
    Parameter(String),
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Referent {
    /// Nothing that exists within reach.
    Missing,
    /// Something that is inactive or closed, so that nothing may newly refer to it.
    Retired,
    /// Something that may be referred to; or the reference is not new, or there is none.
    #[default]
    Usable,
}

impl Referent {
    /// From what was found: none where nothing was, else whether it is still in use.
    pub fn of(in_use: Option<bool>) -> Self {
        match in_use {
            None => Self::Missing,
            Some(false) => Self::Retired,
            Some(true) => Self::Usable,
        }
    }
}

/// A fault: location, code and the arguments of its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub at: Location,
    /// What is wrong.
    pub code: FaultCode,
    /// What stands for `{0}` and `{1}` in the message.
    pub args: Vec<String>,
}

impl Fault {
    /// A fault in the body, without arguments.
    pub fn at(pointer: &str, code: FaultCode) -> Self {
        Self { at: Location::Pointer(pointer.to_owned()), code, args: Vec::new() }
    }

    /// What a field's type refuses, in the body.
    pub fn of(pointer: &str, (code, args): (FaultCode, Vec<String>)) -> Self {
        Self { args, ..Self::at(pointer, code) }
    }

    /// A fault in a parameter, without arguments.
    pub fn parameter(name: &str, code: FaultCode) -> Self {
        Self { at: Location::Parameter(name.to_owned()), code, args: Vec::new() }
    }

    /// The fault of a reference, where there is one.
    pub fn reference(pointer: &str, referent: Referent) -> Option<Self> {
        match referent {
            Referent::Missing => Some(Self::at(pointer, FaultCode::UnknownReference)),
            Referent::Retired => Some(Self::at(pointer, FaultCode::InactiveReference)),
            Referent::Usable => None,
        }
    }

    /// The same fault with one more argument.
    #[must_use]
    pub fn with(mut self, arg: impl ToString) -> Self {
        self.args.push(arg.to_string());
        self
    }

    /// The pointer or the parameter's name.
    pub fn location(&self) -> &str {
        match &self.at {
            Location::Pointer(text) | Location::Parameter(text) => text,
        }
    }

    /// The message, in English or in Persian.
    pub fn message(&self, english: bool) -> String {
        let [fa, en] = self.code.templates();
        let mut text = (if english { en } else { fa }).to_owned();
        for (index, arg) in self.args.iter().enumerate() {
            let arg = if self.code == FaultCode::WrongType && !english { kinds_in_persian(arg) } else { arg.clone() };
            text = text.replace(&format!("{{{index}}}"), &arg);
        }
        text
    }
}

/// The kinds of JSON values, as `wrong_type` expects them.
fn kinds_in_persian(kinds: &str) -> String {
    let word = |kind| match kind {
        "integer" => "عدد صحیح",
        "number" => "عدد",
        "string" | "text" => "متن",
        "boolean" => "true یا false",
        "array" => "آرایه",
        "object" => "شیء",
        other => other,
    };
    kinds.split(" / ").map(word).collect::<Vec<_>>().join(" یا ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_word_of_its_own() {
        let mut words: Vec<_> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FaultCode::ALL.len());
    }

    #[test]
    fn a_message_takes_its_arguments() {
        let fault = Fault::at("/weight", FaultCode::OutOfRange).with(1).with(100);
        assert_eq!(fault.message(true), "Outside the range 1 to 100.");
    }
}
