//! Every operation of the document by everybody, with the status that DESIGN §2, "Rights", expects.
//!
//! An operation without a row fails. Each request lacks nothing but the right, unless its row says otherwise.

mod trial;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use crate::{
    documented::Contract,
    support::{Answer, Client, Programme, id_of, on_both},
};
use trial::{Trial, trial};

/// Operation, what it is tried on, and the status for: nobody, the province, the lead agency, an agency without a
/// part, the manager of the place, another manager, a viewer.
#[rustfmt::skip]
const TABLE: &[(&str, &str, [u16; 7])] = &[
    //                                                    nobody  prov. lead  none  mngr  other viewer
    ("login",                    "an empty body",           [422, 422, 422, 422, 422, 422, 422]),
    ("refreshTokens",            "an empty body",           [422, 422, 422, 422, 422, 422, 422]),
    ("logout",                   "an empty body",           [422, 422, 422, 422, 422, 422, 422]),
    ("getMe",                    "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("changePassword",           "an empty body",           [401, 422, 422, 422, 422, 422, 422]),
    ("getJwks",                  "",                        [200, 200, 200, 200, 200, 200, 200]),
    ("issueToken",               "an empty body",           [400, 400, 400, 400, 400, 400, 400]),
    ("getAuthorizationServer",   "",                        [200, 200, 200, 200, 200, 200, 200]),
    ("getLiveness",              "",                        [200, 200, 200, 200, 200, 200, 200]),
    ("getProblems",              "",                        [200, 200, 200, 200, 200, 200, 200]),
    ("getProblem",               "a code",                  [200, 200, 200, 200, 200, 200, 200]),
    ("getReadiness",             "",                        [200, 200, 200, 200, 200, 200, 200]),

    ("listClients",              "",                        [401, 200, 403, 403, 403, 403, 403]),
    ("createClient",             "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getClient",                "",                        [401, 200, 403, 403, 403, 403, 403]),
    ("updateClient",             "",                        [401, 200, 403, 403, 403, 403, 403]),
    ("deleteClient",             "",                        [401, 204, 403, 403, 403, 403, 403]),
    ("issueClientSecret",        "",                        [401, 201, 403, 403, 403, 403, 403]),

    ("listDomains",              "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportDomains",            "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createDomain",             "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getDomain",                "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("updateDomain",             "",                        [401, 200, 403, 403, 403, 403, 403]),
    ("deleteDomain",             "",                        [401, 204, 403, 403, 403, 403, 403]),

    ("listAgencies",             "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportAgencies",           "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createAgency",             "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getAgency",                "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("updateAgency",             "the lead itself",         [401, 200, 403, 403, 403, 403, 403]),
    ("deleteAgency",             "",                        [401, 204, 403, 403, 403, 403, 403]),

    ("listNeighborhoods",        "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportNeighborhoods",      "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createNeighborhood",       "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getNeighborhood",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("updateNeighborhood",       "its profile",             [401, 200, 403, 403, 200, 403, 403]),
    ("updateNeighborhood",       "its name",                [401, 200, 403, 403, 403, 403, 403]),
    ("deleteNeighborhood",       "",                        [401, 204, 403, 403, 403, 403, 403]),

    ("listUsers",                "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportUsers",              "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createUser",               "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getUser",                  "the manager",             [401, 200, 404, 404, 200, 404, 404]),
    ("getUser",                  "the lead's user",         [401, 200, 200, 404, 404, 404, 404]),
    ("updateUser",               "the manager",             [401, 200, 403, 403, 403, 403, 403]),
    ("deleteUser",               "",                        [401, 204, 403, 403, 403, 403, 403]),

    ("listMandates",             "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportMandates",           "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createMandate",            "",                        [401, 201, 403, 403, 403, 403, 403]),
    ("getMandate",               "of the manager",          [401, 200, 404, 404, 200, 404, 404]),
    ("updateMandate",            "of the manager",          [401, 200, 403, 403, 403, 403, 403]),
    ("deleteMandate",            "that has not begun",      [401, 204, 403, 403, 403, 403, 403]),

    ("listInitiatives",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportInitiatives",        "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createInitiative",         "",                        [401, 201, 403, 403, 201, 403, 403]),
    ("getInitiative",            "a draft",                 [401, 200, 404, 404, 200, 404, 404]),
    ("getInitiative",            "in progress",             [401, 200, 200, 404, 200, 200, 200]),
    ("updateInitiative",         "a draft",                 [401, 200, 404, 404, 200, 404, 403]),
    ("updateInitiative",         "the title, in progress",  [401, 200, 403, 404, 403, 403, 403]),
    ("updateInitiative",         "what was spent",          [401, 200, 200, 404, 403, 403, 403]),
    ("deleteInitiative",         "an empty draft",          [401, 204, 403, 403, 204, 404, 403]),
    ("transitionInitiative",     "propose",                 [401, 200, 404, 404, 200, 404, 403]),
    ("transitionInitiative",     "back to draft",           [401, 200, 403, 404, 403, 403, 403]),
    ("transitionInitiative",     "approve",                 [401, 200, 403, 404, 403, 403, 403]),
    ("transitionInitiative",     "begin",                   [401, 200, 200, 404, 403, 403, 403]),
    ("transitionInitiative",     "block",                   [401, 200, 200, 404, 403, 403, 403]),
    ("transitionInitiative",     "complete",                [401, 200, 200, 404, 403, 403, 403]),
    ("transitionInitiative",     "cancel",                  [401, 200, 403, 404, 403, 403, 403]),

    ("listResponsibilities",     "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportResponsibilities",   "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createResponsibility",     "in a draft",              [401, 201, 403, 403, 201, 422, 403]),
    ("createResponsibility",     "in progress",             [401, 201, 403, 403, 403, 403, 403]),
    ("getResponsibility",        "in a draft",              [401, 200, 404, 404, 200, 404, 404]),
    ("getResponsibility",        "in progress",             [401, 200, 200, 404, 200, 200, 200]),
    ("updateResponsibility",     "in a draft",              [401, 200, 403, 403, 200, 404, 403]),
    ("updateResponsibility",     "in progress",             [401, 200, 403, 403, 403, 403, 403]),
    ("deleteResponsibility",     "in a draft",              [401, 204, 403, 403, 204, 404, 403]),
    ("transitionResponsibility", "accept",                  [401, 200, 200, 404, 403, 403, 403]),
    ("transitionResponsibility", "decline",                 [401, 403, 200, 404, 403, 403, 403]),
    ("transitionResponsibility", "report",                  [401, 403, 200, 404, 403, 403, 403]),
    ("transitionResponsibility", "verify",                  [401, 200, 403, 404, 200, 403, 403]),
    ("transitionResponsibility", "return",                  [401, 200, 403, 404, 200, 403, 403]),
    ("transitionResponsibility", "withdraw",                [401, 200, 403, 404, 403, 403, 403]),

    ("listDeferrals",            "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportDeferrals",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("createDeferral",           "",                        [401, 403, 201, 422, 403, 403, 403]),
    ("getDeferral",              "",                        [401, 200, 200, 404, 200, 404, 200]),
    ("transitionDeferral",       "",                        [401, 200, 403, 403, 403, 403, 403]),

    ("listImports",              "",                        [401, 200, 403, 403, 200, 200, 403]),
    ("createImport",             "agencies",                [401, 202, 403, 403, 403, 403, 403]),
    ("createImport",             "initiatives",             [401, 202, 403, 403, 202, 202, 403]),
    ("getImport",                "of the province",         [401, 200, 403, 403, 404, 404, 403]),
    ("getImport",                "of the manager",          [401, 200, 403, 403, 200, 404, 403]),
    ("listImportRows",           "of the manager",          [401, 200, 403, 403, 200, 404, 403]),
    ("cancelImport",             "of the manager",          [401, 200, 403, 403, 200, 404, 403]),
    ("getImportTemplate",        "",                        [401, 200, 403, 403, 200, 200, 403]),

    ("listEvents",               "",                        [401, 200, 200, 200, 200, 200, 403]),
    ("exportEvents",             "",                        [401, 200, 200, 200, 200, 200, 403]),
    ("getEvent",                 "of an initiative",        [401, 200, 200, 404, 200, 200, 403]),

    ("getOverviewReport",         "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportOverviewReport",      "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getNeighborhoodsReport",    "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportNeighborhoodsReport", "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getNeighborhoodsChart",     "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getDomainsReport",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportDomainsReport",       "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getDomainsChart",           "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getAgenciesReport",         "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportAgenciesReport",      "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getAgenciesChart",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getLateReport",             "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportLateReport",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getGapsReport",             "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportGapsReport",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getPaceReport",             "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportPaceReport",          "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getPaceChart",              "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getAgendaReport",           "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportAgendaReport",        "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getTimelineReport",         "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("exportTimelineReport",      "",                        [401, 200, 200, 200, 200, 200, 200]),
    ("getTimelineChart",          "",                        [401, 200, 200, 200, 200, 200, 200]),
];

/// The operations of the document: id, method and path.
fn operations() -> BTreeMap<String, (Method, String)> {
    let document: Value = serde_json::from_str(mahalleh::openapi::document().text).expect("JSON");
    let mut found = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            assert!(found.insert(id.to_owned(), (method, path.clone())).is_none(), "{id} stands twice");
        }
    }
    found
}

#[test]
fn every_operation_has_a_row() {
    let operations = operations();
    assert!(operations.len() > 50, "{}", operations.len());
    for operation in operations.keys() {
        assert!(TABLE.iter().any(|(named, ..)| named == operation), "{operation} has no row in tests/api/authz.rs");
    }
    for (named, ..) in TABLE {
        assert!(operations.contains_key(*named), "{named} is not in the document");
    }
}

async fn tried(p: &Programme<'_>, who: &Client, operation: &(Method, String), trial: &Trial) -> Answer {
    let (method, path) = operation;
    let place = path.replace("{id}", id_of(&trial.thing)).replace("{code}", id_of(&trial.thing));
    let mut request = who.at(method.clone(), &format!("{place}{}", trial.query));
    if let Some(file) = trial.file {
        request = request.body("text/csv", file);
    }
    if let Some(body) = &trial.body {
        request = request.json(body.clone());
    }
    if matches!(method.as_str(), "PATCH" | "DELETE") {
        let version = p.office.get(&trial.thing).await.is(200).version();
        request = request.header("if-match", &format!("\"{version}\""));
    }
    let answer = request.await;
    // The token endpoint refuses as RFC 6749 has it.
    if answer.status >= 400 && !path.starts_with("/api/v1/oauth/") {
        let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
        assert!(reasons(answer.status).contains(&&*code), "{operation:?}: {} {code}", answer.status);
        return answer.clone().refused(answer.status, &code);
    }
    answer
}

/// The codes with which a right is refused, by their status; and a shape, where that comes first.
fn reasons(status: u16) -> &'static [&'static str] {
    match status {
        401 => &["unauthenticated"],
        403 => &["forbidden", "forbidden_field"],
        404 => &["not_found"],
        422 => &["validation_failed"],
        _ => &[],
    }
}

on_both! {
    async fn everybody_tries_everything(app: TestApp) {
        let p = Programme::of(&app).await;
        let nobody = app.anonymous();
        let callers = [("nobody", &nobody), ("province", &p.office), ("lead", &p.lead), ("stranger", &p.stranger), ("manager", &p.manager), ("other manager", &p.other_manager), ("viewer", &p.viewer)];
        let operations = operations();
        let mut contract = Contract::read();
        let documented: BTreeMap<String, Value> = contract.operations().into_iter().map(|(id, _, _, operation)| (id, operation)).collect();
        let (mut wrong, mut n) = (Vec::new(), 0);
        for (operation, what, expected) in TABLE {
            // What is refused changes nothing: the next one tries the same.
            let mut ready = None;
            for ((name, who), expected) in callers.iter().zip(expected) {
                n += 1;
                let trial = match ready.take() {
                    Some(trial) => trial,
                    None => trial(&p, operation, what, n).await,
                };
                let answer = tried(&p, who, &operations[*operation], &trial).await;
                if answer.status >= 400 || operations[*operation].0 == Method::GET {
                    ready = Some(trial);
                }
                if answer.status != *expected {
                    wrong.push(format!("{operation} ({what}) by {name}: {}, not {expected}", answer.status));
                }
                wrong.extend(contract.faults(&documented[*operation], &answer).map(|fault| format!("{operation} ({what}) by {name}: {fault}")));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
