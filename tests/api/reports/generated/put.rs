//! Puts a programme into the database as it is.

use chrono::Duration;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
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

use super::{Programme, counts, day, live_status};
use crate::support::TestApp;

impl Programme {
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
            diesel::insert_into(t::table).values((t::province_id.eq(province), t::id.eq(world.new_id()), names, rest)).execute(conn)?;
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
                let who = (m::province_id.eq(province), m::id.eq(world.new_id()), m::user_id.eq(author), m::neighborhood_id.eq(place.id));
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
            diesel::insert_into(t::table)
                .values(((t::province_id.eq(province), t::id.eq(world.new_id())), of, wish, rest))
                .execute(conn)?;
        }
        let back = r#"[{"after":"returned","before":"reported","field":"status"}]"#;
        let note =
            r#"[{"after":"returned","before":null,"field":"report_note"},{"after":"reported","before":"accepted","field":"status"}]"#;
        for (n, (task, at)) in self.returns.iter().enumerate() {
            use events as t;
            // A note that only looks like it is no return.
            for changes in [back, note].into_iter().take(1 + usize::from(n % 3 == 0)) {
                let own = (t::province_id.eq(province), t::id.eq(world.new_id()), t::at.eq(*at), t::action.eq("transitioned"));
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
