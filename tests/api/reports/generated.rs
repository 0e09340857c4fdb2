//! A programme made by dice: rows of every state, date, weight and lack of a value, put into the database as they are.

use chrono::{Duration, NaiveDate};
use diesel::{ExpressionMethods, RunQueryDsl};
use mahalleh::{
    clock::World,
    db::{
        Conn, Id, Timestamp,
        schema::{agencies, deferrals, domains, events, initiative_agencies, initiatives, mandates, neighborhoods, responsibilities},
        search,
    },
    error::ApiError,
    persian,
};

use crate::support::TestApp;

/// The tests' day.
pub const TODAY: &str = "2026-11-22";

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Dice that fall the same way for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("53 bits") % bound
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn near(&mut self, before: i64, after: i64) -> NaiveDate {
        let span = usize::try_from(before + after + 1).expect("a span");
        day(TODAY) - Duration::days(before) + Duration::days(i64::try_from(self.below(span)).expect("a number"))
    }
}

#[derive(Debug, Clone)]
pub struct Place {
    pub id: Id,
    pub code: String,
    pub name: String,
    pub designation: &'static str,
    pub closed_on: Option<NaiveDate>,
    /// The last day of a mandate that is over.
    pub ended: Option<NaiveDate>,
    pub managed: bool,
}

#[derive(Debug, Clone)]
pub struct Agency {
    pub id: Id,
    pub code: String,
    pub active: bool,
}

#[derive(Debug, Clone)]
pub struct Domain {
    pub code: String,
    pub active: bool,
}

#[derive(Debug, Clone)]
pub struct Initiative {
    pub id: Id,
    pub code: String,
    pub place: Id,
    pub domain: String,
    pub status: &'static str,
    pub starts: Option<NaiveDate>,
    pub due: Option<NaiveDate>,
    pub lead: Option<Id>,
    pub weight: i32,
    pub money: [Option<i64>; 4],
    pub made: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Task {
    pub id: Id,
    pub code: String,
    pub of: usize,
    pub agency: Id,
    pub weight: i32,
    pub due: NaiveDate,
    pub baseline: Option<NaiveDate>,
    pub status: &'static str,
    pub since: Timestamp,
    pub done: Option<NaiveDate>,
    pub verified_on: Option<NaiveDate>,
    pub declined_by: Option<Id>,
}

#[derive(Debug, Clone)]
pub struct Deferral {
    pub task: usize,
    pub status: &'static str,
    pub at: Timestamp,
}

/// Everything that was put in.
#[derive(Debug, Clone, Default)]
pub struct Programme {
    pub places: Vec<Place>,
    pub agencies: Vec<Agency>,
    pub domains: Vec<Domain>,
    pub initiatives: Vec<Initiative>,
    pub tasks: Vec<Task>,
    pub deferrals: Vec<Deferral>,
    /// Each time that a task was sent back.
    pub returns: Vec<(usize, Timestamp)>,
}

const STATUSES: [&str; 7] = ["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"];
const STEPS: [&str; 7] = ["proposed", "accepted", "declined", "reported", "verified", "returned", "withdrawn"];

pub fn live_status(status: &str) -> bool {
    matches!(status, "approved" | "in_progress" | "blocked" | "completed")
}

pub fn counts(status: &str) -> bool {
    !matches!(status, "declined" | "withdrawn")
}

fn instant(dice: &mut Dice, before: i64) -> Timestamp {
    let at =
        dice.near(before, 0).and_hms_opt(20, 29, 59).expect("a time") + Duration::seconds(i64::try_from(dice.below(3)).expect("small"));
    Timestamp::new((at - Duration::days(1)).and_utc())
}

impl Programme {
    /// Thrown; `n` makes codes differ.
    pub fn thrown(seed: u64, world: &World) -> Self {
        let dice = &mut Dice::new(seed);
        let mut all = Self::default();
        for n in 0..5 {
            let closed_on = if n == 3 {
                Some(day("2026-11-22"))
            } else if n == 4 {
                Some(day("2026-12-30"))
            } else {
                None
            };
            let ended = dice.chance(50).then(|| dice.near(60, -1));
            let (id, code) = (world.id(), format!("p-{seed}-{n}"));
            all.places.push(Place {
                id,
                name: format!("محلهٔ {code}"),
                code,
                designation: dice.of(&["none", "model", "expansion"]),
                closed_on,
                ended,
                managed: false,
            });
        }
        for n in 0..6 {
            all.agencies.push(Agency { id: world.id(), code: format!("a-{seed}-{n}"), active: n != 4 });
        }
        for (code, active) in [("education", true), ("sport", true), ("health", true), ("old", false), ("empty", false)] {
            all.domains.push(Domain { code: code.into(), active });
        }
        for n in 0..dice.below(30) + 4 {
            let initiative = all.initiative(dice, world, seed, n);
            all.initiatives.push(initiative);
            for m in 0..dice.below(5) {
                let task = all.task(dice, world, n, m);
                all.tasks.push(task);
            }
        }
        for task in 0..all.tasks.len() {
            for _ in 0..dice.below(3) {
                let status = dice.of(&["accepted", "rejected"]);
                all.deferrals.push(Deferral { task, status, at: instant(dice, 90) });
            }
            if dice.chance(15) {
                all.deferrals.push(Deferral { task, status: "requested", at: instant(dice, 30) });
            }
            for _ in 0..dice.below(3) {
                all.returns.push((task, instant(dice, 120)));
            }
        }
        all
    }

