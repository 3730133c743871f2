//! The summary line: the number of obligations per outcome.

use super::run::Run;
use crate::outcome::Outcome;
use crate::requirement::Grade;

const WORDS: [(Outcome, &str); 9] = [
    (Outcome::Pass, "kept"),
    (Outcome::Fail, "broken"),
    (Outcome::Stale, "stale"),
    (Outcome::HarnessError, "not judged after a failure of this tool"),
    (Outcome::NotJudged, "not judged on a busy machine"),
    (Outcome::NotExercised, "not exercised"),
    (Outcome::NotObservable, "not observable"),
    (Outcome::Unsupported, "unsupported"),
    (Outcome::KnownFailure, "known to fail"),
];

/// Returns a line such as `76 obligations: 70 kept, 2 broken, 4 not exercised; exit 1`.
pub(super) fn summary(run: &Run) -> String {
    let count = |wanted| run.merged.iter().filter(|(_, _, outcome)| *outcome == wanted).count();
    let parts: Vec<_> =
        WORDS.iter().map(|(outcome, word)| (count(*outcome), word)).filter(|(count, _)| *count > 0).collect();
    let parts: Vec<_> = parts.into_iter().map(|(count, word)| format!("{count} {word}")).collect();
    let all = run.merged.len();
    let plural = if all == 1 { "obligation" } else { "obligations" };
    format!("{all} {plural}: {}; exit {}{}", parts.join(", "), run.exit.code(), uncounted(run))
}

/// Describes the broken obligations of grades that do not decide the exit; empty if there are none.
fn uncounted(run: &Run) -> String {
    let count =
        |grade| run.merged.iter().filter(|(_, known, outcome)| *known == grade && *outcome == Outcome::Fail).count();
    let grades = [Grade::MUST, Grade::SHOULD, Grade::MAY].into_iter().filter(|grade| *grade > run.fail_on);
    let broken: Vec<_> = grades.map(|grade| (count(grade), grade)).filter(|(count, _)| *count > 0).collect();
    let Some((_, mildest)) = broken.last() else { return String::new() };
    let names: Vec<_> = broken.iter().map(|(count, grade)| format!("{count} {}", grade.name())).collect();
    let option = mildest.name().to_lowercase();
    format!("; broken and not counted: {} (--fail-on {option} counts them)", names.join(", "))
}

/// Returns the numbers of kept obligations and of all obligations of a grade.
pub(super) fn kept(run: &Run, grade: Grade) -> (usize, usize) {
    let of_grade = || run.merged.iter().filter(|(_, known, _)| *known == grade);
    (of_grade().filter(|(_, _, outcome)| *outcome == Outcome::Pass).count(), of_grade().count())
}
