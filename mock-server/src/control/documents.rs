//! `/__mock/crew/{id}/documents`: upload a version at run time, and remove a document.
//!
//! `POST …/documents?supersedes=doc_1` with the file as its body returns 201 with `{"document_id":
//! "doc_u1", "supersedes": "doc_1"}`. Metadata in the query (`type`, `category`, `title`, `issuer`,
//! `verification_status`, `issue_date`, `expiry_date`, `document_number`, `file_name`,
//! `content_type`) replaces that of the older version; the status is `pending` by default. Without
//! `supersedes` it is a new document, which needs `type` and `title`. `DELETE …/documents/doc_1`
//! removes a document with all its versions.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::body::PacedBody;
use super::target::{PathParams, QueryParams};
use super::{Problem, TargetSession};
use crate::app_state::AppState;
use crate::session::{ChangeError, MAX_BYTES, Upload, UploadMetadata};
use crate::world::{Content, Unnamed};

/// The maximum size of an upload in memory; larger ones go to a temporary file.
const MAX_IN_MEMORY: usize = 1 << 20;

pub(crate) async fn upload(
    TargetSession(session): TargetSession,
    path: PathParams,
    QueryParams(metadata): QueryParams<UploadMetadata>,
    State(app): State<Arc<AppState>>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let upload = receive(PacedBody::new(request.into_body(), app.body_timeout)).await?;
    let mut state = session.lock();
    let real = Timestamp::now();
    let now = state.clock.now(real);
    let id = state.upload(path.get("crew"), &metadata, upload, now)?;
    let supersedes = &metadata.supersedes;
    state.record_change(real, "upload", json!({"crew": path.get("crew"), "document_id": id, "supersedes": supersedes}));
    Ok((StatusCode::CREATED, Json(json!({"document_id": id, "supersedes": supersedes}))))
}

pub(crate) async fn remove(TargetSession(session): TargetSession, path: PathParams) -> Result<Json<Value>, Problem> {
    let real = Timestamp::now();
    let mut state = session.lock();
    let now = state.clock.now(real);
    state.remove(path.get("crew"), path.get("document"), now)?;
    state.record_change(real, "remove", json!({"crew": path.get("crew"), "removed": path.get("document")}));
    Ok(Json(json!({"removed": path.get("document")})))
}

/// Receives a body, in memory while it is small.
async fn receive(mut body: PacedBody) -> Result<Upload, Problem> {
    let broken_off = |error: io::Error| Problem::bad_request(format!("the upload failed: {error}"));
    let mut in_memory = Vec::new();
    let mut spool: Option<File> = None;
    while let Some(piece) = body.piece().await? {
        if body.received() > MAX_BYTES {
            return Err(ChangeError::NoRoom.into());
        }
        if in_memory.len() + piece.len() > MAX_IN_MEMORY {
            spool = Some(append_to_spool(spool, std::mem::take(&mut in_memory)).await.map_err(broken_off)?);
        }
        in_memory.extend_from_slice(&piece);
    }
    if spool.is_none() {
        return Ok(Upload { content: Content::Memory(in_memory.into()) });
    }
    let file = append_to_spool(spool, in_memory).await.map_err(broken_off)?;
    Ok(Upload { content: Content::Unnamed { file: Unnamed(Arc::new(file)), len: body.received() } })
}

/// Appends to a temporary file, created if there is none, on a thread that may block. The file has no name, so that
/// nothing is left if the process is killed.
async fn append_to_spool(file: Option<File>, bytes: Vec<u8>) -> io::Result<File> {
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = file.map_or_else(tempfile::tempfile, Ok)?;
        file.write_all(&bytes)?;
        Ok(file)
    });
    writing.await.unwrap_or_else(|_| Err(io::Error::other("the write was cancelled")))
}
