//! `mahalleh serve`.

use std::{net::TcpListener, process::exit, sync::Arc, time::Duration};

use actix_web::{dev::Server, rt, web::Data};
use futures_util::future::join_all;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};

use super::{Done, demo, descriptors::connections_of_a_worker, say, sentence, target, user};
use crate::{
    app::App,
    auth::{Actor, password},
    clock::World,
    config::{self, Config},
    db::{self, Target, in_transaction},
    error::ApiError,
    http::{
        fields::{Code, Field},
        listen::listen,
    },
    imports, maintenance, operations,
    policy::Role,
    provinces, telemetry,
    tx::Tx,
    users::UserFields,
};

/// How long requests that run may take to end once the server is told to stop: within 30 s all is over (CONTRACT §6).
const GRACE_SECONDS: u64 = 28;
/// How long imports may take, from then too, to put themselves back; one that hangs is taken over when its lease runs out.
const GRACE_OF_IMPORTS: Duration = Duration::from_secs(29);
/// What is bound, and the variable that says where.
const API: (&str, &str) = ("The API's address", "MAHALLEH_BIND");
const MANAGEMENT: (&str, &str) = ("The management address", "MAHALLEH_MANAGEMENT_BIND");
/// No `i`, `l`, `o`, `0` or `1`, which people mistake for one another.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Settings of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The province that is made on an empty database.
    #[arg(long, env = "MAHALLEH_PROVINCE", default_value = "qom", value_parser = province)]
    province: String,
    #[command(flatten)]
    config: Config,
}

fn province(code: &str) -> Result<String, String> {
    Code::from_text(code).map(|code| code.0).map_err(|_| "a code: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit".to_owned())
}

impl Options {
    /// Serves the database that `DATABASE_URL` names.
    pub(super) fn run(self) -> Done {
        let Self { province, config } = self;
        let (target, world) = (target()?, World::real());
        // Before anything is made: the password of the first user is shown once.
        check_free(&config)?;
        let replica = replica(&target)?;
        db::migrate(&target).map_err(|error| sentence(&error))?;
        if let Some(password) = first_start(&target, &province, &world).map_err(|error| sentence(&error))? {
            say(&format!("The database was empty. Made the province {province} with the user province, password {password}"))?;
            say("It is shown this once; change it after the first login (POST /api/v1/me/password).")?;
        }
        if demo::began(&target).map_err(|error| sentence(&error))? {
            demo::check_loopback(&config.bind)?;
            tracing::warn!("this database was begun by the demo, whose accounts have a password that everybody knows");
        }
        run(config, &target, replica.as_ref(), world)
    }
}

/// The standby that reads may use.
///
/// # Errors
/// A sentence for the operator.
pub fn replica(target: &Target) -> Done<Option<Target>> {
    config::replica(target).map_err(|problem| format!("{problem}."))
}

/// Makes the first province and its user where there is none, and gives the user's password.
fn first_start(target: &Target, code: &str, world: &World) -> Result<Option<String>, ApiError> {
    let mut conn = target.connect(true)?;
    if !provinces::all(&mut conn)?.is_empty() {
        return Ok(None);
    }
    let password = random_password(world);
    let password_hash = password::hash(&password::from_operator(&password).map_err(ApiError::internal)?, world)?;
    in_transaction(&mut conn, |conn| {
        // Another server may have been quicker.
        db::lock_installation(conn)?;
        if !provinces::all(conn)?.is_empty() {
            return Ok(None);
        }
        let (name, name_en) = if code == "qom" { ("قم", "Qom") } else { (code, code) };
        let province = provinces::add(conn, world, code, name, name_en)?;
        let mut tx = Tx::new(conn, Arc::new(Actor::operator(province)), world, None);
        let first = UserFields {
            username: "province".into(),
            display_name: "دفتر استان".into(),
            role: Role::Province,
            agency_id: None,
            active: true,
        };
        user::insert(&mut tx, first, password_hash)?;
        Ok(Some(password))
    })
}