    fn initiative(&self, dice: &mut Dice, world: &World, seed: u64, n: usize) -> Initiative {
        let status = dice.of(&STATUSES);
        let (starts, due) = (dice.near(200, 0), dice.near(0, 200));
        let dated = status != "draft" || dice.chance(50);
        Initiative {
            id: world.id(),
            code: format!("I-{seed}-{n}"),
            place: self.places[dice.below(self.places.len())].id,
            domain: dice.of(&["education", "sport", "health", "old"]).to_owned(),
            status,
            starts: dated.then_some(starts),
            due: (dated || dice.chance(50)).then_some(due),
            lead: (status != "draft" || dice.chance(50)).then(|| self.agencies[dice.below(5)].id),
            weight: i32::try_from(dice.below(100) + 1).expect("small"),
            money: [0; 4].map(|_: i32| dice.chance(60).then(|| i64::try_from(dice.below(1_000_000)).expect("small"))),
            made: instant(dice, 100),
        }
    }

    fn task(&self, dice: &mut Dice, world: &World, of: usize, m: usize) -> Task {
        let (status, stage) = (dice.of(&STEPS), self.initiatives[of].status);
        let due = dice.near(80, 80);
        let baseline = (live_status(stage) && dice.chance(85)).then(|| due - Duration::days(i64::try_from(dice.below(40)).expect("small")));
        let done = matches!(status, "reported" | "verified").then(|| dice.near(90, 0));
        let agency = self.agencies[dice.below(5)].id;
        Task {
            id: world.id(),
            code: format!("R-{m}"),
            of,
            agency,
            weight: i32::try_from(dice.below(5) + 1).expect("small"),
            due,
            baseline,
            status,
            since: instant(dice, 20),
            done,
            verified_on: (status == "verified").then(|| dice.near(60, 0)),
            declined_by: (status == "declined").then_some(agency),
        }
    }

    /// Who takes part: the leads, and whose responsibilities count.
    pub fn takes_part(&self, agency: Id, initiative: usize) -> bool {
        let leads = self.initiatives[initiative].lead == Some(agency);
        leads || self.tasks.iter().any(|task| task.of == initiative && task.agency == agency && counts(task.status))
    }

    /// Puts it into the province of a test.
    pub async fn put(&self, app: &TestApp) {
        let (all, province, world) = (self.clone(), app.province_id, app.app.world.clone());
        let author = app.province().await.user_id.expect("a user");
        app.write(move |conn| all.insert(conn, province, &world, author)).await;
    }

