//! Finds what waits: responsibilities, each with its reasons, and deferrals to be decided.

use chrono::{Duration, NaiveDate};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Date, Text},
};

use super::{AgendaItem, AgendaKind, DeferralRef};
use crate::{
    db::{
        Conn, Id, MultiBackend,
        schema::{deferrals as deferral, responsibilities as responsibility},
        types::{DayColumn, sql::Uid},
        within,
    },
    deferrals::DeferralStatus,
    error::ApiError,
    initiatives::InitiativeStatus,
    policy::Role,
    reports::{dto::TitledRef, refs::Names, scope::View, statement::Statement},
    responsibilities::ResponsibilityStatus,
};

type Responsibilities = responsibility::BoxedQuery<'static, MultiBackend>;

/// The responsibilities that are the caller's business.
fn own(view: &View<'_>) -> Responsibilities {
    let actor = &view.scope.actor;
    match actor.role {
        Role::Agency => view.responsibilities().filter(responsibility::agency_id.eq_any(actor.agency_id)),
        Role::NeighborhoodManager => view.responsibilities().filter(responsibility::neighborhood_id.eq_any(actor.neighborhood_ids.clone())),
        Role::Province | Role::Viewer => view.responsibilities(),
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
        (open && (0..=view.query.extras.days).contains(&ahead), AgendaKind::Due),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind).collect()
}

/// The responsibilities on the agenda.
///
/// # Errors
/// Those of the database.
pub fn work(conn: &mut Conn, view: &View<'_>, names: &Names) -> Result<Vec<AgendaItem>, ApiError> {
    let last = view.as_of.checked_add_signed(Duration::days(view.query.extras.days)).unwrap_or(NaiveDate::MAX);
    let waiting = [ResponsibilityStatus::Proposed, ResponsibilityStatus::Reported, ResponsibilityStatus::Returned];
    let waits = || responsibility::status.eq_any(waiting);
    let open = || sql::<Bool>("\"open\"");
    let asks = || waits().and(responsibility::initiative_status.eq_any(InitiativeStatus::ASKING));
    let found = if conn.is_postgres() {
        own(view).filter(open().and(responsibility::due_on.le(last)).or(asks()))
    } else {
        // What waits is open, or its initiative is still proposed: SQLite finds each of the two by an index if asked separately.
        let open = own(view).filter(open()).filter(responsibility::due_on.le(last).or(asks()));
        let proposed = own(view).filter(waits().and(responsibility::initiative_status.eq(InitiativeStatus::Proposed)));
        let either = Statement::<Uid>::new("SELECT id FROM ").query(open.select(responsibility::id)).sql(" AS a UNION ALL SELECT id FROM ");
        own(view).filter(within(responsibility::id, either.query(proposed.select(responsibility::id)).sql(" AS b")))
    };
    let found = found.select((
        (
            responsibility::id,
            responsibility::code,
            responsibility::title,
            responsibility::initiative_id,
            responsibility::neighborhood_id,
            responsibility::agency_id,
        ),
        (responsibility::due_on, responsibility::status, responsibility::initiative_status, responsibility::open),
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
                neighborhood: names.neighborhood(place),
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
///
/// # Errors
/// Those of the database.
pub fn decisions(conn: &mut Conn, view: &View<'_>, names: &Names) -> Result<Vec<AgendaItem>, ApiError> {
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
    let item = |((id, requested, asked_of, initiative, place, agency), (code, title, due), (initiative_code, initiative_title)): Asked| {
        AgendaItem {
            kind: AgendaKind::ToDecide,
            responsibility: TitledRef { id: asked_of, code, title },
            deferral: Some(DeferralRef { id, requested_due_on: requested.0 }),
            initiative: TitledRef { id: initiative, code: initiative_code, title: initiative_title },
            neighborhood: names.neighborhood(place),
            agency: names.agency(agency),
            due_on: due.0,
            days_left: (due.0 - view.as_of).num_days(),
        }
    };
    Ok(rows.into_iter().map(item).collect())
}