/// Twenty letters and digits, of which none is mistaken for another.
fn random_password(world: &World) -> String {
    let mut password = String::new();
    while password.len() < 20 {
        // Bytes from 248 on, the greatest multiple of 31, would favour the first letters.
        let fair = world.random_bytes::<32>().into_iter().filter(|byte| *byte < 248);
        password.extend(
            fair.filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()))
                .map(|letter| char::from(*letter))
                .take(20 - password.len()),
        );
    }
    password
}

/// Serves a database whose schema is current, until the process is told to stop.
///
/// # Errors
/// A sentence for the operator, where an address is taken or the database can't be reached.
pub fn run(config: Config, target: &Target, replica: Option<&Target>, world: World) -> Done {
    let metrics = telemetry::begin_metrics()?;
    let app = App::open(target, replica, config, world).map_err(|error| sentence(&error))?;
    let served = rt::System::new().block_on(serve_until_told(Data::new(app), metrics));
    db::move_all(target);
    served
}

async fn serve_until_told(app: Data<App>, metrics: PrometheusHandle) -> Done {
    let config = &app.config;
    let workers = if config.workers > 0 { config.workers } else { std::thread::available_parallelism().map_or(2, usize::from) };
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections_of_a_worker(workers))
        .shutdown_timeout(GRACE_SECONDS)
        .shutdown_signal(told_to_stop(app.clone())?);
    let (server, addresses) = listen(server, &app, &config.bind).map_err(|error| unbindable(API, &config.bind, &error))?;
    let management = operations::serve_metrics(&config.management_bind, metrics.clone())
        .map_err(|error| unbindable(MANAGEMENT, &config.management_bind, &error))?;
    rt::spawn(management);
    rt::spawn(keep_metrics(metrics));
    let maintained = app.clone().into_inner();
    rt::spawn(kept_up("maintenance", move || maintenance::run(Arc::clone(&maintained))));
    let importing = |_| {
        let app = app.clone();
        rt::spawn(kept_up("imports", move || imports::work(app.clone(), None)))
    };
    let workers: Vec<_> = (0..config.import_workers).map(importing).collect();
    let server = server.run();
    for address in addresses {
        say(&format!("Mahalleh listens on http://{address} (documentation: http://{address}/docs/)."))?;
    }
    let ended = server.await.map_err(|error| format!("The server ended: {error}."));
    app.stop();
    let left = app.shutdown.elapsed().map_or(GRACE_OF_IMPORTS, |gone| GRACE_OF_IMPORTS.saturating_sub(gone));
    if rt::time::timeout(left, join_all(workers)).await.is_err() {
        tracing::warn!("an import did not end in time; another server takes it over");
        if let Err(sentence) = &ended {
            tracing::error!("{sentence}");
        }
        // Its thread may wait for a database that does not answer, and this process would wait for the thread.
        exit(i32::from(ended.is_err()));
    }
    ended
}

/// Does work that never ends by itself but where the server stops; where it panics, it is begun again.
async fn kept_up<F: Future<Output = ()> + 'static>(what: &str, work: impl Fn() -> F) {
    while rt::spawn(work()).await.is_err() {
        tracing::error!(what, "a task of the server broke off; it begins anew");
        rt::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Ends when the process is told to stop: SIGTERM by a service manager, SIGINT by Ctrl-C.
///
/// Imports put themselves back at once, for another server or the next start; requests that run have time.
fn told_to_stop(app: Data<App>) -> Done<impl Future<Output = ()> + Send + 'static> {
    let listen = |kind| signal(kind).map_err(|error| format!("Signals can't be received: {error}."));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: taking no more requests, finishing those that run");
        app.stop();
    })
}

/// Folds what was measured into the histograms, so that memory does not grow where nobody asks for them.
async fn keep_metrics(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}

/// Refuses addresses that can't be bound.
pub(super) fn check_free(config: &Config) -> Done {
    let api = TcpListener::bind(&config.bind).map_err(|error| unbindable(API, &config.bind, &error))?;
    TcpListener::bind(&config.management_bind).map_err(|error| unbindable(MANAGEMENT, &config.management_bind, &error))?;
    drop(api);
    Ok(())
}

fn unbindable((which, setting): (&str, &str), address: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => format!("{which} {address} is in use by another program; set {setting} to another."),
        _ => format!("{which} {address} can't be used: {error}. Set {setting} to another."),
    }
}
