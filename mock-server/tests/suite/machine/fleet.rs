//! What the fake should say of a fleet, page by page, thought out from the contract.

use serde_json::{Value, json};

use super::answers::{Body, Expected, fine, not_found, refused};
use super::model::State;
use super::parts::{Cursor, Person};
use super::people::{FLEET, STATUS};
use super::world::{CREW, VESSELS};

/// The number of moments of a fleet that a session remembers.
const MOMENTS: usize = 8;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FleetQuery {
    pub(crate) window: Option<u64>,
    pub(crate) limit: Option<usize>,
    /// A cursor by the order in which it was given.
    pub(crate) cursor: Option<usize>,
}

impl FleetQuery {
    /// The query as a text, with the cursor as it was given.
    pub(crate) fn text(self, cursors: &[String]) -> String {
        let window = self.window.map(|days| format!("include_documents_expiring_within_days={days}"));
        let limit = self.limit.map(|limit| format!("limit={limit}"));
        let cursor = self.cursor.map(|at| {
            let encode = |text: String, byte: u8| format!("{text}%{byte:02X}");
            cursors[at].bytes().fold("cursor=".to_owned(), encode)
        });
        [window, limit, cursor].into_iter().flatten().collect::<Vec<_>>().join("&")
    }
}

impl State {
    pub(crate) fn fleet(&mut self, key: Option<usize>, query: FleetQuery) -> Expected {
        let partner = match self.limited_admission(key, Some(FLEET)) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        let cursor = match query.cursor.map(|at| self.opened(partner, &query, at)) {
            Some(None) => return self.bad_cursor(),
            Some(Some(cursor)) => Some(cursor),
            None => None,
        };
        let order = cursor.as_ref().map_or(self.policy("fleet_order"), |cursor| cursor.order);
        let is_live = self.policy("page_drift") == "live";
        let moment = cursor.as_ref().filter(|_| !is_live);
        let people = moment.map_or_else(|| self.crew.clone(), |cursor| cursor.people.clone());
        let version = moment.map_or(self.version, |cursor| cursor.version);
        let as_of = moment.map_or(self.now, |cursor| cursor.moment);
        self.remember(partner, order, version);
        let repeats = self.policy("cursor_query") == "repeat";
        let carried = cursor.as_ref().filter(|_| !repeats);
        let limit = query.limit.or(carried.map(|cursor| cursor.limit)).unwrap_or(50);
        let window = cursor.as_ref().map(|cursor| cursor.window).or(query.window).unwrap_or(30);
        let rows = rows(&people, partner, order);
        let start = cursor.as_ref().map_or(0, |cursor| cursor.offset).min(rows.len());
        let end = (start + limit).min(rows.len());
        let shows_status = self.granted[partner] & self.keys[key.unwrap()].narrowed & (1 << STATUS) != 0;
        let items = rows[start..end].iter().map(|crew| self.row(&people[*crew], *crew, partner, shows_status, as_of));
        let items: Vec<Value> = items.collect();
        let has_more = end < rows.len();
        if has_more {
            let epoch = self.epoch;
            self.cursors.push(Cursor {
                partner,
                order,
                version,
                people,
                moment: as_of,
                offset: end,
                window,
                limit,
                epoch,
                issued: self.now,
            });
        }
        let is_absent = self.policy("last_cursor") == "absent";
        fine(Body::Fleet { items, window, has_more, is_absent })
    }

    fn row(&self, person: &Person, crew: usize, partner: usize, shows_status: bool, as_of: i64) -> Value {
        let vessel = ["One", "Two"][partner];
        let mut row = json!({
            "crew_unique_id": CREW[crew], "name": person.name, "vessel_id": VESSELS[partner],
            "vessel_name": vessel, "role": person.rank, "documents_expiring": 0,
            "as_of": jiff::Timestamp::from_second(as_of).unwrap().to_string(),
        });
        let is_shown = shows_status && person.consent[partner] & (1 << STATUS) != 0;
        if is_shown {
            row["verification_status"] = json!(person.verification);
            row["background_check_status"] = json!(person.background_check);
        } else if self.policy("withheld_fields") != "absent" {
            row["verification_status"] = Value::Null;
            row["background_check_status"] = Value::Null;
        }
        row
    }

    /// A cursor that is good for this request, or none.
    fn opened(&mut self, partner: usize, query: &FleetQuery, at: usize) -> Option<Cursor> {
        let cursor = self.cursors[at].clone();
        let is_over = self.policy("cursor_ttl") == "15m" && self.now >= cursor.issued + 900;
        if cursor.partner != partner || cursor.epoch != self.epoch || is_over {
            return None;
        }
        if self.policy("page_drift") != "live" {
            let key = (partner, cursor.order, cursor.version);
            let is_there = self.moments.contains(&key) || cursor.version == 0 || cursor.version == self.version;
            if !is_there {
                return None;
            }
            self.remember(partner, cursor.order, cursor.version);
        }
        let repeats = self.policy("cursor_query") == "repeat";
        (!repeats || query.window.unwrap_or(30) == cursor.window).then_some(cursor)
    }

    /// A moment of a fleet is remembered until eight others were asked for since.
    fn remember(&mut self, partner: usize, order: &'static str, version: u64) {
        let key = (partner, order, version);
        self.moments.retain(|known| *known != key);
        self.moments.insert(0, key);
        self.moments.truncate(MOMENTS);
    }

    fn bad_cursor(&self) -> Expected {
        match self.policy("bad_cursor") {
            "404" => not_found(),
            "422" => fine(Body::Any).with(422),
            _ => refused(400, "invalid_cursor", "this cursor is not valid"),
        }
    }
}

/// The people of a fleet in an order; nobody is on two vessels of one partner.
fn rows(people: &[Person], partner: usize, order: &str) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..people.len()).filter(|crew| people[*crew].vessels[partner]).collect();
    if order == "id" {
        rows.sort_by_key(|crew| CREW[*crew]);
    } else {
        // Who has no name comes first.
        rows.sort_by_key(|crew| (people[*crew].name, CREW[*crew]));
    }
    rows
}
