//! `agenda`: what waits for the caller.
//!
//! The doer sees what is due of his own, a manager what is due and to be seen in his places, the province and a viewer what is
//! due in all; what is to be answered, verified or decided is on the list of those who may do it.

use chrono::{Duration, NaiveDate};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Date, Text},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Report, Table, definitions,
    dto::{NamedRef, TitledRef, answer_of},
    refs::Names,
    scope::View,
    statement::Statement,
};
use crate::{
    db::{
        Conn, Id, MultiBackend,
        schema::{deferrals as deferral, responsibilities as task},
        text_enum,
        types::{DayColumn, sql::Uid},
        within,
    },
    deferrals::DeferralStatus,
    error::ApiError,
    http::{export::Cell, fields::Day},
    initiatives::InitiativeStatus,
    policy::Role,
    responsibilities::ResponsibilityStatus,
};

text_enum! {
    /// Why it is on the agenda.
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
    /// The date that is asked for.
    #[schema(value_type = Day)]
    pub requested_due_on: NaiveDate,
}

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaItem {
    /// Why.
    pub kind: AgendaKind,
    /// The responsibility; of a deferral the one whose deadline it would move.
    pub responsibility: TitledRef,
    /// The deferral, where it is one.
    pub deferral: Option<DeferralRef>,
    /// Of which initiative.
    pub initiative: TitledRef,
    /// Where.
    pub neighborhood: NamedRef,
    /// Whose.
    pub agency: NamedRef,
    /// The present deadline.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// Days until then; below zero where it is past.
    #[schema(minimum = -200_000, maximum = 200_000, examples(9))]
    pub days_left: i64,
}

impl AgendaItem {
    /// By what a list of them is ordered.
    fn order(&self) -> (AgendaKind, NaiveDate, &str, Id) {
        (self.kind, self.due_on, &self.responsibility.code, self.responsibility.id)
    }
}

/// How many of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaByKind {
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub due: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub late: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub returned: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_answer: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_verify: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub to_decide: i64,
}

/// All that waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaTotals {
    /// Rows.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub total: i64,
    /// By kind.
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

const SAYS: &[&str] = &["kind", "due@agenda", "late", "returned@agenda", "to_answer", "to_verify", "to_decide", "days_left"];

impl Report for Agenda {
    type Answer = AgendaReport;
    const NAME: &'static str = "agenda";
    const EXTRAS: &'static [&'static str] = &["days"];
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
        let mut answer = AgendaReport::new(view, definitions::of(&[SAYS], view.asked.language), rows, totals);
        answer.filters.days = Some(view.asked.days);
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

type Tasks = task::BoxedQuery<'static, MultiBackend>;

/// The responsibilities that are the caller's business.
fn own(view: &View<'_>) -> Tasks {
    let actor = &view.scope.actor;
    match actor.role {
        Role::Agency => view.tasks().filter(task::agency_id.eq_any(actor.agency_id)),
        Role::NeighborhoodManager => view.tasks().filter(task::neighborhood_id.eq_any(actor.places.clone())),
        Role::Province | Role::Viewer => view.tasks(),
    }
}

type Row = ((Id, String, String, Id, Id, Id), (DayColumn, ResponsibilityStatus, InitiativeStatus, bool), (String, String));
type RowSql = ((Uid, Text, Text, Uid, Uid, Uid), (Date, Text, Text, Bool), (Text, Text));

/// Why a responsibility is on the agenda; it may be for several reasons, each a row.
fn kinds(view: &View<'_>, due: NaiveDate, status: ResponsibilityStatus, initiative: InitiativeStatus, open: bool) -> Vec<AgendaKind> {
    let role = view.scope.actor.role;
    let ahead = (due - view.as_of).num_days();
    let answers = matches!(role, Role::Province | Role::Agency);
    let verifies = matches!(role, Role::Province | Role::NeighborhoodManager);
    let running = matches!(initiative, InitiativeStatus::InProgress | InitiativeStatus::Blocked);
    let all = [
        (open && ahead < 0, AgendaKind::Late),
        (open && status == ResponsibilityStatus::Returned && InitiativeStatus::ASKING.contains(&initiative), AgendaKind::Returned),
        (answers && status == ResponsibilityStatus::Proposed && InitiativeStatus::ASKING.contains(&initiative), AgendaKind::ToAnswer),
        (verifies && status == ResponsibilityStatus::Reported && running, AgendaKind::ToVerify),
        (open && (0..=view.asked.days).contains(&ahead), AgendaKind::Due),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind).collect()
}

