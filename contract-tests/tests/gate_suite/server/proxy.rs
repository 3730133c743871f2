//! A server in front of the fake that breaks what it answers, so that the gate has something to find.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::support::http_client::http_client_builder;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

/// An answer on its way back.
#[derive(Clone, Debug)]
pub(crate) struct Passing {
    pub(crate) path: String,
    pub(crate) asked: HeaderMap,
    /// The body of the request.
    pub(crate) sent: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Passing {
    pub(crate) fn is_list(&self) -> bool {
        self.path.ends_with("/documents")
    }

    pub(crate) fn is_link(&self) -> bool {
        self.path.ends_with("/download")
    }

    pub(crate) fn is_fleet(&self) -> bool {
        self.path.split('?').next().is_some_and(|path| path.ends_with("/fleet"))
    }

    pub(crate) fn is_profile(&self) -> bool {
        self.path.ends_with("/profile")
    }

    pub(crate) fn is_photo(&self) -> bool {
        self.path.ends_with("/photo")
    }

    pub(crate) fn is_check(&self) -> bool {
        self.path.contains("/compliance-checks")
    }

    /// The first row or item of a person on a page of the fleet, or nothing.
    pub(crate) fn edit_row(&mut self, crew: &str, change: impl FnOnce(&mut Value)) {
        if self.is_fleet() && self.status == 200 {
            self.edit(|body| {
                let rows = body["items"].as_array_mut().unwrap();
                if let Some(row) = rows.iter_mut().find(|row| row["crew_unique_id"] == crew) {
                    change(row);
                }
            });
        }
    }

    pub(crate) fn is_file(&self) -> bool {
        self.path.starts_with("/api/v2/files/")
    }

    /// Changes the JSON of the body.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut value) = serde_json::from_slice(&self.body) {
            change(&mut value);
            self.body = value.to_string().into_bytes();
        }
    }

    /// Another answer: a refusal in the envelope.
    pub(crate) fn refuse(&mut self, status: u16, code: &str) {
        (self.status, self.body) =
            (status, serde_json::json!({"error": {"code": code, "message": "no"}}).to_string().into());
        if status == 401 {
            self.set("www-authenticate", "Bearer");
        }
        self.set("content-type", "application/json");
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
}

/// What is broken: in what is asked, and in what is answered.
#[derive(Clone, Copy)]
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) asked: fn(&mut String, &mut HeaderMap),
    pub(crate) answered: fn(&mut Passing, &mut Memory),
    /// What the tester knows.
    pub(crate) expectation: fn() -> String,
    /// Exactly these clauses fail.
    pub(crate) caught_by: &'static [&'static str],
}

/// What a broken server remembers: bodies by path.
pub(crate) type Memory = HashMap<String, Vec<u8>>;

struct Proxy {
    fake: String,
    http: reqwest::Client,
    bug: Bug,
    memory: Mutex<Memory>,
}

/// Serves the fake with a bug; the base URL.
pub(crate) async fn serve(fake: &str, bug: Bug) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let http = http_client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let proxy = Proxy { fake: fake.to_owned(), http, bug, memory: Mutex::default() };
    let app = Router::new().fallback(pass).with_state(Arc::new(proxy));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    base
}

async fn pass(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut path = parts.uri.path_and_query().unwrap().to_string();
    let (sent_path, mut asked) = (path.clone(), parts.headers.clone());
    (proxy.bug.asked)(&mut path, &mut asked);
    let sent = String::from_utf8_lossy(&body).into_owned();
    let (status, headers, body) = proxy.forward(&parts.method, &path, asked, body).await;
    let mut passing = Passing { path: sent_path, asked: parts.headers, sent, status, headers, body };
    (proxy.bug.answered)(&mut passing, &mut proxy.memory.lock().unwrap());
    let mut response = Response::new(Body::from(passing.body));
    *response.status_mut() = StatusCode::from_u16(passing.status).unwrap();
    *response.headers_mut() = passing.headers;
    response
}

impl Proxy {
    async fn forward(&self, method: &Method, path: &str, asked: HeaderMap, body: Bytes) -> (u16, HeaderMap, Vec<u8>) {
        let url = format!("{}{path}", self.fake);
        let got = self.http.request(method.clone(), url).headers(asked).body(body).send().await.unwrap();
        let (status, mut headers) = (got.status().as_u16(), got.headers().clone());
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        (status, headers, got.bytes().await.unwrap().to_vec())
    }
}
