//! What the state of the model is made of.

#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) supersedes: Option<String>,
    pub(crate) current: bool,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) status: &'static str,
    /// Is true if its status was final at some time.
    pub(crate) was_final: bool,
    pub(crate) uploaded: Option<i64>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) name: Option<String>,
    pub(crate) content_type: Option<String>,
    /// Is true if the store can't give its file.
    pub(crate) is_down: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) vessels: Vec<bool>,
    pub(crate) consent: [u8; 2],
    pub(crate) documents: Vec<Document>,
    pub(crate) name: Option<&'static str>,
    pub(crate) rank: Option<&'static str>,
    pub(crate) email: Option<&'static str>,
    pub(crate) verification: &'static str,
    pub(crate) background_check: Option<&'static str>,
    pub(crate) bio: Option<&'static str>,
    /// The date of birth, which the full profile shows.
    pub(crate) born: Option<&'static str>,
    pub(crate) has_photo: bool,
}

/// A person as a compliance check shows them from a time on.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    pub(crate) made: i64,
    /// Which change it is of.
    pub(crate) order: u64,
    pub(crate) person: Person,
}

/// A change of what is shown of a person.
#[derive(Clone, Debug)]
pub(crate) enum PersonField {
    Name(Option<&'static str>),
    Rank(Option<&'static str>),
    Email(Option<&'static str>),
    Verification(&'static str),
    BackgroundCheck(Option<&'static str>),
    Bio(Option<&'static str>),
    Born(Option<&'static str>),
    NoPhoto,
}

/// A cursor that was given.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    pub(crate) partner: usize,
    pub(crate) order: &'static str,
    /// The number of changes of people before the first page.
    pub(crate) version: u64,
    /// The people at the first page.
    pub(crate) people: Vec<Person>,
    /// The time of the first page.
    pub(crate) moment: i64,
    pub(crate) offset: usize,
    pub(crate) window: u64,
    pub(crate) limit: usize,
    /// The life of the session in which it was given.
    pub(crate) epoch: u64,
    pub(crate) issued: i64,
}

/// What a request for a file asks for beside the file; `true` is the entity tag that was seen, `false` another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    NoneMatch(bool),
    Match(bool),
    /// The first four bytes, without `If-Range` or with it.
    Range(Option<bool>),
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) partner: usize,
    pub(crate) narrowed: u8,
    pub(crate) revoked: bool,
    pub(crate) live: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) crew: usize,
    pub(crate) document: String,
    pub(crate) partner: usize,
    pub(crate) key: usize,
    /// The life of the session in which it was given.
    pub(crate) epoch: u64,
    pub(crate) expires: i64,
    pub(crate) spent: bool,
}

/// How a step of the store stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    #[default]
    Up,
    Down,
    DownFor(u64),
}

/// A rule: at a step (`list`, `link`, `file`), after so many, for so many, with this status.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) step: &'static str,
    pub(crate) skip: u64,
    pub(crate) times: u64,
    pub(crate) status: u16,
    pub(crate) matched: u64,
}
