//! Where in a world's text an entry stands: the text is read a second time, only when there is something to point at.
//!
//! Rationale: spans in the model would cost sixteen bytes a field in a world of a million documents, for messages that
//! most runs never show. JSON is YAML, so one reader serves both.

use std::ops::Range;

use granit_parser::{Event, Parser, Span};

/// One step of the way from the top of a world to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the field of that name.
    Field(Box<str>),
    /// Into the entry at that position of a list.
    Item(usize),
}

/// The way from the top of a world to an entry, such as `crew[3].documents[2].supersedes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// The steps, outermost first.
    pub(super) steps: Vec<Step>,
    /// Whether the key of the last field is meant, not its value.
    pub(super) at_key: bool,
}

impl Path {
    /// The way to a top-level field.
    pub(super) fn of(field: &str) -> Self {
        Self::default().field(field)
    }

    /// The way to an entry of a top-level list.
    pub(super) fn entry(list: &str, position: usize) -> Self {
        Self::of(list).item(position)
    }

    /// One step on, into a field.
    #[must_use]
    pub(super) fn field(mut self, name: &str) -> Self {
        self.steps.push(Step::Field(name.into()));
        self
    }

    /// One step on, to an entry of a list.
    #[must_use]
    pub(super) fn item(mut self, position: usize) -> Self {
        self.steps.push(Step::Item(position));
        self
    }

    /// One step on, to the key of a field.
    #[must_use]
    pub(super) fn key(mut self, name: &str) -> Self {
        self.at_key = true;
        self.field(name)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(position) => write!(f, "[{position}]")?,
            }
        }
        Ok(())
    }
}

/// A text read as a tree of places.
#[derive(Debug)]
pub(super) struct Places(Node);

#[derive(Debug)]
enum Node {
    Leaf(Range<usize>),
    List(Range<usize>, Vec<Node>),
    Map(Range<usize>, Vec<Field>),
}

#[derive(Debug)]
struct Field {
    name: Box<str>,
    key: Range<usize>,
    value: Node,
}

impl Places {
    /// Reads a text that has been read before; what it can't make out has no places.
    pub(super) fn of(text: &str) -> Self {
        let mut events = Parser::new_from_str(text);
        let root = next_of(&mut events).and_then(|(event, span)| node(&mut events, &event, &span));
        Self(root.unwrap_or(Node::Leaf(0..0)))
    }

    /// The bytes at which the entry stands; where it is not written itself, those of what it would be in.
    pub(super) fn find(&self, path: &Path) -> Range<usize> {
        let mut node = &self.0;
        let mut place = node.start();
        for (at, step) in path.steps.iter().enumerate() {
            match (step, node) {
                (Step::Field(name), Node::Map(_, fields)) => {
                    let Some(field) = fields.iter().find(|field| field.name == *name) else { return place };
                    node = &field.value;
                    let of_key = path.at_key && at + 1 == path.steps.len();
                    place = if of_key || !matches!(node, Node::Leaf(_)) { field.key.clone() } else { node.start() };
                }
                (Step::Item(position), Node::List(_, items)) => {
                    let Some(item) = items.get(*position) else { return place };
                    node = item;
                    place = node.start();
                }
                _ => return place,
            }
        }
        place
    }

    /// Where the entry begins that has a field at that byte.
    pub(super) fn entry_of(&self, at: usize) -> Option<Range<usize>> {
        self.0.holder_of(at).map(Node::start)
    }

    /// Whether the top level has the field, or, with a second name, the field's own value has that one.
    pub(super) fn has(&self, field: &str, inner: Option<&str>) -> bool {
        let found = self.0.field(field);
        inner.map_or(found.is_some(), |name| found.and_then(|value| value.field(name)).is_some())
    }
}

