//! Advice on the API key, and on its plan and scopes.

use crewpass_diagnostics::mask_secret;

use super::advice::{Advice, Situation};
use super::words::{list, shown};
use crate::check::Caller;
use crate::error::{Extra, Refusal};
use crate::request::Credential;
use crate::scope::Scope;
use crate::secret::mode_of;
use crate::world::{Key, Partner};

impl Situation<'_> {
    /// Iterates over the current keys, with their partners.
    fn keys(&self) -> impl Iterator<Item = (&Partner, &Key)> {
        self.state.partners.iter().flat_map(|partner| partner.keys.iter().map(move |key| (partner, key)))
    }

    /// Returns the names of the first keys for which `fits` is true.
    fn names(&self, fits: impl Fn(&Partner, &Key) -> bool) -> Vec<&str> {
        let fitting = self.keys().filter(|(partner, key)| fits(partner, key));
        fitting.take(super::advice::NAMES_AT_MOST).map(|(_, key)| &*key.name).collect()
    }

    /// Formats a list of the keys that work.
    fn keys_that_work(&self) -> String {
        let mode = self.state.world().mode;
        let works = |partner: &Partner, key: &Key| {
            !key.revoked && partner.api_enabled && key.text.as_ref().and_then(crate::secret::ApiKey::mode) == Some(mode)
        };
        format!("keys that work: {}", list(self.names(works), "none"))
    }

    /// Advises on a key that is missing, unknown or revoked.
    pub(crate) fn key(&self) -> Advice {
        let works = self.keys_that_work();
        let sent = self.question.context.credential().judged(self.state.policies.both_keys);
        let Some(text) = sent else {
            if let Credential::Two { .. } = self.question.context.credential() {
                let why = "Two keys were sent that differ, and the policy both_keys refuses that.";
                return Advice::new(
                    why,
                    ["send one of them".to_owned().into(), self.ctl("policies set both_keys=bearer")],
                );
            }
            let why = "No key was sent: neither Authorization: Bearer nor X-Partner-API-Key has one.";
            return Advice::new(why, [works]);
        };
        if let Some((partner, key)) = self.state.key(text).filter(|(_, key)| key.revoked) {
            let why = format!("The key {} of {} is revoked.", key.name, partner.id);
            return Advice::new(why, [self.ctl(&format!("key {} restore", key.name)), works.into()]);
        }
        if let Some(session) = &self.question.belongs_to {
            let why = format!(
                "{} is a key of the session {session}, and this is {}.",
                mask_secret(text),
                self.question.session
            );
            return Advice::new(why, [works]);
        }
        if self.keys().any(|(_, key)| *key.name == *text) {
            let why = format!("{} is the name of a key, and no key: what is sent is its text.", shown(text));
            return Advice::new(why, [works]);
        }
        if mode_of(text).is_none() {
            let why = if text.starts_with("cppk_") {
                "cppk_… is a key of another kind, and refused here like an unknown one.".to_owned()
            } else {
                format!("{} is not a partner key: one begins cpk_live_ or cpk_test_.", mask_secret(text))
            };
            return Advice::new(why, [works]);
        }
        Advice::new(
            format!("No key of this world is {}.", mask_secret(text)),
            self.like(text).into_iter().chain([works]),
        )
    }

    /// Suggests a key that differs in a few letters only, as after a typing mistake.
    fn like(&self, text: &str) -> Option<String> {
        let near = |known: &str| strsim::levenshtein(known, text) <= 4;
        let found = self.keys().find(|(_, key)| key.text.as_ref().is_some_and(|key| near(key.reveal())));
        found.map(|(_, key)| format!("the key {} differs from it in a few letters only", key.name))
    }

    /// Returns the key of the request, if the session has it.
    fn sent(&self) -> Option<&Key> {
        let text = self.question.context.credential().judged(self.state.policies.both_keys)?;
        self.state.key(text).map(|(_, key)| key)
    }

    /// Advises on a live key in a test world, or the reverse.
    pub(crate) fn mode(&self, caller: Caller) -> Advice {
        let name = self.sent().map_or("the key", |key| &key.name);
        let (is, world) = (caller.mode.name(), self.state.world().mode);
        let mine = |partner: &Partner, key: &Key| {
            partner.id == self.partner(caller).id
                && !key.revoked
                && key.text.as_ref().and_then(crate::secret::ApiKey::mode) == Some(world)
        };
        let fitting = self.names(mine);
        let why = format!("{name} is a {is} key, and this is a {} world.", world.name());
        let keys = list(fitting, "none");
        Advice::new(why, [format!("{} keys of {}: {keys}", world.name(), self.partner(caller).id)])
    }

    /// Advises on a plan without API access.
    pub(crate) fn plan(&self, caller: Caller) -> Advice {
        let partner = self.partner(caller);
        let plan = partner.plan.as_deref().map_or_else(String::new, |plan| format!(" {plan}"));
        let why = format!("The plan{plan} of {} has no API.", partner.id);
        let order = self.ctl(&format!("partner {} --api-enabled true", partner.id));
        Advice::new(why, [order, self.keys_that_work().into()])
    }

    /// Advises on a scope that was not granted.
    pub(crate) fn scope_granted(&self, caller: Caller, refusal: &Refusal) -> Advice {
        let missing = if let Extra::Scope(scope) = refusal.extra { scope } else { self.scope() };
        let (partner, scope) = (self.partner(caller), missing);
        let has = |partner: &Partner, key: &Key| {
            let granted = key.granted_scopes.map_or(partner.granted_scopes, |own| own.both(partner.granted_scopes));
            let own = partner.id == self.partner(caller).id;
            own && !key.revoked
                && key.text.as_ref().and_then(crate::secret::ApiKey::mode) == Some(self.state.world().mode)
                && granted.contains(scope)
        };
        let with = format!("keys of {} that have it: {}", partner.id, list(self.names(has), "none"));
        let name = self.sent().map_or("the key", |key| &key.name);
        if partner.granted_scopes.contains(scope) {
            let why = format!("The key {name} was not granted {scope}, which its partner {} has.", partner.id);
            return Advice::new(why, [with]);
        }
        let all: Vec<&str> = partner.granted_scopes.iter().map(Scope::name).chain([scope.name()]).collect();
        let order = self.ctl(&format!("partner {} --scopes {}", partner.id, all.join(",")));
        Advice::new(format!("{} was not granted {scope}.", partner.id), [with.into(), order])
    }
}
