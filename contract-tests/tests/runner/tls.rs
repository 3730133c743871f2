//! Certificates: a client that checks them, and one that does not.

use crewpass_contract::client::run::Options;
use crewpass_contract::client::witness::{End, Handshake, Listener};
use serde_json::json;

use crate::harness::{client, options, played, printed, scenario, shell};

#[tokio::test]
async fn every_scenario_can_be_played_over_tls() {
    let case = played(&scenario(json!({})), &Options { tls: true, ..options(&[&client("saves.sh")]) }).await;
    let run = &case.runs[0];
    assert_eq!((run.process.end, run.missing(&case.out_dir).count()), (End::Exit(0), 0));
    assert!(case.base.starts_with("https://") && run.wire.iter().all(|exchange| exchange.tls));
    assert!(run.handshakes.is_empty());
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_a_handshake_without_a_request() {
    for certificate in ["unknown_authority", "wrong_host"] {
        let scenario = scenario(json!({"certificate": certificate}));
        let case = played(&scenario, &options(&[&client("saves.sh")])).await;
        let run = &case.runs[0];
        assert!(run.process.end.is_refusal() && run.wire.is_empty(), "{certificate}");
        let [handshake] = &run.handshakes[..] else { panic!("{certificate}: {:?}", run.handshakes) };
        // curl looks at the name of the host when the handshake is over.
        let refused = Handshake { listener: Listener::Base, completed: false };
        assert!(*handshake == refused || certificate == "wrong_host", "{handshake:?}");
        let case = played(&scenario, &shell("curl -sk $BASE/")).await;
        assert_eq!((case.runs[0].wire.len(), case.runs[0].handshakes.len()), (1, 0), "{certificate}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_not_used_is_seen() {
    let quiet = shell("echo | openssl s_client -connect ${BASE#https://} >/dev/null 2>&1");
    let case = played(&scenario(json!({"certificate": "good"})), &quiet).await;
    assert_eq!(case.runs[0].handshakes, [Handshake { listener: Listener::Base, completed: true }]);
}

#[tokio::test]
async fn a_door_speaks_the_scheme_that_the_scenario_writes() {
    let scenario = scenario(json!({
        "certificate": "good", "second_is_ours": true,
        "faults": [{"match": {"step": "link"}, "then": {"link": "http://{second_host}/x"}}],
    }));
    let case = played(&scenario, &shell("echo $SSL_CERT_FILE; curl -s http://${CPK_LINK_HOSTS#*,}/x")).await;
    let [asked] = &case.runs[0].wire[..] else { panic!("{:?}", case.runs[0].wire) };
    assert_eq!((asked.listener.clone(), asked.tls, asked.target.as_str()), (Listener::Second, false, "/x"));
    assert!(printed(&case.runs[0]).lines().next().unwrap().ends_with("ca.pem"));
}
