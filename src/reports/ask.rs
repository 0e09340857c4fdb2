//! The parameters of a report: the filter that all reports share, and what single reports and exports take besides.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::NaiveDate;
use deserr::Deserr;
use serde_json::{Map, Value};

use super::{Report, params::ReportParams};
use crate::{
    db::{Id, text_enum},
    error::ApiError,
    fault::{Fault, FaultCode},
    http::{
        cursor::{self, CursorKey},
        export::Calendar,
        fields::{Whole, field_from_json},
        language::Language,
        page::{self, Limit},
        query::{self, Flag, Number},
        request::RequestContext,
        shape::{self, Faults},
    },
};

text_enum! {
    /// The order of `neighborhoods`.
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

/// Where a page of `late` begins: behind the row of this rank, code and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Days late times weight.
    pub rank: i64,
    /// The code's folded key.
    pub code_key: String,
    /// The id of the responsibility.
    pub id: Id,
}

text_enum! {
    /// Form of an export.
    #[derive(Default)]
    pub enum FileFormat {
        /// Comma-separated values.
        #[default]
        Csv = "csv",
        /// A spreadsheet.
        Xlsx = "xlsx",
    }
}

field_from_json!(FileFormat);

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The filter.
    pub filter: ReportParams,
    /// The day asked for; today where none is.
    pub as_of: Option<NaiveDate>,
    /// The first day that counts.
    pub from: Option<NaiveDate>,
    /// The last day that counts.
    pub to: Option<NaiveDate>,
    /// The calendar of months and written dates.
    pub calendar: Calendar,
    /// The parameters as they were given.
    pub given: Map<String, Value>,
    /// The order of `neighborhoods`.
    pub order: Order,
    /// Whether that order is descending.
    pub descending: bool,
    /// The days that `agenda` looks ahead.
    pub days: i64,
    /// Rows on a page of `late`; none for all of them, as in an export.
    pub limit: Option<usize>,
    /// Whether a page of `late` tells how many rows the whole filter has.
    pub with_total: bool,
    /// Where a page of `late` begins.
    pub after: Option<After>,
    /// A digest of the filter, which a cursor is bound to.
    pub binding: u64,
    /// The format of an export.
    pub format: FileFormat,
    /// Whether CSV begins with a byte order mark.
    pub bom: bool,
    /// The language of definitions and charts.
    pub language: Language,
}

/// The parameters that single reports and exports take besides the filter.
#[derive(Debug, Default, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Extras {
    #[deserr(default)]
    days: Option<Number<Whole<0, 3660>>>,
    #[deserr(default)]
    limit: Option<Limit>,
    #[deserr(default)]
    with_total: Option<Flag>,
    #[deserr(default)]
    format: Option<FileFormat>,
    #[deserr(default)]
    bom: Option<Flag>,
}

/// How a report is to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// A file.
    File,
    /// SVG.
    Chart,
}

impl Form {
    fn of(request: &HttpRequest) -> Self {
        match request.path().rsplit('/').next() {
            Some("export") => Self::File,
            Some("chart") => Self::Chart,
            _ => Self::Json,
        }
    }
}

/// The extractor of a report's parameters.
pub struct Ask<R: Report> {
    /// What is asked for.
    pub asked: Asked,
    report: std::marker::PhantomData<fn() -> R>,
}

impl<R: Report> FromRequest for Ask<R> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let form = Form::of(request);
        ready(read(request, R::NAME, extras_of(R::EXTRAS, form), form).map(|asked| Self { asked, report: std::marker::PhantomData }))
    }
}

/// The names of what a report takes besides the filter in this form; only JSON has pages.
fn extras_of(extras: &'static [&'static str], form: Form) -> Vec<&'static str> {
    let paged = ["limit", "cursor", "with_total"];
    let own = extras.iter().copied().filter(move |name| form == Form::Json || !paged.contains(name));
    own.chain(if form == Form::File { &["format", "bom"][..] } else { &[] }.iter().copied()).collect()
}

