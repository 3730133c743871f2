//! What is measured: the table of cases, one line each.

use std::net::SocketAddr;

use crate::Result;
use crate::bare::Kind;
use crate::load::Request;
use crate::wire;
use crate::world::{BIG, FIFTY, KEY, ONE, World, crew_id, document_id};

/// One comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// The world that the fake serves.
    pub(crate) world: World,
    /// What is asked for.
    pub(crate) wanted: Wanted,
    /// What the fake is compared with.
    pub(crate) baseline: Kind,
    /// The share of the bare server's rate that the fake should reach.
    pub(crate) aim: f64,
}

/// A request of the documented three, with whom it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// The documents of one crew member.
    List(u32),
    /// The documents of a crew member drawn anew for each request.
    AnyList,
    /// A link to the first document of a crew member; each request makes a new one.
    Link(u32),
    /// The file of the first document of a crew member, always by the same link.
    File(u32),
}

/// Each case with its aim. Those of one world stand together, since they share one run of the fake.
#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    Case { name: "list-1", world: World::Wire, wanted: Wanted::List(ONE), baseline: Kind::Axum, aim: 0.90 },
    Case { name: "list-50", world: World::Wire, wanted: Wanted::List(FIFTY), baseline: Kind::Axum, aim: 0.90 },
    Case { name: "link", world: World::Wire, wanted: Wanted::Link(ONE), baseline: Kind::Axum, aim: 0.75 },
    Case { name: "file-64KiB", world: World::Wire, wanted: Wanted::File(BIG), baseline: Kind::Hyper, aim: 0.90 },
    Case { name: "crew-1", world: World::Crew(1), wanted: Wanted::AnyList, baseline: Kind::AxumMap, aim: 0.90 },
    Case { name: "rows-1", world: World::Crew(1), wanted: Wanted::AnyList, baseline: Kind::AxumRows, aim: 0.90 },
    Case { name: "crew-1000", world: World::Crew(1_000), wanted: Wanted::AnyList, baseline: Kind::AxumMap, aim: 0.90 },
    Case { name: "rows-1000", world: World::Crew(1_000), wanted: Wanted::AnyList, baseline: Kind::AxumRows, aim: 0.90 },
    Case { name: "crew-100000", world: World::Crew(100_000), wanted: Wanted::AnyList, baseline: Kind::AxumMap, aim: 0.90 },
    Case { name: "rows-100000", world: World::Crew(100_000), wanted: Wanted::AnyList, baseline: Kind::AxumRows, aim: 0.90 },
];

impl Case {
    /// The request to a server that has this case's world, or that answers everything alike.
    pub(crate) fn request(&self, path: &str, to: SocketAddr) -> Result<Request> {
        let key = if matches!(self.wanted, Wanted::File(_)) { None } else { Some(KEY) };
        let request = Request::new(path, key, to);
        if matches!(self.wanted, Wanted::AnyList) { request.for_any_of(self.world.crew()) } else { Ok(request) }
    }

    /// The path to ask for; a file's is taken from a link that `fake` gives, and made up where there is no fake.
    pub(crate) fn path(&self, fake: Option<SocketAddr>) -> Result<String> {
        match (self.wanted, fake) {
            (Wanted::List(crew), _) => Ok(list_path(crew)),
            (Wanted::AnyList, _) => Ok(list_path(1)),
            (Wanted::Link(crew), _) => Ok(link_path(crew)),
            (Wanted::File(_), None) => Ok("/api/v2/files/eyJ".to_owned()),
            (Wanted::File(crew), Some(fake)) => file_path(crew, fake),
        }
    }

    /// By how many bytes one answer may differ from the next in length: tokens and their counters grow.
    pub(crate) const fn slack(&self) -> usize {
        if matches!(self.wanted, Wanted::Link(_)) { 16 } else { 0 }
    }

    /// An answer of about the right size, for a run without the fake.
    pub(crate) fn sample(&self) -> Vec<u8> {
        let item = format!("{{\"document_id\":\"{}\",\"title\":\"{}\"}}", document_id(1, 1), "x".repeat(200));
        let (kind, body) = match self.wanted {
            Wanted::List(FIFTY) => ("application/json", format!("[{}]", vec![item; 50].join(","))),
            Wanted::AnyList => ("application/json", format!("[{}]", vec![item; 10].join(","))),
            Wanted::List(_) | Wanted::Link(_) => ("application/json", format!("[{item}]")),
            Wanted::File(_) => ("application/pdf", "x".repeat(65_536)),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nx-request-id: sample\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

/// The path of a crew member's list.
pub(crate) fn list_path(crew: u32) -> String {
    format!("/api/v2/employers/me/crew/{}/documents", crew_id(crew))
}

fn link_path(crew: u32) -> String {
    format!("{}/{}/download", list_path(crew), document_id(crew, 1))
}

/// The path of a new link to the first document of a crew member.
pub(crate) fn file_path(crew: u32, fake: SocketAddr) -> Result<String> {
    let answer = wire::fetch(fake, Request::new(&link_path(crew), Some(KEY), fake).bytes())?;
    let link: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let url = link["download_url"].as_str().ok_or("the link has no download_url")?;
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    Ok(path.ok_or("download_url has no path")?.to_owned())
}
