//! What the fake should do, thought out anew from the contract. Nothing here is taken from the fake's code.

use serde_json::{Value, json};

use super::answers::{Body, Expected, about_scope, fine, http_date, limited, not_found, refused};
pub(crate) use super::parts::{Document, Key, Link, Person, Reach, Rule};
use super::steps::Step;
use super::world::{CREW, PARTNERS, VESSELS, begin};

/// The bit of `crew:documents:read` and the one of `crew:documents:download`.
pub(crate) const SCOPES: [&str; 2] = ["crew:documents:read", "crew:documents:download"];

#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) now: i64,
    pub(crate) granted: [u8; 2],
    pub(crate) enabled: [bool; 2],
    pub(crate) keys: Vec<Key>,
    pub(crate) crew: Vec<Person>,
    pub(crate) store: [Reach; 2],
    pub(crate) policies: std::collections::BTreeMap<&'static str, &'static str>,
    pub(crate) links: Vec<Link>,
    pub(crate) uploads: u64,
    pub(crate) rules: Vec<Rule>,
    /// Is true if the next link is dead as soon as it is given.
    pub(crate) expires_next: bool,
    /// How often the session was reset.
    pub(crate) epoch: u64,
    /// What each caller asked for in the second of the last request.
    pub(crate) asked: std::collections::BTreeMap<String, (i64, u64)>,
    pub(crate) expected: Option<Expected>,
}

impl std::fmt::Debug for State {
    /// Short: every sequence begins with the same world.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the world of world.rs")
    }
}

impl State {
    fn policy(&self, name: &'static str) -> &'static str {
        self.policies.get(name).copied().unwrap_or("")
    }

    /// What happens, and what should be answered.
    pub(crate) fn take(&mut self, step: &Step) -> Expected {
        match step {
            Step::List { key, crew } => self.list(*key, *crew),
            Step::Burst { key, crew, count } => {
                let each = (0..*count).map(|_| self.list(*key, *crew));
                each.last().unwrap_or_else(not_found)
            }
            Step::Link { key, crew, document } => self.link(*key, *crew, document),
            Step::Follow { link, key } => self.follow(*link, *key),
            Step::Tampered { .. } => self.front("file").unwrap_or_else(|| self.dead()),
            Step::UnknownPath => not_found(),
            _ => {
                self.change(step);
                fine(Body::Any).with(if matches!(step, Step::Upload { .. }) { 201 } else { 200 })
            }
        }
    }

    /// A rule that fires stands in front of every check.
    fn front(&mut self, step: &str) -> Option<Expected> {
        let mut fired = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.step == step) {
            rule.matched += 1;
            if rule.matched > rule.skip && rule.matched <= rule.skip + rule.times {
                fired = Some(fine(Body::Empty).with(rule.status));
                break;
            }
        }
        fired
    }

    /// 60 in a second, by partner and scope, or by address where there is no key that is good. No sequence is so long that
    /// the thousand in a minute could be reached.
    fn limit(&mut self, position: &str, key: Option<usize>, scope: usize) -> Result<(), Expected> {
        let here = match self.policy("limiter_position") {
            "after_scope" => "after_scope",
            _ => "before_key",
        };
        if self.policy("rate_limits") != "on" || position != here {
            return Ok(());
        }
        let known = key.and_then(|key| self.keys.get(key)).filter(|key| !key.revoked);
        let caller = known.map_or("somebody".to_owned(), |key| format!("{} {scope}", key.partner));
        let (second, asked) = self.asked.entry(caller).or_insert((self.now, 0));
        if *second != self.now {
            (*second, *asked) = (self.now, 0);
        }
        if *asked < 60 {
            *asked += 1;
            return Ok(());
        }
        let retry_after = match self.policy("retry_after") {
            "seconds" => Some("1".to_owned()),
            "http_date" => Some(http_date(self.now + 1)),
            _ => None,
        };
        Err(Expected { retry_after, ..limited(0.017) })
    }

    /// Everything up to the scope that the partner was granted; the partner.
    fn admitted(&self, key: Option<usize>, scope: usize) -> Result<usize, Expected> {
        let unknown = || refused(401, "invalid_api_key", "invalid API key");
        let known = self.keys.get(key.ok_or_else(unknown)?).filter(|key| !key.revoked).ok_or_else(unknown)?;
        if known.live {
            let message = "the key's mode does not match this environment";
            return Err(refused(403, "partner_mode_mismatch", message));
        }
        if !self.enabled[known.partner] {
            return Err(refused(403, "api_not_enabled", "API access is not enabled for this partner"));
        }
        if self.granted[known.partner] & known.narrowed & (1 << scope) == 0 {
            return Err(about_scope("scope_not_granted", "scope is not granted to this partner", scope));
        }
        Ok(known.partner)
    }

