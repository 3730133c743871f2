//! The bare servers that the fake is compared with. Each is a process of its own, started from the bench's binary.
//!
//! Rationale: a baseline within the bench's process would share its runtime with the load, and its CPU time could not
//! be told from the load's.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{HeaderMap, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Result;
use crate::wire::Answer;
use crate::world::crew_id;

const LIST: &str = "/api/v2/employers/me/crew/{crew}/documents";
const LINK: &str = "/api/v2/employers/me/crew/{crew}/documents/{document}/download";
const FILE: &str = "/api/v2/files/{token}";

/// Which bare server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// `axum::serve` with the three routes of the API, each with the one answer.
    Axum,
    /// `axum::serve` with a body for each crew member, found by id in a `HashMap`.
    AxumMap,
    /// `axum::serve` with the documents of each crew member, found by id in a `HashMap` and written as JSON each time.
    AxumRows,
    /// hyper's HTTP/1.1 connection with the one answer to everything, without a router.
    Hyper,
}

impl Kind {
    /// The name on the command line and in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::AxumMap => "axum-map",
            Self::AxumRows => "axum-rows",
            Self::Hyper => "hyper",
        }
    }
}

/// The command line of a bare server.
#[derive(Debug, Args)]
pub(crate) struct Bare {
    /// Which server it is.
    pub(crate) kind: Kind,
    /// A file with the one answer, as it came over the wire.
    pub(crate) answer: PathBuf,
    /// How many crew members the table of a `Kind::AxumMap` or `Kind::AxumRows` holds.
    #[arg(default_value_t = 1)]
    pub(crate) crew: u32,
}

/// Serves until standard input ends, which it does when the bench is gone, however that came about.
pub(crate) fn serve(bare: &Bare) -> Result<()> {
    let answer = Answer::parse(std::fs::read(&bare.answer)?)?;
    let (alive, gone) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ended = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        drop(alive);
    });
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("{}", serde_json::json!({ "base": format!("http://{}", listener.local_addr()?) }));
        tokio::select! {
            served = run(bare, answer, listener) => served,
            _ = gone => Ok(()),
        }
    })
}

async fn run(bare: &Bare, answer: Answer, listener: TcpListener) -> Result<()> {
    let body = answer.body.clone();
    let canned = Arc::new(Canned { status: answer.status, headers: answer.headers, body });
    let router = match bare.kind {
        Kind::Hyper => return serve_hyper(listener, canned).await,
        Kind::Axum => one_answer(canned),
        Kind::AxumMap => answer_by_crew(canned, bare.crew)?,
        Kind::AxumRows => answer_from_rows(canned, bare.crew)?,
    };
    let listener = listener.tap_io(|stream| {
        let _best_effort = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// An answer held ready.
struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Canned {
    fn with_body<B>(&self, body: B) -> http::Response<B> {
        let mut response = http::Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

fn one_answer(canned: Arc<Canned>) -> Router {
    async fn answer(State(canned): State<Arc<Canned>>) -> Response {
        canned.with_body(Body::from(canned.body.clone()))
    }
    Router::new().route(LIST, get(answer)).route(LINK, get(answer)).route(FILE, get(answer)).with_state(canned)
}

/// Bodies by crew id, and the head they share.
struct Table {
    canned: Arc<Canned>,
    bodies: HashMap<String, Bytes>,
}

/// Makes each body from that of the first crew member, by putting the other's number for its own.
fn answer_by_crew(canned: Arc<Canned>, crew: u32) -> Result<Router> {
    async fn answer(State(table): State<Arc<Table>>, Path(crew): Path<String>) -> Response {
        match table.bodies.get(&crew) {
            Some(body) => table.canned.with_body(Body::from(body.clone())),
            None => http::Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap_or_default(),
        }
    }
    let bodies = each_body(&canned, crew)?.map(|(id, body)| (id, Bytes::from(body))).collect();
    let table = Arc::new(Table { canned, bodies });
    Ok(Router::new().route(LIST, get(answer)).with_state(table))
}

/// The body for each crew member, by id.
fn each_body(canned: &Canned, crew: u32) -> Result<impl Iterator<Item = (String, String)>> {
    let first = std::str::from_utf8(&canned.body)?;
    Ok((1..=crew).map(|number| (crew_id(number), first.replace("0000001", &format!("{number:07}")))))
}

/// Documents by crew id, and the head that the answers share.
struct Rows {
    canned: Arc<Canned>,
    lists: HashMap<String, List>,
}

/// As a handler would hold it that keeps its people in memory.
#[derive(Serialize, Deserialize)]
struct List {
    crew_unique_id: String,
    items: Vec<Item>,
}

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

fn answer_from_rows(canned: Arc<Canned>, crew: u32) -> Result<Router> {
    async fn answer(State(rows): State<Arc<Rows>>, Path(crew): Path<String>) -> Response {
        match rows.lists.get(&crew).map(serde_json::to_vec) {
            Some(Ok(body)) => rows.canned.with_body(Body::from(body)),
            _ => http::Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap_or_default(),
        }
    }
    let lists = each_body(&canned, crew)?.map(|(id, body)| Ok((id, serde_json::from_str(&body)?)));
    let rows = Arc::new(Rows { lists: lists.collect::<Result<_>>()?, canned });
    Ok(Router::new().route(LIST, get(answer)).with_state(rows))
}

async fn serve_hyper(listener: TcpListener, canned: Arc<Canned>) -> Result<()> {
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
