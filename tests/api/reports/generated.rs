//! A programme made by dice: rows of every state, date, weight and lack of a value, put into the database as they are.

mod put;

use chrono::{Duration, NaiveDate};
use mahalleh::{
    clock::World,
    db::{Id, Timestamp},
};

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
            let (id, code) = (world.new_id(), format!("p-{seed}-{n}"));
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
            all.agencies.push(Agency { id: world.new_id(), code: format!("a-{seed}-{n}"), active: n != 4 });
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
            id: world.new_id(),
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
            id: world.new_id(),
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
}
