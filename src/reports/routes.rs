//! `/reports/…`: each report in JSON, as a file and, where it has one, as a chart. A report is computed when it is asked for.

use actix_web::{HttpRequest, get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    agencies, agenda, answer, domains,
    extras::{DaysParam, OrderParam, PageParams},
    gaps, late, neighborhoods, overview, pace,
    params::ReportParams,
    query::ReportRequest,
    timeline,
};
use crate::{
    app::App,
    auth::{
        Can, CanTake,
        can::{Read, Reports},
    },
    http::answer::Answer,
};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_overview_report)
        .service(export_overview_report)
        .service(get_neighborhoods_report)
        .service(export_neighborhoods_report)
        .service(get_neighborhoods_chart)
        .service(get_domains_report)
        .service(export_domains_report)
        .service(get_domains_chart)
        .service(get_agencies_report)
        .service(export_agencies_report)
        .service(get_agencies_chart)
        .service(get_late_report)
        .service(export_late_report)
        .service(get_gaps_report)
        .service(export_gaps_report)
        .service(get_pace_report)
        .service(export_pace_report)
        .service(get_pace_chart)
        .service(get_agenda_report)
        .service(export_agenda_report)
        .service(get_timeline_report)
        .service(export_timeline_report)
        .service(get_timeline_chart);
}

/// Get the overview: the whole programme on one page.
#[utoipa::path(tag = "reports", operation_id = "getOverviewReport", params(ReportParams), responses((status = 200, body = overview::OverviewReport)))]
#[get("/api/v1/reports/overview")]
async fn get_overview_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<overview::Overview>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report overview as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportOverviewReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/overview/export")]
async fn export_overview_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<overview::Overview>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get each neighbourhood against its plan.
#[utoipa::path(tag = "reports", operation_id = "getNeighborhoodsReport", params(ReportParams, OrderParam), responses((status = 200, body = neighborhoods::NeighborhoodsReport)))]
#[get("/api/v1/reports/neighborhoods")]
async fn get_neighborhoods_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<neighborhoods::Neighborhoods, OrderParam>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report neighborhoods as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportNeighborhoodsReport", params(ReportParams, OrderParam), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/neighborhoods/export")]
async fn export_neighborhoods_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<neighborhoods::Neighborhoods, OrderParam>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get the report neighborhoods as a chart.
#[utoipa::path(tag = "reports", operation_id = "getNeighborhoodsChart", params(ReportParams, OrderParam), responses((status = 200, body = String, content_type = "image/svg+xml")))]
#[get("/api/v1/reports/neighborhoods/chart")]
async fn get_neighborhoods_chart(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<neighborhoods::Neighborhoods, OrderParam>,
) -> Answer {
    answer::chart(&app, &who, &request, asked).await
}

/// Get each domain against its plan.
#[utoipa::path(tag = "reports", operation_id = "getDomainsReport", params(ReportParams), responses((status = 200, body = domains::DomainsReport)))]
#[get("/api/v1/reports/domains")]
async fn get_domains_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<domains::Domains>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report domains as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportDomainsReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/domains/export")]
async fn export_domains_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<domains::Domains>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get the report domains as a chart.
#[utoipa::path(tag = "reports", operation_id = "getDomainsChart", params(ReportParams), responses((status = 200, body = String, content_type = "image/svg+xml")))]
#[get("/api/v1/reports/domains/chart")]
async fn get_domains_chart(who: CanTake<Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<domains::Domains>) -> Answer {
    answer::chart(&app, &who, &request, asked).await
}

