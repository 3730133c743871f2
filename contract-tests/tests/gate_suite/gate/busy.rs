//! A busy machine, by measured values that are put into recorded cases: it never becomes a failure of the client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crewpass_contract::client::case::Case;
use crewpass_contract::client::judge::{Judge, judge_of};
use crewpass_contract::client::plan::PlannedCase;
use crewpass_contract::client::play::{Event, PlayCase, Played, Unplayed, play_all, play_until};
use crewpass_contract::client::witness::{End, Strain};
use crewpass_contract::outcome::{KnownFailures, ObligationResult, Outcome, exit_of, is_in_doubt, judged, merged};
use crewpass_contract::requirement::{Catalogue, Grade};

use crate::gate::outcomes::{plan, play};
use crate::gate::recorded::{always_fail, always_pass, case, not_exercised};

/// A client on a machine that takes this much time from a case: at first, and when it is played alone.
struct Busy {
    lost: [Duration; 2],
    /// The moment of the run at which it is lost; the first request is sent after 120 ms, the last one after 360 ms.
    lost_at: Duration,
    judge: Judge,
    end: End,
    playing: AtomicUsize,
    added: Mutex<Vec<Duration>>,
}

impl Busy {
    fn new(first: u64, alone: u64, judge: Judge) -> Self {
        let lost = [first, alone].map(Duration::from_millis);
        Self {
            lost,
            lost_at: Duration::from_millis(200),
            judge,
            end: End::Exit(0),
            playing: AtomicUsize::new(0),
            added: Mutex::default(),
        }
    }

    fn case(&self, planned: &PlannedCase, lost: Duration) -> Case {
        let mut case = case(planned, 0);
        case.runs[0].process.strain = Strain { lost, ..Strain::default() };
        case.runs[0].process.losses.record(self.lost_at, lost);
        case.runs[0].process.end = self.end;
        case
    }
}

impl PlayCase for Busy {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        self.playing.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.playing.fetch_sub(1, Ordering::SeqCst);
        Ok(self.case(&planned, self.lost[0]))
    }

    async fn play_alone(&self, planned: PlannedCase, lost: Duration) -> Result<Case, Unplayed> {
        assert_eq!(self.playing.load(Ordering::SeqCst), 0, "another case is played beside it");
        self.added.lock().unwrap().push(lost);
        Ok(self.case(&planned, self.lost[1]))
    }

    fn is_in_doubt(&self, one: &Played) -> bool {
        is_in_doubt(one, &Catalogue::built_in().unwrap(), |_| Some(self.judge))
    }
}

