//! Checks of the pages of a fleet: limit, window and cursors.

use serde_json::Value;

use super::values::status_and_code;
use crate::client::judge::Verdict;
use crate::server::decoded::forms;
use crate::server::probe::WINDOW;
use crate::server::probe::variation::{
    CHANGED_CURSOR, CURSOR_ALONE, EMPTY_CURSOR, FOREIGN_CURSOR, LIMIT_OVER, LIMIT_ZERO, NO_PARAMETERS, NOT_A_NUMBER,
    UNKNOWN_PARAMETER, WINDOW_OVER,
};
use crate::server::question::{Answer, Step};
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-PAGE-01", limit),
    ("CPS-PAGE-02", every_row_once),
    ("CPS-PAGE-03", cursor_form),
    ("CPS-PAGE-04", window),
    ("CPS-PAGE-05", opaque),
    ("CPS-PAGE-06", own_cursors),
    ("CPS-PAGE-07", bad_cursor),
    ("CPS-PAGE-08", out_of_range),
    ("CPS-PAGE-09", defaults),
    ("CPS-PAGE-10", cursor_alone),
    ("CPS-PAGE-11", last_cursor),
    ("CPS-PAGE-12", unknown_parameters),
];

/// The shortest id or name that is looked for in a cursor.
const SHORTEST: usize = 5;

/// A walk through the fleet, page by page.
pub(super) struct Walk<'a> {
    pub(super) pages: Vec<&'a Answer>,
}

impl Walk<'_> {
    /// Returns true if every page was given, down to the last.
    pub(super) fn is_whole(&self) -> bool {
        let last = self.pages.last();
        self.pages.iter().all(|page| page.status == 200) && last.is_some_and(|page| cursor(page).is_none())
    }

    /// Returns the rows of all pages.
    pub(super) fn rows(&self) -> Vec<Value> {
        self.pages.iter().flat_map(|page| page.items()).collect()
    }
}

/// Returns the cursor of the next page.
fn cursor(page: &Answer) -> Option<String> {
    let json = page.json();
    json["next_cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(ToOwned::to_owned)
}

/// Returns the walks of the key `full`: each begins with a page without a cursor.
pub(super) fn walks<'a>(seen: &'a Seen<'_>) -> Vec<Walk<'a>> {
    let mut all: Vec<Walk<'a>> = Vec::new();
    for page in seen.fine(Step::Fleet) {
        match all.last_mut().filter(|_| page.question.value("cursor").is_some()) {
            Some(walk) => walk.pages.push(page),
            None => all.push(Walk { pages: vec![page] }),
        }
    }
    all
}

fn pages<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    seen.fine(Step::Fleet).filter(|one| one.status == 200)
}

fn limit(seen: &Seen<'_>) -> Verdict {
    each(pages(seen), |answer| {
        let limit = answer.question.value("limit")?.parse::<usize>().ok()?;
        let rows = answer.items().len();
        (rows > limit).then(|| (format!("at most {limit} rows with limit={limit}"), format!("{rows} rows")))
    })
}

/// Returns the persons and vessels of rows, in order.
fn places(rows: &[Value]) -> Vec<String> {
    let mut all: Vec<_> = rows.iter().map(|row| format!("{} on {}", row["crew_unique_id"], row["vessel_id"])).collect();
    all.sort();
    all
}

