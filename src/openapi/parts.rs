//! The shared parts, of which only those in use are kept.

use serde_json::{Value, json};

use super::{Object, head, parameters, refusals};

/// The components of a document with these schemas and paths.
pub fn components(schemas: Object, paths: &Object) -> Value {
    let uses = json!(paths).to_string();
    let parameters = in_use("parameters", parameters::components(), &uses);
    let responses = in_use("responses", refusals::components(), &uses);
    let headers = in_use("headers", headers(), &(uses + &json!(responses).to_string()));
    json!({
        "headers": headers,
        "parameters": parameters,
        "responses": responses,
        "schemas": schemas,
        "securitySchemes": head::security_schemes(),
    })
}

fn in_use(section: &str, mut parts: Object, uses: &str) -> Object {
    parts.retain(|name, _| uses.contains(&format!("\"#/components/{section}/{name}\"")));
    parts
}

/// What a header holds.
enum Held {
    /// Text: its greatest length and its pattern.
    Text(usize, &'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Seconds.
    Seconds,
}

/// The headers of answers: name, whether it is always sent, what it says, what it holds, an example.
#[rustfmt::skip]
const HEADERS: [(&str, bool, &str, Held, &str); 16] = [
    ("Access-Control-Allow-Origin", false, "For browsers of a configured origin.", Held::Text(1000, "^[!-~]+$"), "https://mahalleh.example.org"),
    ("Cache-Control", true, "Reads may be kept but are asked for anew; `no-store` on tokens and refusals.", Held::Text(100, "^[a-z0-9=, -]+$"), "private, no-cache"),
    ("Content-Disposition", true, "The name of the file.", Held::Text(200, "^attachment; filename[*]=UTF-8''[A-Za-z0-9._%-]+$"), "attachment; filename*=UTF-8''neighborhoods.csv"),
    ("Content-Language", true, "The language of texts for people.", Held::Word(&["fa", "en"]), "fa"),
    ("ETag", true, "The version, where it has one, and a digest of the answer; weak where the answer comes compressed.", Held::Text(40, "^(W/)?\"([0-9]+-)?[0-9a-f]{16}\"$"), "\"3-9f86d081884c7d65\""),
    ("Idempotent-Replayed", false, "Where the answer is the stored one of this Idempotency-Key.", Held::Word(&["true"]), "true"),
    ("Link", false, "The next page (RFC 8288), where there is one.", Held::Text(70_000, "^<[^<>]+>; rel=\"next\"$"), "</api/v1/neighborhoods?limit=50&cursor=eyJmIjo3NTM0Mn0>; rel=\"next\""),
    ("Pragma", false, "As `Cache-Control: no-store`, on tokens and the refusals of RFC 6749 (§5.1, §5.2).", Held::Word(&["no-cache"]), "no-cache"),
    ("Preference-Applied", false, "What of `Prefer` was honoured.", Held::Text(40, "^[ -~]+$"), "wait=20"),
    ("Location", true, "The address of the new thing.", Held::Text(200, "^/[!-~]+$"), "/api/v1/neighborhoods/0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80"),
    ("RateLimit", false, "Requests left, and the seconds until there are more (draft-ietf-httpapi-ratelimit-headers-11); where a limit is configured.", Held::Text(100, "^\"default\";r=[0-9]+;t=[0-9]+$"), "\"default\";r=199;t=1"),
    ("RateLimit-Policy", false, "Requests, and the seconds that they are for; where a limit is configured.", Held::Text(100, "^\"default\";q=[0-9]+;w=[0-9]+$"), "\"default\";q=200;w=1"),
    ("Retry-After", true, "Seconds after which to try again.", Held::Seconds, "1"),
    ("WWW-Authenticate", true, "What to send (RFC 6750).", Held::Text(100, "^Bearer( error=\"invalid_token\")?$"), "Bearer"),
    ("X-Content-Type-Options", true, "Always the same.", Held::Word(&["nosniff"]), "nosniff"),
    ("X-Request-Id", true, "The request's name: the client's, or one that the server made.", Held::Text(64, "^[A-Za-z0-9_-]+$"), "0193a1b0-6d2f-7c44-9a0e-1b2c3d4e5f60"),
];

fn headers() -> Object {
    let header = |(name, required, text, held, example): &(&str, bool, &str, Held, &str)| {
        let (schema, example) = match held {
            Held::Text(most, pattern) => (json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": pattern}), json!(example)),
            Held::Word(words) => (json!({"type": "string", "enum": words}), json!(example)),
            Held::Seconds => {
                (json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 86400}), json!(example.parse::<i32>().ok()))
            }
        };
        ((*name).to_owned(), json!({"description": text, "required": required, "schema": schema, "example": example}))
    };
    HEADERS.iter().map(header).collect()
}
