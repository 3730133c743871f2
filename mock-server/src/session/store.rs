//! Whether the file store can be reached, by step: up, down until told, or down for a number of requests.

use serde::{Deserialize, Serialize};

/// A step of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreStep {
    /// Asking for a link.
    Link,
    /// Following it.
    File,
}

/// How a step of the store stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// It answers.
    #[default]
    Up,
    /// It does not, until told.
    Down,
    /// It does not for so many requests more.
    DownFor(u64),
}

/// The store with one counter a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Store {
    /// At the link step.
    pub link: Reach,
    /// At the file step.
    pub file: Reach,
}

impl Store {
    /// Whether the step is down for this request; a request that is told so is counted.
    pub fn refuses(&mut self, step: StoreStep) -> bool {
        let reach = match step {
            StoreStep::Link => &mut self.link,
            StoreStep::File => &mut self.file,
        };
        match *reach {
            Reach::Up => false,
            Reach::Down => true,
            Reach::DownFor(left) => {
                *reach = if left <= 1 { Reach::Up } else { Reach::DownFor(left - 1) };
                left > 0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_refuses_as_many_as_told_at_the_step_that_was_told() {
        let mut store = Store { link: Reach::DownFor(2), file: Reach::DownFor(0) };
        assert!(!store.refuses(StoreStep::File));
        assert_eq!([(); 3].map(|()| store.refuses(StoreStep::Link)), [true, true, false]);
        assert_eq!(store, Store::default());
        let mut down = Store { file: Reach::Down, ..Store::default() };
        assert!(down.refuses(StoreStep::File) && down.refuses(StoreStep::File) && !down.refuses(StoreStep::Link));
    }
}
