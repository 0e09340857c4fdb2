//! An operation, and what follows from its shape.

use serde_json::{Value, json};

use super::{Object, examples, lists, parameters, refusals, responses};
use crate::policy::{self, Action, Kind, Role};

/// What is known of an operation; the rest follows.
#[derive(Debug, Clone)]
pub struct Operation {
    /// As written, with `{id}`.
    pub path: String,
    /// In lower case.
    pub method: String,
    /// `verbNoun`.
    pub id: String,
    /// Whether it needs no token.
    pub public: bool,
    /// Whether it has a body.
    pub takes_body: bool,
    /// The status of its success.
    pub status: String,
    /// Whether it answers JSON.
    pub gives_json: bool,
}

/// Finishes every operation.
pub fn finish_all(paths: &mut Object, schemas: &Object) {
    let all = all(paths);
    for operation in &all {
        let found = paths.get_mut(&operation.path).and_then(|item| item.get_mut(&operation.method)).and_then(Value::as_object_mut);
        if let Some(raw) = found {
            operation.finish(raw, schemas, &all);
        }
    }
}

/// Every operation of a document.
pub fn all(paths: &Object) -> Vec<Operation> {
    let items = paths.iter().filter_map(|(path, item)| Some((path, item.as_object()?)));
    items.flat_map(|(path, item)| item.iter().map(move |(method, raw)| Operation::of(path, method, raw))).collect()
}

impl Operation {
    fn of(path: &str, method: &str, raw: &Value) -> Self {
        let success =
            raw.get("responses").and_then(Value::as_object).and_then(|all| all.iter().find(|(status, _)| status.starts_with('2')));
        let open = raw.get("security").and_then(Value::as_array);
        Self {
            path: path.to_owned(),
            method: method.to_owned(),
            id: raw.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned(),
            public: open.is_some_and(|ways| ways.iter().all(|way| *way == json!({}))),
            takes_body: raw.get("requestBody").is_some(),
            status: success.map_or("200", |(status, _)| status).to_owned(),
            gives_json: success
                .is_some_and(|(_, answer)| answer.get("content").is_some_and(|content| content.get("application/json").is_some())),
        }
    }

    /// The verb of its id.
    pub fn verb(&self) -> &str {
        self.id.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default()
    }

    /// Whether the manners of `/api/v1` hold for it.
    pub fn in_api(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }

