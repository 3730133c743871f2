//! Findings of the checks of a world: the path of an entry, and its error. The line in the file is looked up later,
//! only if it is needed.

use crewpass_diagnostics::Path;

/// The largest number of reported errors; a world with more of them has an error in the program that wrote it.
pub(super) const AT_MOST: usize = 1_000;

/// One thing that is wrong with an entry.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) path: Path,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
    /// Another entry that the message refers to.
    pub(super) earlier: Option<Path>,
    /// Is true if the entry is a secret whatever it looks like.
    pub(super) secret: bool,
}

impl Finding {
    pub(super) fn at(path: Path, message: impl Into<String>, label: impl Into<String>) -> Self {
        let (message, label) = (message.into(), label.into());
        Self { path, message, label, help: None, earlier: None, secret: false }
    }

    #[must_use]
    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    #[must_use]
    pub(super) fn earlier(mut self, path: Path) -> Self {
        self.earlier = Some(path);
        self
    }

    #[must_use]
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}
