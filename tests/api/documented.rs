//! The document does not lie: what it says of refusals really happens, and what happens is in it.
//!
//! Every operation is driven into every refusal that any request can meet; each answer must be documented, of its schema, and
//! have its headers. Every parameter that it names is one that the server knows. `authz.rs` does the same with each operation's
//! success and with 403; conflicts, 304, 412, 500 and 503 have tests of their own.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jsonschema::Validator;
use mahalleh::policy::Kind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Request, TestApp, on_both};

/// The statuses that this test brings about, wherever they are documented.
const DRIVEN: [u16; 9] = [400, 401, 404, 406, 413, 415, 422, 428, 429];
const NOTHING: &str = "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80";

/// The document, with a validator for each of its answers.
pub struct Contract {
    document: Value,
    validators: BTreeMap<String, Validator>,
}

impl Contract {
    pub fn read() -> Self {
        let document = serde_json::from_str(mahalleh::openapi::document().text).expect("JSON");
        Self { document, validators: BTreeMap::new() }
    }

    /// What a reference leads to, or the value itself.
    pub fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(address) => self.document.pointer(address.trim_start_matches('#')).expect("what it refers to"),
            None => value,
        }
    }

    /// Every operation: id, method, path and itself.
    pub fn operations(&self) -> Vec<(String, Method, String, Value)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let all = paths.iter().flat_map(|(path, item)| item.as_object().expect("methods").iter().map(move |one| (path, one)));
        all.map(|(path, (method, operation))| {
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            (id, Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"), path.clone(), operation.clone())
        })
        .collect()
    }

    /// What is wrong with an answer, by the document; nothing where it is as documented.
    pub fn faults(&mut self, operation: &Value, answer: &Answer) -> Option<String> {
        let named = operation["responses"].get(answer.status.to_string());
        let Some(documented) = named.map(|named| self.followed(named).clone()) else {
            return Some(format!("{} is not documented", answer.status));
        };
        let headers = documented["headers"].as_object().cloned().unwrap_or_default();
        for (name, header) in &headers {
            let header = self.followed(header).clone();
            match answer.header(name) {
                None if header["required"] == true => return Some(format!("no {name}")),
                Some(value) if !self.fits(&header["schema"], value) => return Some(format!("{name}: {value}")),
                _ => {}
            }
        }
        for name in ["etag", "link", "location", "retry-after", "www-authenticate", "ratelimit", "idempotent-replayed", "content-language"]
        {
            if answer.header(name).is_some() && !headers.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                return Some(format!("{name} is not documented"));
            }
        }
        let media = answer.header("content-type").map(|value| value.split(';').next().unwrap_or_default().to_owned());
        let content = documented["content"].as_object().cloned().unwrap_or_default();
        match (media, content.is_empty()) {
            (None, true) => None,
            (Some(media), false) if media.ends_with("json") && !content.contains_key("application/*") => {
                let Some(entry) = content.get(&media) else { return Some(format!("{media} is not documented")) };
                self.breaks(&entry["schema"], &answer.json).map(|fault| format!("{fault}: {}", answer.text()))
            }
            (Some(media), false) if content.keys().any(|known| is_of(&media, known)) => None,
            (media, _) => Some(format!("{media:?} where {:?} is documented", content.keys().collect::<Vec<_>>())),
        }
    }

    fn breaks(&mut self, schema: &Value, value: &Value) -> Option<String> {
        let key = schema.to_string();
        if !self.validators.contains_key(&key) {
            self.validators.insert(key.clone(), validator(&self.document, schema));
        }
        self.validators[&key].iter_errors(value).next().map(|fault| format!("{}: {fault}", fault.instance_path()))
    }

    fn fits(&mut self, schema: &Value, value: &str) -> bool {
        let value = if schema["type"] == "integer" { value.parse::<i64>().map(Value::from).unwrap_or_default() } else { value.into() };
        self.breaks(schema, &value).is_none()
    }
}

