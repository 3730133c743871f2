//! `/__mock/crew/{id}/documents`: upload a version at run time, and remove a document.
//!
//! `POST …/documents?supersedes=doc_1` with the file as its body answers 201 with
//! `{"document_id": "doc_u1", "supersedes": "doc_1"}`. What the query says of the new version (`type`, `category`,
//! `title`, `issuer`, `verification_status`, `issue_date`, `expiry_date`, `document_number`, `file_name`,
//! `content_type`) replaces what the older one had; its status is `pending` unless told. Without `supersedes` it is a
//! new document and needs `type` and `title`. `DELETE …/documents/doc_1` removes a document with all its versions.

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

use super::target::{Asked, Named};
use super::{Problem, Target};
use crate::session::{Upload, UploadNote};
use crate::world::Content;

/// What is larger goes to a temporary file instead of memory.
const IN_MEMORY: usize = 1 << 20;

pub(crate) async fn upload(
    Target(session): Target,
    named: Named,
    Asked(note): Asked<UploadNote>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let upload = received(request.into_body()).await?;
    let mut state = session.lock();
    let real = Timestamp::now();
    let now = state.clock.now(real);
    let id = state.upload(named.part("crew"), &note, upload, now)?;
    let supersedes = &note.supersedes;
    state.note(real, "upload", json!({"crew": named.part("crew"), "document_id": id, "supersedes": supersedes}));
    Ok((StatusCode::CREATED, Json(json!({"document_id": id, "supersedes": supersedes}))))
}

pub(crate) async fn remove(Target(session): Target, named: Named) -> Result<Json<Value>, Problem> {
    let mut state = session.lock();
    state.remove(named.part("crew"), named.part("document"))?;
    state.note(Timestamp::now(), "remove", json!({"crew": named.part("crew"), "removed": named.part("document")}));
    Ok(Json(json!({"removed": named.part("document")})))
}

/// Takes a body in, in memory while it is small.
async fn received(mut body: Body) -> Result<Upload, Problem> {
    let broken = |error: &dyn std::fmt::Display| Problem::bad_request(format!("the upload broke off: {error}"));
    let mut held = Vec::new();
    let mut spool: Option<NamedTempFile> = None;
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        length += piece.len() as u64;
        if held.len() + piece.len() > IN_MEMORY {
            spool = Some(written(spool, std::mem::take(&mut held)).await.map_err(|error| broken(&error))?);
        }
        held.extend_from_slice(&piece);
    }
    if spool.is_none() {
        return Ok(Upload { content: Content::Memory(held.into()), temporary: None });
    }
    let file = written(spool, held).await.map_err(|error| broken(&error))?;
    let path = Arc::new(file.into_temp_path());
    Ok(Upload { content: Content::Disk { path: Arc::from(path.to_path_buf()), len: length }, temporary: Some(path) })
}

/// Adds to a temporary file, which is new if there is none: on a thread that may wait for the disk.
async fn written(file: Option<NamedTempFile>, bytes: Vec<u8>) -> io::Result<NamedTempFile> {
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = file.map_or_else(NamedTempFile::new, Ok)?;
        file.write_all(&bytes)?;
        Ok(file)
    });
    writing.await.unwrap_or_else(|_| Err(io::Error::other("the write was cut off")))
}
