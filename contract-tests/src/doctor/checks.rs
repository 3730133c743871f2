//! The checks of the doctor, in the order in which a client works. The first failed one ends the
//! list, since later ones would fail for the same reason.

use super::advice;
use super::examined_case::{ExaminedCase, RunOptions};
use super::step::{Mark, Step};
use crate::client::case::{Case, Run};
use crate::client::credential::{BadCredential, credential};
use crate::client::play::Unplayed;
use crate::client::task::Task;
use crate::client::witness::{End, Step as Asked};
use crewpass_diagnostics::SecretFinder;

/// The observation of a check; the error adds advice on what to change.
type CheckResult = Result<String, (String, Vec<String>)>;

/// What keeps a client from its work in a case, before it can be judged in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// The kind: cases with one kind have one cause.
    pub kind: HindranceKind,
    /// The step that failed, with advice.
    pub step: Step,
}

/// The kind of a hindrance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HindranceKind {
    /// No request came.
    NoRequest,
    /// The list was never requested.
    NoList,
    /// The key is missing, or is another one.
    NoKey,
    /// The list was refused, although the server works.
    ListRefused,
    /// Not every document was saved, although nothing was in the way.
    NotAllSaved,
}

impl HindranceKind {
    /// Describes what the client did, as the end of a sentence about it.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NoRequest => "sent no request",
            Self::NoList => "never requested the list",
            Self::NoKey => "did not send the key as it must",
            Self::ListRefused => "did not receive the list",
            Self::NotAllSaved => "did not save every document",
        }
    }
}

/// Returns what kept the client from its work, if it never got to the documents. The server of the case gives everything
/// to a client that asks rightly.
pub fn hindrance(case: &Case) -> Option<Hindrance> {
    hindrance_in(case, case.last()?)
}

/// Returns what kept the client from its work in every run of a case, if it is always the same and the client got nothing
/// from the server. Such a client shows nothing else in other cases.
pub fn lasting_hindrance(case: &Case) -> Option<HindranceKind> {
    let has_received = case.runs.iter().flat_map(|run| &run.wire).any(|one| (200..300).contains(&one.status));
    let mut kinds = case.runs.iter().map(|run| hindrance_in(case, run).map(|found| found.kind));
    let first = kinds.next()??;
    // A machine that stops a client before it gets further says nothing about the client.
    let is_of_client = first == HindranceKind::NoRequest || !case.is_starved();
    (is_of_client && !has_received && kinds.all(|kind| kind == Some(first))).then_some(first)
}

fn hindrance_in(case: &Case, run: &Run) -> Option<Hindrance> {
    let examined = ExaminedCase { case, run, options: RunOptions::of(case) };
    let failed = |kind: HindranceKind| Some((kind, examined.check(kind).err()?));
    let kinds: &[HindranceKind] = match case.scenario.task {
        Task::Documents => {
            &[HindranceKind::NoRequest, HindranceKind::NoList, HindranceKind::NoKey, HindranceKind::ListRefused]
        }
        // A client that reads a fleet requests no list where the fleet is refused to it.
        Task::Fleet => &[HindranceKind::NoRequest, HindranceKind::NoKey],
    };
    let (kind, (seen, advice)) = kinds.iter().copied().find_map(failed)?;
    // An answer that a fault of the scenario changed says nothing about the client.
    let is_by_fault = kind == HindranceKind::ListRefused && examined.lists().any(|one| one.fault.is_some());
    (!is_by_fault).then_some(Hindrance { kind, step: Step { mark: Mark::Failed, seen, advice } })
}

/// Returns what is missing on disk in a case without a difficulty.
pub fn shortfall(case: &Case) -> Option<Hindrance> {
    let examined = ExaminedCase { case, run: case.last()?, options: RunOptions::of(case) };
    let (seen, advice) = examined.check(HindranceKind::NotAllSaved).err()?;
    Some(Hindrance { kind: HindranceKind::NotAllSaved, step: Step { mark: Mark::Failed, seen, advice } })
}

/// Returns the steps of a case up to the first that failed.
pub fn steps(played: &Result<Case, Unplayed>, options: RunOptions) -> Vec<Step> {
    let case = match played {
        Ok(case) => case,
        Err(why) => return vec![Step { mark: Mark::Failed, seen: why.to_string(), advice: advice::not_started() }],
    };
    let Some(run) = case.last() else { return Vec::new() };
    let examined = ExaminedCase { case, run, options };
    let checks = [
        ExaminedCase::reaches_base,
        ExaminedCase::asks_for_the_list,
        ExaminedCase::sends_the_key,
        ExaminedCase::gets_the_list,
        ExaminedCase::saves_to_out_dir,
        ExaminedCase::ends,
    ];
    // A case that was played was also started.
    let mut steps = vec![Step::done("the client starts".to_owned())];
    for check in checks {
        match check(&examined) {
            Ok(seen) => steps.push(Step::done(seen)),
            Err((seen, advice)) => {
                steps.push(Step { mark: Mark::Failed, seen, advice });
                break;
            }
        }
    }
    // A client that has saved something and ended by itself can be tested, with many findings.
    if let Some(last) = steps.last_mut().filter(|_| examined.saves_to_out_dir().is_ok() && examined.exits())
        && last.mark == Mark::Failed
    {
        last.mark = Mark::Warning;
    }
    steps
}

