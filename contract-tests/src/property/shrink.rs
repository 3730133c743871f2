//! Smaller candidates of a drawn scenario: fewer documents first, then faults, then names, then the
//! rest.

use super::drawn::Drawn;
use super::drawn_document::{DrawnDocument, Name};
use crate::client::scenario::Clock;

impl Drawn {
    /// Returns smaller scenarios, those that remove most first. Each is strictly smaller, so that
    /// shrinking ends.
    pub(super) fn shrink(&self) -> Vec<Self> {
        let mut all = self.with_fewer_documents();
        all.extend((0..self.faults.len()).map(|place| {
            self.changed(|drawn| {
                drawn.faults.remove(place);
            })
        }));
        all.extend(self.with_plainer_names());
        all.extend(self.with_less_of_the_rest());
        all
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut drawn = self.clone();
        change(&mut drawn);
        drawn
    }

    /// Returns scenarios without half of the documents, a quarter, and so on to single ones.
    fn with_fewer_documents(&self) -> Vec<Self> {
        let many = self.documents.len();
        let halves = std::iter::successors(Some(many.div_ceil(2)), |part| (*part > 1).then(|| part.div_ceil(2)));
        let parts = halves
            .filter(|part| *part > 0)
            .flat_map(|part| (0..many).step_by(part).map(move |from| from..(from + part).min(many)));
        parts.map(|part| self.changed(|drawn| part.rev().for_each(|place| drawn.remove(place)))).collect()
    }

    /// Removes a document with its name and the faults about it.
    fn remove(&mut self, place: usize) {
        self.documents.remove(place);
        self.names.remove(place);
        self.names.push(Name::Own);
        self.faults.retain(|fault| fault.document != Some(place));
        let moved = |about: &mut Option<usize>| {
            if let Some(at) = about
                && *at > place
            {
                *at -= 1;
            }
        };
        self.faults.iter_mut().for_each(|fault| moved(&mut fault.document));
        if let Some(later) = &mut self.later {
            later.document = later.document.filter(|at| *at != place);
            moved(&mut later.document);
        }
    }

    fn with_plainer_names(&self) -> Vec<Self> {
        let odd: Vec<usize> = (0..self.documents.len()).filter(|place| self.names[*place] != Name::Own).collect();
        let all = (odd.len() > 1).then(|| self.changed(|drawn| drawn.names.fill(Name::Own)));
        all.into_iter().chain(odd.iter().map(|place| self.changed(|drawn| drawn.names[*place] = Name::Own))).collect()
    }

    fn with_less_of_the_rest(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.documents.iter().any(|document| !document.is_plain()) {
            all.push(self.changed(|drawn| drawn.documents.fill(DrawnDocument::plain())));
        }
        if self.policies.len() > 1 {
            all.push(self.changed(|drawn| drawn.policies.clear()));
        }
        all.extend(self.policies.keys().map(|name| self.changed(|drawn| drop(drawn.policies.remove(name)))));
        if self.clock != Clock::Real {
            all.push(self.changed(|drawn| drawn.clock = Clock::Real));
        }
        if self.later.is_some() {
            all.push(self.changed(|drawn| drawn.later = None));
        }
        if self.odd_crew {
            all.push(self.changed(|drawn| drawn.odd_crew = false));
        }
        if self.certificate.is_some() {
            all.push(self.changed(|drawn| drawn.certificate = None));
        }
        let odd = (0..self.documents.len()).filter(|place| !self.documents[*place].is_plain());
        all.extend(odd.map(|place| self.changed(|drawn| drawn.documents[place] = DrawnDocument::plain())));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use super::super::drawn::drawn;
    use super::*;

    /// Shrinks greedily while `needs` holds.
    fn least(mut drawn: Drawn, needs: impl Fn(&Drawn) -> bool) -> (Drawn, usize) {
        let mut plays = 0;
        while let Some(smaller) = drawn.shrink().into_iter().inspect(|_| plays += 1).find(&needs) {
            drawn = smaller;
        }
        (drawn, plays)
    }

    #[test]
    fn shrinking_removes_everything_unneeded_in_few_plays() {
        let mut runner = TestRunner::deterministic();
        for _ in 0..200 {
            let drawn = drawn().new_tree(&mut runner).unwrap().current();
            let twins = |drawn: &Drawn| {
                let names = &drawn.names[..drawn.documents.len()];
                names.iter().filter(|name| **name == Name::Twin("scan.pdf")).count() >= 2
            };
            if twins(&drawn) {
                let (left, plays) = least(drawn, twins);
                assert_eq!((left.documents.len(), left.faults.len(), left.policies.len()), (2, 0, 0));
                assert!(
                    left.later.is_none()
                        && left.clock == Clock::Real
                        && left.documents.iter().all(DrawnDocument::is_plain)
                );
                assert!(plays < 100, "{plays}");
            }
        }
    }

    #[test]
    fn a_fault_stays_with_its_document() {
        let mut runner = TestRunner::deterministic();
        let about_one = |drawn: &Drawn| drawn.faults.iter().any(|fault| fault.document.is_some());
        for _ in 0..200 {
            let drawn = drawn().new_tree(&mut runner).unwrap().current();
            if about_one(&drawn) {
                let (left, _) = least(drawn, about_one);
                assert_eq!((left.documents.len(), left.faults.len(), left.faults[0].document), (1, 1, Some(0)));
            }
        }
    }
}