impl Node {
    /// The innermost mapping with a field that begins at that byte.
    fn holder_of(&self, at: usize) -> Option<&Self> {
        match self {
            Self::Leaf(_) => None,
            Self::List(_, items) => items.iter().find_map(|item| item.holder_of(at)),
            Self::Map(_, fields) => {
                let inner = fields.iter().find_map(|field| field.value.holder_of(at));
                inner.or_else(|| fields.iter().any(|field| field.key.start == at).then_some(self))
            }
        }
    }

    /// What a pointer to this entry underlines: a scalar whole, a mapping by its first key, a list by its first entry.
    fn start(&self) -> Range<usize> {
        match self {
            Self::Leaf(range) => range.clone(),
            Self::List(range, items) => items.first().map_or_else(|| range.clone(), Self::start),
            Self::Map(range, fields) => fields.first().map_or_else(|| range.clone(), |field| field.key.clone()),
        }
    }

    fn field(&self, name: &str) -> Option<&Self> {
        let Self::Map(_, fields) = self else { return None };
        fields.iter().find(|field| &*field.name == name).map(|field| &field.value)
    }
}

type Events<'t> = Parser<'t, granit_parser::StrInput<'t>>;

/// The next event that is part of the data.
fn next_of<'t>(events: &mut Events<'t>) -> Option<(Event<'t>, Span)> {
    loop {
        let (event, span) = events.next_event()?.ok()?;
        if event.is_node() || matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            return Some((event, span));
        }
    }
}

/// The entry that begins with this event. The depth is bounded by the first reading.
fn node(events: &mut Events<'_>, event: &Event<'_>, span: &Span) -> Option<Node> {
    let range = span.byte_range().unwrap_or(0..0);
    Some(match event {
        Event::SequenceStart(..) => Node::List(range, items(events)?),
        Event::MappingStart(..) => Node::Map(range, fields(events)?),
        _ => Node::Leaf(range),
    })
}

fn items(events: &mut Events<'_>) -> Option<Vec<Node>> {
    let mut items = Vec::new();
    loop {
        match next_of(events)? {
            (Event::SequenceEnd, _) => return Some(items),
            (event, span) => items.push(node(events, &event, &span)?),
        }
    }
}

fn fields(events: &mut Events<'_>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    loop {
        let (event, span) = next_of(events)?;
        if matches!(event, Event::MappingEnd) {
            return Some(fields);
        }
        let name = event.scalar().map_or("", |(name, _)| name).into();
        let key = node(events, &event, &span)?.start();
        let (event, span) = next_of(events)?;
        fields.push(Field { name, key, value: node(events, &event, &span)? });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "name: a\ncrew:\n  - id: é\n    documents: [{id: d1}, {id: \"d2\"}]\n  - id: b\n    consent:\n      prt: []\n";

    fn found(path: &Path) -> &'static str {
        &TEXT[Places::of(TEXT).find(path)]
    }

    #[test]
    fn an_entry_is_found() {
        assert_eq!(found(&Path::of("name")), "a");
        assert_eq!(found(&Path::entry("crew", 0).field("id")), "é");
        assert_eq!(found(&Path::entry("crew", 0).field("documents").item(1).field("id")), "\"d2\"");
        assert_eq!(found(&Path::entry("crew", 1).field("consent").key("prt")), "prt");
    }

    #[test]
    fn what_is_not_written_is_shown_where_it_would_be() {
        assert_eq!(found(&Path::entry("crew", 1)), "id");
        assert_eq!(found(&Path::entry("crew", 1).field("rank")), "id");
        assert_eq!(found(&Path::entry("crew", 0).field("documents")), "documents");
        assert_eq!(found(&Path::entry("crew", 9).field("id")), "crew");
        assert_eq!(Path::entry("crew", 9).field("id").to_string(), "crew[9].id");
    }

    #[test]
    fn json_is_read_too() {
        let text = "{\"crew\": [{\"id\": \"x\"}]}";
        assert_eq!(&text[Places::of(text).find(&Path::entry("crew", 0).field("id"))], "\"x\"");
        assert!(Places::of(text).has("crew", None));
        assert!(!Places::of(text).has("seed", None));
    }
}
