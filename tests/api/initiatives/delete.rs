//! What can be removed.

use serde_json::json;

use crate::support::{Programme, on_both};

on_both! {
    async fn a_draft_without_responsibilities_goes(app: TestApp) {
        let p = Programme::of(&app).await;
        let draft = p.draft(json!({})).await;
        let path = format!("/initiatives/{}", draft.id());
        p.other_manager.delete(&path, 1).await.refused(404, "not_found");
        p.viewer.delete(&path, 1).await.refused(403, "forbidden");
        p.lead.delete(&path, 1).await.refused(403, "forbidden");
        p.manager.request(reqwest::Method::DELETE, &path).await.refused(428, "precondition_required");
        p.manager.delete(&path, 7).await.refused(412, "stale_version");
        p.manager.delete(&path, 1).await.is(204);
        p.office.get(&path).await.refused(404, "not_found");
        p.manager.delete(&path, 1).await.refused(404, "not_found");
    }

    async fn what_others_depend_on_stays(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("draft").await;
        let (version, task) = (p.office.get(&work.initiative).await.version(), &work.helper_task);
        p.manager.delete(&work.initiative, version).await.refused(409, "in_use");
        p.manager.delete(task, 1).await.is(204);
        p.manager.delete(&work.lead_task, 1).await.is(204);
        p.manager.delete(&work.initiative, version).await.is(204);
        // A neighbourhood, an agency and a domain with an initiative stay too.
        p.draft(json!({})).await;
        for path in [format!("/neighborhoods/{}", p.place), format!("/agencies/{}", p.lead_id)] {
            let version = p.office.get(&path).await.is(200).version();
            p.office.delete(&path, version).await.refused(409, "in_use");
        }
        let domains = p.office.get("/domains").await;
        let used = domains.items().iter().find(|domain| domain["code"] == "education").expect("a domain");
        let unused = domains.items().iter().find(|domain| domain["code"] == "culture").expect("a domain");
        p.office.delete(&format!("/domains/{}", used["id"].as_str().expect("an id")), 1).await.refused(409, "in_use");
        p.office.delete(&format!("/domains/{}", unused["id"].as_str().expect("an id")), 1).await.is(204);
    }

    async fn what_was_sent_back_to_draft_has_left_it(app: TestApp) {
        let p = Programme::of(&app).await;
        let work = p.work("proposed").await;
        app.clock.advance(1);
        p.office.moves(&work.initiative, "draft").await.is(200);
        let added = p.task(&work.initiative, json!({})).await;
        for path in [&work.helper_task, &work.lead_task] {
            let version = p.manager.get(path).await.version();
            p.manager.delete(path, version).await.refused(409, "in_use");
            p.office.moves(path, "withdrawn").await.is(200);
        }
        p.manager.delete(&added, 1).await.is(204);
        let childless = p.draft(json!({"lead_agency_id": null})).await;
        p.manager.delete(&format!("/initiatives/{}", childless.id()), 1).await.is(204);
        let version = p.office.get(&work.initiative).await.version();
        p.office.delete(&work.initiative, version).await.refused(409, "in_use");
    }

    async fn what_has_left_draft_stays(app: TestApp) {
        let p = Programme::of(&app).await;
        for status in ["proposed", "approved", "completed", "cancelled"] {
            let work = p.work(status).await;
            for path in [&work.initiative, &work.helper_task] {
                let version = p.office.get(path).await.version();
                p.office.delete(path, version).await.refused(409, "in_use");
                p.manager.delete(path, version).await.refused(403, "forbidden");
            }
        }
    }
}
