//! What the documented order of the checks makes of a question, as far as the expectation knows.

use super::expect::{COMPLIANCE, DOWNLOAD, Expectation, FLEET, PROFILE, Person, READ, STATUS};
use super::probe::NOTHING;
use super::question::{Credential, Question, Step};

/// A reason to refuse, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// No key.
    NoKey,
    /// A key behind a scheme that is not Bearer.
    Scheme,
    /// A key that does not exist.
    UnknownKey,
    /// A key that was revoked.
    Revoked,
    /// A key of the other mode.
    Mode,
    /// A plan without the API.
    Plan,
    /// A scope that is not granted.
    Granted,
    /// A crew member who is not on the fleet.
    Fleet,
    /// A scope that is not consented.
    Consented,
    /// A document or a photo that is not there.
    Document,
}

/// What is known of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Every rule that refuses it, in order.
    pub refused_by: Vec<Rule>,
    /// Something that would decide is not known.
    pub unsure: bool,
}

impl Rule {
    /// Returns the status and the code of the refusal.
    pub const fn answer(self) -> (u16, &'static str) {
        match self {
            Self::NoKey | Self::Scheme | Self::UnknownKey | Self::Revoked => (401, "invalid_api_key"),
            Self::Mode => (403, "partner_mode_mismatch"),
            Self::Plan => (403, "api_not_enabled"),
            Self::Granted => (403, "scope_not_granted"),
            Self::Fleet | Self::Document => (404, "not_found"),
            Self::Consented => (403, "scope_not_consented"),
        }
    }
}

impl Due {
    /// Returns true if no rule refuses the request.
    pub fn is_fine(&self) -> bool {
        self.refused_by.is_empty() && !self.unsure
    }

    /// Returns true if this rule refuses the request, and no other.
    pub fn only(&self, rule: Rule) -> bool {
        self.refused_by == [rule]
    }

    /// Records whether a rule refuses the request. What comes after an unknown rule is unknown, too.
    fn say(&mut self, rule: Rule, refuses: Option<bool>) {
        match refuses {
            _ if self.unsure => {}
            Some(true) => self.refused_by.push(rule),
            Some(false) => {}
            None => self.unsure = true,
        }
    }
}

/// Returns the scope of a step; empty if it needs none.
pub(super) const fn scope_of(step: Step) -> &'static str {
    match step {
        Step::List => READ,
        Step::Link => DOWNLOAD,
        Step::Vessels | Step::Fleet => FLEET,
        Step::Lookup => STATUS,
        Step::Profile | Step::Photo => PROFILE,
        Step::Compliance => COMPLIANCE,
        Step::Me | Step::File | Step::Odd => "",
    }
}

/// Returns the refusal that a request of the API must get, as far as it is known.
pub(super) fn due(expect: &Expectation, question: &Question) -> Due {
    let mut due = Due::default();
    let scope = scope_of(question.step);
    let lacks = |scopes: &Vec<String>| !scope.is_empty() && !scopes.iter().any(|one| one == scope);
    match &question.by {
        Credential::Nobody => due.refused_by.push(Rule::NoKey),
        Credential::Unknown => due.refused_by.push(Rule::UnknownKey),
        Credential::Basic | Credential::BasicUser | Credential::BasicPassword | Credential::Bare => {
            due.refused_by.push(Rule::Scheme);
        }
        Credential::Both => due.unsure = true,
        Credential::Header | Credential::LowerCase => {}
        Credential::Key(name) => {
            let Some(known) = expect.keys.get(name) else { return Due { unsure: true, ..due } };
            due.say(Rule::Revoked, Some(known.valid == Some(false)));
            due.say(Rule::Mode, Some(known.mode.is_some()));
            due.say(Rule::Plan, Some(known.plan == Some(false)));
            let all_granted = (name == "full").then_some(false);
            let refused_before = !due.refused_by.is_empty();
            let granted = known.granted.as_ref().map(lacks).or(all_granted).or(refused_before.then_some(false));
            due.say(Rule::Granted, granted);
            due.unsure |= known.partner.is_some();
        }
    }
    if matches!(question.step, Step::Me | Step::Vessels | Step::Fleet) {
        return due;
    }
    let person = expect.crew.get(&question.crew);
    let Some(person) = person.filter(|person| person.fleet) else {
        due.say(Rule::Fleet, Some(true));
        return due;
    };
    due.say(Rule::Consented, person.consents(scope).map(|given| !given));
    match question.step {
        Step::Link => due.say(Rule::Document, exists(expect, person, question).map(|exists| !exists)),
        Step::Photo => due.say(Rule::Document, person.photo.as_ref().map(Option::is_none)),
        _ => {}
    }
    due
}

/// Returns true if a document is a current one of a person, as far as that is known.
///
/// A document that is known to be another person's is not this one's; the gate's own id is nobody's.
fn exists(expect: &Expectation, person: &Person, question: &Question) -> Option<bool> {
    let is_in = |person: &Person| {
        person.documents.as_ref().map(|all| all.iter().any(|one| one.document_id == question.document))
    };
    let is_superseded = || person.superseded.contains(&question.document);
    let is_foreign = || expect.crew.values().any(|other| is_in(other) == Some(true));
    is_in(person).or_else(|| (question.document == NOTHING || is_superseded() || is_foreign()).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTATION: &str = "keys: {full: {key: a}, part: {key: b, granted: []}, old: {key: c, valid: false}, other: {key: d, \
        granted: ['crew:documents:read'], partner: another}, vague: {key: e}}\n\
        crew: {on: {fleet: true, consented: []}, off: {fleet: false}, open: {fleet: true}}\n";

    fn due_for(by: &str, crew: &str) -> Due {
        let expect = Expectation::parse(EXPECTATION, "e.yaml").unwrap();
        due(&expect, &Question::new(Step::List, Credential::Key(by.to_owned()), crew, ""))
    }

    #[test]
    fn rules_come_in_the_documented_order() {
        assert_eq!(due_for("full", "off").refused_by, [Rule::Fleet]);
        assert_eq!(due_for("full", "nobody").refused_by, [Rule::Fleet]);
        assert_eq!(due_for("part", "off").refused_by, [Rule::Granted, Rule::Fleet]);
        assert_eq!(due_for("old", "on").refused_by, [Rule::Revoked, Rule::Consented]);
        assert!(due_for("full", "on").only(Rule::Consented));
    }

    #[test]
    fn a_step_without_a_person_ends_at_its_scope() {
        let expect = Expectation::parse(EXPECTATION, "e.yaml").unwrap();
        let of = |step, by: &str| due(&expect, &Question::new(step, Credential::Key(by.to_owned()), "", ""));
        assert!(of(Step::Vessels, "full").is_fine() && of(Step::Me, "part").is_fine());
        assert!(of(Step::Fleet, "part").only(Rule::Granted) && of(Step::Me, "old").only(Rule::Revoked));
        assert!(of(Step::Me, "vague").unsure);
    }

    #[test]
    fn what_is_not_known_is_no_clauses_business() {
        for (by, crew) in [("other", "on"), ("other", "off"), ("vague", "off"), ("full", "open")] {
            let due = due_for(by, crew);
            assert!(due.refused_by.is_empty() && due.unsure && !due.is_fine(), "{by} {crew}");
        }
    }
}
