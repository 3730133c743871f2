//! What the control API says when it can't do what it was asked: always why, and what to send instead.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::error;
use crate::session::ChangeError;

/// A control request that was not carried out; nothing was changed.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    /// 400: the request can't be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "bad_request", message: message.into() }
    }

    /// 403: whoever asked may not.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "control_refused", message: message.into() }
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", message: message.into() }
    }

    /// 409: what was expected did not happen.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, code, message: message.into() }
    }

    /// 405; `Allow` is put on by the router, which knows the path.
    pub(crate) fn wrong_method() -> Response {
        error::told(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path has other methods: see Allow")
            .into_response()
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::UnknownCrew(_) | ChangeError::UnknownDocument { .. } => Self::not_found(error.to_string()),
            ChangeError::Superseded { .. } | ChangeError::MissingTypeOrTitle => Self::bad_request(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        error::told(self.status, self.code, &self.message).into_response()
    }
}
