//! The least client there is, in this process: what a case costs is then the gate's own.

use std::fs;
use std::time::Duration;

use crewpass_contract::client::transport::{Class, Client, Job, Report, ReportedFile};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::AUTHORIZATION;
use serde_json::Value;

/// How long a connection is kept that nobody uses: each case has a server of its own.
const IDLE: Duration = Duration::from_secs(1);

/// A client that asks for everything once.
pub(crate) struct Least(reqwest::Client);

impl Least {
    pub(crate) fn new() -> reqwest::Result<Self> {
        // reqwest is built without a cryptography provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self(
            reqwest::Client::builder()
                .no_proxy()
                .pool_idle_timeout(IDLE)
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
        ))
    }

    async fn json(&self, job: &Job, address: &str) -> Result<Value, Class> {
        let answer = self.0.get(address).header(AUTHORIZATION, format!("Bearer {}", job.key)).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|_| Class::Unavailable)?;
        answer.json().await.map_err(|_| Class::ContractError)
    }

    async fn file(&self, job: &Job, list: &str, number: usize, id: &str) -> Result<ReportedFile, Class> {
        let link = self.json(job, &format!("{list}/{}/download", utf8_percent_encode(id, NON_ALPHANUMERIC))).await?;
        let address = link["download_url"].as_str().filter(|address| address.starts_with(&job.base));
        let answer = self.0.get(address.ok_or(Class::ContractError)?).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|_| Class::Unavailable)?;
        let bytes = answer.bytes().await.map_err(|_| Class::Unavailable)?;
        let path = job.out_dir.join(format!("document_{number}"));
        fs::write(&path, bytes).map_err(|_| Class::LocalError)?;
        Ok(ReportedFile { document_id: id.to_owned(), path, sha256: None })
    }
}

impl Client for Least {
    async fn download(&self, job: Job) -> Report {
        let mut report = Report::new(Class::Ok);
        let crew = utf8_percent_encode(&job.crew_id, NON_ALPHANUMERIC);
        let list = format!("{}/api/v2/employers/me/crew/{crew}/documents", job.base.trim_end_matches('/'));
        let listed = match self.json(&job, &list).await {
            Ok(listed) => listed,
            Err(class) => return Report::new(class),
        };
        let ids = listed["items"].as_array().into_iter().flatten().filter_map(|item| item["document_id"].as_str());
        for (number, id) in ids.enumerate() {
            match self.file(&job, &list, number, id).await {
                Ok(file) => report.files.push(file),
                Err(class) => report.outcome = class,
            }
        }
        report
    }
}
