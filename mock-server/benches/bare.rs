//! The bare servers of `make bench`: axum or hyper, sending the bytes that the fake answered.
//!
//! `tools/bench.py` records an answer of the fake, starts `bare KIND HEAD BODY [CREW]` with it, and
//! puts the same load on both. HEAD is a JSON file with status and headers, BODY the body's bytes.
//! The server prints `{"base": "http://..."}` once it listens, and ends when its standard input ends.

#![expect(clippy::print_stdout, reason = "the caller reads the address from standard output")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const LIST: &str = "/api/v2/employers/me/crew/{crew}/documents";
const LINK: &str = "/api/v2/employers/me/crew/{crew}/documents/{document}/download";
const FLEET: &str = "/api/v2/employers/me/fleet";
const FILE: &str = "/api/v2/files/{token}";

/// The number in the id of the crew member whose list was recorded.
const RECORDED: &str = "0000001";

/// An error that ends the server; a person reads it, so it needs no type.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (kind, head, body, crew) = match arguments.as_slice() {
        [kind, head, body] => (kind, head, body, 1),
        [kind, head, body, crew] => (kind, head, body, crew.parse()?),
        _ => return Err("usage: bare axum|axum-map|axum-rows|axum-fleet|hyper HEAD BODY [CREW]".into()),
    };
    let canned = Arc::new(CannedAnswer::read(head, body)?);
    let closed = watch_stdin();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("{}", serde_json::json!({ "base": format!("http://{}", listener.local_addr()?) }));
        tokio::select! {
            served = serve(kind, canned, crew, listener) => served,
            _ = closed => Ok(()),
        }
    })
}

/// Returns a receiver that completes when standard input ends, as it does when the caller ends.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (open, closed) = oneshot::channel();
    std::thread::spawn(move || {
        let _ended = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        drop(open);
    });
    closed
}

