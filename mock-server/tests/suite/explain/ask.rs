//! Asking twice: the fake for an explanation, then for the answer.

use crewpass_mock::MockServer;
use reqwest::{Client, Method};
use serde_json::Value;

/// Where the people are.
pub(crate) const CREW: &str = "/api/v2/employers/me/crew";

/// A request, with a key or without.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) key: Option<String>,
}

/// A GET.
pub(crate) fn get(target: &str, key: Option<&str>) -> Asked {
    Asked { method: "GET", target: target.to_owned(), key: key.map(str::to_owned) }
}

/// What the fake says about a request, below a path of the control API such as `/sessions/ses_1`.
pub(crate) async fn explained(client: &Client, fake: &MockServer, below: &str, asked: &Asked) -> Value {
    let mut query = vec![("method", asked.method), ("target", &asked.target)];
    query.extend(asked.key.as_deref().map(|key| ("key", key)));
    let url = format!("{}/__mock{below}/explain", fake.base());
    let answer = client.get(url).query(&query).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{asked:?}");
    answer.json().await.unwrap()
}

/// Status and code that the request really gets.
pub(crate) async fn answered(client: &Client, fake: &MockServer, asked: &Asked) -> (u64, Value) {
    let url =
        if asked.target.starts_with('/') { format!("{}{}", fake.base(), asked.target) } else { asked.target.clone() };
    let mut request = client.request(asked.method.parse::<Method>().unwrap(), url);
    if let Some(key) = &asked.key {
        request = request.bearer_auth(key);
    }
    let answer = request.send().await.unwrap();
    let status = u64::from(answer.status().as_u16());
    let body = answer.bytes().await.unwrap();
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status, json["error"]["code"].clone())
}

/// Explains, asks, and holds the two and the journal to one another; gives the explanation.
pub(crate) async fn agree(client: &Client, fake: &MockServer, asked: &Asked) -> Value {
    // A long journal is long to write down: the first exchanges of a fake stand for all.
    let is_short = fake.session().exchanges().len() < 20;
    let state = || if is_short { format!("{:?}", fake.session().lock()) } else { String::new() };
    let before = state();
    let report = explained(client, fake, "", asked).await;
    assert_eq!(state(), before, "the explanation left a trace: {asked:?}");
    let (status, code) = answered(client, fake, asked).await;
    assert_eq!(report["status"], status, "{asked:?}: {report:#}");
    if asked.method != "HEAD" {
        assert_eq!(report["code"], code, "{asked:?}: {report:#}");
    }
    let exchanges = fake.session().exchanges();
    assert_eq!(report["decided_by"], exchanges.last().unwrap().clause.id, "{asked:?}: {report:#}");
    let checks = report["checks"].as_array().unwrap();
    let failed: Vec<&Value> = checks.iter().filter(|check| check["result"] == "failed").collect();
    match report["decided_by"].as_str().unwrap() {
        "served" => assert!(checks.iter().all(|check| check["result"] == "passed"), "{report:#}"),
        clause => assert!(failed.len() == 1 && failed[0]["clause"] == clause, "{report:#}"),
    }
    assert!(!report["why"].as_str().unwrap().is_empty());
    report
}
