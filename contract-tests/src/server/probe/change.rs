//! The requests to a changed server: after time has passed, without a file store, after a re-upload.

use std::io::Write as _;
use std::time::Duration;

use crewpass_diagnostics::to_hex;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::server::levers::LeverAction;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::seen::Upload;

use super::baseline::listed_ids;
use super::run::Probe;

/// The uploaded file.
const UPLOADED: &[u8] = include_bytes!("../../../fixtures/files/pst-2018.pdf");
/// The longest accepted life of a link, in seconds: about 15 minutes.
const LONGEST_LIFE: i64 = 1_020;

impl Probe<'_> {
    /// Follows a link 12 and 18 minutes after it was issued, or once it has expired in real time.
    pub(super) async fn expiry(&mut self, wait: bool) {
        let by_lever = self.driver.has(LeverAction::Clock("1s"));
        if !by_lever && !wait {
            return;
        }
        let Some((document, answer)) = self.fresh_link(Phase::Baseline).await else { return };
        let Some(link) = answer.link() else { return };
        let main = self.main;
        if !by_lever {
            tokio::time::sleep(life(&answer) + Duration::from_secs(5)).await;
            self.follow(main, &document, &link, Phase::Expired).await;
            return;
        }
        for (step, phase) in [("12m", Phase::Later), ("6m", Phase::Expired)] {
            if !self.pull("clock", LeverAction::Clock(step)).await {
                return;
            }
            self.server.clock_moved = true;
            self.follow(main, &document, &link, phase).await;
        }
    }

    /// Requests a link, and follows an earlier one, while the file store is down; then another link.
    pub(super) async fn store(&mut self) {
        if !(self.driver.has(LeverAction::StoreDown) && self.driver.has(LeverAction::StoreUp)) {
            return;
        }
        let Some((document, before)) = self.fresh_link(Phase::Baseline).await else { return };
        if self.pull("store_down", LeverAction::StoreDown).await {
            self.fresh_link(Phase::StoreDown).await;
            if let Some(link) = before.link() {
                self.follow(self.main, &document, &link, Phase::StoreDown).await;
            }
        }
        if self.pull("store_up", LeverAction::StoreUp).await {
            self.fresh_link(Phase::StoreUp).await;
        }
    }

    /// Uploads a new version of the first document, and downloads both versions.
    pub(super) async fn reupload(&mut self) {
        let Some(document) = self.documents.first().cloned() else { return };
        let Ok(mut file) = tempfile::Builder::new().suffix(".pdf").tempfile() else { return };
        let main = self.main;
        let path = file.path().to_owned();
        let action = LeverAction::Reupload { crew: main, document: &document, path: &path };
        if !self.driver.has(action) || file.write_all(UPLOADED).is_err() {
            return;
        }
        let Some((_, link)) = self.fresh_link(Phase::Baseline).await else { return };
        let before = listed_ids(&self.list(Credential::full(), main).await);
        if !self.pull("reupload", action).await {
            return;
        }
        let after = listed_ids(&self.ask(Step::List, Credential::full(), main, "", Phase::Reuploaded).await);
        if let Some(link) = link.link() {
            self.follow(main, &document, &link, Phase::Reuploaded).await;
        }
        for new in after.iter().filter(|id| !before.contains(id)) {
            let answer = self.ask(Step::Link, Credential::full(), main, new, Phase::Reuploaded).await;
            if let Some(link) = answer.link() {
                self.follow(main, new, &link, Phase::Reuploaded).await;
            }
        }
        let sha256 = to_hex(&Sha256::digest(UPLOADED));
        self.upload = Some(Upload { crew: main.to_owned(), document, sha256, before });
    }
}

/// Returns the time from a link's issue to its end by the server's own clock, and at most the longest accepted life.
fn life(answer: &Answer) -> Duration {
    let until = answer.json()["expires_at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let left = until.map_or(LONGEST_LIFE, |until| until.as_second() - answer.server_time());
    Duration::from_secs(u64::try_from(left.clamp(0, LONGEST_LIFE)).unwrap_or_default())
}
