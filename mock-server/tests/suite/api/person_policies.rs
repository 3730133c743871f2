//! Every policy of lookup, profile, photo and compliance shows on the wire.

use std::fmt::Write;

use crewpass_mock::scope::Scope;
use crewpass_mock::{Builder, MockServer};

use crate::api::lookup::{LOOKUP, post, post_as};
use crate::api::wire::{START, get, get_as};

/// Each policy with its values, the default first.
pub(crate) const VALUES: &[(&str, &[&str])] = &[
    ("lookup_without_consent", &["403", "404"]),
    ("unparsable_body", &["after_scope", "before_key"]),
    ("empty_body", &["422", "accepted"]),
    ("compliance_vessel", &["first", "worst", "422"]),
    ("rejected_counts_as", &["missing", "expired"]),
    ("pending_counts_as", &["non_compliant", "at_risk", "compliant"]),
    ("compliance_projection", &["stored", "live"]),
    ("projection_lag", &["0s", "30s"]),
    ("full_block_without_consent", &["absent", "null"]),
    ("photo_url_without_photo", &["null", "absent"]),
    ("me_without_plan", &["403", "200"]),
];

/// A conversation in which every policy has something to say.
async fn conversation(builder: Builder) -> String {
    let fake: MockServer = builder.frozen_at(START.parse().unwrap()).start().await.unwrap();
    let crew = |id: &str, step: &str| format!("/api/v2/employers/me/crew/{id}/{step}");
    {
        let session = fake.session();
        let mut state = session.lock();
        for id in ["crew_002", "crew_005"] {
            let position = state.position(id).unwrap();
            let scopes = [Scope::ProfileRead, Scope::ComplianceRead].into_iter().collect();
            state.crew_mut(position).consent.to_mut().insert("prt_123".into(), scopes);
        }
        let position = state.position("crew_001").unwrap();
        for document in &mut state.crew_mut(position).documents {
            // One requirement is pending, one rejected or met, and nothing expired or missing but by a policy.
            if &*document.id == "doc_6" {
                document.verification_status = crewpass_mock::world::Status::Rejected;
            }
        }
        // On the first vessel nothing is required, on the second a document that is pending.
        let position = state.position("crew_002").unwrap();
        let person = state.crew_mut(position);
        person.documents[0].verification_status = crewpass_mock::world::Status::Pending;
        let roles = [("ves_abc", "Sous-Chef"), ("ves_def", "Chef")].map(|(vessel, role)| (vessel.into(), role.into()));
        person.details.as_mut().unwrap().roles = Some(roles.into());
    }
    let mut text = String::new();
    let answers = [
        post(&fake, LOOKUP, r#"{"email": "lea.moreau@example.invalid"}"#).await,
        post_as(&fake, "revoked", LOOKUP, "{").await,
        post(&fake, &crew("crew_001", "compliance-checks"), "").await,
        post(&fake, &crew("crew_001", "compliance-checks"), "{}").await,
        post(&fake, &crew("crew_002", "compliance-checks"), "{}").await,
        post(&fake, &crew("crew_002", "compliance-checks?vessel_id=ves_def"), "{}").await,
        get(&fake, &crew("crew_005", "profile")).await,
        get_as(&fake, "no_plan", "/api/v2/partners/me").await,
    ];
    for answer in answers {
        writeln!(text, "{}\n", answer.whole()).unwrap();
    }
    // A change is ten seconds older than the check.
    fake.session().remove_document("crew_001", "doc_6").unwrap();
    fake.session().advance(jiff::SignedDuration::from_secs(10)).unwrap();
    writeln!(text, "{}", post(&fake, &crew("crew_001", "compliance-checks"), "{}").await.whole()).unwrap();
    text
}

#[tokio::test]
async fn every_value_of_every_policy_of_a_person_shows() {
    let default = conversation(MockServer::builder()).await;
    for (policy, values) in VALUES {
        let mut heard = vec![(values[0], default.clone())];
        let named = conversation(MockServer::builder().policy(policy, values[0]).unwrap()).await;
        assert!(named == default, "{policy}: `{}` is not the default", values[0]);
        for value in &values[1..] {
            let answers = conversation(MockServer::builder().policy(policy, value).unwrap()).await;
            for (earlier, text) in &heard {
                assert!(*text != answers, "{policy}: `{earlier}` and `{value}` can't be told apart");
            }
            heard.push((value, answers));
        }
    }
}