/// A validator of a schema of the document, with the components that it refers to, directly and through others: with all of them
/// each takes long to build.
pub fn validator(document: &Value, schema: &Value) -> Validator {
    let mut components = json!({});
    let (mut known, mut unread) = (BTreeSet::new(), vec![schema]);
    while let Some(value) = unread.pop() {
        match value {
            Value::Object(fields) => unread.extend(fields.values()),
            Value::Array(items) => unread.extend(items),
            Value::String(text) => {
                let Some(name) = text.strip_prefix("#/components/schemas/").filter(|name| known.insert(*name)) else { continue };
                let named = &document["components"]["schemas"][name];
                components["schemas"][name] = named.clone();
                unread.push(named);
            }
            _ => {}
        }
    }
    let whole = json!({"allOf": [schema], "components": components});
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

/// Whether a media type is this one, or of this range.
fn is_of(media: &str, known: &str) -> bool {
    known == media || known.strip_suffix('*').is_some_and(|range| media.starts_with(range))
}

/// The refusals that the document promises for an operation, among those that this test brings about.
fn promised(operation: &Value) -> BTreeSet<u16> {
    let all = operation["responses"].as_object().expect("answers").keys().filter_map(|status| status.parse().ok());
    all.filter(|status| DRIVEN.contains(status)).collect()
}

/// The address, with the parameters that the operation requires.
fn at(path: &str, operation: &Value) -> String {
    let place = path.replace("{id}", NOTHING).replace("{code}", "stale_version");
    let required = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query" && one["required"] == true);
    let pairs: Vec<String> =
        required.map(|one| format!("{}={}", one["name"].as_str().expect("a name"), one["example"].as_str().expect("an example"))).collect();
    if pairs.is_empty() { place } else { format!("{place}?{}", pairs.join("&")) }
}

/// A request that is refused with this status; `None` where another request brings it about.
fn driven(office: &Client, app: &TestApp, status: u16, id: &str, method: &Method, path: &str, operation: &Value) -> Option<Request> {
    let has_body = operation.get("requestBody").is_some();
    let request = |who: &Client, path: &str| {
        let request = who.at(method.clone(), path);
        if matches!(*method, Method::PATCH | Method::DELETE) { request.header("if-match", "\"1\"") } else { request }
    };
    let sound = at(path, operation);
    let joint = if sound.contains('?') { '&' } else { '?' };
    let example = || operation["requestBody"]["content"]["application/json"]["example"].clone();
    Some(match status {
        400 if id == "issueToken" => app.anonymous().at(Method::POST, path).body("application/x-www-form-urlencoded", "x=1"),
        400 if id == "createImport" => request(office, path).body("text/csv", "code\n"),
        400 if has_body => request(office, &sound).body("application/json", "{"),
        // A file is refused by its size and its key in tests/api/imports.
        413 | 422 if id == "createImport" => return None,
        400 => request(office, &format!("{sound}{joint}no_such_parameter=1")),
        401 if id == "issueToken" => {
            app.anonymous().at(Method::POST, path).body("application/x-www-form-urlencoded", "grant_type=client_credentials")
        }
        401 if operation["security"] == json!([{}]) => {
            request(&app.anonymous(), &sound).header("authorization", "Basic eDp5").json(example())
        }
        401 => request(&app.anonymous(), &sound),
        404 if id == "getProblem" => request(office, "/problems/nothing"),
        404 if has_body => request(office, &sound).json(example()),
        404 => request(office, &sound),
        406 => request(office, &sound).header("accept", "image/png"),
        413 => {
            let media = operation["requestBody"]["content"].as_object().and_then(|all| all.keys().next()).expect("a media type");
            request(office, &sound).body(media, "x".repeat(2 << 20))
        }
        // Below, since 404 comes first.
        422 if id == "cancelImport" => return None,
        415 => request(office, &sound).body("text/plain", "x"),
        422 => request(office, &sound).json(json!({"no_such_field": 1})),
        428 => {
            let bare = office.at(method.clone(), &sound);
            if has_body { bare.json(json!({})) } else { bare }
        }
        _ => return None,
    })
}

on_both! {
    async fn every_refusal_that_is_documented_happens_as_documented(app: TestApp) {
        let (office, agency, mut contract) = (app.province().await, app.agency("education").await, Contract::read());
        let mut wrong = Vec::new();
        for (id, method, path, operation) in contract.operations() {
            // The one thing that agencies may do and the province may not.
            let office = if id == "createDeferral" { &agency } else { &office };
            for status in promised(&operation) {
                let Some(request) = driven(office, &app, status, &id, &method, &path, &operation) else { continue };
                let answer = request.await;
                if answer.status != status {
                    wrong.push(format!("{id}: {} instead of {status}: {}", answer.status, answer.text()));
                }
                wrong.extend(contract.faults(&operation, &answer).map(|fault| format!("{id} {status}: {fault}")));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    async fn every_parameter_that_is_documented_is_known(app: TestApp) {
        let (office, contract) = (app.province().await, Contract::read());
        let mut wrong = Vec::new();
        for (id, method, path, operation) in contract.operations() {
            let sound = at(&path, &operation);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = contract.followed(parameter);
                if parameter["in"] != "query" || parameter["required"] == true {
                    continue;
                }
                let (name, example) = (parameter["name"].as_str().expect("a name"), parameter["example"].to_string());
                let joint = if sound.contains('?') { '&' } else { '?' };
                let request = office.at(method.clone(), &format!("{sound}{joint}{name}={}", example.trim_matches('"')));
                let answer = match &operation["requestBody"]["content"] {
                    Value::Null => request.await,
                    _ if id == "createImport" => request.body("text/csv", "code\n").await,
                    content => request.json(content["application/json"]["example"].clone()).await,
                };
                if answer.status == 400 && answer.errors().iter().any(|(_, code)| code == "unknown_parameter") {
                    wrong.push(format!("{id} does not know {name}"));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    async fn a_filter_of_certain_words_lists_them(app: TestApp) {
        let (office, contract) = (app.province().await, Contract::read());
        let (mut wrong, mut seen) = (Vec::new(), 0);
        for (id, method, path, operation) in contract.operations() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = contract.followed(parameter);
                let is_closed = !contract.followed(&parameter["schema"])["enum"].is_null();
                if method != Method::GET || parameter["in"] != "query" || is_closed {
                    continue;
                }
                let (name, said) = (parameter["name"].as_str().expect("a name"), parameter["description"].as_str().expect("words"));
                let sound = at(&path, &operation);
                let joint = if sound.contains('?') { '&' } else { '?' };
                let answer = office.at(Method::GET, &format!("{sound}{joint}{name}=no_such_word")).in_english().await;
                let told = answer.json["errors"].as_array().into_iter().flatten().find(|error| error["code"] == "not_one_of");
                let Some((_, words)) = told.and_then(|error| error["message"].as_str()?.split_once(": ")) else { continue };
                seen += 1;
                // A boolean is told apart by its type.
                let missing = words.trim_end_matches('.').split(", ").filter(|word| !matches!(*word, "true" | "false"));
                wrong.extend(missing.filter(|word| !said.contains(&format!("`{word}`"))).map(|word| format!("{id} {name}: {word}")));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert!(seen > 50, "{seen}");
    }

    async fn a_key_of_another_request_is_refused_as_documented_without_a_body_too(app: TestApp) {
        let (office, mut contract) = (app.province().await, Contract::read());
        let cancel = contract.operations().into_iter().find(|(id, ..)| id == "cancelImport").expect("the operation").3;
        let taken = office.request(Method::POST, "/imports?dataset=agencies").body("text/csv", "code\n").key("used").await.is(202);
        let answer = office.request(Method::POST, &format!("/imports/{}/cancel", taken.id())).key("used").await;
        let answer = answer.refused(422, "idempotency_key_reused");
        assert_eq!(contract.faults(&cancel, &answer), None);
    }

    async fn every_format_of_a_file_is_of_a_documented_type(app: TestApp) {
        let (office, mut contract) = (app.province().await, Contract::read());
        let (mut wrong, mut seen) = (Vec::new(), 0);
        for (id, method, path, operation) in contract.operations() {
            let all = operation["parameters"].as_array().cloned().unwrap_or_default();
            let Some(format) = all.iter().find(|one| one["name"] == "format" && method == Method::GET) else { continue };
            let place = at(&path, &operation);
            let joint = if place.contains('?') { '&' } else { '?' };
            for word in format["schema"]["enum"].as_array().expect("formats").iter().filter_map(Value::as_str) {
                let answer = office.at(method.clone(), &format!("{place}{joint}format={word}")).await.is(200);
                wrong.extend(contract.faults(&operation, &answer).map(|fault| format!("{id} {word}: {fault}")));
                seen += 1;
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert!(seen > 40, "{seen}");
    }

    async fn a_parameter_without_a_name_is_told_as_documented(app: TestApp) {
        let (office, mut contract) = (app.province().await, Contract::read());
        let listed = contract.operations().into_iter().find(|(id, ..)| id == "listDomains").expect("the operation").3;
        for query in ["=", "=null", "%0A=1", "%C2%85=x&%C2%86=y"] {
            let answer = office.get(&format!("/domains?{query}")).await.refused(400, "invalid_parameter");
            assert_eq!(contract.faults(&listed, &answer), None, "{query}");
            assert_eq!(answer.json["errors"][0]["parameter"], "\"\"", "{query}");
        }
    }

    async fn every_operation_refuses_who_asks_too_often(app: TestApp) {
        let (server, mut contract) = (app.another_server(&["--rate-limit", "1"]).await, Contract::read());
        let office = app.province().await.at_server(&server);
        let mut wrong = Vec::new();
        for (id, method, path, operation) in contract.operations() {
            // Beside the API a hundred a second are let through; time stands still here.
            let many = if path.starts_with("/api/") { 2 } else { 101 };
            let answers = join_all((0..many).map(|_| std::future::IntoFuture::into_future(office.at(method.clone(), &at(&path, &operation))))).await;
            match answers.iter().find(|answer| answer.status == 429) {
                Some(answer) => wrong.extend(contract.faults(&operation, answer).map(|fault| format!("{id}: {fault}"))),
                None => wrong.push(format!("{id} is not limited")),
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}

#[test]
fn the_filter_of_events_lists_every_kind_of_thing() {
    let contract = Contract::read();
    let feed = contract.operations().into_iter().find(|(id, ..)| id == "listEvents").expect("the operation").3;
    let parameters = feed["parameters"].as_array().expect("parameters");
    let said = parameters.iter().find(|one| one["name"] == "resource_type").expect("the filter")["description"].to_string();
    for kind in Kind::WORDS.iter().chain(&["province", "signing_key"]) {
        assert!(said.contains(&format!("`{kind}`")), "{kind}: {said}");
    }
}
