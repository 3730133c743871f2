//! The requests of the two documented POSTs, which only read: lookups and compliance checks.

use serde_json::{Value, json};

use crate::server::expect::{COMPLIANCE, STATUS};
use crate::server::question::{Answer, Credential, Phase, Question, Step};

use super::run::{NOBODY, Probe};
use super::variation::{
    ARRAY, BLANKS, EMPTY_OBJECT, LARGE_BODY, NO_BODY, NO_VESSEL, NOT_JSON, OTHER_CASE, OTHER_FIELD, OTHER_VESSEL,
    TEXT_BODY, UNKNOWN_FIELD,
};

/// An address that nobody has.
const NO_ADDRESS: &str = "nobody-has-this-address@crewpass.invalid";
/// A vessel that does not exist.
const NO_SHIP: &str = "ves_nobody_has_this_id";
/// The parameter of the vessel.
pub(in crate::server) const VESSEL: &str = "vessel_id";
/// The name that a lookup's field most likely has.
const LIKELY_FIELD: &str = "email";
/// The most persons who are looked up or checked.
const MOST: usize = 25;

impl Probe<'_> {
    /// Looks up everybody whose address is known, and one that nobody has; then bodies that vary.
    pub(super) async fn lookups(&mut self) {
        let known = self.expect.crew.iter().filter_map(|(id, person)| Some((id.clone(), person.email.clone()?)));
        let known: Vec<_> = known.map(|(id, email)| (id, email.reveal().to_owned())).take(MOST).collect();
        if known.is_empty() {
            return;
        }
        let main = self.first_with(STATUS, |person| person.email.is_some());
        let address = known.iter().find(|(id, _)| *id == main).map_or(NO_ADDRESS, |(_, email)| email).to_owned();
        let field = self.lookup_field(&main, &address).await;
        let lookup = |by, id: &str, email: &str| look_up(by, id, &field, email);
        for (id, email) in known.iter().filter(|(id, _)| *id != main) {
            self.server.ask(lookup(Credential::full(), id, email)).await;
        }
        self.server.ask(lookup(Credential::full(), NOBODY, NO_ADDRESS)).await;
        for by in self.credentials().into_iter().filter(|by| *by != Credential::full()) {
            self.server.ask(lookup(by, &main, &address)).await;
        }
        self.vary(lookup(Credential::full(), &main, &address.to_uppercase()), OTHER_CASE).await;
        self.vary(lookup(Credential::full(), &main, &format!(" {address} ")), BLANKS).await;
        let with_more = json!({&field: address, "nobody_knows": 1});
        self.vary(lookup(Credential::full(), &main, "").with_json(&with_more), UNKNOWN_FIELD).await;
        self.bodies(&Question::new(Step::Lookup, Credential::full(), &main, ""), &json!({&field: address})).await;
    }

    /// Looks up the first address, and returns the name of the field that the server takes it in.
    ///
    /// A 422 names the field that it misses, so that no name has to be guessed.
    async fn lookup_field(&mut self, id: &str, address: &str) -> String {
        let known = self.expect.lookup.as_ref().and_then(|lookup| lookup.field.clone());
        let field = known.unwrap_or_else(|| LIKELY_FIELD.to_owned());
        let first = self.server.ask(look_up(Credential::full(), id, &field, address)).await;
        match missing_field(&first).filter(|missing| *missing != field) {
            Some(missing) => {
                self.server.move_last_to(Phase::Variation);
                self.server.detail_last(OTHER_FIELD);
                self.server.ask(look_up(Credential::full(), id, &missing, address)).await;
                missing
            }
            None => field,
        }
    }

    /// Sends bodies that break the schema, or whose response is not documented.
    async fn bodies(&mut self, question: &Question, right: &Value) {
        const JSON: Option<&str> = Some("application/json");
        let large = json!({"nobody_knows": "x".repeat(65 << 10)}).to_string();
        for (detail, kind, text) in [
            (ARRAY, JSON, "[]".to_owned()),
            (NOT_JSON, JSON, "{".to_owned()),
            (NO_BODY, None, String::new()),
            (TEXT_BODY, Some("text/plain"), right.to_string()),
            (LARGE_BODY, JSON, large),
        ] {
            self.vary(question.clone().with_body(kind, text), detail).await;
        }
        if question.step != Step::Lookup {
            return;
        }
        let with_none = question.clone().with_json(&json!({}));
        self.vary(with_none.clone(), EMPTY_OBJECT).await;
        for by in self.credentials().into_iter().filter(|by| *by != Credential::full()) {
            self.vary(Question { by, ..with_none.clone() }, EMPTY_OBJECT).await;
        }
    }

    /// Checks everybody on each vessel that is known, and those who are not on the fleet; then bodies that vary.
    pub(super) async fn compliance(&mut self) {
        let expect = self.expect;
        if expect.crew.values().all(|person| person.compliance.is_empty()) {
            return;
        }
        for (id, person) in expect.crew.iter().filter(|(_, person)| !person.compliance.is_empty()).take(MOST) {
            for vessel in person.compliance.keys() {
                self.server.ask(check(Credential::full(), id).with_query(VESSEL, vessel)).await;
            }
            self.vary(check(Credential::full(), id), NO_VESSEL).await;
        }
        let others = self.persons().into_iter();
        let others = others.filter(|id| expect.crew.get(id).is_none_or(|person| person.compliance.is_empty()));
        for id in others.collect::<Vec<_>>() {
            self.server.ask(check(Credential::full(), &id)).await;
        }
        let main = self.first_with(COMPLIANCE, |person| !person.compliance.is_empty());
        for by in self.credentials().into_iter().filter(|by| *by != Credential::full()) {
            self.server.ask(check(by, &main)).await;
        }
        let own = |id: &String| expect.crew.get(&main).is_some_and(|person| person.compliance.contains_key(id));
        let other = expect.vessels.keys().find(|id| !own(id)).map_or(NO_SHIP, String::as_str);
        self.vary(check(Credential::full(), &main).with_query(VESSEL, other), OTHER_VESSEL).await;
        let with_more = check(Credential::full(), &main).with_json(&json!({"nobody_knows": 1}));
        self.vary(with_more, UNKNOWN_FIELD).await;
        self.bodies(&check(Credential::full(), &main), &json!({})).await;
    }
}

fn look_up(by: Credential, id: &str, field: &str, email: &str) -> Question {
    Question::new(Step::Lookup, by, id, "").with_json(&json!({field: email}))
}

fn check(by: Credential, id: &str) -> Question {
    Question::new(Step::Compliance, by, id, "").with_json(&json!({}))
}

/// Returns the field of the body that a 422 misses.
fn missing_field(answer: &Answer) -> Option<String> {
    if answer.status != 422 {
        return None;
    }
    let json = answer.json();
    let missing = json["detail"].as_array()?.iter().find(|mistake| mistake["type"] == "missing")?;
    match &missing["loc"].as_array()?[..] {
        [place, field] if place == "body" => field.as_str().map(ToOwned::to_owned),
        _ => None,
    }
}
