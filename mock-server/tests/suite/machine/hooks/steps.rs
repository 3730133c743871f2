//! The steps of webhooks, and the other steps that matter where there are callbacks.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::model::State;
use super::super::parts::PersonField;
use super::super::steps::{Step, changed_person};
use super::super::world::CREW;
use super::parts::{Alteration, Callback, Disturbance, Fire, PATHS, ReceiverAnswer, SECRETS, Standing, TYPES};

/// A step of webhooks.
#[derive(Clone, Debug)]
pub(crate) enum HookStep {
    Add(Callback),
    Clear,
    /// The receiver answers so at a path from now on.
    Answer {
        path: usize,
        answer: ReceiverAnswer,
    },
    Fire(Fire),
    /// All dead and refused deliveries, or one by its number.
    Redeliver {
        delivery: Option<usize>,
    },
    Alter {
        by: Disturbance,
        times: usize,
    },
}

const POLICIES: &[(&str, &str)] = &[
    ("webhook_retry_after", "honoured"),
    ("webhook_retry_after", "honoured"),
    ("webhook_retry_after", "ignored"),
    ("webhook_rotation", "both"),
    ("webhook_rotation", "both"),
    ("webhook_rotation", "new"),
    ("webhook_timestamp", "session"),
    ("webhook_timestamp", "real"),
    ("projection_lag", "60s"),
    ("projection_lag", "0s"),
    ("rejected_counts_as", "expired"),
];

/// Moves of the clock around the waits between attempts, and one that makes all attempts.
const MOVES: [i64; 10] = [1, 29, 30, 31, 60, 90, 600, 3_809, 3_810, 7_200];

/// The callbacks that a sequence begins with, one at an address.
pub(crate) fn first_callbacks() -> impl Strategy<Value = Vec<Callback>> {
    prop::collection::vec(callback(), 1..4).prop_map(|mut callbacks| {
        callbacks.sort_by_key(|callback| callback.path);
        callbacks.dedup_by_key(|callback| callback.path);
        callbacks
    })
}

pub(crate) fn callback() -> impl Strategy<Value = Callback> {
    let partner = prop_oneof![2 => Just(None), 2 => Just(Some(0)), 3 => Just(Some(1))];
    let some = subsequence(TYPES.to_vec(), 1..TYPES.len());
    let types = prop_oneof![3 => Just(None), 2 => some.prop_map(Some)];
    (0..PATHS.len(), partner, types, 0..SECRETS.len()).prop_map(|(path, partner, types, secret)| Callback {
        path,
        partner,
        types,
        secret,
        previous: None,
    })
}

/// The steps of a sequence that has webhooks, beside those of every sequence.
pub(crate) fn choices(state: &State) -> Vec<(u32, BoxedStrategy<Step>)> {
    let mut choices = vec![
        (6, callback().prop_map(|callback| Step::Hook(HookStep::Add(callback))).boxed()),
        (1, Just(Step::Hook(HookStep::Clear)).boxed()),
        (16, answer()),
        (8, fire()),
        (8, redeliver(state)),
        (7, alter()),
        (10, select(POLICIES).prop_map(|(name, value)| Step::Policy { name, value }).boxed()),
        (30, select(&MOVES[..]).prop_map(|seconds| Step::Advance { seconds }).boxed()),
        (25, changed_person()),
        (8, born()),
        (10, joined()),
    ];
    let there: Vec<(usize, String)> =
        (0..CREW.len()).flat_map(|crew| state.current(crew).into_iter().map(move |id| (crew, id))).collect();
    if !there.is_empty() {
        let status = select(vec!["verified", "pending", "rejected", "expired"]);
        let there = select(there);
        let status =
            (there.clone(), status).prop_map(|((crew, document), status)| Step::Status { crew, document, status });
        choices.push((35, status.boxed()));
        let uploaded = prop::option::of(select(vec!["verified", "rejected", "pending"]));
        let upload = (there, uploaded).prop_map(|((crew, id), status)| Step::Upload {
            crew,
            supersedes: Some(id),
            status,
            bytes: b"new".to_vec(),
        });
        choices.push((15, upload.boxed()));
    }
    choices
}