/// Returns what a selection comes to, how often a case was played alone, and how many ends were reported.
fn played(only: &[&str], busy: Busy) -> (Vec<ObligationResult>, Vec<Duration>, usize) {
    let catalogue = Catalogue::built_in().unwrap();
    let (plan, busy, mut ends) = (plan(&catalogue, only), Arc::new(busy), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let played = runtime.block_on(play_all(&plan, Arc::clone(&busy), 4, |event| {
        ends += usize::from(matches!(event, Event::Ended(_)));
        true
    }));
    let results = judged(&plan, &played, &catalogue, |_| Some(busy.judge));
    let added = busy.added.lock().unwrap().clone();
    (results, added, ends)
}

fn outcomes(results: &[ObligationResult]) -> Vec<Outcome> {
    results.iter().map(|result| result.outcome).collect()
}

#[test]
fn a_case_that_fails_while_starved_is_played_again_alone_with_the_lost_time() {
    let (results, added, ends) = played(&["CPK-OUT-04"], Busy::new(4_000, 0, always_fail));
    assert_eq!(added, [Duration::from_secs(4); 4]);
    assert_eq!((outcomes(&results), ends), (vec![Outcome::Fail; 4], 4), "on a quiet machine it is the client");
}

#[test]
fn a_case_that_is_still_starved_is_not_judged() {
    for judge in [always_fail as Judge, not_exercised] {
        let (results, added, ends) = played(&["CPK-OUT-04"], Busy::new(4_000, 4_000, judge));
        assert_eq!((outcomes(&results), ends), (vec![Outcome::NotJudged; 4], 4));
        assert_eq!(added.len(), 3, "after three cases in vain the machine is given up");
        assert!(results[0].note.as_deref().unwrap().starts_with("the machine was too busy"), "{results:?}");
        assert_eq!(exit_of(&merged(&results), Grade::MAY).code(), 4);
        let written = KnownFailures::default().accepting(&results).written().unwrap();
        assert!(!written.contains("[[failure]]"), "{written}");
    }
}

#[test]
fn what_a_starved_case_does_not_provoke_is_left_to_the_other_cases() {
    const SILENT: &str = "plain/unknown-crew";
    let judge: Judge = |case| if case.scenario.id == SILENT { not_exercised(case) } else { always_pass(case) };
    let outcome = |only: &[&str], id: &str| {
        let (results, added, _) = played(only, Busy::new(4_000, 4_000, judge));
        assert_eq!(added.len(), 1, "what it provokes is worth another try");
        merged(&results)[id].1
    };
    let both = ["plain/three-documents", SILENT];
    assert_eq!(outcome(&both, "CPK-AUTH-07"), Outcome::Pass);
    assert_eq!(outcome(&both, "CPK-ERR-03"), Outcome::NotJudged);
    assert_eq!(outcome(&[SILENT], "CPK-AUTH-07"), Outcome::NotJudged, "no other case shows it");
}

/// A client whose cases all starve. The end of a case that is played alone waits until the test lets it.
struct Stuck {
    begun: tokio::sync::Notify,
    let_go: Arc<Mutex<Receiver<()>>>,
    in_time: Arc<AtomicUsize>,
}

/// Waits when it is dropped, as the end of a client's processes may.
struct Slow(Arc<Mutex<Receiver<()>>>, Arc<AtomicUsize>);

impl Drop for Slow {
    fn drop(&mut self) {
        if self.0.lock().unwrap().recv_timeout(Duration::from_secs(20)).is_ok() {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl PlayCase for Stuck {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        Ok(case(&planned, 0))
    }

    async fn play_alone(&self, _: PlannedCase, _: Duration) -> Result<Case, Unplayed> {
        let _slow = Slow(Arc::clone(&self.let_go), Arc::clone(&self.in_time));
        self.begun.notify_one();
        std::future::pending().await
    }

    fn is_in_doubt(&self, _: &Played) -> bool {
        true
    }
}

#[test]
fn a_stop_does_not_wait_for_a_case_that_is_played_again() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-OUT-04"]);
    let (sender, receiver) = channel();
    let in_time = Arc::new(AtomicUsize::new(0));
    let let_go = Arc::new(Mutex::new(receiver));
    let stuck = Arc::new(Stuck { begun: tokio::sync::Notify::new(), let_go, in_time: Arc::clone(&in_time) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let stop = Arc::clone(&stuck);
    let stop = async move { stop.begun.notified().await };
    let played = runtime.block_on(play_until(&plan, stuck, 4, stop, |_| true));
    let has_no_verdict = |one: &Played| matches!(one.case, Err(Unplayed::Stopped));
    assert!(played.iter().all(has_no_verdict), "what was in doubt is not the machine's fault, nor the client's");
    sender.send(()).unwrap();
    drop(runtime);
    assert_eq!(in_time.load(Ordering::SeqCst), 1, "the stop waited for the case");
}

#[test]
fn a_client_without_a_timeout_is_named_beside_a_busy_machine() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-OUT-04"]);
    let ended = |end| {
        let mut played = play(&plan, None);
        for case in played.iter_mut().filter_map(|one| one.case.as_mut().ok()) {
            case.runs[0].process.end = end;
            case.runs[0].process.strain.lost = Duration::from_secs(4);
        }
        judged(&plan, &played, &catalogue, |_| Some(always_fail as Judge))[0].note.clone().unwrap()
    };
    let (waits, ends) = (ended(End::Deadline), ended(End::Exit(1)));
    assert!(waits.contains("the client had not ended at its time limit: it has no timeout, or"), "{waits}");
    assert!(ends.contains("did not get the time that it needs"), "{ends}");
}

#[test]
fn a_client_that_hangs_when_it_is_alone_is_not_played_again_for_each_case_in_which_it_hung() {
    let busy = Busy { end: End::Deadline, ..Busy::new(4_000, 0, always_fail) };
    let (results, added, ends) = played(&["CPK-OUT-04"], busy);
    assert_eq!((added.len(), ends), (2, 4));
    let judged: Vec<_> = results.into_iter().filter(|result| result.id == "CPK-OUT-04").collect();
    assert_eq!(outcomes(&judged), [Outcome::NotJudged, Outcome::NotJudged, Outcome::Fail, Outcome::Fail]);
}

#[test]
fn a_run_that_had_its_lost_time_added_is_in_doubt_only_if_it_lost_much_of_it() {
    let catalogue = Catalogue::built_in().unwrap();
    let starved = |end, took| {
        let mut one = case(&plan(&catalogue, &["CPK-OUT-04"]).cases[0], 0);
        one.runs[0].process.strain.lost = Duration::from_secs(4);
        (one.runs[0].process.end, one.runs[0].process.took) = (end, Duration::from_secs(took));
        one.is_starved()
    };
    assert!(starved(End::Deadline, 20) && !starved(End::Deadline, 70), "the gate ended it");
    assert!(starved(End::Exit(1), 20), "it gave up");
}

#[test]
fn what_a_client_left_is_judged_on_a_busy_machine_if_it_ended_with_0() {
    let outcome_after = |end| {
        let mut busy = Busy::new(4_000, 4_000, always_fail);
        busy.end = end;
        let (results, ..) = played(&["plain/three-documents", "CPK-OUT-02"], busy);
        results.into_iter().find(|result| result.id == "CPK-OUT-02").unwrap().outcome
    };
    assert_eq!(outcome_after(End::Exit(0)), Outcome::Fail);
    assert_eq!(outcome_after(End::Exit(1)), Outcome::NotJudged, "it may have given up for want of time");
    assert_eq!(outcome_after(End::Deadline), Outcome::NotJudged);
}

#[test]
fn an_entry_about_what_was_not_judged_is_kept_and_not_stale() {
    let catalogue = Catalogue::built_in().unwrap();
    let list = "[[failure]]\nid = 'CPK-OUT-04'\nreason = 'old parser'\n";
    let known = KnownFailures::parse(list, "k.toml", &catalogue).unwrap();
    let (results, ..) = played(&["CPK-OUT-04"], Busy::new(4_000, 4_000, always_fail));
    assert_eq!(known.accepting(&results), known);
    let rules = crewpass_contract::outcome::Rules {
        unsupported: &[],
        known: &known,
        today: jiff::civil::date(2027, 1, 31),
        partial: false,
    };
    let mut one_passes = results;
    one_passes[0].outcome = Outcome::Pass;
    assert_eq!(outcomes(&rules.apply(one_passes))[..2], [Outcome::Pass, Outcome::NotJudged]);
}

#[test]
fn a_quiet_machine_and_a_client_that_is_right_need_no_second_play() {
    let (results, added, _) = played(&["CPK-OUT-04"], Busy::new(1_000, 0, always_fail));
    assert_eq!((outcomes(&results), added.len()), (vec![Outcome::Fail; 4], 0), "an eighth of 20 s is not lost");
    let (results, added, _) = played(&["CPK-OUT-04"], Busy::new(9_000, 9_000, always_pass));
    assert_eq!((outcomes(&results), added.len()), (vec![Outcome::Pass; 4], 0));
}

#[test]
fn what_a_late_run_lost_counts_where_it_was_lost_at_once() {
    let catalogue = Catalogue::built_in().unwrap();
    // A connection that nobody accepts ends by itself after two minutes, in which any machine is busy now and then.
    let starved = |lost: fn(u64) -> u64| {
        let mut one = case(&plan(&catalogue, &["CPK-OUT-04"]).cases[0], 0);
        let process = &mut one.runs[0].process;
        (process.end, process.took) = (End::Exit(1), Duration::from_secs(130));
        for second in 1..130 {
            process.losses.record(Duration::from_secs(second), Duration::from_millis(lost(second)));
            process.strain.lost = Duration::from_millis(lost(second));
        }
        one.is_starved()
    };
    assert!(!starved(|second| 50 * second), "a twentieth, all the time");
    assert!(starved(|second| if second < 60 { 0 } else { 4_000 }), "four seconds at once end a good client's wait");
}

#[test]
fn a_slow_machine_proves_nothing_about_the_pace_of_a_client() {
    let catalogue = Catalogue::built_in().unwrap();
    let scenarios = crewpass_contract::client::scenario::Scenarios::load(&catalogue, &[""; 0]).unwrap();
    let only = crewpass_contract::client::plan::Selection { only: vec!["CPK-RTY-04".into()], ..Default::default() };
    let plan = crewpass_contract::client::plan::Plan::new(&catalogue, &scenarios, &only).unwrap();
    let all_are = |lost_at, outcome| {
        let mut busy = Busy::new(9_000, 9_000, always_pass);
        busy.lost_at = Duration::from_millis(lost_at);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let played = runtime.block_on(play_all(&plan, Arc::new(busy), 4, |_| true));
        let results = judged(&plan, &played, &catalogue, |_| Some(always_pass));
        assert!(results.iter().all(|result| result.outcome == outcome), "lost after {lost_at} ms: {results:?}");
    };
    // Between two requests it makes a pause longer; before the first one, as in a slow start, or after the last one not.
    all_are(200, Outcome::NotJudged);
    all_are(100, Outcome::Pass);
    all_are(400, Outcome::Pass);
}

#[test]
fn an_overrun_breaks_one_obligation_of_time_and_nothing_else() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["plain/three-documents", "plain/run-twice"]);
    let overrun = |lost| {
        let mut busy = Busy::new(lost, lost, always_pass);
        busy.end = End::Deadline;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let played = runtime.block_on(play_all(&plan, Arc::new(busy), 4, |_| true));
        judged(&plan, &played, &catalogue, judge_of)
    };
    // The recorded client shows its key, which is no matter of its end.
    let counts = |result: &ObligationResult| result.outcome == Outcome::Fail && !result.id.starts_with("CPK-AUTH-");
    let failed: Vec<_> = overrun(0).into_iter().filter(counts).collect();
    assert!(failed.len() == plan.cases.len() && failed.iter().all(|result| result.id == "CPK-TIME-01"), "{failed:#?}");
    assert!(failed[0].findings[0].observed.starts_with("still running at the deadline of 20 s: "), "{failed:#?}");
    assert_eq!(overrun(9_000).iter().filter(|result| result.outcome == Outcome::Fail).count(), 0);
}
