//! The totals: how many obligations came to which outcome, and why the exit code is what it is.

use super::run::Run;
use crate::client::run::StopSignal;
use crate::outcome::{Exit, Outcome};
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

/// Every grade, the gravest first.
const GRADES: [Grade; 4] = [Grade::MUST, Grade::SHOULD, Grade::MAY, Grade::OBSERVED];

/// The most ids that a reason names.
const NAMED: usize = 5;

/// Returns an outcome in the words of the totals.
pub(super) fn word(outcome: Outcome) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == outcome).map_or("", |(_, word)| word)
}

/// Returns the numbers of a part of the obligations, such as `12 kept, 2 broken`.
fn counts(run: &Run, is_counted: impl Fn(Grade) -> bool) -> String {
    let count = |wanted| {
        let all = run.merged.iter();
        all.filter(|(_, grade, outcome)| is_counted(*grade) && *outcome == wanted).count()
    };
    let parts = WORDS.iter().map(|(outcome, word)| (count(*outcome), word)).filter(|(count, _)| *count > 0);
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Returns the totals of each grade that has obligations.
pub(super) fn totals_by_grade(run: &Run) -> Vec<(Grade, String)> {
    let totals = GRADES.map(|grade| (grade, counts(run, |known| known == grade)));
    totals.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// Returns a line such as `76 obligations: 70 kept, 2 broken, 4 not exercised`.
pub(super) fn totals(run: &Run) -> String {
    let all = run.merged.len();
    format!("{}: {}", run.noun.count(all), counts(run, |_| true))
}

/// Returns the exit code and its reason, such as `exit 1: 2 MUST are broken`.
pub(super) fn exit_reason(run: &Run) -> String {
    format!("exit {}: {}{}", run.exit.code(), reason(run), uncounted(run))
}

fn reason(run: &Run) -> String {
    match run.exit {
        Exit::Kept => {
            let (which, but) = restricted(run);
            format!("every {}{which} is kept{}{but}", grades_that_count(run), excused(run))
        }
        Exit::Failed => {
            let stale = ids(run, |_, outcome| outcome == Outcome::Stale);
            let stale =
                (!stale.is_empty()).then(|| format!("the list of known failures is stale for {}", named(&stale)));
            broken(run).chain(stale).collect::<Vec<_>>().join(", and ")
        }
        Exit::Unproved if run.merged.is_empty() => "nothing was judged".to_owned(),
        Exit::Unproved => {
            let unshown = ids(run, |grade, outcome| grade <= run.fail_on && outcome.is_unshown());
            let unshown: Vec<_> = unshown.into_iter().filter(|id| !run.undecided.contains(*id)).collect();
            let grades = grades_that_count(run);
            let one = if unshown.len() == 1 { "was" } else { "were" };
            format!(
                "nothing of grade {grades} is broken, but {} {one} not exercised or not observable",
                named(&unshown)
            )
        }
        Exit::Broken => {
            let unjudged = ids(run, |_, outcome| outcome == Outcome::HarnessError);
            format!("this tool itself failed, so {} {} not judged", named(&unjudged), are(unjudged.len()))
        }
        Exit::TooBusy => {
            let unjudged = ids(run, |grade, outcome| grade <= run.fail_on && outcome == Outcome::NotJudged);
            format!("the machine was too busy to judge {}", named(&unjudged))
        }
        Exit::Stopped(signal) => {
            let signal = match signal {
                StopSignal::Interrupt => "Ctrl-C (SIGINT)",
                StopSignal::Terminate => "SIGTERM",
            };
            let stopped = format!("stopped by {signal}; what was not judged by then is not exercised");
            broken(run).chain([stopped]).collect::<Vec<_>>().join(", and ")
        }
    }
}

/// Names the broken obligations of each grade that decides the exit.
fn broken(run: &Run) -> impl Iterator<Item = String> {
    let grades = GRADES.into_iter().filter(|grade| *grade <= run.fail_on);
    let broken = grades.map(|grade| (ids(run, |known, outcome| known == grade && outcome == Outcome::Fail), grade));
    broken
        .filter(|(ids, _)| !ids.is_empty())
        .map(|(ids, grade)| format!("{} {} {} broken ({})", ids.len(), grade.name(), are(ids.len()), named(&ids)))
}

/// Returns the grades that decide the exit, in words.
fn grades_that_count(run: &Run) -> String {
    let grades = GRADES.into_iter().filter(|grade| *grade <= run.fail_on);
    grades.map(Grade::name).collect::<Vec<_>>().join(" and ")
}

/// Says of which obligations a run says that they are kept, if not of all.
fn restricted(run: &Run) -> (&'static str, String) {
    let unshown = ids(run, |grade, outcome| grade <= run.fail_on && outcome.is_unshown()).len();
    let but = match unshown {
        0 => String::new(),
        1 => ", and 1 was not exercised".to_owned(),
        many => format!(", and {many} were not exercised"),
    };
    let which = if unshown > 0 {
        " that was exercised"
    } else if !run.head.selection.is_empty() {
        " of this selection"
    } else {
        ""
    };
    (which, but)
}

fn excused(run: &Run) -> &'static str {
    let is_excused = |outcome| matches!(outcome, Outcome::KnownFailure | Outcome::Unsupported);
    let any = run.merged.iter().any(|(_, grade, outcome)| *grade <= run.fail_on && is_excused(*outcome));
    if any { " or excused" } else { "" }
}

/// Describes the broken obligations of grades that do not decide the exit; empty if there are none.
fn uncounted(run: &Run) -> String {
    let milder = GRADES.into_iter().filter(|grade| *grade > run.fail_on && *grade != Grade::OBSERVED);
    let broken = milder.map(|grade| (count(run, grade, Outcome::Fail), grade));
    let broken: Vec<_> = broken.filter(|(count, _)| *count > 0).collect();
    let Some((last, mildest)) = broken.last() else { return String::new() };
    let names: Vec<_> = broken.iter().map(|(count, grade)| format!("{count} {}", grade.name())).collect();
    let one = broken.len() == 1 && *last == 1;
    let (verb, them) = if one { ("is broken and does", "it") } else { ("are broken and do", "them") };
    let option = mildest.name().to_lowercase();
    format!("; {} {verb} not count (--fail-on {option} counts {them})", names.join(" and "))
}

fn count(run: &Run, grade: Grade, outcome: Outcome) -> usize {
    run.merged.iter().filter(|(_, known, came_to)| *known == grade && *came_to == outcome).count()
}

fn ids(run: &Run, is_wanted: impl Fn(Grade, Outcome) -> bool) -> Vec<&str> {
    let wanted = run.merged.iter().filter(|(_, grade, outcome)| is_wanted(*grade, *outcome));
    wanted.map(|(id, ..)| id.as_str()).collect()
}

/// Returns ids as a list; of many, the first ones.
pub(crate) fn named(ids: &[&str]) -> String {
    let more = ids.len().saturating_sub(NAMED);
    let first = ids.iter().take(NAMED).map(|id| (*id).to_owned());
    first.chain((more > 0).then(|| format!("and {more} more"))).collect::<Vec<_>>().join(", ")
}

const fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Returns the numbers of kept obligations and of all obligations of a grade.
pub(super) fn kept(run: &Run, grade: Grade) -> (usize, usize) {
    let all = run.merged.iter().filter(|(_, known, _)| *known == grade).count();
    (count(run, grade, Outcome::Pass), all)
}
