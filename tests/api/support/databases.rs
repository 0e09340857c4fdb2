//! One database of each kind, migrated once, which all tests share; each test has a province of its own in it.

use std::{path::Path, sync::OnceLock};

use mahalleh::{
    auth::keys::Secret,
    clock::World,
    db::{self, Db, PoolSize, Target},
};

use super::{postgres, watchdog::Folder};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A migrated database with its pools.
pub struct Shared {
    pub db: Db,
    pub secret: Secret,
    _folder: Folder,
}

/// The database of a kind; `None` where PostgreSQL is not installed.
pub fn shared(backend: Backend) -> Option<&'static Shared> {
    static SQLITE: OnceLock<Shared> = OnceLock::new();
    static POSTGRES: OnceLock<Option<Shared>> = OnceLock::new();
    match backend {
        Backend::Sqlite => Some(SQLITE.get_or_init(|| {
            let folder = Folder::new();
            Shared::open(&empty_sqlite(folder.path()), folder)
        })),
        Backend::Postgres => POSTGRES.get_or_init(|| Some(Shared::open(&empty_postgres()?, Folder::new()))).as_ref(),
    }
}

/// A database of a test's own with one reader, which lasts as long as the tests; `None` where PostgreSQL is not installed.
pub fn own(backend: Backend) -> Option<&'static Shared> {
    let folder = Folder::new();
    let target = match backend {
        Backend::Sqlite => empty_sqlite(folder.path()),
        Backend::Postgres => empty_postgres()?,
    };
    Some(Box::leak(Box::new(Shared::of_size(&target, folder, 1, 1))))
}

/// A target for a new SQLite database in a folder.
pub fn empty_sqlite(folder: &Path) -> Target {
    Target::Sqlite(folder.join("mahalleh.db"))
}

/// A target for a new PostgreSQL database; `None` where PostgreSQL is not installed.
pub fn empty_postgres() -> Option<Target> {
    postgres::cluster().map(|cluster| Target::Postgres(cluster.new_database()))
}

impl Shared {
    /// Migrates a database and opens its pools.
    pub fn open(target: &Target, folder: Folder) -> Self {
        Self::of_size(target, folder, 8, 12)
    }

    fn of_size(target: &Target, folder: Folder, readers: usize, writers: usize) -> Self {
        db::migrate(target).expect("the migrations run");
        let secret = Secret::read_or_make(&folder.path().join("secret"), &World::real()).expect("a secret");
        let size = PoolSize { readers, writers, patience: std::time::Duration::from_secs(20) };
        Self { db: Db::start(target, None, size).expect("the pools start"), secret, _folder: folder }
    }
}
