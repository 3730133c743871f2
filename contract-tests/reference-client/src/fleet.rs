//! The task of a whole fleet: the documents of everybody on it, one person after the other.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use reqwest::Url;

use crate::bugs::Bug;
use crate::download::{Download, Outcome, as_if_empty};
use crate::failure::{FailedStep, Failure};
use crate::http::Http;
use crate::list;
use crate::pages::{self, Person};
use crate::report::{self, plain};

/// Lists that a variant asks for at once.
const AT_ONCE: usize = 20;

/// Saves every current document of everybody on the fleet.
pub(crate) async fn all(http: Http) -> Outcome {
    let mut outcome = Outcome::default();
    if let Err(failure) = people(http, &mut outcome).await {
        outcome.failures.push(failure);
    }
    outcome
}

async fn people(http: Http, outcome: &mut Outcome) -> Result<(), Failure> {
    let people = pages::everybody(&http).await.map_err(|failure| failure.during(FailedStep::Fleet))?;
    let mut run = Download::new(http)?;
    if run.http.has(Bug::ListsAllAtOnce) && people.len() > AT_ONCE {
        ask_at_once(&mut run.http, &people).await?;
    }
    for person in &people {
        if one(&mut run, person, outcome).await? {
            break;
        }
    }
    run.folder.close()
}

/// Saves the documents of one person. Returns true if no other person is to be asked for.
async fn one(run: &mut Download, person: &Person, outcome: &mut Outcome) -> Result<bool, Failure> {
    run.http.config.crew_id.clone_from(&person.id);
    run.person = Some(person.name.clone());
    let failure = match list::ask(&run.http).await.or_else(|failure| as_if_empty(&run.http, failure)) {
        Ok(listed) => return run.all_of(listed, outcome).await,
        Err(failure) => failure.during(FailedStep::List),
    };
    if is_withheld(&failure) {
        // Not a fault of anybody: who reads the output knows whose documents are not there.
        if !run.http.has(Bug::WithheldIsSilent) {
            report::wrong(&run.http.config, &format!("crew member {}: {}", plain(&person.id), failure.message));
        }
        if run.http.has(Bug::OnePersonEndsAll) {
            outcome.failures.push(failure);
            return Ok(true);
        }
        return Ok(false);
    }
    report::wrong(&run.http.config, &format!("crew member {}: {}", plain(&person.id), failure.message));
    let is_last = failure.is_about_the_key();
    outcome.failures.push(failure);
    Ok(is_last)
}

/// Returns true if a person did not consent, or has left the fleet.
fn is_withheld(failure: &Failure) -> bool {
    failure.status == Some(404) || failure.is_of_the_person()
}

/// Asks for the lists of many people at once, and makes nothing of the answers.
async fn ask_at_once(http: &mut Http, people: &[Person]) -> Result<(), Failure> {
    let mut urls = Vec::new();
    for person in people.iter().take(AT_ONCE) {
        http.config.crew_id.clone_from(&person.id);
        urls.push(Url::parse(&list::address(http)?).map_err(|_| Failure::local("the crew id makes no address"))?);
    }
    let http = &*http;
    let mut asked: Vec<_> = urls.iter().map(|url| Box::pin(http.json(url))).collect();
    poll_fn(|context| {
        asked.retain_mut(|one| Pin::new(one).poll(context).is_pending());
        if asked.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    Ok(())
}
