//! Smaller candidates of a drawn case: fewer people first, then documents, faults, names, and the rest.

use super::super::drawn_document::{DrawnDocument, Name};
use super::case::DrawnFleet;
use super::walk::Walk;

impl DrawnFleet {
    /// Returns smaller cases, those that remove most first. Each is strictly smaller, so that shrinking ends.
    pub(in crate::property) fn shrink(&self) -> Vec<Self> {
        let mut all = self.with_fewer_people();
        all.extend(self.with_fewer_documents());
        all.extend(self.with_fewer_faults());
        all.extend(self.with_plainer_names());
        all.extend(self.with_less_of_the_rest());
        // What a fault needs comes back at once.
        all.retain(|smaller| smaller != self);
        all
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut drawn = self.clone();
        change(&mut drawn);
        drawn.within()
    }

    /// Returns cases without half of the people, a quarter, and so on to single ones.
    fn with_fewer_people(&self) -> Vec<Self> {
        let many = self.people.len();
        let halves = std::iter::successors(Some(many.div_ceil(2)), |part| (*part > 1).then(|| part.div_ceil(2)));
        let parts = halves
            .filter(|part| *part > 0)
            .flat_map(|part| (0..many).step_by(part).map(move |from| from..(from + part).min(many)));
        parts.map(|part| self.changed(|drawn| part.rev().for_each(|place| drawn.remove_person(place)))).collect()
    }

    /// Returns cases in which a person has no documents, or one less.
    fn with_fewer_documents(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (place, person) in self.people.iter().enumerate() {
            let many = person.documents.len();
            if many > 1 {
                all.push(
                    self.changed(|drawn| (0..many).rev().for_each(|document| drawn.remove_document(place, document))),
                );
            }
            all.extend((0..many).map(|document| self.changed(|drawn| drawn.remove_document(place, document))));
        }
        all
    }

    /// Removes a person with the documents and the faults about them.
    fn remove_person(&mut self, place: usize) {
        (0..self.people[place].documents.len()).rev().for_each(|document| self.remove_document(place, document));
        self.people.remove(place);
        self.list_fault = self.list_fault.take().filter(|fault| fault.person != place);
        self.change = self.change.take().filter(|change| change.person != place);
        let persons = self.list_fault.iter_mut().map(|fault| &mut fault.person);
        let persons = persons.chain(self.change.iter_mut().map(|change| &mut change.person));
        persons.filter(|person| **person > place).for_each(|person| *person -= 1);
    }

    /// Removes a document of a person with its name and the faults about it.
    fn remove_document(&mut self, person: usize, document: usize) {
        let place = self.first_document(person) + document;
        self.people[person].documents.remove(document);
        self.names.remove(place);
        self.names.push(Name::Own);
        self.item_faults.retain(|fault| fault.document != Some(place));
        let about = self.item_faults.iter_mut().filter_map(|fault| fault.document.as_mut());
        about.filter(|document| **document > place).for_each(|document| *document -= 1);
    }

    fn with_fewer_faults(&self) -> Vec<Self> {
        let mut all =
            vec![self.changed(|drawn| drawn.page_fault = None), self.changed(|drawn| drawn.list_fault = None)];
        all.extend((0..self.item_faults.len()).map(|place| {
            self.changed(|drawn| {
                drawn.item_faults.remove(place);
            })
        }));
        all.push(self.changed(|drawn| drawn.change = None));
        all.push(self.changed(|drawn| drawn.walk = Walk::Served));
        all.extend(
            self.page_fault
                .filter(|fault| fault.page > 0)
                .map(|_| self.changed(|drawn| drawn.page_fault.iter_mut().for_each(|fault| fault.page = 0))),
        );
        all
    }

    fn with_plainer_names(&self) -> Vec<Self> {
        let many = self.flat().documents.len();
        let odd: Vec<usize> = (0..many).filter(|place| self.names[*place] != Name::Own).collect();
        let all = (odd.len() > 1).then(|| self.changed(|drawn| drawn.names.fill(Name::Own)));
        all.into_iter().chain(odd.iter().map(|place| self.changed(|drawn| drawn.names[*place] = Name::Own))).collect()
    }

    fn with_less_of_the_rest(&self) -> Vec<Self> {
        let plain = |drawn: &mut Self, place: usize| drawn.people[place] = drawn.people[place].plain();
        let mut all = vec![self.changed(|drawn| (0..drawn.people.len()).for_each(|place| plain(drawn, place)))];
        all.push(self.changed(|drawn| {
            drawn.people.iter_mut().for_each(|person| person.documents.fill(DrawnDocument::plain()));
        }));
        all.push(self.changed(|drawn| drawn.policies.clear()));
        all.extend(self.policies.keys().map(|name| self.changed(|drawn| drop(drawn.policies.remove(name)))));
        all.push(self.changed(|drawn| drawn.status_is_granted = true));
        all.extend((0..self.people.len()).map(|place| self.changed(|drawn| plain(drawn, place))));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use super::super::case::drawn_fleet;
    use super::super::person::Place;
    use super::*;

    /// Shrinks greedily while `needs` holds.
    fn least(mut drawn: DrawnFleet, needs: impl Fn(&DrawnFleet) -> bool) -> (DrawnFleet, usize) {
        let mut plays = 0;
        while let Some(smaller) = drawn.shrink().into_iter().inspect(|_| plays += 1).find(&needs) {
            assert!(plays < 1_000, "shrinking does not end: {drawn:?}");
            drawn = smaller;
        }
        (drawn, plays)
    }

    /// Returns the least cases of many that have something.
    fn all_least(needs: impl Fn(&DrawnFleet) -> bool) -> Vec<DrawnFleet> {
        let mut runner = TestRunner::deterministic();
        let drawn = (0..300).map(|_| drawn_fleet().new_tree(&mut runner).unwrap().current());
        let least: Vec<_> = drawn.filter(|drawn| needs(drawn)).map(|drawn| least(drawn, &needs)).collect();
        assert!(!least.is_empty());
        assert!(least.iter().all(|(_, plays)| *plays < 200));
        least.into_iter().map(|(drawn, _)| drawn).collect()
    }

    #[test]
    fn two_people_are_left_of_a_fleet() {
        let on_fleet = |drawn: &DrawnFleet| drawn.people.iter().filter(|person| person.place != Place::Off).count();
        for left in all_least(|drawn| on_fleet(drawn) >= 2) {
            assert_eq!((left.people.len(), left.size().documents, left.size().faults), (2, 0, 0));
            assert!(left.policies.is_empty() && left.change.is_none() && left.walk == Walk::Served, "{left:?}");
        }
    }

    #[test]
    fn a_fault_of_a_list_stays_with_its_person() {
        for left in all_least(|drawn| drawn.list_fault.is_some()) {
            assert_eq!((left.people.len(), left.list_fault.unwrap().person, left.size().faults), (1, 0, 1));
        }
    }

    #[test]
    fn a_fault_of_a_later_page_keeps_the_people_for_it() {
        for left in all_least(|drawn| drawn.page_fault.is_some_and(|fault| fault.page > 0)) {
            assert_eq!(left.size().faults, 1);
            assert!(
                left.people.len() <= 3 && left.has_policy("page_rows", "two") && left.policies.len() == 1,
                "{left:?}"
            );
        }
    }
}
