//! Health and metrics, for whoever runs the server (CONTRACT §6).

use actix_web::{HttpResponse, HttpServer, get, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::Anybody,
    db,
    error::ApiError,
    http::answer::{Answer, Reply},
};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_liveness).service(get_readiness);
}

/// The health of the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
struct ServerHealth {
    /// Always `ok`; anything else is a problem document.
    #[schema(min_length = 2, max_length = 2, pattern = "^ok$")]
    status: &'static str,
}

const OK: ServerHealth = ServerHealth { status: "ok" };

/// Whether the process lives.
///
/// Looks at nothing else; for restarting a process that hangs.
#[utoipa::path(tag = "operations", operation_id = "getLiveness", security(()), responses((status = 200, body = ServerHealth)))]
#[get("/livez")]
async fn get_liveness(_who: Anybody) -> Answer {
    Ok(Reply::json(200, &OK)?.into())
}

/// Whether the database answers and its schema is current.
///
/// For taking a server out of rotation while it cannot serve.
#[utoipa::path(tag = "operations", operation_id = "getReadiness", security(()), responses((status = 200, body = ServerHealth)))]
#[get("/readyz")]
async fn get_readiness(_who: Anybody, app: Data<App>) -> Answer {
    // The primary too: every caller is read from it, though other reads may go to a standby.
    let current = app.db.read(db::is_current).await? && app.db.read_now(db::is_current).await?;
    if current { Ok(Reply::json(200, &OK)?.into()) } else { Err(ApiError::unavailable("the schema is not current")) }
}

/// Serves `/metrics` on an address of its own.
///
/// # Errors
/// Where the address can't be bound.
pub fn serve_metrics(bind: &str, handle: PrometheusHandle) -> std::io::Result<actix_web::dev::Server> {
    let handle = Data::new(handle);
    let server = HttpServer::new(move || {
        let metrics = |handle: Data<PrometheusHandle>| async move {
            HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render())
        };
        actix_web::App::new().app_data(handle.clone()).route("/metrics", actix_web::web::get().to(metrics))
    });
    Ok(server.workers(1).disable_signals().bind(bind)?.run())
}
