//! A programme at work: everybody who takes part in it, and initiatives driven to where a test begins.

use mahalleh::auth;
use serde_json::{Value, json};

use super::{Answer, Client, TestApp, app::unique, client::Request};

/// Everybody. `lead` leads the initiatives, `helper` has a part in them, `stranger` has none.
pub struct Programme<'a> {
    pub app: &'a TestApp,
    pub office: Client,
    pub manager: Client,
    pub other_manager: Client,
    pub lead: Client,
    pub helper: Client,
    pub stranger: Client,
    pub viewer: Client,
    pub place: String,
    pub other_place: String,
    pub lead_id: String,
    pub helper_id: String,
    pub stranger_id: String,
}

/// An initiative with a responsibility of its lead and one of its helper; each is the path of the thing.
#[derive(Debug, Clone)]
pub struct Work {
    pub initiative: String,
    pub lead_task: String,
    pub helper_task: String,
}

/// The id at the end of a path.
pub fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The first object, with the second's fields set over its own.
pub fn merged(mut base: Value, more: Value) -> Value {
    for (field, value) in more.as_object().cloned().unwrap_or_default() {
        base[field] = value;
    }
    base
}

impl Client {
    /// Moves a thing along its lifecycle.
    pub fn transition(&self, path: &str, body: Value) -> Request {
        self.post(&format!("{path}/transitions"), body)
    }

    /// Moves a thing, with everything in the request that the condition of any move may ask for.
    pub fn moves(&self, path: &str, to: &str) -> Request {
        let mut body = json!({"to": to, "reason": "دلیل", "note": "یادداشت"});
        if to == "reported" {
            body["reported_done_on"] = "2026-11-20".into();
        }
        self.transition(path, body)
    }
}

impl<'a> Programme<'a> {
    /// The cast, in two new neighbourhoods.
    pub async fn of(app: &'a TestApp) -> Self {
        let (place, other_place) = (app.neighborhood().make().await.id(), app.neighborhood().make().await.id());
        Self {
            office: app.province().await,
            manager: app.manager(&[&place]).await,
            other_manager: app.manager(&[&other_place]).await,
            lead: app.agency("education").await,
            helper: app.agency("sport").await,
            stranger: app.agency("health").await,
            viewer: app.viewer().await,
            lead_id: app.agency_of("education").await.to_string(),
            helper_id: app.agency_of("sport").await.to_string(),
            stranger_id: app.agency_of("health").await.to_string(),
            app,
            place,
            other_place,
        }
    }

