//! The head of a request: how long a header may be.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

use crate::{
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// The longest value of a request's header, in bytes; proxies in front of a server take as much.
pub const MAX_FIELD: usize = 8_192;

/// Refuses a request with a longer header, even one that is otherwise ignored.
///
/// # Errors
/// None of its own.
pub async fn enforce(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let long = request.headers().iter().filter(|(_, value)| value.len() > MAX_FIELD);
    let faults: Vec<_> = long.map(|(name, _)| Fault::parameter(name.as_str(), FaultCode::TooLong).with(MAX_FIELD)).collect();
    if !faults.is_empty() {
        return Ok(ServiceResponse::from_err(ApiError::parameters(faults), request.into_parts().0));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}
