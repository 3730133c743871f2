//! A drawn case of either task.

use std::fmt;

use proptest::prelude::*;

use super::drawn::{Drawn, count, drawn};
use super::fleet::{DrawnFleet, drawn_fleet};
use crate::client::scenario::Scenario;
use crate::client::task::Task;

/// A drawn case.
#[derive(Clone, Debug)]
pub(super) enum Draw {
    /// A case of the task `documents`.
    Documents(Box<Drawn>),
    /// A case of the task `fleet`.
    Fleet(Box<DrawnFleet>),
}

/// The size of a drawn case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The number of people; `None` in the task `documents`, which has one.
    pub people: Option<usize>,
    /// The number of documents.
    pub documents: usize,
    /// The number of faults.
    pub faults: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(people) = self.people {
            write!(f, "people: {people}, ")?;
        }
        write!(f, "documents: {}, faults: {}", self.documents, self.faults)
    }
}

impl Size {
    /// Returns the size as a title of a scenario.
    pub(super) fn title(self) -> String {
        let people =
            self.people.map(|people| if people == 1 { "1 person, ".to_owned() } else { format!("{people} people, ") });
        let rest = [count(self.documents, "document"), count(self.faults, "fault")].join(", ");
        format!("Drawn: {}{rest}", people.unwrap_or_default())
    }
}

/// Draws a case of a task.
pub(super) fn draw(task: Task) -> BoxedStrategy<Draw> {
    match task {
        Task::Documents => drawn().prop_map(|drawn| Draw::Documents(Box::new(drawn))).boxed(),
        Task::Fleet => drawn_fleet().prop_map(|drawn| Draw::Fleet(Box::new(drawn))).boxed(),
    }
}

impl Draw {
    /// Returns true if a client may have to wait.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Documents(drawn) => drawn.waits(),
            Self::Fleet(drawn) => drawn.waits(),
        }
    }

    /// Builds the scenario.
    pub(super) fn scenario(&self) -> Scenario {
        match self {
            Self::Documents(drawn) => drawn.scenario(),
            Self::Fleet(drawn) => drawn.scenario(),
        }
    }

    /// Returns smaller cases, those that remove most first.
    pub(super) fn shrink(&self) -> Vec<Self> {
        match self {
            Self::Documents(drawn) => drawn.shrink().into_iter().map(|one| Self::Documents(Box::new(one))).collect(),
            Self::Fleet(drawn) => drawn.shrink().into_iter().map(|one| Self::Fleet(Box::new(one))).collect(),
        }
    }

    /// Returns the size.
    pub(super) fn size(&self) -> Size {
        match self {
            Self::Documents(drawn) => drawn.size(),
            Self::Fleet(drawn) => drawn.size(),
        }
    }
}
