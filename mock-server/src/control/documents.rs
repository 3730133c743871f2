//! `/__mock/crew/{id}/documents`: upload a version at run time, and remove a document.
//!
//! `POST …/documents?supersedes=doc_1` with the file as its body returns 201 with `{"document_id":
//! "doc_u1", "supersedes": "doc_1"}`. Metadata in the query (`type`, `category`, `title`, `issuer`,
//! `verification_status`, `issue_date`, `expiry_date`, `document_number`, `file_name`,
//! `content_type`) replaces that of the older version; the status is `pending` by default. Without
//! `supersedes` it is a new document, which needs `type` and `title`. `DELETE …/documents/doc_1`
//! removes a document with all its versions.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use http::StatusCode;
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::target::{PathParams, QueryParams};
use super::{Problem, TargetSession};
use crate::session::{Upload, UploadMetadata};
use crate::world::{Content, DiskFile};

/// The maximum size of an upload in memory; larger ones go to a temporary file.
const MAX_IN_MEMORY: usize = 1 << 20;

pub(crate) async fn upload(
    TargetSession(session): TargetSession,
    path: PathParams,
    QueryParams(metadata): QueryParams<UploadMetadata>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let upload = receive(request.into_body()).await?;
    let mut state = session.lock();
    let real = Timestamp::now();
    let now = state.clock.now(real);
    let id = state.upload(path.get("crew"), &metadata, upload, now)?;
    let supersedes = &metadata.supersedes;
    state.record_change(real, "upload", json!({"crew": path.get("crew"), "document_id": id, "supersedes": supersedes}));
    Ok((StatusCode::CREATED, Json(json!({"document_id": id, "supersedes": supersedes}))))
}

pub(crate) async fn remove(TargetSession(session): TargetSession, path: PathParams) -> Result<Json<Value>, Problem> {
    let mut state = session.lock();
    state.remove(path.get("crew"), path.get("document"))?;
    state.record_change(Timestamp::now(), "remove", json!({"crew": path.get("crew"), "removed": path.get("document")}));
    Ok(Json(json!({"removed": path.get("document")})))
}

/// Receives a body, in memory while it is small.
async fn receive(mut body: Body) -> Result<Upload, Problem> {
    let broken_off = |error: &dyn std::fmt::Display| Problem::bad_request(format!("the upload failed: {error}"));
    let mut in_memory = Vec::new();
    let mut spool: Option<NamedTempFile> = None;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|error| broken_off(&error))?.into_data() else { continue };
        if in_memory.len() + piece.len() > MAX_IN_MEMORY {
            spool =
                Some(append_to_spool(spool, std::mem::take(&mut in_memory)).await.map_err(|error| broken_off(&error))?);
        }
        in_memory.extend_from_slice(&piece);
    }
    if spool.is_none() {
        return Ok(Upload { content: Content::Memory(in_memory.into()), temporary: None });
    }
    let file = append_to_spool(spool, in_memory).await.map_err(|error| broken_off(&error))?;
    let about = file.as_file().metadata().map_err(|error| broken_off(&error))?;
    let temporary = Arc::new(file.into_temp_path());
    Ok(Upload { content: Content::Disk(DiskFile::new(&temporary, &about)), temporary: Some(temporary) })
}

/// Appends to a temporary file, created if there is none, on a thread that may block.
async fn append_to_spool(file: Option<NamedTempFile>, bytes: Vec<u8>) -> io::Result<NamedTempFile> {
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = file.map_or_else(NamedTempFile::new, Ok)?;
        file.write_all(&bytes)?;
        Ok(file)
    });
    writing.await.unwrap_or_else(|_| Err(io::Error::other("the write was cancelled")))
}
