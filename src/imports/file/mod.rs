//! The file as it was sent: rows of cells, whatever the format; what cannot be told for certain is said, never guessed.

mod csv;
mod ndjson;
mod source;
mod xlsx;

use chrono::NaiveDate;

use crate::{
    db::text_enum,
    error::ApiError,
    fault::FaultCode,
    http::{
        export::{Column, XLSX, called, undefused},
        fields::field_from_json,
    },
    persian,
};

pub use source::{CHUNK, Source};

text_enum! {
    /// The format of a file.
    #[allow(missing_docs, reason = "the words speak")]
    pub enum FileFormat {
        Csv = "csv",
        Ndjson = "ndjson",
        Xlsx = "xlsx",
    }
}

field_from_json!(FileFormat);

impl FileFormat {
    /// The format of a media type, where it tells.
    pub fn of_media_type(essence: &str) -> Option<Self> {
        match essence {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" => Some(Self::Ndjson),
            XLSX => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The format that a file's name ends with.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match ending.as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Nothing, which clears.
    Empty,
    /// Text, not yet trimmed.
    Text(String),
    /// A number of a spreadsheet that is not whole, or whose cell does not say.
    Number(f64),
    /// A whole number of a spreadsheet, which may have been meant as text.
    Integer(i64),
    /// A number of JSON, which is nothing else.
    Numeral(serde_json::Number),
    /// True or false.
    Flag(bool),
    /// A spreadsheet's own date.
    Day(NaiveDate),
    /// What no field can be: an array, an object, a formula's error, a date with a time of day.
    Other(String),
}

impl Given {
    /// Text of a cell, as a spreadsheet or CSV has it: blank is nothing, and the `'` that an export put before what
    /// looks like a formula is taken off (CONTRACT §1, "Exports").
    fn of_cell(text: &str) -> Self {
        if is_blank(text) {
            return Self::Empty;
        }
        Self::Text(undefused(persian::trim(text)).to_owned())
    }

    /// As it is shown in the report.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Text(text) | Self::Other(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Numeral(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Day(day) => Some(day.to_string()),
        }
    }
}

/// Whether there is nothing to be seen.
fn is_blank(text: &str) -> bool {
    persian::trim(text).is_empty()
}

/// Whether a file begins as UTF-16 does: with its mark, or with the NUL that its first ASCII letter has beside it.
fn is_utf16(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.iter().take(2).any(|byte| *byte == 0)
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Counted from 1 for the first after the heading, blank ones too.
    pub row: u32,
    /// By the dataset's columns; none where the file does not have it.
    pub cells: Vec<Option<Given>>,
    /// Why the row as a whole cannot be read.
    pub fault: Option<(FaultCode, Vec<String>)>,
}

impl Record {
    /// How long its texts are together, in bytes.
    pub fn length(&self) -> usize {
        let of = |cell: &Given| if let Given::Text(text) | Given::Other(text) = cell { text.len() } else { 0 };
        self.cells.iter().flatten().map(of).sum()
    }
}

/// The most rows of a file: what is known of each is held in memory, and its report is kept.
const MOST_ROWS: u32 = 2_000_000;

/// The longest row of text, in bytes.
const LONGEST: u64 = 1 << 20;

/// How many characters of a heading a message shows.
const SHOWN: usize = 200;

text_enum! {
    /// Why a file can't be read; its word stands in the stored fault.
    pub enum Unreadable {
        /// Bytes that are no UTF-8.
        Encoding = "encoding",
        /// Two bytes a letter.
        Utf16 = "utf16",
        /// A quotation mark without its other one.
        OpenQuote = "open_quote",
        /// A line beyond any row.
        LongLine = "long_line",
        /// Another thing than lines of objects.
        NoNdjson = "no_ndjson",
        /// Another thing than a workbook, or a damaged one.
        NoWorkbook = "no_workbook",
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
            Self::LongLine => ["یک سطر آن بلندتر از یک مبی‌بایت است.", "a line is longer than 1 MiB."],
            Self::NoNdjson => ["NDJSON نیست: در سطر نخست شیء JSON نیامده است.", "it is no NDJSON: its first line is no JSON object."],
            Self::NoWorkbook => ["کارپوشهٔ XLSX نیست یا آسیب دیده است.", "it is no XLSX workbook, or a damaged one."],
            Self::NoCsv => ["CSV درستی نیست.", "it is no well-formed CSV."],
            Self::Torn => ["بخشی از آن از دست رفته است؛ دوباره بفرستیدش.", "a part of it is lost; send it again."],
        }
    }
}

/// Why the file as a whole is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Which.
    pub code: FaultCode,
    /// The arguments of its message.
    pub args: Vec<String>,
    /// Where, if in a row.
    pub row: Option<u32>,
}

impl FileFault {
    /// What the file says is cut, and shown without its control characters.
    fn new(code: FaultCode, arg: impl ToString) -> Self {
        let visible = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
        Self { code, args: vec![arg.to_string().chars().take(SHOWN).map(visible).collect()], row: None }
    }

