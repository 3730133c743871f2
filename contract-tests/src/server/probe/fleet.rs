//! The requests about the partner itself: who it is, its vessels and its fleet, page by page.

use crate::server::expect::FLEET;
use crate::server::question::{Answer, Credential, Phase, Question, Step};

use super::run::Probe;
use super::variation::{
    CHANGED_CURSOR, CURSOR_ALONE, EMPTY_CURSOR, FOREIGN_CURSOR, LIMIT_OVER, LIMIT_ZERO, NO_PARAMETERS, NOT_A_NUMBER,
    UNKNOWN_PARAMETER, WINDOW_OVER,
};

/// The parameter of the window.
pub(in crate::server) const WINDOW: &str = "include_documents_expiring_within_days";
/// The window of a walk, in days; not a likely default, so that it shows whether a cursor carries it.
const DAYS: &str = "60";
/// The most rows of a page.
const MOST_ROWS: usize = 200;
/// The most pages of a walk.
const MOST_PAGES: usize = 50;

impl Probe<'_> {
    /// Asks for something of the partner itself, with every credential, if it is known.
    pub(super) async fn with_every_credential(&mut self, step: Step, is_known: bool) {
        for by in self.credentials().into_iter().filter(|_| is_known) {
            self.ask(step, by, "", "", Phase::Baseline).await;
        }
    }

    /// Walks the fleet with large and with small pages, and asks for it with every credential.
    pub(super) async fn fleet(&mut self) {
        if self.expect.fleet.is_none() {
            return;
        }
        let rows = self.walk(MOST_ROWS).await.iter().map(|page| page.items().len()).sum::<usize>();
        let small = rows.div_ceil(3).clamp(1, MOST_ROWS);
        let first = self.walk(small).await.into_iter().next();
        for days in ["0", "730"] {
            self.server.ask(page(Credential::full(), days, MOST_ROWS)).await;
        }
        for by in self.credentials().into_iter().filter(|by| *by != Credential::full()) {
            self.server.ask(page(by, DAYS, MOST_ROWS)).await;
        }
        let cursor = first.as_ref().and_then(next_cursor);
        self.cursors(small, cursor.as_deref()).await;
        self.queries().await;
    }

    /// Asks for pages of a size until there is no further one.
    async fn walk(&mut self, limit: usize) -> Vec<Answer> {
        let first = page(Credential::full(), DAYS, limit);
        let mut pages = vec![self.server.ask(first.clone()).await];
        let mut known = Vec::new();
        while let Some(cursor) = pages.last().and_then(next_cursor).filter(|_| pages.len() < MOST_PAGES) {
            // A cursor that comes back leads round in a circle.
            if known.contains(&cursor) {
                break;
            }
            pages.push(self.server.ask(first.clone().with_query("cursor", &cursor)).await);
            known.push(cursor);
        }
        pages
    }

    /// Sends cursors that no page gave, and one that is another's.
    async fn cursors(&mut self, limit: usize, cursor: Option<&str>) {
        let empty = page(Credential::full(), DAYS, limit).with_query("cursor", "");
        self.vary(empty, EMPTY_CURSOR).await;
        let Some(cursor) = cursor else { return };
        let alone = Question::new(Step::Fleet, Credential::full(), "", "").with_query("cursor", cursor);
        self.vary(alone, CURSOR_ALONE).await;
        let bad = page(Credential::full(), DAYS, limit).with_query("cursor", &changed(cursor));
        self.vary(bad, CHANGED_CURSOR).await;
        let may_walk = |by: &Credential| match by {
            Credential::Key(name) => self.expect.keys.get(name).is_some_and(|key| {
                key.partner.is_some() && key.granted.as_ref().is_some_and(|some| some.iter().any(|one| one == FLEET))
            }),
            _ => false,
        };
        for by in self.credentials().into_iter().filter(may_walk).collect::<Vec<_>>() {
            self.vary(page(by, DAYS, limit).with_query("cursor", cursor), FOREIGN_CURSOR).await;
        }
    }

    /// Sends queries whose response is not documented.
    async fn queries(&mut self) {
        let fleet = || Question::new(Step::Fleet, Credential::full(), "", "");
        self.vary(fleet(), NO_PARAMETERS).await;
        for (name, value, detail) in [
            ("limit", "201", LIMIT_OVER),
            ("limit", "0", LIMIT_ZERO),
            ("limit", "many", NOT_A_NUMBER),
            (WINDOW, "731", WINDOW_OVER),
            ("nobody_knows", "1", UNKNOWN_PARAMETER),
        ] {
            self.vary(fleet().with_query(name, value), detail).await;
        }
    }

    /// Sends a variation of a request.
    pub(super) async fn vary(&mut self, question: Question, detail: &str) -> Answer {
        self.server.ask(question.at(Phase::Variation).with_detail(detail)).await
    }
}

fn page(by: Credential, days: &str, limit: usize) -> Question {
    Question::new(Step::Fleet, by, "", "").with_query(WINDOW, days).with_query("limit", &limit.to_string())
}

/// Returns the cursor of the next page.
fn next_cursor(page: &Answer) -> Option<String> {
    let json = page.json();
    json["next_cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(ToOwned::to_owned)
}

/// Returns a cursor with another character in its middle.
fn changed(cursor: &str) -> String {
    let middle = cursor.chars().count() / 2;
    let other = |one: char| if one == 'A' { 'B' } else { 'A' };
    cursor.chars().enumerate().map(|(at, one)| if at == middle { other(one) } else { one }).collect()
}
