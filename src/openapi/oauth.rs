//! The refusals of the token endpoint, which are those of RFC 6749 §5.2; a request that is refused before it reaches the endpoint
//! gets a problem document.

use serde_json::{Value, json};

use super::{Object, refusals, responses::named};
use crate::{
    auth::CHALLENGE,
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
    http::header_limit::MAX_FIELD,
};

/// Gives the answers that the handler names a description, headers and an example.
pub fn finish(answers: &mut Object) {
    let texts = [
        ("400", "The request is not one that is served here.", "unsupported_grant_type", "The only grant_type here is client_credentials."),
        ("401", "The client is not known, or not as what it says.", "invalid_client", "There is no such client, or its secret is another."),
    ];
    for (status, description, error, text) in texts {
        let Some(answer) = answers.get_mut(status).and_then(Value::as_object_mut) else { continue };
        answer.insert("description".into(), description.into());
        answer.insert("headers".into(), headers(status));
        let Some(content) = answer.get_mut("content").and_then(Value::as_object_mut) else { continue };
        if let Some(media) = content.get_mut("application/json").and_then(Value::as_object_mut) {
            media.insert("example".into(), json!({"error": error, "error_description": text}));
        }
        if status == "400" {
            content.insert("application/problem+json".into(), too_long());
        }
    }
}

/// Its parameters are refused as RFC 6749 says; what is left are headers.
fn too_long() -> Value {
    let error = ApiError::parameters(vec![Fault::parameter("x-request-id", FaultCode::TooLong).with(MAX_FIELD)]);
    let mut media = refusals::problem(&[ProblemCode::InvalidParameter]);
    if let Some(value) = media.pointer_mut("/examples/invalid_parameter/value") {
        *value = refusals::told(&error);
    }
    media
}

fn headers(status: &str) -> Value {
    let mut headers = named(refusals::HEADERS.into_iter().chain(["Pragma"]));
    if status == "401" {
        let schema = json!({"type": "string", "enum": [CHALLENGE]});
        let challenge = json!({"description": "What to send (RFC 7617).", "required": true, "schema": schema, "example": CHALLENGE});
        headers.insert("WWW-Authenticate".into(), challenge);
    }
    headers.into()
}
