//! What the fake should say of documents, links and files, thought out from the contract.

use serde_json::{Value, json};

use super::answers::{Body, Expected, fine, http_date, not_found, refused};
use super::model::State;
use super::parts::{Condition, Document, Link, Reach};
use super::world::CREW;

impl State {
    pub(crate) fn list(&mut self, key: Option<usize>, crew: usize) -> Expected {
        if let Some(fault) = self.front("list") {
            return fault;
        }
        if let Err(refusal) = self.person(key, crew, 0) {
            return refusal;
        }
        let mut current: Vec<&Document> =
            self.crew[crew].documents.iter().filter(|document| document.current).rev().collect();
        match self.policy("document_order") {
            "id" => current.sort_by_key(|document| document.id.clone()),
            _ => current.sort_by_key(|document| std::cmp::Reverse(document.uploaded.unwrap_or(i64::MIN))),
        }
        let items: Vec<Value> = current
            .iter()
            .map(|document| {
                json!({"document_id": document.id, "type": document.kind, "category": null, "title": document.title,
                       "issuer": null, "verification_status": document.status, "issue_date": null,
                       "expiry_date": null, "document_number": null})
            })
            .collect();
        fine(Body::Json(json!({"crew_unique_id": CREW[crew], "items": items})))
    }

    pub(crate) fn link(&mut self, key: Option<usize>, crew: usize, asked: &str) -> Expected {
        if let Some(fault) = self.front("link") {
            return fault;
        }
        let partner = match self.person(key, crew, 1) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        let documents = &self.crew[crew].documents;
        let mut found = documents.iter().find(|document| document.id == asked);
        while let Some(older) = found.filter(|document| !document.current) {
            let newer = documents.iter().find(|newer| newer.supersedes.as_deref() == Some(&older.id));
            found = newer.filter(|_| self.policy("superseded_document") == "current");
        }
        let Some(document) = found.cloned() else { return not_found() };
        if let Some(refusal) = self.store_refuses(0, document.is_down) {
            return refusal;
        }
        let ttl = if self.policy("link_ttl") == "840s" { 840 } else { 900 };
        let lives_for = if std::mem::take(&mut self.expires_next) { 0 } else { ttl };
        let link = Link {
            crew,
            document: document.id.clone(),
            partner,
            key: key.unwrap_or_default(),
            epoch: self.epoch,
            expires: self.now + lives_for,
            spent: false,
        };
        self.links.push(link);
        let Document { name, content_type, id, .. } = document;
        fine(Body::Link { document: id, expires: self.now + ttl, name, content_type })
    }

    fn store_refuses(&mut self, step: usize, is_down: bool) -> Option<Expected> {
        let shows = match self.policy("store_down_at") {
            "link" => step == 0,
            "file" => step == 1,
            _ => true,
        };
        if !shows {
            return None;
        }
        match &mut self.store[step] {
            Reach::Up if is_down => {}
            Reach::Up => return None,
            Reach::Down => {}
            Reach::DownFor(1) => self.store[step] = Reach::Up,
            Reach::DownFor(left) => *left -= 1,
        }
        let envelope = refused(503, "file_store_unavailable", "the file store is briefly unreachable");
        let body = match self.policy("store_down_body") {
            "empty" => Body::Empty,
            "text" => Body::Text("Service Unavailable\n"),
            _ => envelope.body,
        };
        let retry_after = match self.policy("retry_after") {
            "seconds" => Some("2".to_owned()),
            "http_date" => Some(http_date(self.now + 2)),
            _ => None,
        };
        Some(Expected { status: 503, body, retry_after })
    }

    pub(crate) fn dead(&self) -> Expected {
        let expired = "this link is no longer valid";
        match self.policy("dead_link") {
            "403" => refused(403, "link_expired", expired),
            "410" => refused(410, "link_expired", expired),
            _ => not_found(),
        }
    }

    pub(crate) fn follow(&mut self, at: usize, key: Option<usize>, condition: Condition) -> Expected {
        if let Some(fault) = self.front("file") {
            return fault;
        }
        if key.is_some() && self.policy("key_on_file") == "refused" {
            return refused(400, "bad_request", "bad request");
        }
        let link = self.links[at].clone();
        let key = &self.keys[link.key];
        let ground = !key.revoked
            && self.enabled[link.partner]
            && self.granted[link.partner] & key.narrowed & 2 != 0
            && self.on_fleet(link.crew, link.partner)
            && self.crew[link.crew].consent[link.partner] & 2 != 0;
        let found = self.crew[link.crew].documents.iter().find(|document| document.id == link.document).cloned();
        let lives = self.now < link.expires
            && link.epoch == self.epoch
            && found.as_ref().is_some_and(|it| it.current || self.policy("link_after_reupload") != "dead")
            && (ground || self.policy("recheck_on_follow") != "dead")
            && !(link.spent && self.policy("link_use") == "once");
        let Some(document) = found.filter(|_| lives) else { return self.dead() };
        if let Some(refusal) = self.store_refuses(1, document.is_down) {
            return refusal;
        }
        let conditional = self.conditional(&document, condition);
        // Only an answer with bytes of the file uses a link up.
        let has_file = conditional.as_ref().is_none_or(|answer| answer.status == 206);
        if has_file && self.policy("link_use") == "once" {
            self.links[at].spent = true;
        }
        let is_tagged = self.policy("ranges") == "honoured";
        if is_tagged && has_file {
            self.seen_tags.insert(document.id.clone());
        }
        if let Some(answer) = conditional {
            return answer;
        }
        let content_type = document.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        fine(Body::File { bytes: document.bytes, content_type, tagged: is_tagged.then_some(document.id) })
    }

    /// The answer that a condition leads to, if it is not the whole file.
    fn conditional(&self, document: &Document, condition: Condition) -> Option<Expected> {
        if self.policy("ranges") != "honoured" {
            return None;
        }
        // A tag that was never seen can't be repeated.
        let is_known = self.seen_tags.contains(&document.id);
        let length = document.bytes.len();
        match condition {
            Condition::NoneMatch(own) if own && is_known => Some(fine(Body::Empty).with(304)),
            Condition::Match(own) if !(own && is_known) => Some(fine(Body::Empty).with(412)),
            Condition::Range(own) if own.is_none_or(|own| own && is_known) => {
                let end = length.min(4);
                let content_range = format!("bytes 0-{}/{length}", end - 1);
                Some(fine(Body::Part { bytes: document.bytes[..end].to_vec(), content_range }).with(206))
            }
            _ => None,
        }
    }

    pub(crate) fn upload(&mut self, crew: usize, supersedes: Option<&str>, status: &'static str, bytes: &[u8]) {
        self.uploads += 1;
        let documents = &mut self.crew[crew].documents;
        let older = supersedes.map(|id| documents.iter_mut().find(|known| known.id == id).unwrap());
        let (kind, title, name, content_type) = match older {
            Some(older) => {
                older.current = false;
                (older.kind.clone(), older.title.clone(), older.name.clone(), older.content_type.clone())
            }
            None => ("CoC".to_owned(), "Fresh".to_owned(), None, None),
        };
        documents.push(Document {
            id: format!("doc_u{}", self.uploads),
            supersedes: supersedes.map(str::to_owned),
            current: true,
            kind,
            title,
            status,
            was_final: status != "pending",
            uploaded: Some(self.now.div_euclid(86_400)),
            bytes: bytes.to_vec(),
            name,
            content_type,
            is_down: false,
        });
    }
}