    fn insert(&self, conn: &mut Conn, province: i32, world: &World, author: Id) -> Result<(), ApiError> {
        let now = world.now();
        for domain in self.domains.iter().filter(|domain| !domain.active) {
            use domains as t;
            let names = (t::code.eq(&domain.code), t::code_key.eq(persian::code_key(&domain.code)), t::name.eq(&domain.code));
            let rest = (t::position.eq(50), t::active.eq(false), t::version.eq(1), t::created_at.eq(now), t::updated_at.eq(now));
            diesel::insert_into(t::table).values((t::province_id.eq(province), t::id.eq(world.id()), names, rest)).execute(conn)?;
        }
        diesel::update(domains::table.filter(domains::province_id.eq(province)).filter(domains::code.ne_all([
            "education",
            "sport",
            "health",
        ])))
        .set(domains::active.eq(false))
        .execute(conn)?;
        for agency in &self.agencies {
            use agencies as t;
            let names = (t::code.eq(&agency.code), t::code_key.eq(persian::code_key(&agency.code)), t::name.eq(&agency.code));
            let keys = (
                t::name_sort.eq(persian::sort_key(&agency.code)),
                t::search_key.eq(search::key(&[Some(&agency.code)])),
                t::kind.eq("other"),
            );
            let rest = (t::active.eq(agency.active), t::version.eq(1), t::created_at.eq(now), t::updated_at.eq(now));
            diesel::insert_into(t::table).values((t::province_id.eq(province), t::id.eq(agency.id), names, keys, rest)).execute(conn)?;
        }
        self.insert_places(conn, province, world, author, now)?;
        self.insert_work(conn, province, now)?;
        self.insert_history(conn, province, world)
    }

    fn insert_places(&self, conn: &mut Conn, province: i32, world: &World, author: Id, now: Timestamp) -> Result<(), ApiError> {
        for place in &self.places {
            use neighborhoods as t;
            let names = (t::code.eq(&place.code), t::code_key.eq(persian::code_key(&place.code)), t::name.eq(&place.name));
            let keys = (t::name_sort.eq(persian::sort_key(&place.name)), t::search_key.eq(search::key(&[Some(&place.code)])));
            let rest = (t::city.eq("قم"), t::city_key.eq("قم"), t::population_order.eq(-1_i64), t::designation.eq(place.designation));
            let times = (t::closed_on.eq(place.closed_on), t::version.eq(1), t::created_at.eq(now), t::updated_at.eq(now));
            diesel::insert_into(t::table)
                .values((t::province_id.eq(province), t::id.eq(place.id), names, keys, rest, times))
                .execute(conn)?;
            if let Some(ended) = place.ended {
                use mandates as m;
                let who = (m::province_id.eq(province), m::id.eq(world.id()), m::user_id.eq(author), m::neighborhood_id.eq(place.id));
                let when = (m::order_no.eq("1"), m::valid_from.eq(day("2026-01-01")), m::valid_to.eq(ended));
                let rest = (m::version.eq(1), m::created_at.eq(now), m::updated_at.eq(now));
                diesel::insert_into(m::table).values((who, when, rest)).execute(conn)?;
            }
        }
        Ok(())
    }

