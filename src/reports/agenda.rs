//! `agenda`: what waits for the caller.
//!
//! An agency sees what is due of its own, a manager what is due in the neighbourhoods that are the manager's own, the province and
//! a viewer all that is due. What is to be answered, verified or decided is on the agenda of those who may do it.

mod waiting;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use self::waiting::{decisions, work};
use super::{
    Report, Table, definitions,
    dto::{NamedRef, TitledRef, answer_of},
    refs::Names,
    scope::View,
};
use crate::{
    db::{Conn, Id, text_enum},
    error::ApiError,
    http::{export::Cell, fields::Day},
    policy::Role,
};

text_enum! {
    /// Why something is on the agenda; the report's `definition` explains each reason.
    pub enum AgendaKind {
        /// Open work whose deadline was missed.
        Late = "late",
        /// Work that was sent back.
        Returned = "returned",
        /// To be accepted or declined.
        ToAnswer = "to_answer",
        /// To be seen, and verified or returned.
        ToVerify = "to_verify",
        /// To be accepted or rejected.
        ToDecide = "to_decide",
        /// Open work whose deadline is near.
        Due = "due",
    }
}

/// A deferral, as the agenda refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeferralRef {
    /// Its id.
    pub id: Id,
    /// Due date that is asked for.
    #[schema(value_type = Day)]
    pub requested_due_on: NaiveDate,
}

/// Something that waits for the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaItem {
    /// Why it is on the agenda.
    pub kind: AgendaKind,
    /// The responsibility; for `to_decide` the one whose due date the deferral would move.
    pub responsibility: TitledRef,
    /// The deferral to decide; null for every other kind.
    pub deferral: Option<DeferralRef>,
    /// Initiative that the responsibility belongs to.
    pub initiative: TitledRef,
    /// Neighbourhood of the initiative.
    pub neighborhood: NamedRef,
    /// Agency that has the responsibility.
    pub agency: NamedRef,
    /// Present due date of the responsibility.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// Days from `as_of` to `due_on`; negative where `due_on` has passed.
    #[schema(minimum = -200_000, maximum = 200_000, examples(9))]
    pub days_left: i64,
}

impl AgendaItem {
    /// The key that the agenda is ordered by.
    fn order(&self) -> (AgendaKind, NaiveDate, &str, Id) {
        (self.kind, self.due_on, &self.responsibility.code, self.responsibility.id)
    }
}

/// Number of rows of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaByKind {
    /// Open work due within the days asked for.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub due: i64,
    /// Open work whose due date has passed.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub late: i64,
    /// Work that was sent back.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub returned: i64,
    /// Responsibilities to be accepted or declined.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_answer: i64,
    /// Reported work to be verified or returned.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_verify: i64,
    /// Deferrals to be accepted or rejected.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_decide: i64,
}

/// Numbers of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaTotals {
    /// Number of all rows.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub total: i64,
    /// Number of rows of each kind.
    pub by_kind: AgendaByKind,
}

impl AgendaTotals {
    fn of(rows: &[AgendaItem]) -> Self {
        let mut totals = Self::default();
        for row in rows {
            totals.total += 1;
            let by = &mut totals.by_kind;
            *match row.kind {
                AgendaKind::Due => &mut by.due,
                AgendaKind::Late => &mut by.late,
                AgendaKind::Returned => &mut by.returned,
                AgendaKind::ToAnswer => &mut by.to_answer,
                AgendaKind::ToVerify => &mut by.to_verify,
                AgendaKind::ToDecide => &mut by.to_decide,
            } += 1;
        }
        totals
    }
}

answer_of!(AgendaReport, "agenda", AgendaItem, AgendaTotals);

/// The report.
pub struct Agenda;

const SAYS: &[&str] = &["kind", "due@agenda", "late@agenda", "returned@agenda", "to_answer", "to_verify", "to_decide", "days_left"];

impl Report for Agenda {
    type Answer = AgendaReport;
    const NAME: &'static str = "agenda";
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "responsibility_code",
        "responsibility_title",
        "initiative_code",
        "initiative_title",
        "neighborhood_code",
        "neighborhood_name",
        "agency_code",
        "agency_name",
        "due_on",
        "days_left",
        "requested_due_on",
    ];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<AgendaReport, ApiError> {
        let names = Names::load(conn, view)?;
        let mut rows = work(conn, view, &names)?;
        if view.scope.actor.role == Role::Province {
            rows.extend(decisions(conn, view, &names)?);
        }
        rows.sort_by(|one, other| one.order().cmp(&other.order()));
        let totals = AgendaTotals::of(&rows);
        let mut answer = AgendaReport::new(view, definitions::of(&[SAYS], view.query.language), rows, totals);
        answer.filters.days = Some(view.query.extras.days);
        Ok(answer)
    }

    fn table(answer: &AgendaReport) -> Table {
        let row = |row: &AgendaItem| -> Vec<Cell> {
            vec![
                row.kind.as_str().into(),
                row.responsibility.code.as_str().into(),
                row.responsibility.title.as_str().into(),
                row.initiative.code.as_str().into(),
                row.initiative.title.as_str().into(),
                row.neighborhood.code.as_str().into(),
                row.neighborhood.name.as_str().into(),
                row.agency.code.as_str().into(),
                row.agency.name.as_str().into(),
                row.due_on.into(),
                row.days_left.into(),
                row.deferral.as_ref().map(|deferral| deferral.requested_due_on).into(),
            ]
        };
        Table { rows: answer.rows.iter().map(row).collect(), totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}
