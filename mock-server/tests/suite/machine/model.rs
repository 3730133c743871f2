//! What the fake should do, thought out anew from the contract. Nothing here is taken from the fake's code.

use super::answers::{Body, Expected, about_scope, fine, http_date, limited, not_found, refused};
use super::hooks::parts::Hooks;
pub(crate) use super::parts::{Condition, Cursor, Document, Key, Link, Person, Projection, Reach, Rule};
use super::steps::Step;
use super::world::{PARTNERS, VESSELS, begin};

/// The scopes, each with its bit.
pub(crate) const SCOPES: [&str; 7] = [
    "crew:documents:read",
    "crew:documents:download",
    "vessels:fleet:read",
    "crew:status:read",
    "crew:profile:read",
    "crew:profile:full:read",
    "crew:compliance:read",
];

/// The bits of all scopes, and the order in which an answer lists them.
pub(crate) const ALL: u8 = 0b111_1111;
const LISTED: [usize; 7] = [2, 3, 4, 5, 0, 1, 6];

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
    /// The number of changes of people since the last reset.
    pub(crate) version: u64,
    /// The projections of each person, with the times at which they are made.
    pub(crate) projections: Vec<Vec<Projection>>,
    pub(crate) cursors: Vec<Cursor>,
    /// The moments of fleets that were asked for last.
    pub(crate) moments: Vec<(usize, &'static str, u64)>,
    /// The documents whose entity tag was seen.
    pub(crate) seen_tags: std::collections::BTreeSet<String>,
    pub(crate) hooks: Hooks,
    pub(crate) expected: Option<Expected>,
}

impl std::fmt::Debug for State {
    /// Short: every sequence begins with the same world.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the world of world.rs, {:?}", self.hooks.callbacks)
    }
}