/// Get how each agency keeps its word.
#[utoipa::path(tag = "reports", operation_id = "getAgenciesReport", params(ReportParams), responses((status = 200, body = agencies::AgenciesReport)))]
#[get("/api/v1/reports/agencies")]
async fn get_agencies_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<agencies::Agencies>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report agencies as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportAgenciesReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/agencies/export")]
async fn export_agencies_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<agencies::Agencies>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get the report agencies as a chart.
#[utoipa::path(tag = "reports", operation_id = "getAgenciesChart", params(ReportParams), responses((status = 200, body = String, content_type = "image/svg+xml")))]
#[get("/api/v1/reports/agencies/chart")]
async fn get_agencies_chart(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<agencies::Agencies>,
) -> Answer {
    answer::chart(&app, &who, &request, asked).await
}

/// Get late responsibilities, the heaviest first: days late times weight.
#[utoipa::path(tag = "reports", operation_id = "getLateReport", params(ReportParams, PageParams), responses((status = 200, body = late::LateReport)))]
#[get("/api/v1/reports/late")]
async fn get_late_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<late::Late, PageParams>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report late as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportLateReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/late/export")]
async fn export_late_report(who: CanTake<Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<late::Late>) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get what the programme lacks.
#[utoipa::path(tag = "reports", operation_id = "getGapsReport", params(ReportParams), responses((status = 200, body = gaps::GapsReport)))]
#[get("/api/v1/reports/gaps")]
async fn get_gaps_report(who: Can<Read, Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<gaps::Gaps>) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report gaps as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportGapsReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/gaps/export")]
async fn export_gaps_report(who: CanTake<Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<gaps::Gaps>) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get plan and verified work, month by month.
#[utoipa::path(tag = "reports", operation_id = "getPaceReport", params(ReportParams), responses((status = 200, body = pace::PaceReport)))]
#[get("/api/v1/reports/pace")]
async fn get_pace_report(who: Can<Read, Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<pace::Pace>) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report pace as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportPaceReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/pace/export")]
async fn export_pace_report(who: CanTake<Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<pace::Pace>) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get the report pace as a chart.
#[utoipa::path(tag = "reports", operation_id = "getPaceChart", params(ReportParams), responses((status = 200, body = String, content_type = "image/svg+xml")))]
#[get("/api/v1/reports/pace/chart")]
async fn get_pace_chart(who: CanTake<Reports>, app: Data<App>, request: HttpRequest, asked: ReportRequest<pace::Pace>) -> Answer {
    answer::chart(&app, &who, &request, asked).await
}

/// Get what waits for the caller.
#[utoipa::path(tag = "reports", operation_id = "getAgendaReport", params(ReportParams, DaysParam), responses((status = 200, body = agenda::AgendaReport)))]
#[get("/api/v1/reports/agenda")]
async fn get_agenda_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<agenda::Agenda, DaysParam>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report agenda as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportAgendaReport", params(ReportParams, DaysParam), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/agenda/export")]
async fn export_agenda_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<agenda::Agenda, DaysParam>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get initiatives and their responsibilities with their dates.
#[utoipa::path(tag = "reports", operation_id = "getTimelineReport", params(ReportParams), responses((status = 200, body = timeline::TimelineReport)))]
#[get("/api/v1/reports/timeline")]
async fn get_timeline_report(
    who: Can<Read, Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<timeline::Timeline>,
) -> Answer {
    answer::report(&app, &who, &request, asked).await
}

/// Export the report timeline as CSV or XLSX.
#[utoipa::path(tag = "reports", operation_id = "exportTimelineReport", params(ReportParams), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/reports/timeline/export")]
async fn export_timeline_report(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<timeline::Timeline>,
) -> Answer {
    answer::file(&app, &who, &request, asked).await
}

/// Get the report timeline as a chart.
#[utoipa::path(tag = "reports", operation_id = "getTimelineChart", params(ReportParams), responses((status = 200, body = String, content_type = "image/svg+xml")))]
#[get("/api/v1/reports/timeline/chart")]
async fn get_timeline_chart(
    who: CanTake<Reports>,
    app: Data<App>,
    request: HttpRequest,
    asked: ReportRequest<timeline::Timeline>,
) -> Answer {
    answer::chart(&app, &who, &request, asked).await
}
