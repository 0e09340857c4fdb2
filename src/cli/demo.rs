//! `mahalleh demo`: the product with real-looking data, on the machine at hand and for it alone.

use std::net::ToSocketAddrs;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::exists};

use super::{Done, check_exists, say, sentence, serve};
use crate::{
    auth::password,
    clock::World,
    config::{self, Config},
    db::{self, Conn, Tables, Target, in_transaction, schema::instance},
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
        check_loopback(&self.config.management_bind)?;
        serve::check_free(&self.config)?;
        let replica = serve::replica(&target)?;
        // Checked before the schema is touched, and only where the file exists: looking into an absent one would make it.
        if check_exists(&target).is_ok() && is_somebodys(&target).map_err(|error| sentence(&error))? {
            return Err("This database holds somebody's own data; the demo leaves it alone. Set DATABASE_URL to another.".into());
        }
        prepare(&target, self.reset, &world).map_err(|error| sentence(&error))?;
        say(&format!("Accounts of the demo, all with the password {}:", demo::PASSWORD))?;
        for account in demo::ACCOUNTS {
            say(&format!("  {account}"))?;
        }
        serve::run(Config { is_demo: true, ..self.config }, &target, replica.as_ref(), world)
    }
}

/// Refuses an address that others can reach, since everybody knows the demo's passwords.
pub(super) fn check_loopback(bind: &str) -> Done {
    let addresses = bind.to_socket_addrs().map_err(|error| format!("The address {bind} is none: {error}."))?;
    let mut open = addresses.filter(|address| !address.ip().is_loopback());
    match open.next() {
        Some(address) => Err(format!(
            "The demo and its database are for this machine alone, since everybody knows their passwords; {address} is no loopback address."
        )),
        None => Ok(()),
    }
}

/// Whether a database is neither empty nor the demo's own.
fn is_somebodys(target: &Target) -> Result<bool, ApiError> {
    let mut conn = target.connect(false)?;
    Ok(match db::tables(&mut conn)? {
        Tables::None => false,
        Tables::Foreign => true,
        // Provinces first, then the mark: another demo that starts now commits both at once.
        Tables::Own => !provinces::all(&mut conn)?.is_empty() && !is_begun(&mut conn)?,
    })
}

/// Whether the demo began a database whose schema is current.
pub(super) fn began(target: &Target) -> Result<bool, ApiError> {
    is_begun(&mut target.connect(false)?)
}

/// Whether the demo began this database.
fn is_begun(conn: &mut Conn) -> Result<bool, ApiError> {
    Ok(diesel::select(exists(instance::table.find(MARK))).get_result(conn)?)
}

/// Loads the data where they are not there yet.
fn prepare(target: &Target, reset: bool, world: &World) -> Result<(), ApiError> {
    db::migrate(target)?;
    if reset {
        db::empty(target)?;
    }
    let mut conn = target.connect(true)?;
    if is_begun(&mut conn)? {
        return Ok(());
    }
    let password = password::from_operator(demo::PASSWORD).map_err(ApiError::internal)?;
    let hash = password::hash(&password, world)?;
    in_transaction(&mut conn, |conn| {
        db::lock_installation(conn)?;
        if is_begun(conn)? {
            // A server that started at the same time has begun it.
            return Ok(());
        }
        diesel::insert_into(instance::table)
            .values((instance::name.eq(MARK), instance::value.eq(world.now().to_string())))
            .execute(conn)?;
        demo::load(conn, world, &hash)
    })
}