    fn unreadable(why: Unreadable, row: Option<u32>) -> Self {
        Self { row, ..Self::new(FaultCode::UnreadableFile, why.as_str()) }
    }
}

/// What stops the reading.
#[derive(Debug)]
pub enum Trouble {
    /// The file's fault; it stays so.
    File(FileFault),
    /// Ours; another try may go well.
    Server(ApiError),
}

impl From<FileFault> for Trouble {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self::Server(error)
    }
}

/// The columns of a dataset that a file must or may have.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// All of them: those that are written, then those that are taken and ignored.
    pub columns: &'static [Column],
    /// Those by which a row is known, which every file has.
    pub key: &'static [&'static str],
}

impl Wanted {
    /// How many columns are written.
    pub fn width(&self) -> usize {
        self.columns.iter().filter(|column| column.writable).count()
    }

    /// Where a heading's cells go: to the column of this number; nowhere where it is only read.
    fn place(&self, heading: &str) -> Result<Option<usize>, FileFault> {
        let column = called(self.columns, heading).ok_or_else(|| FileFault::new(FaultCode::UnknownColumn, heading.trim()))?;
        Ok(self.columns.iter().position(|known| known == column).filter(|_| column.writable))
    }

    /// Where the cells of each heading go, judged as a whole.
    fn layout<'a>(&self, headings: impl Iterator<Item = &'a str>) -> Result<Vec<Option<usize>>, FileFault> {
        let mut named: Vec<&str> = headings.collect();
        while named.last().is_some_and(|heading| is_blank(heading)) {
            named.pop();
        }
        // All of them at once, since a file is sent again for each that is told.
        let unknown: Vec<&str> =
            named.iter().filter(|heading| called(self.columns, heading).is_none()).map(|heading| heading.trim()).collect();
        if !unknown.is_empty() {
            return Err(FileFault::new(FaultCode::UnknownColumn, unknown.join(", ")));
        }
        let mut places = Vec::with_capacity(named.len());
        for heading in named {
            let place = self.place(heading)?;
            if place.is_some() && places.contains(&place) {
                return Err(FileFault::new(FaultCode::DuplicateColumn, heading.trim()));
            }
            places.push(place);
        }
        if places.is_empty() {
            return Err(FileFault { code: FaultCode::EmptyFile, args: Vec::new(), row: None });
        }
        for key in self.key {
            let number = self.columns.iter().position(|column| column.name == *key);
            if !places.contains(&number) {
                return Err(FileFault::new(FaultCode::MissingColumn, key));
            }
        }
        Ok(places)
    }

    /// How many of these headings are known; for telling separators apart.
    fn known<'a>(&self, headings: impl Iterator<Item = &'a str>) -> usize {
        headings.filter(|heading| called(self.columns, heading).is_some()).count()
    }
}

/// Puts cells where the layout says; too few cells, or one beyond the headings, make it unclear which is which.
fn arranged(row: u32, layout: &[Option<usize>], width: usize, given: Vec<Given>) -> Record {
    let count = given.len();
    let beyond = given.iter().skip(layout.len()).any(|cell| *cell != Given::Empty);
    let mut cells = vec![None; width];
    if count < layout.len() || beyond {
        let fault = (FaultCode::WrongCellCount, vec![count.to_string(), layout.len().to_string()]);
        return Record { row, cells, fault: Some(fault) };
    }
    for (place, cell) in layout.iter().zip(given) {
        if let Some(slot) = place.and_then(|place| cells.get_mut(place)) {
            *slot = Some(cell);
        }
    }
    Record { row, cells, fault: None }
}

/// Reads a file row by row, as it stands; blank rows are counted and left out. `take` gives `false` to end.
///
/// # Errors
/// What is wrong with the file as a whole, or with the database that it is read from.
pub fn each(format: FileFormat, source: Source<'_>, wanted: Wanted, take: &mut dyn FnMut(Record) -> bool) -> Result<(), Trouble> {
    let (mut rows, mut too_many) = (0, false);
    let counted = &mut |record| {
        rows += 1;
        too_many = rows > MOST_ROWS;
        !too_many && take(record)
    };
    match format {
        FileFormat::Csv => all(csv::open(source, wanted)?, counted),
        FileFormat::Ndjson => all(ndjson::open(source, wanted), counted),
        FileFormat::Xlsx => xlsx::each(source, wanted, counted),
    }?;
    if too_many { Err(FileFault::new(FaultCode::FileTooLarge, format!("{MOST_ROWS} rows")).into()) } else { Ok(()) }
}

fn all(rows: impl Iterator<Item = Result<Record, Trouble>>, take: &mut dyn FnMut(Record) -> bool) -> Result<(), Trouble> {
    for record in rows {
        if !take(record?) {
            break;
        }
    }
    Ok(())
}
