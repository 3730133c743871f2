//! A burst of requests over the rate limit, and the requests after it.

use std::time::{Duration, Instant};

use http::Method;

use crate::operation::{Name, path};
use crate::server::levers::LeverAction;
use crate::server::limit::exceeds_limit;
use crate::server::question::{Answer, Credential, Phase, Question, Step};

use super::run::Probe;

/// The requests that are sent at once.
const BURST: usize = 200;
/// The most requests in all: more than a minute allows, however slow the network is.
const MOST: usize = 1_200;
/// The longest promised wait that is waited for, in seconds.
const LONGEST_WAIT: f64 = 65.0;

impl Probe<'_> {
    /// Sends a burst of lists, a link at once, and a list once the promised wait is over.
    pub(super) async fn limits(&mut self) {
        let by = Credential::Key("limited".to_owned());
        let list = Question::new(Step::List, by.clone(), self.main, "");
        let Some(refused) = self.burst(&list.clone().at(Phase::Burst)).await else { return };
        let document = self.first_document();
        let link = Question::new(Step::Link, by, self.main, &document).at(Phase::AfterBurst);
        let link_path = path(Name::GetDownloadLink, &[self.main, &document]);
        self.server.ask_once(link, Method::GET, &link_path).await;
        let wait = refused.json()["error"]["retry_after_seconds"].as_f64();
        if let Some(wait) = wait.filter(|wait| (0.0..=LONGEST_WAIT).contains(wait)) {
            self.after(wait, &refused, list.at(Phase::AfterBurst)).await;
        }
    }

    /// Sends requests until one is refused or enough of them prove that there is no limit; returns a refused one.
    async fn burst(&mut self, list: &Question) -> Option<Answer> {
        let started = Instant::now();
        for sent in (BURST..=MOST).step_by(BURST) {
            self.server.burst(list, BURST).await;
            let took = started.elapsed();
            self.burst = Some(took.as_secs_f64());
            let refused = self.server.answers().iter().rfind(|one| one.status == 429).cloned();
            if refused.is_some() || exceeds_limit(sent, took.as_secs_f64()) {
                return refused;
            }
        }
        None
    }

    /// Sends a list once a wait is over, by the clock of the server.
    async fn after(&mut self, wait: f64, refused: &Answer, list: Question) {
        // A promise of less than a second is kept by the time of one Date to the next.
        let wait = wait.ceil().max(1.0);
        tokio::time::sleep(Duration::from_secs_f64(wait + 0.1)).await;
        let list_path = path(Name::ListDocuments, &[self.main]);
        let answer = self.server.ask_once(list.clone(), Method::GET, &list_path).await;
        let stands_still = answer.status == 429 && answer.server_time() == refused.server_time();
        if !stands_still {
            return;
        }
        // The clock of the server does not move by itself, so the promise is not yet due.
        self.server.forget_last();
        let step = format!("{wait}s");
        if self.driver.has(LeverAction::Clock(&step)) && self.pull("clock", LeverAction::Clock(&step)).await {
            self.server.clock_moved = true;
            self.server.ask_once(list, Method::GET, &list_path).await;
        }
    }
}