impl State {
    pub(crate) fn policy(&self, name: &'static str) -> &'static str {
        self.policies.get(name).copied().unwrap_or("")
    }

    /// What happens, and what should be answered; then the deliveries that are due.
    pub(crate) fn take(&mut self, step: &Step) -> Expected {
        self.hooks.attempted.clear();
        self.hooks.is_changed = false;
        let expected = self.answer(step);
        self.run_due();
        expected
    }

    fn answer(&mut self, step: &Step) -> Expected {
        match step {
            Step::List { key, crew } => self.list(*key, *crew),
            Step::Burst { key, crew, count } => {
                let each = (0..*count).map(|_| self.list(*key, *crew));
                each.last().unwrap_or_else(not_found)
            }
            Step::Link { key, crew, document } => self.link(*key, *crew, document),
            Step::Follow { link, key, condition } => self.follow(*link, *key, *condition),
            Step::Me { key } => self.me(*key),
            Step::Vessels { key } => self.vessels(*key),
            Step::FleetPage { key, query } => self.fleet(*key, *query),
            Step::Lookup { key, email } => self.lookup(*key, email),
            Step::Profile { key, crew } => self.profile(*key, *crew),
            Step::Photo { key, crew } => self.photo(*key, *crew),
            Step::Compliance { key, crew, vessel } => self.compliance(*key, *crew, *vessel),
            Step::Tampered { .. } => self.front("file").unwrap_or_else(|| self.dead()),
            Step::UnknownPath => not_found(),
            Step::Hook(step) => {
                self.hooks.is_changed = true;
                self.hook(step)
            }
            _ => {
                self.hooks.is_changed = true;
                let before = step.changed_person().map(|crew| (crew, self.crew[crew].clone()));
                self.change(step);
                if let Some((crew, before)) = before {
                    self.note_change(crew, &before);
                }
                fine(Body::Any).with(if matches!(step, Step::Upload { .. }) { 201 } else { 200 })
            }
        }
    }

    /// A rule that fires stands in front of every check.
    pub(crate) fn front(&mut self, step: &str) -> Option<Expected> {
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
    fn admitted(&self, key: Option<usize>, scope: Option<usize>) -> Result<usize, Expected> {
        let unknown = || refused(401, "invalid_api_key", "invalid API key");
        let known = self.keys.get(key.ok_or_else(unknown)?).filter(|key| !key.revoked).ok_or_else(unknown)?;
        if known.live {
            let message = "the key's mode does not match this environment";
            return Err(refused(403, "partner_mode_mismatch", message));
        }
        if !self.enabled[known.partner] {
            return Err(refused(403, "api_not_enabled", "API access is not enabled for this partner"));
        }
        match scope {
            Some(scope) if self.granted[known.partner] & known.narrowed & (1 << scope) == 0 => {
                Err(about_scope("scope_not_granted", "scope is not granted to this partner", scope))
            }
            _ => Ok(known.partner),
        }
    }

    /// The limits, and everything up to the scope; the partner.
    pub(crate) fn limited_admission(&mut self, key: Option<usize>, scope: Option<usize>) -> Result<usize, Expected> {
        // What needs no scope is counted by itself.
        let counted = scope.unwrap_or(SCOPES.len());
        self.limit("before_key", key, counted)?;
        let partner = self.admitted(key, scope)?;
        self.limit("after_scope", key, counted)?;
        Ok(partner)
    }

    pub(crate) fn on_fleet(&self, crew: usize, partner: usize) -> bool {
        // Vessel n is on the fleet of partner n.
        self.crew.get(crew).is_some_and(|person| person.vessels[partner])
    }

    pub(crate) fn person(&mut self, key: Option<usize>, crew: usize, scope: usize) -> Result<usize, Expected> {
        let partner = self.limited_admission(key, Some(scope))?;
        if !self.on_fleet(crew, partner) {
            return Err(not_found());
        }
        if self.crew[crew].consent[partner] & (1 << scope) == 0 {
            return Err(about_scope("scope_not_consented", "scope is not consented for this crew member", scope));
        }
        Ok(partner)
    }

    fn change(&mut self, step: &Step) {
        match step {
            Step::Advance { seconds } => self.advance(*seconds),
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
                let changed = self.document_mut(*crew, document);
                changed.status = status;
                changed.was_final |= *status != "pending";
            }
            Step::DocumentStore { crew, document, is_down } => self.document_mut(*crew, document).is_down = *is_down,
            Step::Expire => self.expires_next = true,
            Step::Reset => self.reset(),
            Step::Policy { name, value } => {
                self.policies.insert(name, value);
            }
            Step::Upload { crew, supersedes, status, bytes } => {
                self.upload(*crew, supersedes.as_deref(), status.unwrap_or("pending"), bytes);
            }
            Step::Remove { crew, document } => {
                let documents = &mut self.crew[*crew].documents;
                let mut gone = Some(document.clone());
                while let Some(id) = gone {
                    let at = documents.iter().position(|known| known.id == id).unwrap();
                    gone = documents.remove(at).supersedes;
                }
            }
            Step::Fault { rule } => self.rules.push(rule.clone()),
            Step::Person { crew, field } => self.change_person(*crew, field),
            Step::Refresh { crew } => self.refresh(*crew),
            Step::List { .. }
            | Step::Burst { .. }
            | Step::Link { .. }
            | Step::Follow { .. }
            | Step::Tampered { .. }
            | Step::Me { .. }
            | Step::Vessels { .. }
            | Step::FleetPage { .. }
            | Step::Lookup { .. }
            | Step::Profile { .. }
            | Step::Photo { .. }
            | Step::Compliance { .. }
            | Step::Hook(_)
            | Step::UnknownPath => {}
        }
    }

    fn document_mut(&mut self, crew: usize, id: &str) -> &mut Document {
        self.crew[crew].documents.iter_mut().find(|known| known.id == id).unwrap()
    }

    /// A new life begins. What was given before is no more good.
    fn reset(&mut self) {
        let (links, cursors) = (std::mem::take(&mut self.links), std::mem::take(&mut self.cursors));
        let hooks = self.hooks.after_reset();
        *self = Self { links, cursors, hooks, epoch: self.epoch + 1, ..begin() };
    }

    /// The ids of the current documents of a person.
    pub(crate) fn current(&self, crew: usize) -> Vec<String> {
        let current = self.crew[crew].documents.iter().filter(|document| document.current);
        current.map(|document| document.id.clone()).collect()
    }
}

/// The names of scopes by their bits.
pub(crate) fn scopes(bits: u8) -> Vec<&'static str> {
    LISTED.into_iter().filter(|at| bits & (1 << at) != 0).map(|at| SCOPES[at]).collect()
}

/// The names of vessels.
pub(crate) fn vessels(on: &[bool]) -> Vec<&'static str> {
    (0..2).filter(|at| on[*at]).map(|at| VESSELS[at]).collect()
}

/// The name of a partner.
pub(crate) const fn partner(at: usize) -> &'static str {
    PARTNERS[at]
}
