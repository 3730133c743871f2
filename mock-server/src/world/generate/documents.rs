//! The documents of one crew member: which certificates, how old, in what state, and the versions they replaced.

use compact_str::{CompactString, format_compact};
use rand::RngExt;

use super::catalogue::{Certificate, certificates};
use super::dice::{Dice, percent, pick};
use super::file_names::{hostile, pleasant};
use super::issuers::Issuers;
use super::spelling::number;
use crate::world::{Day, Document, FileSpec, GeneratedKind, Status, Text};

/// Makes documents and numbers them through the world.
pub(super) struct Press {
    kinds: Box<[Certificate]>,
    issuers: Issuers,
    /// Content types of PDF, PNG and JPEG.
    media: [Text; 3],
    hostile: bool,
    next_id: u64,
    /// Documents of the member at work, kept so that each member's list is allocated once and in its exact size.
    sheet: Vec<Document>,
}

/// Whose documents are made.
pub(super) struct Holder<'a> {
    /// The number of the crew member, from 0.
    pub(super) index: u32,
    /// The person's name.
    pub(super) name: &'a str,
    /// The person's department.
    pub(super) department: u8,
}

/// The days of one version, counted from the clock's start, and its state.
#[derive(Clone, Copy)]
struct Dates {
    issued: i32,
    expires: i32,
    uploaded: i32,
    status: Status,
}

impl Press {
    /// A press that begins at `doc_1`.
    pub(super) fn new(hostile: bool) -> Self {
        Self {
            kinds: certificates(),
            issuers: Issuers::new(),
            media: ["application/pdf", "image/png", "image/jpeg"].map(Text::from),
            hostile,
            next_id: 1,
            sheet: Vec::new(),
        }
    }

    /// So many current documents, and the versions that they replaced.
    pub(super) fn documents(&mut self, dice: &mut Dice, holder: &Holder<'_>, count: u32) -> Vec<Document> {
        let kinds = self.hand(dice, holder);
        let first_name = holder.index as usize * (count & !1).max(1) as usize;
        for at in 0..count as usize {
            let example = holder.index == 0 && at == 0;
            let mut document = self.current(dice, holder, kinds[at % kinds.len()]);
            if example {
                self.as_in_the_guide(&mut document);
            }
            if self.hostile {
                document.file.name = Some(hostile(first_name + at));
            }
            let older = if example { 0 } else { older_versions(dice) };
            self.chain(dice, document, older);
        }
        self.sheet.drain(..).collect()
    }

    /// The kinds that fit the holder's department, shuffled; the first member's begin with the guide's example.
    fn hand(&self, dice: &mut Dice, holder: &Holder<'_>) -> Vec<usize> {
        let fits = |at: &usize| self.kinds[*at].departments & holder.department != 0;
        let mut hand: Vec<usize> = (0..self.kinds.len()).filter(fits).collect();
        for at in (1..hand.len()).rev() {
            hand.swap(at, dice.random_range(0..=at));
        }
        if holder.index == 0
            && let Some(at) = hand.iter().position(|kind| *kind == 0)
        {
            hand.swap(0, at);
        }
        hand
    }

    /// A current document without an id.
    fn current(&self, dice: &mut Dice, holder: &Holder<'_>, kind: usize) -> Document {
        let kind = &self.kinds[kind];
        let dates = current_dates(dice, kind.days);
        let mut document = Document {
            id: CompactString::default(),
            supersedes: None,
            kind: kind.kind.clone(),
            category: Some(kind.category.clone()),
            title: kind.title.clone(),
            issuer: self.issuers.roll(dice, kind.circle),
            verification_status: dates.status,
            issue_date: None,
            expiry_date: None,
            document_number: Some(number(dice, kind.shape)),
            uploaded: None,
            file: self.file(dice, holder, kind),
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
            5..12 => self.sheet.last().and_then(|before| before.file.name.clone()),
            _ => Some(pleasant(dice, kind.file, extension, holder.name)),
        };
        let content_type = (!percent(dice, 4)).then(|| self.media[at].clone());
        FileSpec { path: None, generate: Some(made), size: None, name, content_type, ..FileSpec::default() }
    }

    /// Makes `doc_1` of `crew_001` what the guide shows.
    fn as_in_the_guide(&self, document: &mut Document) {
        document.issuer = Some(self.issuers.agency.clone());
        document.document_number = Some("PST-12345".into());
        document.file = FileSpec {
            generate: Some(GeneratedKind::Pdf),
            name: Some("PST_certificate.pdf".into()),
            content_type: Some(self.media[0].clone()),
            ..FileSpec::default()
        };
        Dates { issued: -1195, expires: 631, uploaded: -1190, status: Status::Verified }.write(document);
    }

    /// Puts the document on the sheet after the versions that it replaced, oldest first, and numbers them all.
    fn chain(&mut self, dice: &mut Dice, document: Document, older: u16) {
        let mut versions = [None, None, Some(document)];
        for at in (2 - usize::from(older)..2).rev() {
            versions[at] = versions[at + 1].as_ref().map(|newer| self.before(dice, newer));
        }
        let mut replaced: Option<CompactString> = None;
        for (version, mut document) in (1..).zip(versions.into_iter().flatten()) {
            document.id = format_compact!("doc_{}", self.next_id);
            self.next_id += 1;
            document.supersedes = replaced.replace(document.id.clone());
            document.version = version;
            document.current = version == older + 1;
            self.sheet.push(document);
        }
    }

    /// The version before this one: the certificate that was renewed, or a scan of it that was refused.
    fn before(&self, dice: &mut Dice, newer: &Document) -> Document {
        let mut document = newer.clone();
        let dates = Dates::read(newer);
        if percent(dice, 40) {
            let uploaded = (dates.uploaded - dice.random_range(1..10)).max(dates.issued);
            let status = if dates.expires < 0 { Status::Expired } else { Status::Rejected };
            Dates { uploaded, status, ..dates }.write(&mut document);
            return document;
        }
        if let Some(kind) = self.kinds.iter().find(|kind| kind.title == newer.title) {
            document.document_number = Some(number(dice, kind.shape));
        }
        let expires = dates.issued + dice.random_range(-30..60);
        let issued = expires - (dates.expires - dates.issued);
        let status = if expires < 0 { Status::Expired } else { Status::Verified };
        Dates { issued, expires, uploaded: issued + dice.random_range(1..40), status }.write(&mut document);
        document
    }
}

/// One document in six has replaced one version, or two.
fn older_versions(dice: &mut Dice) -> u16 {
    if dice.random_ratio(1, 6) { *pick(dice, &[1, 1, 2]) } else { 0 }
}

/// Dates all around the clock: a sixth has expired, as many expire within 90 days, the rest later.
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
    // What is not checked yet was uploaded in the last days.
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
