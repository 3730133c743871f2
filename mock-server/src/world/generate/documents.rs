//! The documents of one crew member: kinds of certificates, dates, state, and replaced versions.

use compact_str::{CompactString, format_compact};
use rand::RngExt;

use super::catalogue::{Certificate, Department, certificates};
use super::dice::{Dice, percent, pick};
use super::document_number::document_number;
use super::file_names::{HostileNames, harmless_name};
use super::issuers::Issuers;
use crate::world::{Day, Document, DocumentStore, FileSpec, GeneratedKind, Status, Text};

/// Generates documents and numbers them through the world.
pub(super) struct DocumentGenerator {
    kinds: Box<[Certificate]>,
    issuers: Issuers,
    /// Content types of PDF, PNG and JPEG.
    media: [Text; 3],
    hostile: Option<HostileNames>,
    next_id: u64,
    /// The documents of the current member, kept so that each member's list is allocated once in its exact size.
    pending: Vec<Document>,
}

/// The person whose documents are generated.
pub(super) struct Holder<'a> {
    /// The number of the crew member, from 0.
    pub(super) index: u32,
    /// The person's name.
    pub(super) name: &'a str,
    /// The person's departments.
    pub(super) departments: &'a [Department],
}

/// The days of one version, counted from the clock's start, and its state.
#[derive(Clone, Copy)]
struct Dates {
    issued: i32,
    expires: i32,
    uploaded: i32,
    status: Status,
}

impl DocumentGenerator {
    /// Creates a generator that begins at `doc_1`.
    pub(super) fn new(hostile: bool) -> Self {
        Self {
            kinds: certificates(),
            issuers: Issuers::new(),
            media: ["application/pdf", "image/png", "image/jpeg"].map(Text::from),
            hostile: hostile.then(HostileNames::new),
            next_id: 1,
            pending: Vec::new(),
        }
    }

    /// Generates `count` current documents, and the versions that they replaced.
    pub(super) fn generate(&mut self, dice: &mut Dice, holder: &Holder<'_>, count: u32) -> Vec<Document> {
        let kinds = self.shuffled_kinds(dice, holder);
        let first_name = holder.index as usize * (count & !1).max(1) as usize;
        for at in 0..count as usize {
            let example = holder.index == 0 && at == 0;
            let mut document = self.current(dice, holder, kinds[at % kinds.len()]);
            if example {
                self.set_guide_example(&mut document);
            }
            if let Some(names) = &self.hostile {
                document.file.name = Some(names.at(first_name + at));
            }
            let older = if example { 0 } else { older_versions(dice) };
            self.push_versions(dice, document, older);
        }
        self.pending.drain(..).collect()
    }

    /// Returns the kinds for the holder's departments, shuffled; the first member's begin with the guide's example.
    fn shuffled_kinds(&self, dice: &mut Dice, holder: &Holder<'_>) -> Vec<usize> {
        let fits = |at: &usize| self.kinds[*at].departments.iter().any(|one| holder.departments.contains(one));
        let mut kinds: Vec<usize> = (0..self.kinds.len()).filter(fits).collect();
        for at in (1..kinds.len()).rev() {
            kinds.swap(at, dice.random_range(0..=at));
        }
        if holder.index == 0
            && let Some(at) = kinds.iter().position(|kind| *kind == 0)
        {
            kinds.swap(0, at);
        }
        kinds
    }

    /// Generates a current document without an id.
    fn current(&self, dice: &mut Dice, holder: &Holder<'_>, kind: usize) -> Document {
        let kind = &self.kinds[kind];
        let dates = current_dates(dice, kind.days);
        let mut document = Document {
            id: CompactString::default(),
            supersedes: None,
            kind: kind.kind.clone(),
            category: Some(kind.category.clone()),
            title: kind.title.clone(),
            issuer: self.issuers.pick(dice, kind.issuer),
            verification_status: dates.status,
            issue_date: None,
            expiry_date: None,
            number: Some(document_number(dice, &kind.number)),
            uploaded: None,
            file: self.file(dice, holder, kind),
            store: DocumentStore::Up,
            current: true,
            version: 1,
        };
        dates.write(&mut document);
        document
    }

