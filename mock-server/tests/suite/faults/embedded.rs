//! Rules in a Rust test: given to the builder, verified on demand or on drop.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crewpass_mock::{Fault, MockServer};

use crate::faults::wire::{Fake, LIST};

const TWICE: &str = "{name: twice, when: {times: 2}, then: {status: 503}}";

#[tokio::test]
async fn faults_can_be_verified() {
    let fake = Fake::with(&[TWICE]).await;
    assert_eq!(fake.statuses(LIST, 1).await, [503]);
    let rest = fake.server.verify_faults().unwrap_err();
    assert_eq!(rest.to_string(), "not consumed as demanded: `twice` (status) fired 1 times of 2 and matched 1 times");
    assert_eq!(fake.statuses(LIST, 2).await, [503, 200]);
    assert_eq!(fake.server.verify_faults().unwrap()[0].fired, 2);
}

async fn dropped_after(requests: usize, verified: bool) -> Option<String> {
    let fake = Fake::built(&[TWICE], |builder| if verified { builder.verify_on_drop() } else { builder }).await;
    fake.statuses(LIST, requests).await;
    let panic = catch_unwind(AssertUnwindSafe(|| drop(fake))).err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[tokio::test]
async fn a_drop_panics_where_it_was_asked_to_and_a_fault_is_left() {
    assert!(dropped_after(1, true).await.unwrap().contains("fired 1 times of 2"));
    assert_eq!(dropped_after(2, true).await, None);
    assert_eq!(dropped_after(1, false).await, None);
}

#[tokio::test]
async fn a_drop_during_a_panic_keeps_that_panic() {
    let fake = Fake::built(&[TWICE], crewpass_mock::Builder::verify_on_drop).await;
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _fake = fake;
        panic!("the test's own");
    }));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "the test's own");
}

#[test]
fn a_name_is_given_once() {
    let fault: Fault = TWICE.parse().unwrap();
    let again = MockServer::builder().fault(fault.clone()).unwrap().fault(fault).unwrap_err();
    assert!(again.to_string().contains("`twice`"), "{again}");
}
