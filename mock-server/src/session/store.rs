//! The reachability of the file store, per step: up, down, or down for a number of requests.

use serde::{Deserialize, Serialize};

/// A step of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreStep {
    /// The request for a link.
    Link,
    /// The request for the file.
    File,
}

/// The reachability of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The store answers.
    #[default]
    Up,
    /// The store does not answer until it is changed.
    Down,
    /// The store does not answer this many requests.
    DownFor(u64),
}

/// The file store, with one counter per step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Store {
    /// The link step.
    pub link: Reach,
    /// The file step.
    pub file: Reach,
}

impl Store {
    /// Returns true if the store is down for this request, and counts the request down.
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
    fn the_store_refuses_the_given_number_of_requests_at_its_step() {
        let mut store = Store { link: Reach::DownFor(2), file: Reach::DownFor(0) };
        assert!(!store.refuses(StoreStep::File));
        assert_eq!([(); 3].map(|()| store.refuses(StoreStep::Link)), [true, true, false]);
        assert_eq!(store, Store::default());
        let mut down = Store { file: Reach::Down, ..Store::default() };
        assert!(down.refuses(StoreStep::File) && down.refuses(StoreStep::File) && !down.refuses(StoreStep::Link));
    }
}
