//! All documents of a crew member, one after the other: list, link, file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;
use tokio::time::timeout;

use crate::bugs::Bug;
use crate::failure::{Class, FailedStep, Failure};
use crate::folder::{Folder, Wanted};
use crate::http::{Http, Step};
use crate::link::{self, Link};
use crate::report::{self, plain};
use crate::retry::Tries;
use crate::{file, home, list, names};

/// Links that are asked for one document.
const LINKS: u32 = 3;

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) saved: usize,
    pub(crate) failures: Vec<Failure>,
    /// The items of the list, as they came.
    pub(crate) items: Vec<Value>,
    /// Ids, with the names under which they are saved.
    pub(crate) files: Vec<(String, String)>,
}

impl Outcome {
    /// Creates the outcome of a run that failed by this alone.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { failures: vec![failure], ..Self::default() }
    }
}

/// A document that is saved.
struct Saved {
    /// The line that says so.
    line: String,
    /// Its name below the folder.
    name: String,
}

/// A run.
pub(crate) struct Download {
    pub(crate) http: Http,
    pub(crate) folder: Folder,
    /// The name of the person on the fleet whose documents are saved.
    pub(crate) person: Option<String>,
    /// The crew id of the last list.
    crew_echo: Option<String>,
    /// The titles of documents, by id.
    titles: HashMap<String, String>,
    /// Links that variants asked for ahead of time.
    ahead: RefCell<HashMap<String, Result<Link, Failure>>>,
}

/// Saves every current document.
pub(crate) async fn all(http: Http) -> Outcome {
    let mut outcome = Outcome::default();
    if let Err(failure) = documents(http, &mut outcome).await {
        outcome.failures.push(failure);
    }
    outcome
}

async fn documents(http: Http, outcome: &mut Outcome) -> Result<(), Failure> {
    let listed = list::ask(&http)
        .await
        .or_else(|failure| as_if_empty(&http, failure))
        .map_err(|f| f.during(FailedStep::List))?;
    let mut run = Download::new(http)?;
    run.all_of(listed, outcome).await?;
    run.folder.close()
}

/// Returns an empty list for the failures that variants take for a crew member without documents.
pub(crate) fn as_if_empty(http: &Http, failure: Failure) -> Result<list::Listed, Failure> {
    let empty = http.has(Bug::DeniedIsEmpty) && failure.class == Class::Denied
        || http.has(Bug::NotFoundIsEmpty) && failure.status == Some(404)
        || http.has(Bug::FailureIsEmpty) && matches!(failure.status, Some(400 | 422 | 500))
        || http.has(Bug::LimitIsEmpty) && failure.status == Some(429);
    if empty { Ok(list::Listed::default()) } else { Err(failure) }
}

impl Download {
    /// Begins a run in the folder to save into.
    pub(crate) fn new(http: Http) -> Result<Self, Failure> {
        let folder = Folder::open(&http.config)?;
        Ok(Self { http, folder, person: None, crew_echo: None, titles: HashMap::new(), ahead: RefCell::default() })
    }

