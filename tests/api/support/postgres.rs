//! A PostgreSQL cluster for the time of the tests, which make, start, stop and remove it themselves.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Once, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use super::watchdog::{Watchdog, fresh_path};

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    _watchdog: Watchdog,
}

impl Cluster {
    /// The URL of a database in it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://mahalleh@/{database}?host={}", self.folder.display())
    }

    /// A new, empty database in it.
    pub fn new_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut conn = PgConnection::establish(&self.url("postgres")).expect("the cluster answers");
        conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("a new database");
        self.url(&name)
    }
}

/// The tests' cluster, or `None`, loudly, where PostgreSQL is not installed.
///
/// # Panics
/// Where it is not installed and `REQUIRE_POSTGRES=1` says that it must be.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    match CLUSTER.get_or_init(start) {
        Ok(cluster) => Some(cluster),
        Err(problem) => {
            assert!(std::env::var("REQUIRE_POSTGRES").as_deref() != Ok("1"), "PostgreSQL is required: {problem}");
            static SAID: Once = Once::new();
            // Not by `eprintln!`, which is not shown of a test that passes.
            SAID.call_once(|| drop(writeln!(std::io::stderr(), "\n*** NOTHING IS TESTED ON POSTGRESQL: {problem} ***\n")));
            None
        }
    }
}

/// With ICU's English order, so that a comparison shows that should be bytewise and is not; without flushing to disk, since a
/// test's data need not outlive it.
const SCRIPT: &str = r#"
mkdir -m 755 "$2" || exit 1
"$1/initdb" -D "$2/data" -U mahalleh -A trust -E UTF8 --locale=C --locale-provider=icu --icu-locale=en --no-sync >"$2/log" 2>&1 ||
  { cat "$2/log" >&2; rm -rf "$2"; exit 1; }
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 -o "-k $2 -c listen_addresses='' -c fsync=off -c max_connections=300 -c timezone=Asia/Tehran" start >/dev/null ||
  { cat "$2/log" >&2; rm -rf "$2"; exit 1; }
echo ready
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

fn start() -> Result<Cluster, String> {
    let programs = programs().ok_or("initdb is neither in PATH nor under /usr/lib/postgresql nor where pg_config says")?;
    let folder = fresh_path();
    let args = [programs.to_str().expect("a path in UTF-8"), folder.to_str().expect("a path in UTF-8")];
    let watchdog = Watchdog::start(SCRIPT, &args, servant()?).map_err(|problem| format!("the cluster did not start: {problem}"))?;
    Ok(Cluster { folder, _watchdog: watchdog })
}

/// The folder of `initdb` and `pg_ctl`; the newest where there are several.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut packaged: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    packaged.sort();
    let configured = output("pg_config", &["--bindir"]).map(PathBuf::from);
    std::env::split_paths(&path).chain(packaged.into_iter().rev()).chain(configured).find(complete)
}

/// The user that PostgreSQL runs as where the tests run as root, which it refuses; none otherwise.
fn servant() -> Result<Option<(u32, u32)>, String> {
    let number = |args: &[&str]| output("id", args).and_then(|text| text.parse::<u32>().ok());
    if number(&["-u"]) != Some(0) {
        return Ok(None);
    }
    match (number(&["-u", "postgres"]), number(&["-g", "postgres"])) {
        (Some(uid), Some(gid)) => Ok(Some((uid, gid))),
        _ => Err("the tests run as root and there is no user postgres".to_owned()),
    }
}

fn output(program: impl AsRef<Path>, args: &[&str]) -> Option<String> {
    let done = Command::new(program.as_ref()).args(args).output().ok()?;
    Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