    /// Whether it is on one thing, or on a part of it.
    pub fn names_item(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether it gives a page.
    pub fn is_list(&self) -> bool {
        self.in_api() && self.verb() == "list"
    }

    /// Whether it gives a file.
    pub fn is_export(&self) -> bool {
        self.in_api() && self.path.ends_with("/export")
    }

    /// Whether it gives figures.
    pub fn is_report(&self) -> bool {
        self.path.starts_with("/api/v1/reports/")
    }

    /// Whether it draws a report.
    pub fn is_chart(&self) -> bool {
        self.is_report() && self.path.ends_with("/chart")
    }

    /// Whether it moves a thing along its lifecycle.
    pub fn is_transition(&self) -> bool {
        self.path.ends_with("/transitions")
    }

    /// Whether it changes or removes one thing.
    pub fn is_change(&self) -> bool {
        matches!(self.method.as_str(), "patch" | "delete") && self.path.ends_with('}')
    }

    /// Whether it answers with a versioned item.
    pub fn gives_item(&self) -> bool {
        self.gives_json
            && self.in_api()
            && (matches!(self.status.as_str(), "201" | "202")
                || self.path.ends_with("/cancel")
                || self.method == "patch"
                || self.is_transition())
    }

    /// Whether it is a read that honours If-None-Match.
    pub fn is_conditional(&self) -> bool {
        self.method == "get"
            && (self.gives_json || self.is_chart())
            && (self.in_api() || self.path.starts_with("/.well-known/") || self.path.starts_with("/problems"))
    }

    /// Whether it honours Idempotency-Key.
    pub fn is_idempotent(&self) -> bool {
        let elsewhere = ["/api/v1/auth/", "/api/v1/oauth/"];
        self.method == "post" && self.in_api() && !elsewhere.iter().any(|path| self.path.starts_with(path))
    }

    /// Whether some caller may lack the right to it.
    pub fn may_be_forbidden(&self) -> bool {
        if !self.in_api() || self.public || self.path == "/api/v1/me" {
            return false;
        }
        let reads = self.method == "get";
        !reads || self.kind().is_none_or(|kind| Role::ALL.iter().any(|role| !policy::allows(*role, Action::Read, kind)))
    }

    /// The kind of thing, by the path.
    fn kind(&self) -> Option<Kind> {
        lists::kind(&self.path)
    }

    fn finish(&self, raw: &mut Object, schemas: &Object, all: &[Self]) {
        raw.insert("security".into(), self.security());
        if self.public {
            raw.insert("x-convention".into(), "off".into());
        }
        if let Some(text) = self.description() {
            raw.entry("description").or_insert_with(|| text.into());
        }
        parameters::put(self, raw);
        self.finish_body(raw, schemas);
        responses::finish(self, raw, schemas, all);
        refusals::put(self, raw);
    }

    /// Who may call it: nobody needs a token, people alone, or service accounts too.
    fn security(&self) -> Value {
        match (self.public, self.allowed_to_clients()) {
            (true, _) => json!([{}]),
            (false, true) => json!([{"bearer": []}, {"oauth": []}]),
            (false, false) => json!([{"bearer": []}]),
        }
    }

    /// Whether service accounts may do it, where their role allows it.
    fn allowed_to_clients(&self) -> bool {
        let action = match self.method.as_str() {
            "get" => Action::Read,
            "delete" => Action::Delete,
            "patch" => Action::Update,
            _ if self.is_transition() => Action::Transition,
            _ => Action::Create,
        };
        self.id != "changePassword" && self.kind().is_none_or(|kind| policy::allowed_to_clients(action, kind))
    }

    /// What all operations of a verb have in common; one with a text of its own keeps that.
    fn description(&self) -> Option<&'static str> {
        if self.is_report() {
            return Some(match self.path.rsplit('/').next() {
                Some("export") => {
                    "All rows, in a file; XLSX has what the figures mean on a second sheet. The type of the answer follows `format`."
                }
                Some("chart") => {
                    "SVG, 800 wide: right to left in Persian, left to right in English, by `Accept-Language`. The same as `text/xml` for a client that accepts no `image/svg+xml`."
                }
                _ => "Figures over what the caller sees in lists. `definition` says what each means, in the caller's language.",
            });
        }
        Some(match self.verb() {
            "list" => "A page of what is within the caller's reach. Filters are joined by *and*; several values of one mean any of them.",
            "get" => "A thing beyond the caller's reach is 404, as one that is not there.",
            "create" => "With an Idempotency-Key, a repetition gives the first answer again.",
            "update" => "A JSON merge patch (RFC 7396): absent leaves, null clears. One that changes nothing is 200 with the same version.",
            "delete" => "Only what nothing depends on, and what has not left draft, can be removed.",
            "export" => "All rows of the list's filter, in the order asked for, as a stream. The type of the answer follows `format`.",
            "transition" => {
                "Moves it along its lifecycle. 409 names the moves that this caller has; 422 names each condition that is not met."
            }
            _ => return None,
        })
    }

    /// An example on the body; a patch is taken under both its media types.
    fn finish_body(&self, raw: &mut Object, schemas: &Object) {
        let Some(content) = raw.get_mut("requestBody").and_then(|body| body.get_mut("content")).and_then(Value::as_object_mut) else {
            return;
        };
        for (media_type, media) in content.iter_mut() {
            if media_type == "application/octet-stream" {
                *media = json!({"schema": {"type": "string", "format": "binary", "maxLength": 268_435_456}, "example": examples::FILE});
            } else {
                examples::put(media, schemas);
            }
        }
        let json = content.get("application/json").cloned();
        if let ("patch", Some(media)) = (self.method.as_str(), json) {
            content.insert("application/merge-patch+json".into(), media);
        }
    }
}