fn work(conn: &mut Conn, view: &View<'_>, names: &Names) -> Result<Vec<AgendaItem>, ApiError> {
    let last = view.as_of.checked_add_signed(Duration::days(view.asked.days)).unwrap_or(NaiveDate::MAX);
    let waiting = [ResponsibilityStatus::Proposed, ResponsibilityStatus::Reported, ResponsibilityStatus::Returned];
    let waits = || task::status.eq_any(waiting);
    let open = || sql::<Bool>("\"open\"");
    let asks = || waits().and(task::initiative_status.eq_any(InitiativeStatus::ASKING));
    let found = if conn.is_postgres() {
        own(view).filter(open().and(task::due_on.le(last)).or(asks()))
    } else {
        // What waits is open, or its initiative is still proposed: SQLite finds each by an index where it is asked for each.
        let open = own(view).filter(open()).filter(task::due_on.le(last).or(asks()));
        let proposed = own(view).filter(waits().and(task::initiative_status.eq(InitiativeStatus::Proposed)));
        let either = Statement::<Uid>::new("SELECT id FROM ").query(open.select(task::id)).sql(" AS a UNION ALL SELECT id FROM ");
        own(view).filter(within(task::id, either.query(proposed.select(task::id)).sql(" AS b")))
    };
    let found = found.select((
        (task::id, task::code, task::title, task::initiative_id, task::neighborhood_id, task::agency_id),
        (task::due_on, task::status, task::initiative_status, task::open),
    ));
    let rows: Vec<Row> = Statement::<RowSql>::new(
        "SELECT r.id, r.code, r.title, r.initiative_id, r.neighborhood_id, r.agency_id, r.due_on, r.status, r.initiative_status, \
         r.\"open\", i.code, i.title FROM ",
    )
    .query(found)
    .sql(format!(" AS r JOIN initiatives AS i ON i.province_id = {} AND i.id = r.initiative_id", view.province()))
    .load(conn)?;
    let mut items = Vec::new();
    for ((id, code, title, initiative, place, agency), (due, status, stage, open), (initiative_code, initiative_title)) in rows {
        for kind in kinds(view, due.0, status, stage, open) {
            items.push(AgendaItem {
                kind,
                responsibility: TitledRef { id, code: code.clone(), title: title.clone() },
                deferral: None,
                initiative: TitledRef { id: initiative, code: initiative_code.clone(), title: initiative_title.clone() },
                neighborhood: names.place(place),
                agency: names.agency(agency),
                due_on: due.0,
                days_left: (due.0 - view.as_of).num_days(),
            });
        }
    }
    Ok(items)
}

type Asked = ((Id, DayColumn, Id, Id, Id, Id), (String, String, DayColumn), (String, String));
type AskedSql = ((Uid, Date, Uid, Uid, Uid, Uid), (Text, Text, Date), (Text, Text));

/// The deferrals that wait for the province, in initiatives where deadlines still move.
fn decisions(conn: &mut Conn, view: &View<'_>, names: &Names) -> Result<Vec<AgendaItem>, ApiError> {
    let open = view.deferrals().filter(deferral::status.eq(DeferralStatus::Requested)).select((
        deferral::id,
        deferral::requested_due_on,
        deferral::responsibility_id,
        deferral::initiative_id,
        deferral::neighborhood_id,
        deferral::agency_id,
    ));
    let province = view.province();
    let deciding = InitiativeStatus::DECIDING.map(|status| format!("'{status}'")).join(", ");
    let rows: Vec<Asked> = Statement::<AskedSql>::new(
        "SELECT d.id, d.requested_due_on, d.responsibility_id, d.initiative_id, d.neighborhood_id, d.agency_id, r.code, r.title, \
         r.due_on, i.code, i.title FROM ",
    )
    .query(open)
    .sql(format!(
        " AS d JOIN responsibilities AS r ON r.province_id = {province} AND r.id = d.responsibility_id \
         JOIN initiatives AS i ON i.province_id = {province} AND i.id = d.initiative_id \
         WHERE i.status IN ({deciding})"
    ))
    .load(conn)?;
    let item =
        |((id, requested, task, initiative, place, agency), (code, title, due), (initiative_code, initiative_title)): Asked| AgendaItem {
            kind: AgendaKind::ToDecide,
            responsibility: TitledRef { id: task, code, title },
            deferral: Some(DeferralRef { id, requested_due_on: requested.0 }),
            initiative: TitledRef { id: initiative, code: initiative_code, title: initiative_title },
            neighborhood: names.place(place),
            agency: names.agency(agency),
            due_on: due.0,
            days_left: (due.0 - view.as_of).num_days(),
        };
    Ok(rows.into_iter().map(item).collect())
}
