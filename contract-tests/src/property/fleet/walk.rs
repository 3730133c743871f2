//! The pages of a drawn fleet: served by the fake, or written with cursors of other forms.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Cursors that need encoding, or that a client may change.
const CURSORS: [&str; 6] =
    ["next+page/2=%2B&a#b \u{fc}", "eyJwIjozfQ==", LONG, "%41%2f", "plain_cursor-1", "a+b c%20d"];

/// A cursor of 300 characters.
const LONG: &str = concat!(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "1123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "2123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL/+",
    "3123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "4123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "5123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL==",
);

/// The most cursors of a written walk.
const MOST_CURSORS: usize = 3;

/// The source of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// The fake serves them.
    Served,
    /// They are written, with these cursors.
    Written(Vec<&'static str>),
    /// They are written and lead in a circle of one or two pages.
    Circle(usize),
}

/// Draws where the pages come from.
pub(super) fn walk() -> impl Strategy<Value = Walk> {
    let cursors = proptest::collection::vec(select(&CURSORS[..]), 1..=MOST_CURSORS).prop_map(Walk::Written);
    prop_oneof![8 => Just(Walk::Served), 3 => cursors, 1 => (1_usize..=2).prop_map(Walk::Circle)]
}

impl Walk {
    /// Returns the walk that this number of rows allows: each written page has one at least, and no cursor is given
    /// twice.
    pub(super) fn within(self, rows: usize) -> Self {
        match self {
            Self::Written(mut cursors) => {
                let mut seen = Vec::new();
                cursors.retain(|cursor| {
                    !seen.contains(cursor) && {
                        seen.push(*cursor);
                        true
                    }
                });
                cursors.truncate(rows.saturating_sub(1));
                if cursors.is_empty() { Self::Served } else { Self::Written(cursors) }
            }
            Self::Circle(pages) if rows < pages || rows == 0 => Self::Served,
            other => other,
        }
    }

    /// Returns the pages as rules for the fake; none where it serves them.
    pub(super) fn rules(&self, rows: &[Value], last_is_absent: bool) -> Vec<Value> {
        match self {
            Self::Served => Vec::new(),
            Self::Written(cursors) => {
                let pages = parts(rows, cursors.len() + 1);
                let next = cursors.iter().map(|cursor| Some(*cursor)).chain([None]);
                let rules = pages.into_iter().zip(next).zip(1..);
                rules
                    .map(|((rows, next), number)| {
                        let when = next.map(|_| json!({"times": 1}));
                        rule(number, rows, next, last_is_absent, when)
                    })
                    .collect()
            }
            Self::Circle(1) => vec![rule(1, rows, Some("cursor_again"), false, None)],
            Self::Circle(_) => {
                let pages = parts(rows, 2);
                let second = rule(2, pages[1], Some("cursor_b"), false, Some(json!({"every": 2})));
                vec![second, rule(1, pages[0], Some("cursor_a"), false, None)]
            }
        }
    }
}

/// Divides rows into this number of parts, none of which is empty.
fn parts(rows: &[Value], many: usize) -> Vec<&[Value]> {
    let bounds: Vec<usize> = (0..=many).map(|part| part * rows.len() / many).collect();
    bounds.windows(2).map(|bound| &rows[bound[0]..bound[1]]).collect()
}

fn rule(number: usize, rows: &[Value], next: Option<&str>, last_is_absent: bool, when: Option<Value>) -> Value {
    let mut page = json!({"items": rows, "expiring_within_days": 30});
    if next.is_some() || !last_is_absent {
        page["next_cursor"] = json!(next);
    }
    let body = json!({"content_type": "application/json", "text": page.to_string()});
    let mut rule = json!({
        "name": format!("page-{number}"), "match": {"step": "fleet"}, "then": {"status": {"code": 200, "body": body}},
    });
    if let Some(when) = when {
        rule["when"] = when;
    }
    rule
}