fn every_row_once(seen: &Seen<'_>) -> Verdict {
    let walks = walks(seen);
    let whole = walks.iter().find(|walk| walk.is_whole()).map(|walk| places(&walk.rows()));
    let (mut any, mut findings) = (false, Vec::new());
    for walk in walks.iter().filter(|walk| walk.pages.len() > 1) {
        let (Some(first), Some(last)) = (walk.pages.first(), walk.pages.last()) else { continue };
        any = true;
        let asked: Vec<_> = walk.pages.iter().filter_map(|page| page.question.value("cursor")).collect();
        if let Some(again) = cursor(last).filter(|cursor| asked.contains(&cursor.as_str())) {
            findings.push(finding(last, "another cursor on each page", format!("{again} again")));
            continue;
        }
        if let Some(broken) = walk.pages.iter().find(|page| page.status != 200) {
            findings.push(finding(broken, "200 for the cursor of the page before", broken.summary()));
            continue;
        }
        let found = places(&walk.rows());
        if let Some((twice, _)) = found.iter().zip(found.iter().skip(1)).find(|(one, next)| one == next) {
            findings.push(finding(first, "each row on one page", format!("{twice} twice")));
        }
        let missing = whole.iter().flatten().find(|place| walk.is_whole() && !found.contains(place));
        if let Some(missing) = missing {
            findings.push(finding(first, "every row of the fleet on one of the pages", format!("{missing} on none")));
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn cursor_form(seen: &Seen<'_>) -> Verdict {
    each(pages(seen), |answer| {
        let json = answer.json();
        let cursor = &json["next_cursor"];
        let is_right = cursor.is_null() || cursor.as_str().is_some_and(|cursor| !cursor.is_empty());
        (!is_right).then(|| ("`next_cursor` is a string that is not empty, or null".to_owned(), cursor.to_string()))
    })
}

fn window(seen: &Seen<'_>) -> Verdict {
    let asked = pages(seen).filter(|page| page.question.value(WINDOW).is_some());
    each(asked, |answer| {
        let days = answer.question.value(WINDOW)?;
        let shown = &answer.json()["expiring_within_days"];
        let is_right = shown.as_u64().is_some_and(|shown| shown.to_string() == days);
        (!is_right).then(|| (format!("`expiring_within_days: {days}`"), shown.to_string()))
    })
}

/// Returns the ids and names that no cursor may show.
fn names(seen: &Seen<'_>) -> Vec<String> {
    let rows = seen.expect.fleet.iter().flatten();
    let fields = ["crew_unique_id", "name", "vessel_id", "vessel_name"];
    let known = rows.flat_map(|row| fields.into_iter().filter_map(|field| row.text(field)).collect::<Vec<_>>());
    let ids = seen.expect.crew.keys().map(String::as_str);
    known.chain(ids).filter(|name| name.len() >= SHORTEST).map(str::to_lowercase).collect()
}

fn opaque(seen: &Seen<'_>) -> Verdict {
    let names = names(seen);
    each(pages(seen).filter(|page| cursor(page).is_some()), |answer| {
        let forms = forms(&cursor(answer)?);
        let shown = names.iter().find(|name| forms.iter().any(|form| form.contains(name.as_str())))?;
        Some(("a cursor that shows no id and no name".to_owned(), format!("a cursor that shows {shown}")))
    })
}

fn own_cursors(seen: &Seen<'_>) -> Verdict {
    each(seen.variations(Step::Fleet, FOREIGN_CURSOR), |answer| {
        let is_mine = |row: &Value| {
            let person = row["crew_unique_id"].as_str().and_then(|id| seen.expect.crew.get(id));
            person.is_some_and(|person| person.fleet && person.fleet_of.is_none())
        };
        let items = answer.items();
        let shown = items.iter().find(|row| is_mine(row))?;
        let expected = "no row of the fleet that a cursor is of, for another partner".to_owned();
        Some((expected, format!("a row of {}", shown["crew_unique_id"])))
    })
}

fn bad_cursor(seen: &Seen<'_>) -> Verdict {
    let answers = seen.variations(Step::Fleet, CHANGED_CURSOR);
    observed(answers.map(|answer| format!("this server answers a bad cursor with {}", status_and_code(answer))))
}

fn out_of_range(seen: &Seen<'_>) -> Verdict {
    let details = [LIMIT_OVER, LIMIT_ZERO, NOT_A_NUMBER, WINDOW_OVER];
    let answers = details.into_iter().flat_map(|detail| seen.variations(Step::Fleet, detail));
    observed(answers.map(|answer| format!("{} is answered with {}", answer.question.detail, status_and_code(answer))))
}

fn defaults(seen: &Seen<'_>) -> Verdict {
    let answers = seen.variations(Step::Fleet, NO_PARAMETERS).filter(|one| one.status == 200);
    observed(answers.map(|answer| {
        let days = &answer.json()["expiring_within_days"];
        let rows = answer.items().len();
        let more = if cursor(answer).is_some() { ", and there are more" } else { ", which are all" };
        format!("without parameters the window is {days} days, and a page has {rows} rows{more}")
    }))
}

fn cursor_alone(seen: &Seen<'_>) -> Verdict {
    let answers = seen.variations(Step::Fleet, CURSOR_ALONE);
    observed(answers.map(|answer| {
        let days = &answer.json()["expiring_within_days"];
        let window = if answer.status == 200 { format!(", in a window of {days} days") } else { String::new() };
        format!("a cursor without limit and window is answered with {}{window}", status_and_code(answer))
    }))
}

fn last_cursor(seen: &Seen<'_>) -> Verdict {
    let last = pages(seen).filter(|page| cursor(page).is_none());
    observed(last.map(|page| {
        let form = if page.json().get("next_cursor").is_none() { "absent" } else { "null" };
        format!("`next_cursor` is {form} on the last page")
    }))
}

fn unknown_parameters(seen: &Seen<'_>) -> Verdict {
    let details = [UNKNOWN_PARAMETER, EMPTY_CURSOR];
    let answers = details.into_iter().flat_map(|detail| seen.variations(Step::Fleet, detail));
    observed(answers.map(|answer| format!("{} is answered with {}", answer.question.detail, status_and_code(answer))))
}
