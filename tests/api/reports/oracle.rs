//! Every figure once more, slowly: plain loops over the rows in memory, fractions over one denominator.

mod figures;
mod rows;

use chrono::NaiveDate;
use mahalleh::db::Id;

use super::generated::{Agency, Initiative, Place, Programme, TODAY, Task, counts, day, live_status};

/// Who asks.
#[derive(Debug, Clone)]
pub enum Who {
    Province,
    Viewer,
    Agency(Id),
    Manager(Vec<Id>),
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub place: Option<Id>,
    pub agency: Option<Id>,
    pub domain: Option<String>,
    pub designation: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub as_of: Option<NaiveDate>,
    pub jalali: bool,
}

impl Wish {
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: Option<String>| parts.extend(value.map(|value| format!("{name}={value}")));
        add("neighborhood_id", self.place.map(|id| id.to_string()));
        add("agency_id", self.agency.map(|id| id.to_string()));
        add("domain", self.domain.clone());
        add("designation", self.designation.clone());
        add("from", self.from.map(|day| day.to_string()));
        add("to", self.to.map(|day| day.to_string()));
        add("as_of", self.as_of.map(|day| day.to_string()));
        add("calendar", self.jalali.then(|| "jalali".to_owned()));
        parts.join("&")
    }
}

/// The rows that somebody sees of what he asks for.
pub struct Seen<'a> {
    pub all: &'a Programme,
    pub who: &'a Who,
    pub wish: &'a Wish,
    pub as_of: NaiveDate,
    pub initiatives: Vec<usize>,
    pub tasks: Vec<usize>,
    pub deferrals: Vec<usize>,
}

impl<'a> Seen<'a> {
    pub fn new(all: &'a Programme, who: &'a Who, wish: &'a Wish) -> Self {
        let mut seen =
            Self { all, who, wish, as_of: wish.as_of.unwrap_or(day(TODAY)), initiatives: vec![], tasks: vec![], deferrals: vec![] };
        seen.initiatives = (0..all.initiatives.len()).filter(|n| seen.sees_initiative(*n) && seen.wants_initiative(*n)).collect();
        seen.tasks = (0..all.tasks.len()).filter(|n| seen.sees_task(*n) && seen.wants_task(*n)).collect();
        seen.deferrals = (0..all.deferrals.len())
            .filter(|n| {
                let task = &all.tasks[all.deferrals[*n].task];
                let sees = match who {
                    Who::Province | Who::Viewer => true,
                    Who::Agency(own) => task.agency == *own,
                    Who::Manager(places) => places.contains(&all.initiatives[task.of].place),
                };
                sees && seen.wants_task(all.deferrals[*n].task)
            })
            .collect();
        seen
    }

    fn sees_initiative(&self, n: usize) -> bool {
        let work = &self.all.initiatives[n];
        match self.who {
            Who::Province => true,
            Who::Viewer => work.status != "draft",
            Who::Agency(own) => work.status != "draft" && self.all.takes_part(*own, n),
            Who::Manager(places) => work.status != "draft" || places.contains(&work.place),
        }
    }

    fn sees_task(&self, n: usize) -> bool {
        let task = &self.all.tasks[n];
        match self.who {
            Who::Agency(own) => {
                let draft = self.all.initiatives[task.of].status == "draft";
                let declined = task.status == "declined" && task.declined_by == Some(*own);
                !draft && (task.agency == *own || declined || self.all.takes_part(*own, task.of))
            }
            _ => self.sees_initiative(task.of),
        }
    }

    fn wants_place(&self, place: Id) -> bool {
        let designation = self.all.places.iter().find(|row| row.id == place).expect("a place").designation;
        self.wish.place.is_none_or(|wanted| wanted == place) && self.wish.designation.as_ref().is_none_or(|wanted| wanted == designation)
    }

    fn wants_domain(&self, domain: &str) -> bool {
        self.wish.domain.as_ref().is_none_or(|wanted| wanted == domain)
    }

    fn wants_initiative(&self, n: usize) -> bool {
        let work = &self.all.initiatives[n];
        self.wants_place(work.place)
            && self.wants_domain(&work.domain)
            && self.wish.agency.is_none_or(|agency| self.all.takes_part(agency, n))
    }

    fn wants_task(&self, n: usize) -> bool {
        let task = &self.all.tasks[n];
        let work = &self.all.initiatives[task.of];
        self.wants_place(work.place) && self.wants_domain(&work.domain) && self.wish.agency.is_none_or(|agency| agency == task.agency)
    }

    fn task(&self, n: usize) -> (&Task, &Initiative) {
        (&self.all.tasks[n], &self.all.initiatives[self.all.tasks[n].of])
    }

    fn live(&self, n: usize) -> bool {
        let (task, work) = self.task(n);
        counts(task.status) && live_status(work.status)
    }

    fn late(&self, n: usize) -> bool {
        self.live(n) && self.task(n).0.status != "verified" && self.task(n).0.due < self.as_of
    }

    fn days_late(&self, n: usize) -> i64 {
        (self.as_of - self.task(n).0.due).num_days()
    }

    fn of_place(&self, place: Id) -> Vec<usize> {
        self.initiatives.iter().copied().filter(|n| self.all.initiatives[*n].place == place).collect()
    }

    fn of_domain(&self, domain: &str) -> Vec<usize> {
        self.initiatives.iter().copied().filter(|n| self.all.initiatives[*n].domain == domain).collect()
    }

    fn open(place: &Place) -> bool {
        place.closed_on.is_none_or(|closed| closed > day(TODAY))
    }

    fn places(&self) -> Vec<&Place> {
        self.all.places.iter().filter(|place| self.wants_place(place.id)).collect()
    }

    fn domains(&self) -> Vec<&super::generated::Domain> {
        self.all.domains.iter().filter(|domain| self.wants_domain(&domain.code)).collect()
    }

    fn agencies(&self) -> Vec<&Agency> {
        self.all.agencies.iter().filter(|agency| self.wish.agency.is_none_or(|wanted| wanted == agency.id)).collect()
    }
}
