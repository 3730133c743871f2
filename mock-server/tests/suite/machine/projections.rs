//! The stored projections of people: what a compliance check shows, thought out from the contract.

use super::model::State;
use super::parts::{Person, Projection};
use super::world::{CREW, START};

/// The seconds of a day.
const DAY: i64 = 86_400;

impl State {
    /// The projections as a session begins with them.
    pub(crate) fn first_projections(crew: &[Person]) -> Vec<Vec<Projection>> {
        crew.iter().map(|person| vec![Projection { made: START, order: 0, person: person.clone() }]).collect()
    }

    /// The time and the state of a person's projection.
    pub(crate) fn shown(&self, crew: usize) -> (i64, &Person) {
        if self.policy("compliance_projection") == "live" {
            return (self.now, &self.crew[crew]);
        }
        let Projection { made, person, .. } = self.last_made(crew);
        let midnight = self.now.div_euclid(DAY) * DAY;
        ((*made).max(midnight), person)
    }

    fn last_made(&self, crew: usize) -> &Projection {
        self.projections[crew].iter().rfind(|known| known.made <= self.now).unwrap()
    }

    /// Notes a change of a person: the projection that shows it is made later.
    pub(crate) fn note_change(&mut self, crew: usize, before: &Person) {
        self.version += 1;
        self.tell_changes(crew, before);
        let lag = match (self.policy("compliance_projection"), self.policy("projection_lag")) {
            ("live", _) | (_, "") => 0,
            (_, lag) => lag.trim_end_matches('s').parse().unwrap(),
        };
        self.project(crew, self.now + lag, &before.vessels);
    }

    /// A projection of the present state, made then; one that was to be made later is of an older state.
    fn project(&mut self, crew: usize, at: i64, was_on: &[bool]) {
        let earlier = self.last_made(crew).person.clone();
        let person = self.crew[crew].clone();
        let projections = &mut self.projections[crew];
        projections.retain(|known| known.made <= at);
        projections.push(Projection { made: at, order: self.version, person: person.clone() });
        if at <= self.now {
            self.tell_answer(crew, &earlier, &person, was_on, at);
        }
    }

    /// New projections of everybody or of one person; who waits longest for one is first.
    pub(crate) fn refresh(&mut self, crew: Option<usize>) {
        let mut people: Vec<usize> = (0..CREW.len()).filter(|at| crew.is_none_or(|crew| crew == *at)).collect();
        people.sort_by_key(|at| {
            let waiting = self.projections[*at].iter().find(|known| known.made > self.now);
            waiting.map_or((i64::MAX, 0), |known| (known.made, known.order))
        });
        for at in people {
            let on = self.crew[at].vessels.clone();
            self.project(at, self.now, &on);
        }
    }

    /// Moves the clock on. What becomes due is made in the order of time, and of the changes at the same time.
    pub(crate) fn advance(&mut self, seconds: i64) {
        let earlier = self.now;
        self.now += seconds;
        let mut made = Vec::new();
        for (crew, projections) in self.projections.iter().enumerate() {
            let due =
                projections.iter().enumerate().filter(|(_, known)| known.made > earlier && known.made <= self.now);
            made.extend(due.map(|(at, known)| (known.made, known.order, crew, at)));
        }
        made.sort_unstable();
        for (made, _, crew, at) in made {
            let [before, after] = [at - 1, at].map(|at| self.projections[crew][at].person.clone());
            let on = self.crew[crew].vessels.clone();
            self.tell_answer(crew, &before, &after, &on, made);
        }
    }
}
