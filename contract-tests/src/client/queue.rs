//! The order in which the cases of a plan begin, and how many of them at once.

use std::collections::VecDeque;

use super::at_once::AtOnce;
use super::plan::Plan;
use super::play::TRIALS;
use super::witness::Strain;

/// The most cases of a plan that is played whole. Who replays a case wants to see it, whatever its twins show.
const SMALL_PLAN: usize = 2 * TRIALS;

/// The cases that are still to be played, by their position in the plan.
pub(super) struct Queue {
    /// The trial cases, and then the other busy cases.
    busy: VecDeque<usize>,
    waiting: VecDeque<usize>,
    /// The number of trials that have not begun.
    first: usize,
    /// True if other cases may begin beside the trials.
    open: bool,
    at_once: AtOnce,
    /// The number of cases that are being played: busy, waiting.
    playing: (usize, usize),
}

impl Queue {
    pub(super) fn new(plan: &Plan, trials: &[usize], at_once: AtOnce) -> Self {
        let others = (0..plan.cases.len()).filter(|place| !trials.contains(place));
        let (mut waiting, busy): (Vec<usize>, Vec<usize>) =
            others.partition(|place| plan.cases[*place].scenario.may_wait());
        waiting.sort_by_key(|place| plan.cases[*place].scenario.urgency());
        let busy = trials.iter().copied().chain(busy).collect();
        let open = trials.len() < TRIALS || plan.cases.len() <= SMALL_PLAN;
        Self { busy, waiting: waiting.into(), first: trials.len(), open, at_once, playing: (0, 0) }
    }

    /// Returns the next case that there is room for: the trials, then cases that may take long,
    /// then the others. Until one of the trials ends otherwise than the rest of them, no other case begins, so
    /// that two reports of a client that is spared the others are equal.
    pub(super) fn next(&mut self) -> Option<(usize, bool)> {
        let (busy, waiting) = self.playing;
        let shut = self.first == 0 && !self.open;
        let (most, most_busy, most_waiting) = self.at_once.now();
        if shut || busy + waiting >= most {
            return None;
        }
        let waits = self.first == 0 && !self.waiting.is_empty() && waiting < most_waiting;
        if waits {
            self.playing.1 += 1;
            return self.waiting.pop_front().map(|place| (place, true));
        }
        if busy >= most_busy {
            return None;
        }
        let place = self.busy.pop_front()?;
        self.first = self.first.saturating_sub(1);
        self.playing.0 += 1;
        Some((place, false))
    }

    /// Returns true if cases may begin beside the trials.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Lets other cases begin beside the trials.
    pub(super) const fn open(&mut self) {
        self.open = true;
    }

    /// Takes note of a case that has ended.
    pub(super) fn ended(&mut self, waits: bool, strain: Strain) {
        self.at_once.learn(strain);
        *if waits { &mut self.playing.1 } else { &mut self.playing.0 } -= 1;
    }
}