fn answer() -> BoxedStrategy<Step> {
    let again = prop_oneof![Just(Some(503)), Just(Some(429)), Just(Some(408)), Just(Some(302)), Just(None)];
    let answer = prop_oneof![
        2 => Just((Some(200), None)),
        5 => again.prop_map(|status| (status, None)),
        3 => (select(vec![Some(503_u16), Some(429)]), select(vec![0_i64, 45, 5_000]).prop_map(Some)),
        2 => select(vec![Some(400_u16), Some(410)]).prop_map(|status| (status, None)),
    ];
    (0..PATHS.len(), answer)
        .prop_map(|(path, (status, retry_after))| {
            Step::Hook(HookStep::Answer { path, answer: ReceiverAnswer { status, retry_after } })
        })
        .boxed()
}

fn disturbance() -> impl Strategy<Value = Disturbance> {
    let alteration = prop_oneof![
        3 => Just(Alteration::Nothing),
        1 => Just(Alteration::NoSignature),
        1 => Just(Alteration::OtherSecret),
        1 => Just(Alteration::BodyAlone),
        1 => Just(Alteration::Chunked),
        1 => Just(Alteration::OtherType),
        1 => Just(Alteration::Old),
    ];
    let copies = prop_oneof![2 => Just(1_usize), 1 => Just(2)];
    let delay = prop_oneof![2 => Just(0_i64), 1 => Just(20)];
    (alteration, copies, delay).prop_map(|(alteration, copies, delay)| Disturbance { alteration, copies, delay })
}

fn alter() -> BoxedStrategy<Step> {
    (disturbance(), 1..3_usize).prop_map(|(by, times)| Step::Hook(HookStep::Alter { by, times })).boxed()
}

fn fire() -> BoxedStrategy<Step> {
    let partner = prop_oneof![2 => Just(None), 1 => (0..2_usize).prop_map(Some)];
    let path = prop_oneof![2 => Just(None), 1 => (0..PATHS.len()).prop_map(Some)];
    let crew = prop::option::of(0..CREW.len());
    let document = prop::option::of(Just("a_two"));
    let kind = prop_oneof![3 => select(&TYPES[..]), 1 => Just("crew.not.known")];
    (kind, partner, path, crew, document, disturbance())
        .prop_map(|(kind, partner, path, crew, document, by)| {
            Step::Hook(HookStep::Fire(Fire { kind, partner, path, crew, document, by }))
        })
        .boxed()
}

/// All, or one by its number: a settled one, or any, or one that is not there.
fn redeliver(state: &State) -> BoxedStrategy<Step> {
    let deliveries = &state.hooks.deliveries;
    let is_settled = |number: &usize| !matches!(deliveries[number - 1].standing, Standing::Waiting(_));
    let settled: Vec<usize> = (1..=deliveries.len()).filter(is_settled).collect();
    let any = (1..deliveries.len() + 2).boxed();
    let one = if settled.is_empty() { any } else { prop_oneof![3 => select(settled), 1 => any].boxed() };
    prop_oneof![2 => Just(None), 1 => one.prop_map(Some)]
        .prop_map(|delivery| Step::Hook(HookStep::Redeliver { delivery }))
        .boxed()
}

/// A change that only the full profile shows.
fn born() -> BoxedStrategy<Step> {
    let day = select(vec![None, Some("1990-01-31"), Some("1991-02-28")]);
    (0..CREW.len(), day).prop_map(|(crew, day)| Step::Person { crew, field: PersonField::Born(day) }).boxed()
}

/// A person who is on the fleet of a partner who may know of everything.
fn joined() -> BoxedStrategy<Step> {
    let on = select(vec![vec![true, false], vec![false, true], vec![true, true]]);
    let fleet = (0..CREW.len(), on).prop_map(|(crew, vessels)| Step::Fleet { crew, vessels });
    let scopes = super::super::model::ALL;
    let consent = (0..CREW.len(), 0..2_usize).prop_map(move |(crew, partner)| Step::Consent { crew, partner, scopes });
    prop_oneof![fleet, consent].boxed()
}
