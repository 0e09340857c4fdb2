//! Why a file as a whole is refused.

use crate::{db::text_enum, error::ApiError, fault::FaultCode};

/// How many characters of a heading a message shows.
const MAX_SHOWN: usize = 200;

text_enum! {
    /// Why a file can't be read; its word stands in the stored fault.
    pub enum Unreadable {
        /// Bytes that are no UTF-8.
        Encoding = "encoding",
        /// UTF-16 text.
        Utf16 = "utf16",
        /// A quotation mark that is never closed.
        OpenQuote = "open_quote",
        /// Text behind a closing quotation mark.
        Misquoted = "misquoted",
        /// A line longer than any row may be.
        LongLine = "long_line",
        /// Something other than lines of JSON objects.
        NoNdjson = "no_ndjson",
        /// Something other than a workbook, or a damaged one.
        NoWorkbook = "no_workbook",
        /// An error of a formula that is newer than what reads the workbook.
        CellError = "cell_error",
        /// Broken records.
        NoCsv = "no_csv",
        /// A file of which the database has lost a part.
        Torn = "torn",
    }
}

impl Unreadable {
    /// In Persian, then in English.
    pub const fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Encoding => ["متن آن UTF-8 نیست.", "its text is not UTF-8."],
            Self::Utf16 => ["متن آن UTF-16 است؛ آن را به صورت UTF-8 ذخیره کنید.", "its text is UTF-16; save it as UTF-8."],
            Self::OpenQuote => ["نشان \" باز شده و بسته نشده است.", "a \" is never closed."],
            Self::Misquoted => ["در سرستون پس از نشان \" پایانی متن آمده است.", "text stands behind a closing \" in its heading."],
            Self::LongLine => ["یک سطر آن بلندتر از یک مبی‌بایت است.", "a line is longer than 1 MiB."],
            Self::NoNdjson => ["NDJSON نیست: در سطر نخست شیء JSON نیامده است.", "it is no NDJSON: its first line is no JSON object."],
            Self::NoWorkbook => ["کارپوشهٔ XLSX نیست یا آسیب دیده است.", "it is no XLSX workbook, or a damaged one."],
            Self::CellError => [
                "خانه‌ای از این سطر یا سطر پس از آن خطای فرمولی دارد که خوانده نمی‌شود (مانند #SPILL!)؛ آن را درست یا خالی کنید.",
                "a cell of this row or the next holds a formula's error that can't be read (such as #SPILL!); mend it or clear it.",
            ],
            Self::NoCsv => ["CSV درستی نیست.", "it is no well-formed CSV."],
            Self::Torn => ["بخشی از آن از دست رفته است؛ دوباره بفرستیدش.", "a part of it is lost; send it again."],
        }
    }
}

/// Why a file as a whole is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The code of the fault.
    pub code: FaultCode,
    /// The arguments of its message.
    pub args: Vec<String>,
    /// The row at fault, where it is a single one.
    pub row: Option<u32>,
}

impl FileFault {
    /// A fault that says all by its code.
    pub const fn bare(code: FaultCode) -> Self {
        Self { code, args: Vec::new(), row: None }
    }

    /// A fault that quotes the file: the quotation is cut, and its control characters are replaced.
    pub(super) fn new(code: FaultCode, arg: impl ToString) -> Self {
        let visible = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
        Self { code, args: vec![arg.to_string().chars().take(MAX_SHOWN).map(visible).collect()], row: None }
    }

    pub(super) fn unreadable(why: Unreadable, row: Option<u32>) -> Self {
        Self { row, ..Self::new(FaultCode::UnreadableFile, why.as_str()) }
    }
}

/// What stops the reading.
#[derive(Debug)]
pub enum ReadError {
    /// The file is at fault, and will be at every attempt.
    File(FileFault),
    /// The server is at fault; another attempt may go well.
    Server(ApiError),
}

impl From<FileFault> for ReadError {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}

impl From<ApiError> for ReadError {
    fn from(error: ApiError) -> Self {
        Self::Server(error)
    }
}
