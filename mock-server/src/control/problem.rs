//! Errors of the control API. Each message has the reason and what to send instead.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::error;
use crate::session::ChangeError;

/// The error of a control request. The request changed nothing.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    /// Creates a 400: the request is invalid.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "bad_request", message: message.into() }
    }

    /// Creates a 401: the control token is missing or wrong.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code: "control_unauthorized", message: message.into() }
    }

    /// Creates a 403: the caller is not allowed.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "control_refused", message: message.into() }
    }

    /// Creates a 404: the addressed object does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", message: message.into() }
    }

    /// Creates a 408: the body did not come in time.
    pub(crate) fn request_timeout(message: impl Into<String>) -> Self {
        Self { status: StatusCode::REQUEST_TIMEOUT, code: "request_timeout", message: message.into() }
    }

    /// Creates a 413: the body is too large.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, code: "payload_too_large", message: message.into() }
    }

    /// Creates a 409: the present state does not allow the request, or is not the expected one.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, code, message: message.into() }
    }

    /// Returns a 405. The router, which knows the path, adds `Allow`.
    pub(crate) fn wrong_method() -> Response {
        error::error_response(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path has no such method: see Allow",
        )
        .into_response()
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::UnknownCrew { .. } | ChangeError::UnknownDocument { .. } => Self::not_found(error.to_string()),
            ChangeError::Superseded { .. } => Self::conflict("superseded", error.to_string()),
            ChangeError::MissingTypeOrTitle | ChangeError::InvalidContentType => Self::bad_request(error.to_string()),
            ChangeError::NoRoom => Self::too_large(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = error::error_response(self.status, self.code, &self.message).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1: a 401 names the scheme.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
