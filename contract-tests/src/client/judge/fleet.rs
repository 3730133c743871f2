//! Judges of the task `fleet`: the pages are walked once and to their end, and everybody's documents are saved.

use serde_json::Value;

use super::view::{RequestView, RunView};

mod pages;
mod people;
mod refusals;

pub(in crate::client::judge) use pages::ended_at_limit;

judges! {
    "CPK-FLEET-01" => pages::each_once,
    "CPK-FLEET-02" => pages::unchanged_cursors,
    "CPK-FLEET-03" => pages::last_page,
    "CPK-FLEET-04" => pages::no_circle,
    "CPK-FLEET-05" => people::listed_once,
    "CPK-FLEET-06" => people::withheld,
    "CPK-FLEET-07" => people::tolerant,
    "CPK-FLEET-08" => pages::empty_page,
    "CPK-FLEET-09" => refusals::expired_cursor,
    "CPK-FLEET-10" => refusals::keeps_waits,
    "CPK-FLEET-11" => people::saved_once,
    "CPK-FLEET-12" => refusals::page_again,
    "CPK-FLEET-13" => people::modest,
    "CPK-FLEET-14" in any_case => pages::limit_in_range,
    "CPK-FLEET-15" => pages::broken_page,
    "CPK-FLEET-16" => people::stay_in_place,
    "CPK-FLEET-17" => people::same_names,
    "CPK-FLEET-18" => refusals::unprocessable,
    "CPK-FLEET-19" => refusals::denied_page,
}

/// A page of the fleet that was sent to the client in full.
struct Page<'r, 'a> {
    request: &'r RequestView<'a>,
    body: Value,
}

impl Page<'_, '_> {
    /// Returns the cursor of the next page, if there is one.
    fn next_cursor(&self) -> Option<&str> {
        self.body.get("next_cursor").and_then(Value::as_str)
    }

    /// Returns true if no page follows.
    fn is_last(&self) -> bool {
        self.body.get("next_cursor").is_none_or(Value::is_null)
    }

    /// Returns the rows; `None` if the page has none to read.
    fn rows(&self) -> Option<&Vec<Value>> {
        self.body.get("items").and_then(Value::as_array)
    }

    /// Returns the id of the person of each row.
    fn people(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows().into_iter().flatten();
        rows.filter_map(|row| row.get("crew_unique_id").and_then(Value::as_str))
    }
}

/// Returns the pages that a run got, in order.
fn pages<'r, 'a>(run_view: &'r RunView<'a>) -> Vec<Page<'r, 'a>> {
    let whole = run_view.fleet().filter(|request| request.is_whole());
    whole.filter_map(|request| Some(Page { request, body: request.exchange.answer()? })).collect()
}