    /// Saves every document of a list. Returns true if a failure is about the key, so that nothing more is worth
    /// asking, also about other people.
    pub(crate) async fn all_of(&mut self, listed: list::Listed, outcome: &mut Outcome) -> Result<bool, Failure> {
        let title = |item: &Value| Some((item["document_id"].as_str()?.to_owned(), item["title"].as_str()?.to_owned()));
        self.titles.extend(listed.items.iter().filter_map(title));
        outcome.items.extend(listed.items);
        self.crew_echo = listed.echo;
        self.folder.expect(&listed.ids);
        self.prefetch(&listed.ids).await?;
        for id in &listed.ids {
            match self.document_in_time(id).await {
                Ok(Some(saved)) => {
                    outcome.saved += 1;
                    report::done(&self.http.config, &saved.line);
                    outcome.files.push((id.clone(), saved.name));
                }
                Ok(None) => {}
                Err(failure) => {
                    report::wrong(&self.http.config, &format!("document {}: {}", plain(id), failure.message));
                    let is_last = failure.is_about_the_key() && !self.http.has(Bug::AsksAfterScopeRefusal);
                    let is_of_person = failure.is_of_the_person() && !self.http.has(Bug::LinkConsentEndsAll);
                    outcome.failures.push(Failure { document: Some(id.clone()), ..failure });
                    if is_last || self.http.has(Bug::StopsAtFirstError) {
                        return Ok(is_last && !is_of_person);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Saves one document, or fails when the run's time is over.
    async fn document_in_time(&mut self, id: &str) -> Result<Option<Saved>, Failure> {
        match self.http.config.until.filter(|_| !self.is_endless()) {
            None => self.document(id).await,
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                timeout(left, self.document(id)).await.unwrap_or_else(|_| Err(Failure::slow("out of time")))
            }
        }
    }

    /// Returns true if a variant has no limit on a whole run.
    fn is_endless(&self) -> bool {
        use Bug as B;
        let silent = [B::NoTimeout, B::NoConnectTimeout, B::NoLinkTimeout, B::NoRedirectTimeout, B::NoBodyTimeout];
        let other = [B::NoHandshakeTimeout, B::InfiniteRetry, B::NoMinimumRate];
        silent.iter().chain(&other).any(|bug| self.http.has(*bug))
    }

    /// Saves one document; nothing where a variant passes over it.
    async fn document(&mut self, id: &str) -> Result<Option<Saved>, Failure> {
        let mut asking = Tries::new(Step::Api);
        let mut following = Tries::new(Step::File);
        let mut asked = 1;
        self.http.begun.take();
        let mut link = match self.first_link(id, &mut asking).await {
            Err(failure) if self.passes_over(&failure) => return Ok(None),
            link => link.map_err(|failure| failure.during(FailedStep::Link))?,
        };
        if link.is_over() && !self.is_hasty() {
            asked += 1;
            link = self.link(id, &mut asking).await.map_err(|failure| failure.during(FailedStep::Link))?;
        }
        let part = loop {
            if self.http.has(Bug::SaysSavedEarly) {
                report::done(&self.http.config, &format!("saved {}", plain(link.file_name.as_deref().unwrap_or(id))));
            }
            let place = self.place(id, &link)?;
            let mut first = !link.is_over() || asked > 1 || self.is_hasty();
            let fetched = following.run(&self.http, async || {
                if !std::mem::take(&mut first) && link.is_over() && !self.is_hasty() {
                    return Err(Failure::refused(410, None, std::time::Duration::ZERO));
                }
                file::fetch(&self.http, &link, &place).await
            });
            match fetched.await {
                Err(failure) if failure.is_dead_link() && asked < self.most_links() => {
                    self.http.refused.set(true);
                    if self.http.has(Bug::ReusesDeadLink)
                        && let Ok(part) = file::fetch(&self.http, &link, &place).await
                    {
                        break part;
                    }
                    asked += 1;
                    link = self.link(id, &mut asking).await.map_err(|failure| failure.during(FailedStep::Link))?;
                }
                fetched => break fetched.map_err(Failure::of_the_file)?,
            }
        };
        let wanted = wanted(id, &link);
        let length = part.path.metadata()?.len();
        if self.http.has(Bug::SkipsLarge) && length > 64 << 10 {
            return Ok(None);
        }
        let by_variant = self.trusted_name(id, &link);
        let wanted = Wanted { trusted: by_variant.as_deref(), ..wanted };
        let name = self.folder.keep(part, wanted)?;
        let shown = match self.http.config.bug {
            Some(Bug::PrintsRawNames) => link.file_name,
            Some(Bug::PrintsHeaderNames) if link.file_name.is_none() => self.http.coded_name(),
            _ => None,
        };
        let shown = shown.unwrap_or_else(|| plain(&name));
        Ok(Some(Saved { line: format!("saved {shown} ({length} bytes)"), name }))
    }

    /// Returns the name that a variant takes from elsewhere than the link.
    fn trusted_name(&self, id: &str, link: &Link) -> Option<String> {
        if self.http.has(Bug::TrustsPersonName) {
            return self.person.as_ref().map(|name| format!("{name} {id}.pdf"));
        }
        match self.http.config.bug? {
            Bug::TrustsListCrewId => {
                return self.crew_echo.as_ref().map(|crew| format!("{crew} {}.pdf", names::mark(id)));
            }
            Bug::TrustsLinkId => return link.echo.as_ref().map(|id| format!("{id}.pdf")),
            _ => {}
        }
        if link.file_name.as_ref().is_some_and(|name| !name.is_empty()) {
            return None;
        }
        let disposition = self.http.disposition.borrow();
        let plain = || names::of_disposition(disposition.as_deref()?, "filename=\"");
        let coded = || self.http.coded_name();
        match self.http.config.bug? {
            Bug::TrustsHeaderName => plain(),
            Bug::TrustsCodedName => coded(),
            Bug::KeepsHeaderDevices => plain().filter(|name| names::is_device(name)),
            Bug::KeepsCodedDevices => coded().filter(|name| names::is_device(name)),
            Bug::KeepsHeaderDotfiles => plain().filter(|name| names::is_hidden(name)),
            Bug::KeepsCodedDotfiles => coded().filter(|name| names::is_hidden(name)),
            Bug::LongHeaderNameFails => plain().filter(|name| name.len() > 200),
            Bug::TrustsTitle => self.titles.get(id).cloned(),
            Bug::TrustsId => Some(format!("{id}.pdf")),
            _ => None,
        }
    }

    fn place(&self, id: &str, link: &Link) -> Result<PathBuf, Failure> {
        if self.http.has(Bug::LeavesPartialFile) { self.folder.place(wanted(id, link)) } else { Ok(PathBuf::new()) }
    }

    fn most_links(&self) -> u32 {
        match self.http.config.bug {
            Some(Bug::NeverAsksAgain) => 1,
            Some(Bug::AsksTooOften) => 5,
            _ => LINKS,
        }
    }

    /// Returns true if a variant follows links that it knows to be dead.
    fn is_hasty(&self) -> bool {
        [Bug::PrefetchesAllLinks, Bug::CachesLinksOnDisk, Bug::CachesLinksCoded].iter().any(|bug| self.http.has(*bug))
    }

    /// Returns true if a variant ignores the failure and exits 0.
    fn passes_over(&self, failure: &Failure) -> bool {
        self.http.has(Bug::DeniedLinkIsFine) && failure.class == Class::Denied
            || self.http.has(Bug::UnconsentedLinkIsFine) && failure.is_of_the_person()
            || self.http.has(Bug::MissingLinkIsFine) && failure.lacks_link
            || self.http.has(Bug::UnreadableLinkIsFine) && failure.is_unreadable
    }

    /// Requests a link, when it is needed and not before.
    async fn link(&self, id: &str, tries: &mut Tries) -> Result<Link, Failure> {
        let link = link::ask(&self.http, id, tries).await?;
        if self.http.has(Bug::LogsLink) {
            report::done(&self.http.config, &format!("following {}", link.url));
        }
        if self.http.has(Bug::CachesLinksOnDisk) {
            home::remember(&format!("{id} {}", link.url));
        }
        if self.http.has(Bug::CachesLinksCoded) {
            home::remember(&home::coded(&format!("{id} {}", link.url)));
        }
        Ok(link)
    }

    /// Requests the first link of a document, which variants have from elsewhere.
    async fn first_link(&self, id: &str, tries: &mut Tries) -> Result<Link, Failure> {
        let ahead = self.ahead.borrow_mut().remove(id);
        let link = match ahead.or_else(|| self.left_over(id).map(Ok)) {
            Some(link) => return link,
            None => self.link(id, tries).await?,
        };
        if self.http.has(Bug::OneLinkForAll) {
            let mut ahead = self.ahead.borrow_mut();
            let first = ahead.entry(String::new()).or_insert_with(|| Ok(link.clone()));
            let url = first.as_ref().map_or_else(|_| link.url.clone(), |first| first.url.clone());
            return Ok(Link { url, ..link });
        }
        Ok(link)
    }

    fn left_over(&self, id: &str) -> Option<Link> {
        let lines = home::remembered();
        let lines: Vec<_> = match self.http.config.bug {
            Some(Bug::CachesLinksOnDisk) => lines,
            Some(Bug::CachesLinksCoded) => lines.iter().map(|line| home::decoded(line)).collect(),
            _ => return None,
        };
        lines.iter().find_map(|line| Link::left_over(line.strip_prefix(id)?.strip_prefix(' ')?))
    }

    async fn prefetch(&self, ids: &[String]) -> Result<(), Failure> {
        if self.http.has(Bug::PrefetchesAllLinks) {
            for id in ids {
                let link = self.link(id, &mut Tries::new(Step::Api)).await;
                self.ahead.borrow_mut().insert(id.clone(), link);
            }
        }
        Ok(())
    }
}

fn wanted<'a>(id: &'a str, link: &'a Link) -> Wanted<'a> {
    Wanted { id, trusted: None, file_name: link.file_name.as_deref(), content_type: link.content_type.as_deref() }
}
