//! A server of its own for each test, in a province of its own, on the shared database.

use std::{cell::RefCell, rc::Rc};

use actix_web::{
    dev::{Server, ServerHandle},
    rt,
    web::Data,
};
use chrono::NaiveDate;
use clap::Parser;
use diesel::{ExpressionMethods, RunQueryDsl};
use mahalleh::{
    app::App,
    auth::{self, keys::KeyRing},
    clock::World,
    config::Config,
    db::{
        Conn, Id,
        schema::{agencies, mandates, users},
        search,
    },
    error::ApiError,
    http::listen::listen,
    persian,
    policy::Role,
    provinces,
};
use tokio::sync::OnceCell;

use super::{Client, ManualClock, databases::Shared};

/// The settings as the command line reads them.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// A running server with its province.
pub struct TestApp {
    /// What its handlers share.
    pub app: Data<App>,
    /// Its clock.
    pub clock: ManualClock,
    /// Its province's code.
    pub code: String,
    /// Its province's number.
    pub province_id: i32,
    shared: &'static Shared,
    base: String,
    http: reqwest::Client,
    servers: Rc<RefCell<Vec<ServerHandle>>>,
    office: OnceCell<Client>,
}

/// A word that no other test has.
pub fn unique(prefix: &str) -> String {
    let random = World::real().random_bytes::<6>();
    random.iter().fold(format!("{prefix}-"), |word, byte| format!("{word}{byte:02x}"))
}

impl TestApp {
    /// A server in a new province, without a rate limit.
    pub async fn start(shared: &'static Shared) -> Self {
        let clock = ManualClock::default();
        let (code, world) = (unique("p"), clock.world());
        let named = code.clone();
        let added = shared.db.write(move |conn| provinces::add(conn, &world, &named, "استان آزمون", "Test province")).await;
        let province_id = added.expect("a new province");
        Self::of(shared, clock, code, province_id).await
    }

    /// A server for a province that is there already.
    pub async fn in_province(shared: &'static Shared, clock: ManualClock, code: &str) -> Self {
        let known = shared.db.read(provinces::all).await.expect("the database answers");
        let province_id = known.into_iter().find(|province| province.code == code).expect("the province").id;
        Self::of(shared, clock, code.to_owned(), province_id).await
    }

    async fn of(shared: &'static Shared, clock: ManualClock, code: String, province_id: i32) -> Self {
        let servers = Rc::new(RefCell::new(Vec::new()));
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let (app, base) = serve(shared, &clock, &[], &servers).await;
        Self { app, clock, code, province_id, shared, base, http, servers, office: OnceCell::new() }
    }

    /// A server in another new province, which is stopped together with this one.
    pub async fn another_province(&self) -> Self {
        let other = Self::start(self.shared).await;
        let started = std::mem::take(&mut *other.servers.borrow_mut());
        self.servers.borrow_mut().extend(started);
        other
    }

    /// The handles of the servers that are to be stopped.
    pub fn servers(&self) -> Rc<RefCell<Vec<ServerHandle>>> {
        Rc::clone(&self.servers)
    }

    /// A second server on the same database with the same clock and other settings, as `["--rate-limit", "5"]`; it is
    /// given as somebody who has not logged in there.
    pub async fn another_server(&self, settings: &[&str]) -> Client {
        let (_, base) = serve(self.shared, &self.clock, settings, &self.servers).await;
        Client { base, ..self.anonymous() }
    }

    /// Makes this server work on the imports of its province.
    pub fn imports(&self) {
        rt::spawn(mahalleh::imports::work(self.app.clone(), Some(self.province_id)));
    }

    /// Adds a signing key, as `mahalleh keys rotate` does.
    pub async fn rotate_keys(&self) -> String {
        let (secret, world) = (self.shared.secret.clone(), self.app.world.clone());
        self.write(move |conn| auth::keys::rotate(conn, &secret, &world)).await
    }

