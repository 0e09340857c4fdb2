//! `/events`: history, audit log and change feed.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{Event, EventFilter, EventPage},
    head::Head,
    queries::Events,
    seal,
};
use crate::{
    app::App,
    auth::{Can, CanTake, can::Read},
    http::{
        answer::{self, Answer, Reply},
        export::{self, Export},
        page::List,
        path::PathId,
        resource::Resource,
    },
};

/// Registers the operations; the export before the item, whose path would match it.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(export_events).service(list_events).service(get_event);
}

/// Read the change feed: events in the order in which they became visible.
#[utoipa::path(tag = "events", operation_id = "listEvents", params(EventFilter), responses((status = 200, body = EventPage)))]
#[get("/api/v1/events")]
async fn list_events(who: Can<Read, Events>, app: Data<App>, request: HttpRequest, list: List<Events>) -> Answer {
    seal::seal_province(&app, who.actor.province_id).await?;
    let scope = who.scope(&app);
    let (reply, next) = app
        .db
        .read(move |conn| {
            // The head first: what is sealed meanwhile is for the next poll.
            let head = Head::find(conn, scope.actor.province_id)?.seq;
            let (mut rows, total) = Events::page(conn, &scope, &list.filter, &list.page)?;
            let next_cursor = list.page.cut::<Events>(&mut rows);
            let reached = rows.last().and_then(|row| row.seq).unwrap_or_default();
            // Told even where it is below `after`, in a register that was restored: who goes on from it misses nothing.
            let up_to = if next_cursor.is_some() && !list.page.descending { reached } else { head.max(reached) };
            let page = EventPage { items: Events::items(conn, &scope, rows)?, next_cursor, total, up_to };
            Ok((Reply::tagged(&page)?, page.next_cursor))
        })
        .await?;
    let mut response = HttpResponse::from(reply);
    if let Some(link) = next.and_then(|cursor| answer::link(&request, &cursor).parse().ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Export events as CSV, XLSX or NDJSON.
#[utoipa::path(tag = "events", operation_id = "exportEvents", params(EventFilter), responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/api/v1/events/export")]
async fn export_events(who: CanTake<Events>, app: Data<App>, request: HttpRequest, export: Export<Events>) -> Answer {
    seal::seal_province(&app, who.actor.province_id).await?;
    export::stream(&app, who.clone(), &request, export).await
}

/// Get an event.
#[utoipa::path(tag = "events", operation_id = "getEvent", responses((status = 200, body = Event)))]
#[get("/api/v1/events/{id}")]
async fn get_event(who: Can<Read, Events>, app: Data<App>, id: PathId) -> Answer {
    seal::seal_province(&app, who.actor.province_id).await?;
    answer::item::<Events>(&app, &who, id.0).await
}
