//! Who plays the cases. This build has nobody, and says so: no run of it ever passes for a verdict.

use crewpass_contract::case::Case;
use crewpass_contract::plan::PlannedCase;
use crewpass_contract::play::{Player, Subject, Unplayed};

/// Plays nothing.
pub(crate) struct Nobody {
    subject: Subject,
}

/// The player of a subject.
pub(crate) const fn of(subject: Subject) -> Nobody {
    Nobody { subject }
}

impl Player for Nobody {
    async fn play(&self, _case: PlannedCase) -> Result<Case, Unplayed> {
        let command = self.subject.command.join(" ");
        Err(Unplayed::Broken(format!("this build of the gate can't start a client yet; `{command}` was not judged")))
    }
}