fn read(request: &HttpRequest, name: &str, extras: Vec<&'static str>, form: Form) -> Result<Asked, ApiError> {
    let language = RequestContext::of(request).language;
    let (mut pairs, mut faults) = query::pairs(request.query_string());
    let given = pairs.clone();
    let mut besides: Map<String, Value> = extras.into_iter().filter_map(|name| pairs.remove_entry(name)).collect();
    let order = order_of(besides.remove("sort").as_ref().and_then(Value::as_str));
    if order.is_none() {
        faults.push(Fault::parameter("sort", FaultCode::NotOneOf).with(Order::WORDS.join(", ")));
    }
    let cursor = besides.remove("cursor");
    let besides = shape::parameters::<Extras>(besides).map_err(|more| faults.extend(more)).ok();
    let binding = cursor::binding(&format!("/reports/{name}"), &pairs);
    let filter = shape::parameters::<ReportParams>(pairs).map_err(|more| faults.extend(more)).ok();
    let opened = cursor.map(|given| given.as_str().and_then(|text| open(text, binding)));
    if opened == Some(None) {
        faults.push(Fault::parameter("cursor", FaultCode::InvalidCursor));
    }
    if let Some(filter) = &filter {
        faults.extend(filter.contradictions());
    }
    let (Some(filter), Some(besides), Some((order, descending)), true) = (filter, besides, order, faults.is_empty()) else {
        return Err(ApiError::parameters(faults));
    };
    let (judged, after) = opened.flatten().unzip();
    let span = filter.period.as_ref().map(|span| span.days);
    Ok(Asked {
        as_of: filter.as_of.map(|day| day.day).or(judged),
        from: filter.from.map(|day| day.day).or_else(|| span.map(|days| days.from)),
        to: filter.to.map(|day| day.day).or_else(|| span.map(|days| days.to)),
        calendar: filter.calendar.unwrap_or_else(|| usual_calendar(form, language)),
        given,
        order,
        descending,
        days: besides.days.map_or(30, |Number(days)| days.0),
        limit: Some(page::limit(besides.limit)),
        with_total: besides.with_total.is_some_and(|flag| flag.0),
        after,
        binding,
        format: besides.format.unwrap_or_default(),
        bom: besides.bom.is_some_and(|flag| flag.0),
        language,
        filter,
    })
}

/// Where no calendar is asked for: Jalali in a Persian chart, which goes into a letter with Jalali dates, and else Gregorian.
const fn usual_calendar(form: Form, language: Language) -> Calendar {
    match (form, language) {
        (Form::Chart, Language::Persian) => Calendar::Jalali,
        _ => Calendar::Gregorian,
    }
}

fn order_of(given: Option<&str>) -> Option<(Order, bool)> {
    let Some(given) = given else { return Some((Order::Gap, false)) };
    let (name, descending) = given.strip_prefix('-').map_or((given, false), |name| (name, true));
    Order::parse(name).map(|order| (order, descending))
}

/// The day and the place that a cursor of `late` holds.
fn open(text: &str, binding: u64) -> Option<(NaiveDate, After)> {
    let (key, id) = cursor::open(text, binding)?;
    let (day, rank, code_key) = serde_json::from_str::<(NaiveDate, i64, String)>(&key).ok()?;
    // Only what can have been sealed: anything else would be no date, or no text, to the database.
    let (day, code_key) = (NaiveDate::decode(&day.to_string())?, String::decode(&code_key)?);
    Some((day, After { rank, code_key, id }))
}

/// A cursor of `late`.
pub fn seal(as_of: NaiveDate, after: &After, binding: u64) -> Option<String> {
    let key = serde_json::to_string(&(as_of, after.rank, &after.code_key)).ok()?;
    cursor::seal(key, after.id, binding)
}

impl Asked {
    /// A parameter as it was given.
    pub fn text(&self, name: &str) -> Option<String> {
        self.given.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// What the answer depends on, apart from who asks and when.
    pub fn key(&self) -> String {
        serde_json::to_string(&self.given).unwrap_or_default()
    }
}
