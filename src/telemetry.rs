//! What the server tells its operator: a log on standard error, and metrics.

use std::{io, panic};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Level;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Seconds; the bounds of the request duration histogram.
const DURATIONS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Leaves out complaints about bytes that are not HTTP, unless the filter names their source: anybody may send such bytes as often as
/// it likes, and they are no error of this server.
const QUIET: &str = "actix_http=off";

/// Begins the log: what `MAHALLEH_LOG` lets through (default `info`), as `MAHALLEH_LOG_FORMAT` (`text` or `json`) says.
///
/// # Errors
/// A sentence for the operator, where one of the two can't be understood.
pub fn begin_log() -> Result<(), String> {
    // An empty variable counts as unset.
    let set = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    let wanted = set("MAHALLEH_LOG").unwrap_or_else(|| "info".to_owned());
    // A word alone is taken for a place whose messages alone are let through, so that a misspelt level turns the log off.
    let says = |part: &str| part.contains(['=', '[']) || part.trim().parse::<LevelFilter>().is_ok();
    if !wanted.split(',').any(says) {
        return Err(format!("MAHALLEH_LOG={wanted} names no level; those are off, error, warn, info, debug and trace."));
    }
    let filter =
        EnvFilter::try_new(format!("{QUIET},{wanted}")).map_err(|error| format!("MAHALLEH_LOG={wanted} is no filter: {error}."))?;
    // Where a line can't be written, on a full disk or to a reader that is gone, saying so on the same stream would panic.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).log_internal_errors(false);
    match set("MAHALLEH_LOG_FORMAT").as_deref() {
        None | Some("text") => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).init(),
        Some("json") => log.json().flatten_event(true).init(),
        Some(other) => return Err(format!("MAHALLEH_LOG_FORMAT={other} is neither text nor json.")),
    }
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if tracing::enabled!(Level::ERROR) && std::env::var_os("RUST_BACKTRACE").is_none() {
            // In the log's own form, of one line.
            tracing::error!("{}", panic.to_string().replace('\n', " "));
        } else {
            usual(panic);
        }
    }));
    Ok(())
}

/// Begins to collect metrics, and gives what renders them.
///
/// # Errors
/// A sentence for the operator, where they are being collected already.
pub fn begin_metrics() -> Result<PrometheusHandle, String> {
    let durations = Matcher::Full("http_request_duration_seconds".to_owned());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(durations, &DURATIONS);
    recorder.and_then(PrometheusBuilder::install_recorder).map_err(|error| format!("Metrics can't be collected: {error}."))
}
