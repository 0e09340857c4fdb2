//! The application: what its handlers share, and how it is put together; `main` and the tests use the same.

use std::sync::Arc;

use actix_web::{
    App as ActixApp, Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::from_fn,
    rt,
    web::{self, Data},
};
use tracing::Instrument;
use utoipa_actix_web::AppExt;

use crate::{
    agencies,
    auth::{self, Auth, Caller, keys},
    clients,
    clock::World,
    config::Config,
    db::{Conn, Db, Id, Target, in_transaction},
    deferrals, domains,
    error::ApiError,
    events,
    http::{
        answer::{Answer, Reply, whole},
        answer_cache::AnswerCache,
        cors,
        export::Sheets,
        fallback, header_limit,
        idempotency::IdempotencyKey,
        query,
        rate_limit::RateLimiter,
        request,
    },
    imports, initiatives, mandates, neighborhoods, openapi, operations, problems, reports, responsibilities,
    shutdown::Shutdown,
    tx::Tx,
    users,
};

/// What the handlers of a server share. Nothing in it is needed by another server (DESIGN §4, "Scale out").
pub struct App {
    /// The database.
    pub db: Db,
    /// Clock, ids and random numbers.
    pub world: World,
    /// Settings.
    pub config: Config,
    /// Keys and what is remembered of callers.
    pub auth: Auth,
    /// The rate limiter.
    pub limiter: RateLimiter,
    /// The imports of this server.
    pub imports: imports::RunningImports,
    /// Whether it stops.
    pub shutdown: Arc<Shutdown>,
    /// The spreadsheets of lists that are being made.
    pub sheets: Sheets,
    /// Answers of lists and reports, kept until something changes.
    pub answers: Arc<AnswerCache>,
    /// The OpenAPI document, and the methods of each path.
    pub document: &'static openapi::Document,
}

impl App {
    /// An application on a database whose schema is current.
    ///
    /// # Errors
    /// `unavailable` where the database can't be reached; `internal` where the secret does not fit.
    pub fn open(target: &Target, replica: Option<&Target>, config: Config, world: World) -> Result<Self, ApiError> {
        let path = config.secret_path(target);
        let ring = in_transaction(&mut target.connect(true)?, |conn| {
            let secret = keys::Secret::find(conn, &path, &world)?;
            keys::KeyRing::open(conn, secret, &world)
        })?;
        let db = Db::start(target, replica, config.pool_size()).map_err(ApiError::unavailable)?;
        Ok(Self::new(db, ring, config, world))
    }

    /// An application of these parts.
    pub fn new(db: Db, ring: keys::KeyRing, config: Config, world: World) -> Self {
        let (limiter, shutdown) = (RateLimiter::new(config.rate_limit, world.clone()), Arc::<Shutdown>::default());
        Self {
            db,
            world,
            config,
            auth: Auth::new(ring),
            limiter,
            imports: imports::RunningImports::new(Arc::clone(&shutdown)),
            shutdown,
            sheets: Sheets::default(),
            answers: Arc::default(),
            document: openapi::document(),
        }
    }

    /// Begins to stop: imports are given up, for another server or the next start.
    pub fn stop(&self) {
        self.shutdown.begin();
        self.imports.give_up_all();
    }

    /// Makes a caller's change and its answer in one transaction; a repeated Idempotency-Key gets the first answer again.
    ///
    /// # Errors
    /// What `work` gives; then nothing is changed.
    pub async fn write(
        self: &Arc<Self>,
        who: &Caller,
        key: IdempotencyKey,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Reply, ApiError> + Send + 'static,
    ) -> Answer {
        let (actor, request_id, secret) = (Arc::clone(&who.actor), who.request_id.clone(), self.auth.keys.secret());
        let world = self.world.clone();
        let write = move |conn: &mut Conn| {
            let mut tx = Tx::new(conn, actor, &world, Some(request_id));
            if let Some(stored) = key.replay(&mut tx, &secret)? {
                return Ok((stored, Vec::new()));
            }
            let reply = work(&mut tx)?;
            key.store(&mut tx, &reply, &secret)?;
            Ok((reply, tx.into_invalidated_users()))
        };
        Ok(self.write_and_invalidate(write).await?.into())
    }

    /// Writes, then drops what this server remembers of the users that the write has changed; a client that hangs up cancels neither.
    ///
    /// # Errors
    /// What `work` gives; then nothing is changed.
    pub async fn write_and_invalidate<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Conn) -> Result<(T, Vec<Id>), ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let app = Arc::clone(self);
        to_its_end(async move {
            let (done, outdated) = app.db.write(work).await?;
            for user in outdated {
                app.auth.invalidate_user(user);
            }
            Ok(done)
        })
        .await
    }
}

/// Does work in a task of its own, so that it is finished even where the client hangs up or the request times out.
///
/// # Errors
/// What `work` gives.
pub async fn to_its_end<T: 'static>(work: impl Future<Output = Result<T, ApiError>> + 'static) -> Result<T, ApiError> {
    rt::spawn(work.in_current_span()).await.map_err(ApiError::internal)?
}

/// Every operation, in the order of the document's tags.
fn every_operation(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    auth::configure(config);
    clients::configure(config);
    domains::configure(config);
    agencies::configure(config);
    neighborhoods::configure(config);
    users::configure(config);
    mandates::configure(config);
    initiatives::configure(config);
    responsibilities::configure(config);
    deferrals::configure(config);
    imports::configure(config);
    events::configure(config);
    reports::configure(config);
    operations::configure(config);
    problems::configure(config);
}

/// The document as the handlers' own annotations give it, before [`openapi::document`] finishes it.
pub fn annotated() -> utoipa::openapi::OpenApi {
    ActixApp::new().into_utoipa_app().configure(every_operation).split_for_parts().1
}

/// The application as actix serves it.
pub fn service(
    app: &Data<App>,
) -> ActixApp<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody + use<>>, Error = Error, InitError = ()>
    + use<>,
> {
    let (service, _) = ActixApp::new().app_data(app.clone()).into_utoipa_app().configure(every_operation).split_for_parts();
    service
        .service(web::resource("/openapi.json").get(openapi_json).default_service(web::to(fallback::unmatched)))
        .service(web::redirect("/docs", "/docs/"))
        .service(web::resource("/docs/{file:.*}").get(openapi::browser).default_service(web::to(fallback::only_read)))
        .default_service(web::to(fallback::unmatched))
        .wrap(from_fn(header_limit::enforce))
        .wrap(from_fn(request::enforce_limits))
        .wrap(cors::cors(&app.config.cors_origins))
        .wrap(from_fn(request::middleware))
}

/// The document, as it was generated at start.
async fn openapi_json(app: Data<App>, request: HttpRequest) -> Answer {
    query::none(request.query_string())?;
    let mut response = whole(&request, app.document.answer.coded_for(&request), "application/json");
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(response)
}