    /// Does something in the database.
    pub async fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T, ApiError> + Send + 'static) -> T {
        self.app.db.write(work).await.expect("the database takes it")
    }

    /// Reads something from the database.
    pub async fn read<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T, ApiError> + Send + 'static) -> T {
        self.app.db.read(work).await.expect("the database gives it")
    }

    /// Somebody who has not logged in.
    pub fn anonymous(&self) -> Client {
        Client { http: self.http.clone(), base: self.base.clone(), token: None, user_id: None, username: "nobody".to_owned() }
    }

    /// A user of the province's office; always the same one.
    pub async fn province(&self) -> Client {
        self.office.get_or_init(|| self.user(Role::Province, None)).await.clone()
    }

    /// A new viewer.
    pub async fn viewer(&self) -> Client {
        self.user(Role::Viewer, None).await
    }

    /// A new user of the agency of this code, which is made where it is not there.
    pub async fn agency(&self, code: &str) -> Client {
        let agency = self.agency_of(code).await;
        self.user(Role::Agency, Some(agency)).await
    }

    /// A new manager with a mandate for each of these neighbourhoods, from today on.
    pub async fn manager(&self, places: &[&str]) -> Client {
        let manager = self.user(Role::NeighborhoodManager, None).await;
        let user = manager.user_id.expect("a user");
        for place in places {
            let today = self.app.world.today();
            self.mandate(user, place, today, None).await;
        }
        manager
    }

    /// A user with a session and a token, but without a password: Argon2 would take most of the tests' time.
    pub async fn user(&self, role: Role, agency_id: Option<Id>) -> Client {
        let (username, province, world) = (unique(role.as_str()), self.province_id, self.app.world.clone());
        let name = username.clone();
        let (user, session) = self
            .write(move |conn| {
                let (id, session, now) = (world.new_id(), world.new_id(), world.now());
                insert_user(conn, province, id, &name, role, agency_id, now)?;
                auth::queries::insert_session(conn, province, session, id, now, now.plus_seconds(30 * 24 * 3600))?;
                Ok((auth::queries::find_user(conn, province, id)?, session))
            })
            .await;
        let token = auth::issue_token(&self.app, &user, session).await.expect("a token");
        Client { token: Some(token), user_id: Some(user.id), username, ..self.anonymous() }
    }

    /// The agency of a code; made where it is not there.
    pub async fn agency_of(&self, code: &str) -> Id {
        use diesel::{BoolExpressionMethods, OptionalExtension, QueryDsl};
        let (code, province, world) = (code.to_owned(), self.province_id, self.app.world.clone());
        self.write(move |conn| {
            let known = agencies::province_id.eq(province).and(agencies::code_key.eq(persian::code_key(&code)));
            if let Some(id) = agencies::table.filter(known).select(agencies::id).first(conn).optional()? {
                return Ok(id);
            }
            let (id, now) = (world.new_id(), world.now());
            diesel::insert_into(agencies::table)
                .values((
                    (agencies::province_id.eq(province), agencies::id.eq(id), agencies::version.eq(1)),
                    (agencies::code.eq(&code), agencies::code_key.eq(persian::code_key(&code))),
                    (agencies::name.eq(&code), agencies::name_sort.eq(persian::sort_key(&code))),
                    (agencies::search_key.eq(search::key(&[Some(&code)])), agencies::kind.eq("other"), agencies::active.eq(true)),
                    (agencies::created_at.eq(now), agencies::updated_at.eq(now)),
                ))
                .execute(conn)?;
            Ok(id)
        })
        .await
    }

    /// A mandate.
    pub async fn mandate(&self, user: Id, place: &str, from: NaiveDate, to: Option<NaiveDate>) -> Id {
        let (province, world) = (self.province_id, self.app.world.clone());
        let place = Id::parse(place).expect("an id");
        self.write(move |conn| {
            let (id, now) = (world.new_id(), world.now());
            diesel::insert_into(mandates::table)
                .values((
                    (mandates::province_id.eq(province), mandates::id.eq(id), mandates::version.eq(1)),
                    (mandates::user_id.eq(user), mandates::neighborhood_id.eq(place), mandates::order_no.eq("1")),
                    (mandates::valid_from.eq(from), mandates::valid_to.eq(to)),
                    (mandates::created_at.eq(now), mandates::updated_at.eq(now)),
                ))
                .execute(conn)?;
            Ok(id)
        })
        .await
    }

    /// Gives a user a password, as the office would.
    pub async fn set_password(&self, user: Id, password: &str) {
        use diesel::{BoolExpressionMethods, QueryDsl};
        let password = auth::password::from_operator(password).expect("a good password");
        let hash = auth::password::hash(&password, &self.app.world).expect("a hash");
        let province = self.province_id;
        self.write(move |conn| {
            let row = users::table.filter(users::province_id.eq(province).and(users::id.eq(user)));
            diesel::update(row).set(users::password_hash.eq(hash)).execute(conn)?;
            Ok(())
        })
        .await;
    }
}

/// A server with one worker on a port that the system chooses.
async fn serve(
    shared: &'static Shared,
    clock: &ManualClock,
    settings: &[&str],
    servers: &Rc<RefCell<Vec<ServerHandle>>>,
) -> (Data<App>, String) {
    let unlimited: &[&str] = if settings.contains(&"--rate-limit") { &[] } else { &["--rate-limit", "off"] };
    let config = Settings::parse_from(["test"].iter().chain(unlimited).chain(settings)).config;
    let (world, secret) = (clock.world(), shared.secret.clone());
    let ring = shared.db.write(move |conn| KeyRing::open(conn, secret, &world)).await.expect("the keys");
    let app = Data::new(App::new(shared.db.clone(), ring, config, clock.world()));
    let (server, addresses) = listen(Server::build().workers(1).disable_signals(), &app, ("127.0.0.1", 0)).expect("a free port");
    let base = format!("http://{}", addresses.first().expect("an address"));
    let server = server.run();
    servers.borrow_mut().push(server.handle());
    rt::spawn(server);
    (app, base)
}

/// The hash of a password that nobody knows: these users get their tokens without one.
const UNKNOWN_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dz$c29tZXRoaW5nIHRoYXQgbm8gcGFzc3dvcmQgZ2l2ZXM";

fn insert_user(
    conn: &mut Conn,
    province: i32,
    id: Id,
    name: &str,
    role: Role,
    agency_id: Option<Id>,
    now: mahalleh::db::Timestamp,
) -> Result<(), ApiError> {
    diesel::insert_into(users::table)
        .values((
            (users::province_id.eq(province), users::id.eq(id), users::version.eq(1), users::created_at.eq(now), users::updated_at.eq(now)),
            (users::username.eq(name), users::username_key.eq(persian::code_key(name)), users::display_name.eq(format!("آقای {name}"))),
            (users::search_key.eq(search::key(&[Some(name)])), users::role.eq(role), users::agency_id.eq(agency_id)),
            (users::active.eq(true), users::password_hash.eq(UNKNOWN_PASSWORD), users::must_change_password.eq(false)),
        ))
        .execute(conn)?;
    Ok(())
}
