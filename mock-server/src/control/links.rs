//! `GET /__mock/links`: the links that were given, as far as the journal remembers, the newest first.
//!
//! Each has its crew member and document, the number of its journal entry, the times at which it was
//! given and expires, and what a request for it would get now. The token itself is not shown.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::explain::explain_link;
use super::journal::is_kept;
use super::{Problem, TargetSession};
use crate::app_state::AppState;
use crate::http::Peer;
use crate::journal::{Exchange, Filter, KindFilter, StatusFilter};
use crate::session::Session;

/// The number of links that an answer has.
const MAX_LINKS: usize = 20;

/// The fields of a link that are read from the response.
#[derive(Deserialize)]
struct GivenLink {
    download_url: String,
    #[serde(default)]
    expires_at: Option<jiff::Timestamp>,
}

pub(crate) async fn show(
    State(app): State<Arc<AppState>>,
    TargetSession(session): TargetSession,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<Value>, Problem> {
    is_kept(&session)?;
    let filter = Filter { kind: Some(KindFilter::Exchange), status: Some(StatusFilter::Is(200)), ..Filter::default() };
    let journal = session.journal(&filter);
    let mut exchanges: Vec<&Exchange> = journal.exchanges().collect();
    exchanges.reverse();
    let links = exchanges.into_iter().filter_map(|exchange| link_json(&app, &session, &peer, exchange));
    Ok(Json(json!({"links": links.take(MAX_LINKS).collect::<Vec<_>>()})))
}

/// Returns the link of an exchange, if it gave one.
fn link_json(app: &AppState, session: &Arc<Session>, peer: &Arc<Peer>, exchange: &Exchange) -> Option<Value> {
    let link: GivenLink = serde_json::from_slice(exchange.raw_json_body()?).ok()?;
    // A fault may have made it a link that this server can't judge.
    let now = explain_link(app, session, &link.download_url, peer).ok();
    Some(json!({
        "seq": exchange.seq,
        "crew": exchange.crew(),
        "document": exchange.document(),
        "given_at": exchange.at,
        "expires_at": link.expires_at,
        "status": now.as_ref().and_then(|now| now.status),
        "decided_by": now.as_ref().map_or("unknown", |now| now.decided_by),
        "why": now.map(|now| now.why),
    }))
}