    fn on_fleet(&self, crew: usize, partner: usize) -> bool {
        // Vessel n is on the fleet of partner n.
        self.crew.get(crew).is_some_and(|person| person.vessels[partner])
    }

    fn person(&mut self, key: Option<usize>, crew: usize, scope: usize) -> Result<usize, Expected> {
        self.limit("before_key", key, scope)?;
        let partner = self.admitted(key, scope)?;
        self.limit("after_scope", key, scope)?;
        if !self.on_fleet(crew, partner) {
            return Err(not_found());
        }
        if self.crew[crew].consent[partner] & (1 << scope) == 0 {
            return Err(about_scope("scope_not_consented", "scope is not consented for this crew member", scope));
        }
        Ok(partner)
    }

    fn list(&mut self, key: Option<usize>, crew: usize) -> Expected {
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

    fn link(&mut self, key: Option<usize>, crew: usize, asked: &str) -> Expected {
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

    fn dead(&self) -> Expected {
        let expired = "this link is no longer valid";
        match self.policy("dead_link") {
            "403" => refused(403, "link_expired", expired),
            "410" => refused(410, "link_expired", expired),
            _ => not_found(),
        }
    }

    fn follow(&mut self, at: usize, key: Option<usize>) -> Expected {
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
        if self.policy("link_use") == "once" {
            self.links[at].spent = true;
        }
        let content_type = document.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let tagged = (self.policy("ranges") == "honoured").then_some(document.id);
        fine(Body::File { bytes: document.bytes, content_type, tagged })
    }

    fn change(&mut self, step: &Step) {
        match step {
            Step::Advance { seconds } => self.now += seconds,
            Step::Store { at, reach } => {
                for step in 0..2 {
                    if at.is_none_or(|at| at == step) {
                        self.store[step] = *reach;
                    }
                }
            }
            Step::Grant { partner, scopes, enabled } => {
                self.granted[*partner] = *scopes;
                self.enabled[*partner] = *enabled;
            }
            Step::Revoke { key, revoked } => self.keys[*key].revoked = *revoked,
            Step::Fleet { crew, vessels } => self.crew[*crew].vessels.clone_from(vessels),
            Step::Consent { crew, partner, scopes } => self.crew[*crew].consent[*partner] = *scopes,
            Step::Status { crew, document, status } => {
                let documents = &mut self.crew[*crew].documents;
                documents.iter_mut().find(|known| known.id == *document).unwrap().status = status;
            }
            Step::DocumentStore { crew, document, is_down } => {
                let documents = &mut self.crew[*crew].documents;
                documents.iter_mut().find(|known| known.id == *document).unwrap().is_down = *is_down;
            }
            Step::Expire => self.expires_next = true,
            Step::Reset => {
                let (links, epoch) = (std::mem::take(&mut self.links), self.epoch + 1);
                *self = Self { links, epoch, ..begin() };
            }
            Step::Policy { name, value } => {
                self.policies.insert(name, value);
            }
            Step::Upload { crew, supersedes, bytes } => self.upload(*crew, supersedes.as_deref(), bytes),
            Step::Remove { crew, document } => {
                let documents = &mut self.crew[*crew].documents;
                let mut gone = Some(document.clone());
                while let Some(id) = gone {
                    let at = documents.iter().position(|known| known.id == id).unwrap();
                    gone = documents.remove(at).supersedes;
                }
            }
            Step::Fault { rule } => self.rules.push(rule.clone()),
            Step::List { .. }
            | Step::Burst { .. }
            | Step::Link { .. }
            | Step::Follow { .. }
            | Step::Tampered { .. }
            | Step::UnknownPath => {}
        }
    }

    fn upload(&mut self, crew: usize, supersedes: Option<&str>, bytes: &[u8]) {
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
            status: "pending",
            uploaded: Some(self.now.div_euclid(86_400)),
            bytes: bytes.to_vec(),
            name,
            content_type,
            is_down: false,
        });
    }

    /// The ids of the current documents of a person.
    pub(crate) fn current(&self, crew: usize) -> Vec<String> {
        let current = self.crew[crew].documents.iter().filter(|document| document.current);
        current.map(|document| document.id.clone()).collect()
    }
}

/// The names of scopes by their bits.
pub(crate) fn scopes(bits: u8) -> Vec<&'static str> {
    (0..2).filter(|at| bits & (1 << at) != 0).map(|at| SCOPES[at]).collect()
}

/// The names of vessels.
pub(crate) fn vessels(on: &[bool]) -> Vec<&'static str> {
    (0..2).filter(|at| on[*at]).map(|at| VESSELS[at]).collect()
}

/// The name of a partner.
pub(crate) const fn partner(at: usize) -> &'static str {
    PARTNERS[at]
}
