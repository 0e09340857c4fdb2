//! What single reports take besides the filter. Each struct of parameters is what the request is read into and what the document
//! tells of it.

use chrono::NaiveDate;
use deserr::Deserr;
use utoipa::IntoParams;

use crate::{
    db::{Id, text_enum},
    fault::FaultCode,
    http::{
        cursor::{self, Cursor, CursorKey},
        fields::{Field, Refusal, Whole, field_from_json},
        page::{self, Limit},
        query::{Flag, Number},
        shape::Faults,
    },
};

/// The days that `agenda` looks ahead where none are asked for.
const DAYS: i64 = 30;

text_enum! {
    /// What `neighborhoods` is ordered by.
    #[derive(Default)]
    pub enum Order {
        /// The farthest behind plan first.
        #[default]
        Gap = "gap",
        /// By the Persian alphabet.
        Name = "name",
        /// By the number of late responsibilities.
        Late = "late",
    }
}

/// The order of `neighborhoods`, and its direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sort {
    /// What it is ordered by.
    pub by: Order,
    /// Whether it is descending.
    pub descending: bool,
}

impl Field for Sort {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let (name, descending) = page::direction(text);
        let by = Order::parse(name).ok_or_else(|| (FaultCode::NotOneOf, vec![Order::WORDS.join(", ")]))?;
        Ok(Self { by, descending })
    }
}

/// Where a page of `late` begins: behind the row of this rank, code and id, with lateness as of the day of the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// A digest of the filter that it came from.
    pub binding: u64,
    /// The day of the first page.
    pub as_of: NaiveDate,
    /// Days late times weight.
    pub rank: i64,
    /// The code's folded key.
    pub code_key: String,
    /// The id of the responsibility.
    pub id: Id,
}

impl After {
    fn open(text: &str) -> Option<Self> {
        let Cursor { f: binding, k: key, i: id } = cursor::read(text)?;
        let (day, rank, code_key) = serde_json::from_str::<(NaiveDate, i64, String)>(&key).ok()?;
        // Only what can have been sealed: anything else would be no date, or no text, to the database.
        Some(Self { binding, as_of: NaiveDate::decode(&day.to_string())?, rank, code_key: String::decode(&code_key)?, id })
    }

    /// As a cursor.
    pub fn seal(&self) -> Option<String> {
        let key = serde_json::to_string(&(self.as_of, self.rank, &self.code_key)).ok()?;
        cursor::seal(key, self.id, self.binding)
    }
}

impl Field for After {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        Self::open(text).ok_or_else(|| (FaultCode::InvalidCursor, Vec::new()))
    }
}

field_from_json!(Sort, After);

/// What is asked for besides the filter; what a report does not take is as if it were not given.
#[derive(Debug, Clone)]
pub struct Extras {
    /// The order of `neighborhoods`.
    pub sort: Sort,
    /// The days that `agenda` looks ahead.
    pub days: i64,
    /// Rows on a page of `late`; none for all of them, as in an export.
    pub limit: Option<usize>,
    /// Whether a page of `late` tells how many rows the whole filter has.
    pub with_total: bool,
    /// Where a page of `late` begins.
    pub after: Option<After>,
}

impl Default for Extras {
    fn default() -> Self {
        Self { sort: Sort::default(), days: DAYS, limit: None, with_total: false, after: None }
    }
}

/// The parameters of one operation besides the filter.
pub trait ExtraParams: Deserr<Faults> + IntoParams {
    /// What they ask for.
    fn extras(self) -> Extras;
}

/// No parameters besides the filter.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NoParams {}

impl ExtraParams for NoParams {
    fn extras(self) -> Extras {
        Extras::default()
    }
}

/// The order of `neighborhoods`.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderParam {
    /// The order: `gap`, `name`, `late`; `-` before it for descending. Rows without a gap come last; a manager's own places come first.
    #[deserr(default)]
    #[param(value_type = Option<String>, default = "gap", min_length = 3, max_length = 5, pattern = "^-?(gap|name|late)$", example = "gap")]
    sort: Option<Sort>,
}

impl ExtraParams for OrderParam {
    fn extras(self) -> Extras {
        Extras { sort: self.sort.unwrap_or_default(), ..Extras::default() }
    }
}

/// How far `agenda` looks ahead.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DaysParam {
    /// Days ahead within which open work counts as due.
    #[deserr(default)]
    #[param(value_type = Option<i32>, default = 30, minimum = 0, maximum = 3660, example = 30)]
    days: Option<Number<Whole<0, 3660>>>,
}

impl ExtraParams for DaysParam {
    fn extras(self) -> Extras {
        Extras { days: self.days.map_or(DAYS, |Number(days)| days.0), ..Extras::default() }
    }
}

/// The page of `late`.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// The most rows on a page.
    #[deserr(default)]
    #[param(value_type = Option<i32>, default = 50, minimum = 1, maximum = 200, example = 50)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before; valid only with the same filter.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$", example = "eyJmIjo3NTM0MiwiayI6IkNjQSIsImkiOiIwMTkzYTFiMCJ9")]
    cursor: Option<After>,
    /// Whether the answer has `total` too.
    #[deserr(default)]
    #[param(value_type = Option<bool>, default = false, example = true)]
    with_total: Option<Flag>,
}

impl ExtraParams for PageParams {
    fn extras(self) -> Extras {
        let with_total = self.with_total.is_some_and(|flag| flag.0);
        Extras { limit: Some(page::limit(self.limit)), with_total, after: self.cursor, ..Extras::default() }
    }
}