    fn file(&self, dice: &mut Dice, holder: &Holder<'_>, kind: &Certificate) -> FileSpec {
        let scanned = if kind.photographed { 60 } else { 88 };
        let (at, extension, made) = match dice.random_range(0..100) {
            roll if roll < scanned => (0, "pdf", GeneratedKind::Pdf),
            roll if roll % 3 == 0 => (1, "png", GeneratedKind::Png),
            _ => (2, "jpg", GeneratedKind::Jpeg),
        };
        let name = match dice.random_range(0..100) {
            0..5 => None,
            // The same name as before: a person's phone calls every photograph the same.
            5..12 => self.pending.last().and_then(|before| before.file.name.clone()),
            _ => Some(harmless_name(dice, &kind.file, extension, holder.name)),
        };
        let content_type = (!percent(dice, 4)).then(|| self.media[at].clone());
        FileSpec { path: None, generate: Some(made), size: None, name, content_type, ..FileSpec::default() }
    }

    /// Makes `doc_1` of `crew_001` the example of the guide.
    fn set_guide_example(&self, document: &mut Document) {
        document.issuer = self.issuers.of_guide_example();
        document.number = Some("PST-12345".into());
        document.file = FileSpec {
            generate: Some(GeneratedKind::Pdf),
            name: Some("PST_certificate.pdf".into()),
            content_type: Some(self.media[0].clone()),
            ..FileSpec::default()
        };
        Dates { issued: -1195, expires: 631, uploaded: -1190, status: Status::Verified }.write(document);
    }

    /// Appends the document after the versions that it replaced, oldest first, and numbers them all.
    fn push_versions(&mut self, dice: &mut Dice, document: Document, older: u16) {
        let mut versions = [None, None, Some(document)];
        for at in (2 - usize::from(older)..2).rev() {
            versions[at] = versions[at + 1].as_ref().map(|newer| self.previous_version(dice, newer));
        }
        let mut replaced: Option<CompactString> = None;
        for (version, mut document) in (1..).zip(versions.into_iter().flatten()) {
            document.id = format_compact!("doc_{}", self.next_id);
            self.next_id += 1;
            document.supersedes = replaced.replace(document.id.clone());
            document.version = version;
            document.current = version == older + 1;
            self.pending.push(document);
        }
    }

    /// Generates the version before this one: the certificate that was renewed, or a scan that was rejected.
    fn previous_version(&self, dice: &mut Dice, newer: &Document) -> Document {
        let mut document = newer.clone();
        let dates = Dates::read(newer);
        if percent(dice, 40) {
            let uploaded = (dates.uploaded - dice.random_range(1..10)).max(dates.issued);
            let status = if dates.expires < 0 { Status::Expired } else { Status::Rejected };
            Dates { uploaded, status, ..dates }.write(&mut document);
            return document;
        }
        if let Some(kind) = self.kinds.iter().find(|kind| kind.title == newer.title) {
            document.number = Some(document_number(dice, &kind.number));
        }
        let expires = dates.issued + dice.random_range(-30..60);
        let issued = expires - (dates.expires - dates.issued);
        let status = if expires < 0 { Status::Expired } else { Status::Verified };
        Dates { issued, expires, uploaded: issued + dice.random_range(1..40), status }.write(&mut document);
        document
    }
}

/// Returns the number of replaced versions: one document in six has one or two.
fn older_versions(dice: &mut Dice) -> u16 {
    if dice.random_ratio(1, 6) { *pick(dice, &[1, 1, 2]) } else { 0 }
}

/// Returns dates around the clock's start: a sixth has expired, a sixth expires within 90 days, the rest later.
fn current_dates(dice: &mut Dice, validity: i32) -> Dates {
    let expires = match dice.random_range(0..100) {
        0..17 => dice.random_range(-700..0),
        17..34 => dice.random_range(1..=90),
        _ => dice.random_range(91..=validity - 20),
    };
    let issued = expires - validity;
    let status = match dice.random_range(0..100) {
        _ if expires < 0 => Status::Expired,
        0..12 => Status::Pending,
        12..20 => Status::Rejected,
        _ => Status::Verified,
    };
    let delay = dice.random_range(1..=40);
    // A document that is not verified yet was uploaded in the last days.
    let uploaded = if status == Status::Pending { -delay / 4 } else { (issued + delay).min(-1) };
    Dates { issued, expires, uploaded, status }
}

impl Dates {
    fn write(self, document: &mut Document) {
        document.issue_date = Some(Day::In(self.issued));
        document.expiry_date = Some(Day::In(self.expires));
        document.uploaded = Some(Day::In(self.uploaded));
        document.verification_status = self.status;
    }

    fn read(document: &Document) -> Self {
        let days = |day: Option<Day>| day.map_or(0, |day| day.resolve(0));
        Self {
            issued: days(document.issue_date),
            expires: days(document.expiry_date),
            uploaded: days(document.uploaded),
            status: document.verification_status,
        }
    }
}