/// Serves until the listener fails, with `crew` crew members where the kind looks them up.
async fn serve(kind: &str, canned: Arc<CannedAnswer>, crew: u32, listener: TcpListener) -> Result<()> {
    let router = match kind {
        "axum" => route_to_one_answer(canned),
        "axum-map" => route_to_bodies(canned, crew)?,
        "axum-rows" => route_to_rows(canned, crew)?,
        "axum-fleet" => route_to_page(canned)?,
        "hyper" => return serve_hyper(listener, canned).await,
        _ => return Err(format!("no kind {kind}; there are axum, axum-map, axum-rows, axum-fleet and hyper").into()),
    };
    let listener = listener.tap_io(|stream| {
        let _best_effort = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// The head of an answer in its file.
#[derive(Deserialize)]
struct RecordedHead {
    status: u16,
    headers: Vec<(String, String)>,
}

/// A recorded answer, ready to send.
struct CannedAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl CannedAnswer {
    /// Reads the head and the body from their files.
    fn read(head: &str, body: &str) -> Result<Self> {
        let recorded: RecordedHead = serde_json::from_slice(&std::fs::read(head)?)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &recorded.headers {
            headers.append(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
        }
        Ok(Self { status: StatusCode::from_u16(recorded.status)?, headers, body: std::fs::read(body)?.into() })
    }

    /// Returns a response with the recorded head and this body.
    fn with_body<B>(&self, body: B) -> http::Response<B> {
        let mut response = http::Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }

    /// Returns the list of each crew member by id: the recorded one with another number.
    fn lists(&self, crew: u32) -> Result<impl Iterator<Item = (String, String)>> {
        let recorded = std::str::from_utf8(&self.body)?;
        let numbers = (1..=crew).map(|number| format!("{number:07}"));
        Ok(numbers.map(|number| (format!("crew_{number}"), recorded.replace(RECORDED, &number))))
    }
}

/// Returns the answer to a request for an unknown crew member.
fn not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Routes the three paths of the API to the one answer.
fn route_to_one_answer(canned: Arc<CannedAnswer>) -> Router {
    async fn answer(State(canned): State<Arc<CannedAnswer>>) -> Response {
        canned.with_body(Body::from(canned.body.clone()))
    }
    Router::new().route(LIST, get(answer)).route(LINK, get(answer)).route(FILE, get(answer)).with_state(canned)
}

/// Values by crew id, and the head that all answers share.
struct CrewTable<T> {
    canned: Arc<CannedAnswer>,
    by_id: HashMap<String, T>,
}

/// Routes a list to finished bytes, looked up by crew id in a `HashMap`.
fn route_to_bodies(canned: Arc<CannedAnswer>, crew: u32) -> Result<Router> {
    async fn answer(State(table): State<Arc<CrewTable<Bytes>>>, Path(crew): Path<String>) -> Response {
        table.by_id.get(&crew).map_or_else(not_found, |body| table.canned.with_body(Body::from(body.clone())))
    }
    let by_id = canned.lists(crew)?.map(|(id, list)| (id, Bytes::from(list))).collect();
    Ok(Router::new().route(LIST, get(answer)).with_state(Arc::new(CrewTable { canned, by_id })))
}

/// A list as a handler holds it that keeps its crew in memory.
#[derive(Serialize, Deserialize)]
struct List {
    crew_unique_id: String,
    items: Vec<Item>,
}

/// A document of a list.
#[derive(Serialize, Deserialize)]
struct Item {
    document_id: String,
    #[serde(rename = "type")]
    kind: String,
    category: Option<String>,
    title: String,
    issuer: Option<String>,
    verification_status: String,
    issue_date: Option<String>,
    expiry_date: Option<String>,
    document_number: Option<String>,
}

/// Routes a list to documents, looked up by crew id in a `HashMap` and written as JSON each time.
fn route_to_rows(canned: Arc<CannedAnswer>, crew: u32) -> Result<Router> {
    async fn answer(State(table): State<Arc<CrewTable<List>>>, Path(crew): Path<String>) -> Response {
        let body = table.by_id.get(&crew).and_then(|list| serde_json::to_vec(list).ok());
        body.map_or_else(not_found, |body| table.canned.with_body(Body::from(body)))
    }
    let by_id = canned.lists(crew)?.map(|(id, list)| Ok((id, serde_json::from_str(&list)?))).collect::<Result<_>>()?;
    Ok(Router::new().route(LIST, get(answer)).with_state(Arc::new(CrewTable { canned, by_id })))
}

/// A page of the fleet.
#[derive(Serialize, Deserialize)]
struct Page {
    items: Vec<Row>,
    next_cursor: Option<String>,
    expiring_within_days: u32,
}

/// A row of a page.
#[derive(Serialize, Deserialize)]
struct Row {
    crew_unique_id: String,
    name: Option<String>,
    vessel_id: String,
    vessel_name: Option<String>,
    role: Option<String>,
    verification_status: Option<String>,
    background_check_status: Option<String>,
    documents_expiring: u32,
    as_of: String,
}

/// The query of the fleet.
#[derive(Deserialize)]
struct PageQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Routes the fleet to rows in memory, as many as the limit, written as JSON each time.
fn route_to_page(canned: Arc<CannedAnswer>) -> Result<Router> {
    async fn answer(
        State((canned, page)): State<(Arc<CannedAnswer>, Arc<Page>)>,
        Query(query): Query<PageQuery>,
    ) -> Response {
        if query.limit != Some(page.items.len()) || query.cursor.is_some_and(|cursor| cursor.is_empty()) {
            return not_found();
        }
        serde_json::to_vec(&*page).map_or_else(|_| not_found(), |body| canned.with_body(Body::from(body)))
    }
    let page: Page = serde_json::from_slice(&canned.body)?;
    Ok(Router::new().route(FLEET, get(answer)).with_state((canned, Arc::new(page))))
}

/// Serves the one answer to every request with hyper's HTTP/1.1 connection, without a router.
async fn serve_hyper(listener: TcpListener, canned: Arc<CannedAnswer>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let canned = Arc::clone(&canned);
        let service = service_fn(move |_| {
            let response = canned.with_body(Full::new(canned.body.clone()));
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