impl ExaminedCase<'_> {
    fn check(&self, kind: HindranceKind) -> CheckResult {
        match kind {
            HindranceKind::NoRequest => self.reaches_base(),
            HindranceKind::NoList => self.asks_for_the_list(),
            HindranceKind::NoKey => self.sends_the_key(),
            HindranceKind::ListRefused => self.gets_the_list(),
            HindranceKind::NotAllSaved => self.saves_everything(),
        }
    }

    fn reaches_base(&self) -> CheckResult {
        if self.run.wire.is_empty() {
            let ended = self.describe_end();
            return Err((format!("no request came to BASE; {ended}"), advice::never_came(self)));
        }
        Ok("it sends requests to BASE".to_owned())
    }

    fn asks_for_the_list(&self) -> CheckResult {
        if self.lists().next().is_some() {
            return Ok("it requests the list".to_owned());
        }
        let began = self.run.wire.first();
        let began = began.map(|one| format!("; its first request was {} {} -> {}", one.method, one.target, one.status));
        let seen = format!("it never requested the list{}", began.unwrap_or_default());
        Err((seen, advice::list(&self.case.crew_id)))
    }

    fn sends_the_key(&self) -> CheckResult {
        let key = self.case.key.as_str();
        let all: Vec<_> = self.entrances().map(|one| credential(one, key)).collect();
        let bad = match all.iter().find_map(|one| one.as_ref().err()) {
            Some(bad) if all.iter().all(Result::is_err) => bad,
            _ => return Ok("it sends the key".to_owned()),
        };
        Err(match bad {
            BadCredential::Missing => ("it sends no key".to_owned(), advice::key()),
            BadCredential::Planted(trap) => (format!("it sends {}", bad.describe()), vec![trap.advice().to_owned()]),
            BadCredential::Several(_) | BadCredential::Joined(..) => {
                (format!("it sends {} with one request", bad.describe()), advice::one_key())
            }
            BadCredential::Other(value) if SecretFinder::new(key).find_in(value.as_bytes()).is_some() => {
                ("it sends the key, but not as a Bearer token".to_owned(), advice::scheme())
            }
            BadCredential::NotAlone => (format!("it sends {}", bad.describe()), advice::scheme()),
            BadCredential::Other(_) | BadCredential::OtherKey => {
                ("it sends a key other than CPK_KEY".to_owned(), advice::key())
            }
        })
    }

    fn gets_the_list(&self) -> CheckResult {
        if self.lists().any(|one| one.status == 200) {
            return Ok("it receives the list".to_owned());
        }
        let refused = self.lists().next().map(|one| format!(": {} {} -> {}", one.method, one.target, one.status));
        Err((format!("its list request was refused{}", refused.unwrap_or_default()), advice::list(&self.case.crew_id)))
    }

    fn saves_to_out_dir(&self) -> CheckResult {
        let (run, out) = (self.run, self.case.out_dir.as_path());
        let (all, missing) = (run.current.len(), run.missing(out).count());
        if missing < all {
            return Ok(format!("it saves documents to OUT_DIR: {} of {all}", all - missing));
        }
        let elsewhere = run.after.files().find(|(_, _, hash)| run.current.iter().any(|one| one.sha256 == *hash));
        let new = |path: &&std::path::PathBuf| path.starts_with(out) && !run.before.entries.contains_key(*path);
        let other = run.saved_under(out).map(|(path, _)| path).find(new);
        let fetched = run.wire.iter().any(|one| matches!(one.step(), Asked::File { .. }) && one.status == 200);
        let ended = self.describe_end();
        Err(match (elsewhere, other) {
            (Some((path, _, _)), _) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                (format!("it saved a document outside of OUT_DIR, as `{name}`"), advice::elsewhere())
            }
            (None, Some(path)) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let seen =
                    format!("OUT_DIR has `{name}`{}, whose bytes are not those of a document", self.length(path));
                (seen, advice::other_bytes())
            }
            (None, None) if fetched => {
                (format!("it downloaded a document, but OUT_DIR is empty; {ended}"), advice::elsewhere())
            }
            (None, None) => (format!("it downloaded nothing; {ended}"), advice::not_downloaded()),
        })
    }

    fn saves_everything(&self) -> CheckResult {
        let saved = self.saves_to_out_dir()?;
        match self.run.missing(&self.case.out_dir).count() {
            0 => Ok(saved),
            _ => Err((format!("{saved}; {}", self.describe_end()), advice::not_all())),
        }
    }

    fn exits(&self) -> bool {
        matches!(self.run.process.end, End::Exit(_)) && !self.run.process.end.is_crash()
    }

    fn ends(&self) -> CheckResult {
        let (all, missing) = (self.run.current.len(), self.run.missing(&self.case.out_dir).count());
        match self.run.process.end {
            End::Exit(0) if missing == 0 => Ok("it ends with exit code 0".to_owned()),
            End::Exit(0) => {
                let seen = format!("it ends with exit code 0, but {missing} of {all} documents are missing");
                Err((seen, advice::not_all()))
            }
            End::Exit(_) if missing > 0 && self.exits() => Err((
                format!("{}, with {} of {all} documents saved", self.describe_end(), all - missing),
                advice::not_all(),
            )),
            _ => Err((
                format!("{}, with {} of {all} documents saved", self.describe_end(), all - missing),
                advice::exit(),
            )),
        }
    }
}
