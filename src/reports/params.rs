//! The filter that all reports share.

use chrono::NaiveDate;
use deserr::Deserr;
use utoipa::IntoParams;

use crate::{
    db::Id,
    fault::{Fault, FaultCode},
    http::{
        export::Calendar,
        fields::{Day, Field, Refusal, field_from_json},
        query::{AnyOf, CodeKey},
        shape::Faults,
    },
    neighborhoods::Designation,
    persian,
};

/// A day of either calendar; the year tells which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyDay {
    /// The day.
    pub day: NaiveDate,
    is_jalali: bool,
}

impl Field for AnyDay {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let read = persian::parse_gregorian(text).map(|day| Self { day, is_jalali: false });
        read.or_else(|| persian::parse_jalali(text).map(|day| Self { day, is_jalali: true }))
            .ok_or_else(|| (FaultCode::InvalidFormat, vec!["YYYY-MM-DD, 1900..2199".into()]))
    }
}

/// The days of a year, a quarter or a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span(pub persian::Period);

impl Field for Span {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        persian::parse_period(text).map(Self).ok_or_else(|| (FaultCode::InvalidFormat, vec!["1404, 1404-Q2, 2026-07".into()]))
    }
}

field_from_json!(AnyDay, Span);

/// What every report can be narrowed by.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportParams {
    /// Ids of neighbourhoods, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub neighborhood_id: Option<AnyOf<Id>>,
    /// Ids of agencies, separated by commas: leaves their responsibilities, and the initiatives in which they take part.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// Codes of domains, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub domain: Option<AnyOf<CodeKey>>,
    /// Designations of neighbourhoods, separated by commas: `none`, `model`, `expansion`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub designation: Option<AnyOf<Designation>>,
    /// The first day that counts for word kept, deferrals and returns; open where absent. With `calendar=jalali` the server takes a
    /// Jalali day too, `1405-01-31`; the schema describes the Gregorian one, which a client that checks by it sends.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub from: Option<AnyDay>,
    /// The last day that counts for word kept, deferrals and returns; open where absent. With `calendar=jalali` the server takes a
    /// Jalali day too, `1405-01-31`; the schema describes the Gregorian one, which a client that checks by it sends.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub to: Option<AnyDay>,
    /// The day on which lateness, planned progress and health are judged; today where absent. With `calendar=jalali` the server takes a
    /// Jalali day too, `1405-01-31`; the schema describes the Gregorian one, which a client that checks by it sends.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub as_of: Option<AnyDay>,
    /// The calendar of months in `pace`, and of dates in exports and charts.
    #[deserr(default)]
    #[param(value_type = Option<Calendar>, example = "jalali")]
    pub calendar: Option<Calendar>,
    /// A year, a quarter or a month, Jalali or Gregorian by its year; sets `from` and `to`, which can't be given beside it.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "1405-Q3")]
    pub period: Option<Span>,
}

impl ReportParams {
    /// What does not fit together among parameters that are sound by themselves.
    pub fn contradictions(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let dates = [("from", self.from), ("to", self.to), ("as_of", self.as_of)];
        for (name, given) in dates {
            // A Jalali date is read only where the caller says so (DESIGN §5).
            if given.is_some_and(|day| day.is_jalali) && self.calendar != Some(Calendar::Jalali) {
                faults.push(Fault::parameter(name, FaultCode::InvalidFormat).with("YYYY-MM-DD, 1900..2199"));
            }
        }
        if self.period.is_some() && (self.from.is_some() || self.to.is_some()) {
            faults.push(Fault::parameter("period", FaultCode::ExcludesOther).with("from, to"));
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from.day > to.day
        {
            faults.push(Fault::parameter("to", FaultCode::DatesOutOfOrder));
        }
        faults
    }
}
