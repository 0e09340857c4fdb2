//! Answering a report in each of its forms, and remembering the answer until something in the province changes.
//!
//! Whether anything has changed is asked of the events, once a request: they name the register's state ([`RegisterState`]).

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{
    Report, Table,
    chart::{Chart, svg},
    extras::ExtraParams,
    file::{csv, xlsx},
    parallel::Source,
    query::{ReportQuery, ReportRequest},
    scope::View,
};
use crate::{
    app::App,
    auth::{Caller, Scope},
    db::{Conn, in_snapshot},
    error::ApiError,
    events::{self, Changes, EventAction, RegisterState, Subject},
    http::{
        answer::{self, Answer, Reply, attachment},
        answer_cache::CachedAnswer,
        coding::Coding,
        conditional,
        export::TableFormat,
        idempotency::IdempotencyKey,
        negotiate::accepts,
        request::RequestContext,
    },
    policy::Kind,
};

/// The media type of a chart, and the one for clients that know no pictures: SVG is XML.
const PICTURE: &str = "image/svg+xml";
const PICTURE_AS_TEXT: &str = "text/xml";

/// Answers a report as JSON.
///
/// # Errors
/// Those of the database.
pub async fn report<R: Report, P: ExtraParams>(app: &App, who: &Caller, request: &HttpRequest, asked: ReportRequest<R, P>) -> Answer {
    give::<R>(app, who, request, asked.query, "application/json", json::<R>).await
}

/// Answers a report as a chart.
///
/// # Errors
/// 406 where the client takes no SVG; those of the database.
pub async fn chart<R: Chart, P: ExtraParams>(app: &App, who: &Caller, request: &HttpRequest, asked: ReportRequest<R, P>) -> Answer {
    let as_text = accepts(request, &[PICTURE]).is_err() && accepts(request, &[PICTURE_AS_TEXT]).is_ok();
    if !as_text {
        accepts(request, &[PICTURE, "application/problem+json"])?;
    }
    let media_type = if as_text { "text/xml; charset=utf-8" } else { PICTURE };
    give::<R>(app, who, request, asked.query, media_type, svg::<R>).await
}

/// Answers a report as a whole file, and records that it was exported.
///
/// # Errors
/// 406 where the client does not take the format; those of the database.
pub async fn file<R: Report, P: ExtraParams>(app: &Arc<App>, who: &Caller, request: &HttpRequest, asked: ReportRequest<R, P>) -> Answer {
    let query = asked.query;
    let format = query.format;
    accepts(request, &[format.media_type(), "application/problem+json"])?;
    let table = table::<R>(app, who, query.clone()).await?;
    let summary = json!({"report": R::NAME, "format": format, "query": request.query_string(), "rows": table.rows.len(), "complete": true});
    // Not on the threads that serve, since it takes its time.
    let written = web::block(move || match format {
        TableFormat::Csv => csv::<R>(&table, &query),
        TableFormat::Xlsx => xlsx::<R>(&table, &query),
    });
    let body = written.await.map_err(ApiError::internal)??;
    if !RequestContext::of(request).head_only {
        app.write(who, IdempotencyKey::none(), move |tx| {
            events::record(tx, EventAction::Exported, &Subject::kind(Kind::Report.as_str()), &Changes::created(&summary)?, None)?;
            Ok(Reply::no_content())
        })
        .await?;
    }
    Ok(attachment(format.media_type(), &format!("{}.{format}", R::NAME)).body(body))
}

fn json<R: Report>(_: &mut Conn, answer: &R::Answer, _: &View<'_>) -> Result<CachedAnswer, ApiError> {
    CachedAnswer::json(answer, R::next_cursor(answer).map(str::to_owned))
}

/// What an answer depends on, apart from the state of the register.
fn key<R: Report>(media_type: &str, scope: &Scope, query: &ReportQuery) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{version}\n{}\n{media_type}\n{}\n{}\n{}", R::NAME, scope.key(), query.language.tag(), query.key())
}

/// Answers a report as JSON or as a chart: 304 where the client has it already, from memory where it is known, else computed.
///
/// # Errors
/// Those of the database.
async fn give<R: Report>(
    app: &App,
    who: &Caller,
    request: &HttpRequest,
    query: ReportQuery,
    media_type: &'static str,
    render: fn(&mut Conn, &R::Answer, &View<'_>) -> Result<CachedAnswer, ApiError>,
) -> Answer {
    let (scope, province) = (who.scope(app), who.actor.province_id);
    let state = app.db.read_now(move |conn| events::polled_state(conn, province)).await?;
    let key = format!("{state}\n{}", key::<R>(media_type, &scope, &query));
    let (tag, coding) = (conditional::etag(key.as_bytes()), Coding::of(request));
    if let Some(known) = conditional::named(request.headers(), &tag) {
        // The middleware makes a 304 of it.
        return Ok(answer::tagged(known).finish());
    }
    let key = format!("{}\n{key}", coding.as_str());
    let made = async {
        let plain = compute::<R, CachedAnswer>(app, scope, query, state, render).await?;
        match coding {
            Coding::Identity => Ok(plain),
            // Not on the threads that serve, nor on those of the database.
            Coding::Gzip => web::block(move || plain.coded(coding)).await.map_err(ApiError::internal)?,
        }
    };
    let found = app.answers.answer(&key, made).await?;
    Ok(answer::whole(request, CachedAnswer { tag, ..found }, media_type))
}

/// Computes a report from one snapshot that is not older than the state; a standby that lags is passed over.
async fn compute<R: Report, T: Send + 'static>(
    app: &App,
    scope: Scope,
    query: ReportQuery,
    state: RegisterState,
    render: fn(&mut Conn, &R::Answer, &View<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let source = Source { db: app.db.clone(), shared: Arc::new((scope, query)), state };
    let work = move |conn: &mut Conn, mut source: Source| {
        source.state = events::state(conn, source.shared.0.actor.province_id)?;
        if source.state.changes < state.changes {
            return Ok(None);
        }
        let view = View::of(&source);
        let answer = R::compute(conn, &view)?;
        render(conn, &answer, &view).map(Some)
    };
    let again = source.clone();
    if let Some(done) = app.db.read(move |conn| in_snapshot(conn, |conn| work(conn, source))).await? {
        return Ok(done);
    }
    let from_primary = app.db.read_now(move |conn| {
        if let Conn::Postgres(pg) = conn {
            // Where readers may lag, `read_now` runs in a writer's transaction.
            pg.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        }
        work(conn, again)
    });
    from_primary.await?.ok_or_else(|| ApiError::unavailable("the register went back in time"))
}

/// A report computed for a file, with all its rows.
///
/// # Errors
/// Those of the database.
async fn table<R: Report>(app: &App, who: &Caller, query: ReportQuery) -> Result<Table, ApiError> {
    let (scope, province) = (who.scope(app), who.actor.province_id);
    let state = app.db.read_now(move |conn| events::polled_state(conn, province)).await?;
    compute::<R, Table>(app, scope, query, state, |_, answer, _| Ok(R::table(answer))).await
}