    fn insert_work(&self, conn: &mut Conn, province: i32, now: Timestamp) -> Result<(), ApiError> {
        for (n, work) in self.initiatives.iter().enumerate() {
            use initiatives as t;
            let names = (
                t::code.eq(&work.code),
                t::code_key.eq(persian::code_key(&work.code)),
                t::title.eq(&work.code),
                t::title_sort.eq(persian::sort_key(&work.code)),
            );
            let place = (t::neighborhood_id.eq(work.place), t::domain.eq(&work.domain), t::search_key.eq(search::key(&[Some(&work.code)])));
            let state =
                (t::status.eq(work.status), t::status_since.eq(work.made), t::lead_agency_id.eq(work.lead), t::weight.eq(work.weight));
            let dates = (t::starts_on.eq(work.starts), t::due_on.eq(work.due), t::due_order.eq(work.due.unwrap_or(day("2199-12-31"))));
            let money = (
                t::budget_planned_rial.eq(work.money[0]),
                t::budget_spent_rial.eq(work.money[1]),
                t::beneficiaries_planned.eq(work.money[2]),
                t::beneficiaries_reached.eq(work.money[3]),
            );
            let rest = (t::version.eq(1), t::created_at.eq(work.made), t::updated_at.eq(now));
            let own = (t::province_id.eq(province), t::id.eq(work.id));
            diesel::insert_into(t::table).values((own, names, place, state, dates, money, rest)).execute(conn)?;
            for agency in self.agencies.iter().filter(|agency| self.takes_part(agency.id, n)) {
                use initiative_agencies as p;
                let row = (p::province_id.eq(province), p::initiative_id.eq(work.id), p::agency_id.eq(agency.id));
                diesel::insert_into(p::table).values(row).execute(conn)?;
            }
        }
        for task in &self.tasks {
            use responsibilities as t;
            let work = &self.initiatives[task.of];
            let open = live_status(work.status) && counts(task.status) && task.status != "verified";
            let names = (
                t::code.eq(&task.code),
                t::code_key.eq(persian::code_key(&task.code)),
                t::title.eq(&task.code),
                t::search_key.eq(search::key(&[Some(&task.code)])),
            );
            let copied = (
                t::initiative_id.eq(work.id),
                t::neighborhood_id.eq(work.place),
                t::initiative_status.eq(work.status),
                t::initiative_weight.eq(work.weight),
                t::initiative_domain.eq(&work.domain),
            );
            let own = (
                t::agency_id.eq(task.agency),
                t::part.eq("support"),
                t::weight.eq(task.weight),
                t::due_on.eq(task.due),
                t::baseline_due_on.eq(task.baseline),
            );
            let state = (t::status.eq(task.status), t::status_since.eq(task.since), t::open.eq(open), t::reported_done_on.eq(task.done));
            let more = (t::verified_on.eq(task.verified_on), t::declined_by.eq(task.declined_by));
            let rest = (t::version.eq(1), t::created_at.eq(now), t::updated_at.eq(now));
            diesel::insert_into(t::table)
                .values(((t::province_id.eq(province), t::id.eq(task.id)), names, copied, own, state, more, rest))
                .execute(conn)?;
        }
        Ok(())
    }

    fn insert_history(&self, conn: &mut Conn, province: i32, world: &World) -> Result<(), ApiError> {
        for deferral in &self.deferrals {
            use deferrals as t;
            let task = &self.tasks[deferral.task];
            let work = &self.initiatives[task.of];
            let of = (
                t::responsibility_id.eq(task.id),
                t::initiative_id.eq(work.id),
                t::neighborhood_id.eq(work.place),
                t::agency_id.eq(task.agency),
            );
            let wish = (t::requested_due_on.eq(task.due + Duration::days(9)), t::reason.eq("دلیل"), t::status.eq(deferral.status));
            let rest = (t::version.eq(1), t::created_at.eq(deferral.at), t::updated_at.eq(deferral.at));
            diesel::insert_into(t::table).values(((t::province_id.eq(province), t::id.eq(world.id())), of, wish, rest)).execute(conn)?;
        }
        let back = r#"[{"after":"returned","before":"reported","field":"status"}]"#;
        let note =
            r#"[{"after":"returned","before":null,"field":"report_note"},{"after":"reported","before":"accepted","field":"status"}]"#;
        for (n, (task, at)) in self.returns.iter().enumerate() {
            use events as t;
            // A note that only looks like it is no return.
            for changes in [back, note].into_iter().take(1 + usize::from(n % 3 == 0)) {
                let own = (t::province_id.eq(province), t::id.eq(world.id()), t::at.eq(*at), t::action.eq("transitioned"));
                let of = (
                    t::resource_type.eq("responsibility"),
                    t::resource_id.eq(self.tasks[*task].id),
                    t::changes.eq(changes),
                    t::register.eq(true),
                );
                diesel::insert_into(t::table).values((own, of)).execute(conn)?;
            }
        }
        Ok(())
    }
}
use diesel::QueryDsl;
