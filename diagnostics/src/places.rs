//! The places of a text's entries: the text is read a second time, only when a problem needs a place.
//!
//! Rationale: spans in the model would cost sixteen bytes a field in a world of a million documents, for messages that
//! most runs never show. JSON is YAML, so one reader serves both.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::path::{Path, Step};

/// A text as a tree of places.
#[derive(Debug)]
pub struct Places(pub(crate) Node);

#[derive(Debug)]
pub(crate) enum Node {
    Leaf(Range<usize>, Scalar),
    List(Range<usize>, Vec<Node>),
    Map(Range<usize>, Vec<Field>),
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Box<str>,
    pub(crate) key: Range<usize>,
    pub(crate) value: Node,
}

/// The text of a scalar.
#[derive(Debug)]
pub(crate) enum Scalar {
    /// A text without quotes, which may be a number, a boolean or null.
    Plain(Box<str>),
    /// Any other text.
    Quoted(Box<str>),
    /// An alias, or a value with a tag.
    Other,
}

impl Places {
    /// Reads a text that has been read before; a part that the parser refuses has no places.
    pub fn parse(text: &str) -> Self {
        let mut events = Parser::new_from_str(text);
        let root = next_event(&mut events).and_then(|(event, span)| node(&mut events, &event, &span));
        Self(root.unwrap_or(Node::Leaf(0..0, Scalar::Other)))
    }

    /// Returns the bytes of the entry; if it is not written, those of the entry that would hold it.
    pub fn find(&self, path: &Path) -> Range<usize> {
        let mut node = &self.0;
        let mut place = node.start();
        for (at, step) in path.steps.iter().enumerate() {
            match (step, node) {
                (Step::Field(name), Node::Map(_, fields)) => {
                    let Some(field) = fields.iter().find(|field| field.name == *name) else { return place };
                    node = &field.value;
                    let is_key = path.at_key && at + 1 == path.steps.len();
                    place = if is_key || !matches!(node, Node::Leaf(..)) { field.key.clone() } else { node.start() };
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

    /// Returns the start of the entry that has a field at that byte.
    pub fn entry_of(&self, at: usize) -> Option<Range<usize>> {
        self.0.holder_of(at).map(Node::start)
    }

    /// Returns true if the top level has the field, and the field's value has the inner one, if given.
    pub fn has(&self, field: &str, inner: Option<&str>) -> bool {
        let value = self.0.field(field);
        inner.map_or(value.is_some(), |name| value.and_then(|value| value.field(name)).is_some())
    }
}

impl Node {
    /// Returns the innermost mapping with a field that begins at that byte.
    fn holder_of(&self, at: usize) -> Option<&Self> {
        match self {
            Self::Leaf(..) => None,
            Self::List(_, items) => items.iter().find_map(|item| item.holder_of(at)),
            Self::Map(_, fields) => {
                let inner = fields.iter().find_map(|field| field.value.holder_of(at));
                inner.or_else(|| fields.iter().any(|field| field.key.start == at).then_some(self))
            }
        }
    }

    /// Returns the bytes to mark: a whole scalar, the first key of a mapping, the first entry of a list.
    pub(crate) fn start(&self) -> Range<usize> {
        match self {
            Self::Leaf(range, _) => range.clone(),
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

/// Returns the next event that is part of the data.
fn next_event<'t>(events: &mut Events<'t>) -> Option<(Event<'t>, Span)> {
    loop {
        let (event, span) = events.next_event()?.ok()?;
        if event.is_node() || matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            return Some((event, span));
        }
    }
}

/// Reads the entry that begins with this event. The first reading of the text bounds the depth.
fn node(events: &mut Events<'_>, event: &Event<'_>, span: &Span) -> Option<Node> {
    let range = span.byte_range().unwrap_or(0..0);
    Some(match event {
        Event::SequenceStart(..) => Node::List(range, items(events)?),
        Event::MappingStart(..) => Node::Map(range, fields(events)?),
        Event::Scalar(text, style, _, None) if *style == ScalarStyle::Plain => {
            Node::Leaf(range, Scalar::Plain(text.as_ref().into()))
        }
        Event::Scalar(text, _, _, None) => Node::Leaf(range, Scalar::Quoted(text.as_ref().into())),
        _ => Node::Leaf(range, Scalar::Other),
    })
}

fn items(events: &mut Events<'_>) -> Option<Vec<Node>> {
    let mut items = Vec::new();
    loop {
        match next_event(events)? {
            (Event::SequenceEnd, _) => return Some(items),
            (event, span) => items.push(node(events, &event, &span)?),
        }
    }
}

fn fields(events: &mut Events<'_>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    loop {
        let (event, span) = next_event(events)?;
        if matches!(event, Event::MappingEnd) {
            return Some(fields);
        }
        let name = event.scalar().map_or("", |(name, _)| name).into();
        let key = node(events, &event, &span)?.start();
        let (event, span) = next_event(events)?;
        fields.push(Field { name, key, value: node(events, &event, &span)? });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "name: a\ncrew:\n  - id: é\n    documents: [{id: d1}, {id: \"d2\"}]\n  - id: b\n    consent:\n      prt: []\n";

    fn find(path: &Path) -> &'static str {
        &TEXT[Places::parse(TEXT).find(path)]
    }

    #[test]
    fn an_entry_is_found() {
        assert_eq!(find(&Path::top_level("name")), "a");
        assert_eq!(find(&Path::entry("crew", 0).field("id")), "é");
        assert_eq!(find(&Path::entry("crew", 0).field("documents").item(1).field("id")), "\"d2\"");
        assert_eq!(find(&Path::entry("crew", 1).field("consent").key("prt")), "prt");
    }

    #[test]
    fn a_missing_entry_is_placed_at_the_entry_that_would_hold_it() {
        assert_eq!(find(&Path::entry("crew", 1)), "id");
        assert_eq!(find(&Path::entry("crew", 1).field("rank")), "id");
        assert_eq!(find(&Path::entry("crew", 0).field("documents")), "documents");
        assert_eq!(find(&Path::entry("crew", 9).field("id")), "crew");
        assert_eq!(Path::entry("crew", 9).field("id").to_string(), "crew[9].id");
    }

    #[test]
    fn json_is_read_too() {
        let text = "{\"crew\": [{\"id\": \"x\"}]}";
        assert_eq!(&text[Places::parse(text).find(&Path::entry("crew", 0).field("id"))], "\"x\"");
        assert!(Places::parse(text).has("crew", None));
        assert!(!Places::parse(text).has("seed", None));
    }
}
