//! The gate as a partner's crate uses it: a client that is a function, and a test for each obligation.

use crewpass_contract::client::in_process::obligation;
use crewpass_contract::client::observability::Observability;
use crewpass_contract::client::transport::{Blocking, Class, Job, Report};
use crewpass_contract::requirement::Catalogue;

use super::client;

crewpass_contract::contract_tests!(Blocking(client::download), fail_on = MUST, cases = 40);

#[test]
fn there_is_a_test_for_every_obligation_that_shows() {
    let catalogue = Catalogue::built_in().unwrap();
    let ids = catalogue.obligations().iter().map(|known| known.id.as_str());
    let shows: Vec<&str> = ids.filter(|id| Observability::InProcess.unobservable_reason(id).is_none()).collect();
    let tests = include_str!(concat!(env!("OUT_DIR"), "/tests_of_obligations.rs"));
    let tested = tests.split('"').filter(|part| part.starts_with("CPK-"));
    assert_eq!(tested.collect::<Vec<_>>(), shows);
}

#[test]
fn a_client_that_lies_panics_or_hangs_is_told_so() {
    let lies = |_: Job| Report::new(Class::Ok);
    assert!(obligation(Blocking(lies), "CPK-OUT-01").unwrap_err().contains("CPK-OUT-01 in plain/three-documents"));
    let panics = |_: Job| -> Report { panic!("on purpose") };
    let crash = obligation(Blocking(panics), "CPK-ERR-03").unwrap_err();
    assert!(crash.contains("not exercised") || crash.contains("not_exercised") || crash.contains("crash"), "{crash}");
}

#[test]
fn what_does_not_show_is_never_passed() {
    let hidden = obligation(Blocking(client::download), "CPK-TIME-03").unwrap_err();
    assert!(hidden.contains("does not show it"), "{hidden}");
}
