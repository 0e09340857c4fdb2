//! The head of the document: who made it, where the server is, what the tags are about, and how a caller authenticates.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Object;

/// What the operations of a tag are about.
const TAGS: [(&str, &str); 14] = [
    ("agencies", "The offices that take on responsibilities."),
    ("auth", "Logging in, one's own account, and the keys that verify access tokens."),
    ("clients", "Service accounts for machines."),
    ("deferrals", "Requests for a later due date, and the decisions on them."),
    ("domains", "The fields that initiatives belong to."),
    ("events", "The record of every change: history, audit log and change feed in one."),
    ("imports", "Files that bring many rows at once, and the report on each row."),
    ("initiatives", "What is done in a neighbourhood, from draft to completed."),
    ("mandates", "Who manages which neighbourhood, from when until when."),
    ("neighborhoods", "The places that the programme is about."),
    ("operations", "Health, for whoever runs the server, and what the codes of problems mean."),
    ("reports", "Figures that are computed when asked for."),
    ("responsibilities", "What one agency has taken on, until when, and who saw it done."),
    ("users", "The people who log in, and what each may do."),
];

const DESCRIPTION: &str = "\
The register and scoreboard of a province's neighbourhood-centred programme: which initiatives run in a neighbourhood, \
which agency has taken on which responsibility until when, what was really done, and who saw it.

- **Identity**: log in at `/api/v1/auth/login`, then send `Authorization: Bearer …`. Machines have service accounts \
(`/api/v1/clients`) and take their tokens at `/api/v1/oauth/token`.
- **Lists** are pages: follow `next_cursor`, or the `Link` header. Filters take several values, separated by commas.
- **Changes** name the version that was read, in `If-Match`; 412 says that somebody was faster.
- **Repeating** a POST is safe with an `Idempotency-Key`.
- **Refusals** are `application/problem+json` (RFC 9457); program against `code`, show `title` and `detail`, which come in \
Persian, or in English by `Accept-Language`.
- Unknown fields and parameters are refused; nothing is ignored in silence.";

/// Puts the head on a document; `paths` say which tags are in use.
pub fn put(document: &mut Object, paths: &Object) {
    document.insert("info".into(), info());
    document.insert("servers".into(), servers());
    document.insert("security".into(), json!([{"bearer": []}]));
    document.insert("tags".into(), tags(paths));
}

fn info() -> Value {
    json!({
        "title": "Mahalleh",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "The register and scoreboard of a province's neighbourhood-centred programme",
        "description": DESCRIPTION,
        "contact": {"name": "The Mahalleh maintainers", "url": "https://mahalleh.example.org", "email": "mahalleh@example.org"},
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    })
}

/// The bare origin, whichever it is: the paths are written whole.
fn servers() -> Value {
    json!([{
        "url": "/",
        "description": "The server that this document came from: production, staging, or a local demo.",
        "x-internal": false,
    }])
}

/// The tags in use, in the alphabet's order.
fn tags(paths: &Object) -> Value {
    let operations = paths.values().filter_map(Value::as_object).flat_map(Object::values);
    let named = operations.filter_map(|operation| operation.get("tags")?.as_array()).flatten().filter_map(Value::as_str);
    let used: BTreeSet<&str> = named.collect();
    let known = |name: &str| TAGS.iter().find(|(tag, _)| *tag == name).map(|(_, text)| *text);
    used.into_iter().map(|name| json!({"name": name, "description": known(name).unwrap_or(name)})).collect()
}

/// The ways in which a caller authenticates.
pub fn security_schemes() -> Value {
    json!({"bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of `POST /api/v1/auth/login`: a JWT (RFC 9068), signed with Ed25519 and verified by the \
            rules of RFC8725: one algorithm, a known key, issuer, audience and type.",
    }, "oauth": {
        "type": "oauth2",
        "description": "For machines: the access token of a service account (`/api/v1/clients`), a JWT judged by the same rules of RFC8725. \
            There are no scopes: it may do what its role allows, but never move a thing along its lifecycle, nor remove one. It lives \
            for 15 minutes; there is no refresh token, a new one is taken at the same address.",
        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth/token", "refreshUrl": "/api/v1/oauth/token", "scopes": {}}},
    }})
}
