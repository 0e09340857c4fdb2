//! `mahalleh demo`: the product with real-looking data, on the machine at hand and for it alone.

use std::net::ToSocketAddrs;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{Done, check_there, say, sentence, serve};
use crate::{
    auth::password,
    clock::World,
    config::{self, Config},
    db::{self, Target, in_transaction, schema::instance},
    demo,
    error::ApiError,
    provinces,
};

/// Where the demo keeps its data between starts.
const DATABASE: &str = "sqlite:./data/demo/mahalleh.db";
/// What marks a database as the demo's own.
const MARK: &str = "demo";

/// Settings of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Begin anew: remove all that the demo's database holds.
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    config: Config,
}

impl Options {
    pub(super) fn run(self) -> Done {
        let target = config::database(DATABASE).map_err(|problem| format!("{problem}."))?;
        let world = World::real();
        check_loopback(&self.config.bind)?;
        if check_there(&target).is_ok() {
            // Before its schema is touched; without tables, which is an error, it is nobody's. To look into a file would make it.
            refuse_foreign(is_own(&target).unwrap_or_default())?;
        }
        db::migrate(&target).map_err(|error| sentence(&error))?;
        prepare(&target, self.reset, &world)?;
        say(&format!("Accounts of the demo, all with the password {}:", demo::PASSWORD))?;
        for account in demo::ACCOUNTS {
            say(&format!("  {account}"))?;
        }
        serve::run(Config { is_demo: true, ..self.config }, &target, world)
    }
}

/// Refuses an address that others can reach, since everybody knows the demo's passwords.
fn check_loopback(bind: &str) -> Done {
    let addresses = bind.to_socket_addrs().map_err(|error| format!("The address {bind} is none: {error}."))?;
    let mut open = addresses.filter(|address| !address.ip().is_loopback());
    match open.next() {
        Some(address) => Err(format!("The demo serves this machine alone; {address} is no loopback address.")),
        None => Ok(()),
    }
}

/// Loads the data where they are not there yet.
fn prepare(target: &Target, reset: bool, world: &World) -> Done {
    let own = is_own(target).map_err(|error| sentence(&error))?;
    refuse_foreign(own)?;
    if own == Some(true) && !reset {
        return Ok(());
    }
    if reset {
        db::empty(target).map_err(|error| sentence(&error))?;
    }
    fill(target, world).map_err(|error| sentence(&error))
}

fn refuse_foreign(own: Option<bool>) -> Done {
    match own {
        Some(false) => Err("This database holds somebody's own data; the demo leaves it alone. Set DATABASE_URL to another.".into()),
        Some(true) | None => Ok(()),
    }
}

/// Whether the demo began this database; nothing where it is empty.
fn is_own(target: &Target) -> Result<Option<bool>, ApiError> {
    let mut conn = target.connect(true)?;
    let mark: Option<String> = instance::table.find(MARK).select(instance::value).first(&mut conn).optional()?;
    let empty = provinces::all(&mut conn)?.is_empty();
    Ok(if mark.is_some() {
        Some(true)
    } else if empty {
        None
    } else {
        Some(false)
    })
}

fn fill(target: &Target, world: &World) -> Result<(), ApiError> {
    let password = password::from_operator(demo::PASSWORD).map_err(ApiError::internal)?;
    let hash = password::hash(&password, world)?;
    let mut conn = target.connect(true)?;
    in_transaction(&mut conn, |conn| {
        db::lock_installation(conn)?;
        diesel::insert_into(instance::table)
            .values((instance::name.eq(MARK), instance::value.eq(world.now().to_string())))
            .execute(conn)?;
        demo::load(conn, world, &hash)
    })
}