    /// Everybody with the name that tables of tests use.
    pub fn everybody(&self) -> [(&'static str, &Client); 7] {
        [
            ("province", &self.office),
            ("manager", &self.manager),
            ("other manager", &self.other_manager),
            ("lead", &self.lead),
            ("helper", &self.helper),
            ("stranger", &self.stranger),
            ("viewer", &self.viewer),
        ]
    }

    /// Lets days pass; everybody logs in anew, since tokens last for minutes.
    pub async fn wait_days(&mut self, days: i64) {
        self.app.clock.advance(days * 24 * 3600);
        let app = self.app;
        let clients = [
            &mut self.office,
            &mut self.manager,
            &mut self.other_manager,
            &mut self.lead,
            &mut self.helper,
            &mut self.stranger,
            &mut self.viewer,
        ];
        for client in clients {
            *client = app.again(client).await;
        }
    }

    /// The body of an initiative that lacks nothing.
    pub fn initiative_body(&self, more: Value) -> Value {
        let body = json!({
            "code": unique("i"), "neighborhood_id": self.place, "domain": "education", "title": "کلاس جبرانی",
            "starts_on": "2026-11-01", "due_on": "2027-02-28", "lead_agency_id": self.lead_id,
        });
        merged(body, more)
    }

    /// A draft, made by the manager of the place; the answer.
    pub async fn draft(&self, more: Value) -> Answer {
        self.manager.post("/initiatives", self.initiative_body(more)).await.is(201)
    }

    /// The body of a responsibility of the helper.
    pub fn task_body(&self, initiative: &str, more: Value) -> Value {
        let body = json!({
            "code": unique("r"), "initiative_id": id_of(initiative), "agency_id": self.helper_id, "part": "support",
            "title": "تجهیز کلاس", "due_on": "2026-12-31",
        });
        merged(body, more)
    }

    /// A responsibility, added by the province; its path.
    pub async fn task(&self, initiative: &str, more: Value) -> String {
        let made = self.office.post("/responsibilities", self.task_body(initiative, more)).await.is(201);
        format!("/responsibilities/{}", made.id())
    }

    /// An initiative in this status, both responsibilities accepted as soon as they can be.
    pub async fn work(&self, status: &str) -> Work {
        let work = self.written(json!({})).await;
        let steps = ["proposed", "approved", "in_progress"];
        let last = match status {
            "draft" => return work,
            "cancelled" | "blocked" | "completed" => "in_progress",
            other => other,
        };
        for step in steps {
            let who = match step {
                "proposed" => &self.manager,
                "approved" => &self.office,
                _ => &self.lead,
            };
            who.moves(&work.initiative, step).await.is(200);
            if step == "proposed" {
                self.lead.moves(&work.lead_task, "accepted").await.is(200);
                self.helper.moves(&work.helper_task, "accepted").await.is(200);
            }
            if step == last {
                break;
            }
        }
        match status {
            "blocked" => drop(self.lead.moves(&work.initiative, "blocked").await.is(200)),
            "cancelled" => drop(self.office.moves(&work.initiative, "cancelled").await.is(200)),
            "completed" => {
                self.finish(&work).await;
                self.lead.moves(&work.initiative, "completed").await.is(200);
            }
            _ => {}
        }
        work
    }

    /// A draft with its two responsibilities.
    pub async fn written(&self, more: Value) -> Work {
        let initiative = format!("/initiatives/{}", self.draft(more).await.id());
        let lead_task = self.task(&initiative, json!({"agency_id": self.lead_id, "part": "lead", "weight": 60})).await;
        let helper_task = self.task(&initiative, json!({"weight": 40})).await;
        Work { initiative, lead_task, helper_task }
    }

    /// Reports and verifies both responsibilities.
    pub async fn finish(&self, work: &Work) {
        for (who, task) in [(&self.lead, &work.lead_task), (&self.helper, &work.helper_task)] {
            who.moves(task, "reported").await.is(200);
            self.manager.moves(task, "verified").await.is(200);
        }
    }

    /// A further responsibility of the helper in an initiative that is in progress, driven to this status.
    pub async fn task_in(&self, initiative: &str, status: &str) -> String {
        let task = self.task(initiative, json!({})).await;
        let steps: &[(&Client, &str)] = match status {
            "proposed" => &[],
            "accepted" => &[(&self.helper, "accepted")],
            "declined" => &[(&self.helper, "declined")],
            "withdrawn" => &[(&self.office, "withdrawn")],
            "reported" => &[(&self.helper, "accepted"), (&self.helper, "reported")],
            "returned" => &[(&self.helper, "accepted"), (&self.helper, "reported"), (&self.manager, "returned")],
            "verified" => &[(&self.helper, "accepted"), (&self.helper, "reported"), (&self.manager, "verified")],
            other => panic!("no responsibility is ever {other}"),
        };
        for (who, to) in steps {
            who.moves(&task, to).await.is(200);
        }
        task
    }

    /// A deferral that the helper asks for.
    pub async fn asked(&self, task: &str, until: &str) -> String {
        let body = json!({"responsibility_id": id_of(task), "requested_due_on": until, "reason": "دیرکرد در تحویل"});
        format!("/deferrals/{}", self.helper.post("/deferrals", body).await.is(201).id())
    }

    /// A PATCH of the version that the province sees.
    pub async fn patch(&self, who: &Client, path: &str, body: Value) -> Answer {
        let version = self.office.get(path).await.is(200).version();
        who.patch(path, body, version).await
    }

    /// A thing as the province sees it.
    pub async fn seen(&self, path: &str) -> Value {
        self.office.get(path).await.is(200).json
    }
}

impl TestApp {
    /// The same user with a new session and token.
    pub async fn again(&self, client: &Client) -> Client {
        let (province, world, id) = (self.province_id, self.app.world.clone(), client.user_id.expect("a user"));
        let (user, session) = self
            .write(move |conn| {
                let (session, now) = (world.new_id(), world.now());
                auth::queries::insert_session(conn, province, session, id, now, now.plus_seconds(30 * 24 * 3600))?;
                Ok((auth::queries::find_user(conn, province, id)?, session))
            })
            .await;
        client.with_token(&auth::issue_token(&self.app, &user, session).await.expect("a token"))
    }
}
