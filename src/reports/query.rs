//! What a report is asked for: the filter that all reports share, what single ones take besides, and the form.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::NaiveDate;
use deserr::Deserr;
use serde_json::{Map, Value};

use super::{
    Report,
    extras::{ExtraParams, Extras, NoParams},
    params::ReportParams,
};
use crate::{
    error::ApiError,
    fault::{Fault, FaultCode},
    http::{
        cursor,
        export::{Calendar, TableFormat},
        language::Language,
        query::{self, Flag},
        request::RequestContext,
        shape::{self, Faults},
    },
};

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct ReportQuery {
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
    /// What this report takes besides the filter.
    pub extras: Extras,
    /// A digest of the filter, which a cursor is bound to.
    pub binding: u64,
    /// The format of an export.
    pub format: TableFormat,
    /// Whether CSV begins with a byte order mark.
    pub bom: bool,
    /// The language of definitions and charts.
    pub language: Language,
}

/// What a file takes besides.
#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct FileParams {
    #[deserr(default)]
    format: Option<TableFormat>,
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

/// The extractor of a report's parameters: the filter, and `P` besides.
pub struct ReportRequest<R: Report, P: ExtraParams = NoParams> {
    /// What is asked for.
    pub query: ReportQuery,
    report: PhantomData<fn() -> (R, P)>,
}

impl<R: Report, P: ExtraParams> FromRequest for ReportRequest<R, P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read::<P>(request, R::NAME).map(|query| Self { query, report: PhantomData }))
    }
}

fn read<P: ExtraParams>(request: &HttpRequest, name: &str) -> Result<ReportQuery, ApiError> {
    let (language, form) = (RequestContext::of(request).language, Form::of(request));
    let (mut pairs, mut faults) = query::pairs(request.query_string());
    let given = pairs.clone();
    let mut take = |names: &[&str]| names.iter().filter_map(|name| pairs.remove_entry(*name)).collect::<Map<String, Value>>();
    let extras = take(&P::into_params(|| None).iter().map(|param| param.name.as_str()).collect::<Vec<_>>());
    let file = take(if form == Form::File { &["format", "bom"] } else { &[] });
    let binding = cursor::binding(&format!("/reports/{name}"), &pairs);
    let extras = shape::parameters::<P>(extras).map(P::extras).map_err(|more| faults.extend(more)).ok();
    let file = shape::parameters::<FileParams>(file).map_err(|more| faults.extend(more)).ok();
    let filter = shape::parameters::<ReportParams>(pairs).map_err(|more| faults.extend(more)).ok();
    if let Some(filter) = &filter {
        faults.extend(filter.contradictions());
    }
    if extras.as_ref().and_then(|extras| extras.after.as_ref()).is_some_and(|after| after.binding != binding) {
        faults.push(Fault::parameter("cursor", FaultCode::InvalidCursor));
    }
    let (Some(filter), Some(extras), Some(file), true) = (filter, extras, file, faults.is_empty()) else {
        return Err(ApiError::parameters(faults));
    };
    let span = filter.period.as_ref().map(|span| span.0);
    Ok(ReportQuery {
        as_of: filter.as_of.map(|day| day.day).or(extras.after.as_ref().map(|after| after.as_of)),
        from: filter.from.map(|day| day.day).or_else(|| span.map(|days| days.from)),
        to: filter.to.map(|day| day.day).or_else(|| span.map(|days| days.to)),
        calendar: filter.calendar.unwrap_or_else(|| usual_calendar(form, language)),
        given,
        extras,
        binding,
        format: file.format.unwrap_or_default(),
        bom: file.bom.is_some_and(|flag| flag.0),
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

impl ReportQuery {
    /// A parameter as it was given.
    pub fn text(&self, name: &str) -> Option<String> {
        self.given.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// What the answer depends on, apart from who asks and when.
    pub fn key(&self) -> String {
        serde_json::to_string(&self.given).unwrap_or_default()
    }
}
