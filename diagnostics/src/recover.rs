//! Reading of a text with mistakes: a wrong entry is left out and the rest is read again, until nothing is wrong.
//!
//! Rationale: serde stops at the first mistake, and a person wants all of them at once. The rest is written as one line
//! of YAML whose tokens keep their places in the first text.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_saphyr::Error;

use crate::places::{Node, Places, Scalar};
use crate::problem::Problem;
use crate::source::{Source, options};

/// The largest text that is read again for each of its mistakes, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The largest number of mistakes that are looked for.
const MAX_PROBLEMS: usize = 50;

/// The mistakes of a text, and what is left of it.
#[derive(Debug)]
pub struct Recovered<T> {
    /// The mistakes, in the order of the text.
    pub problems: Vec<Problem>,
    /// The text without the wrong entries, if that can be read.
    pub rest: Option<Rest<T>>,
}

/// A text without its wrong entries.
#[derive(Debug)]
pub struct Rest<T> {
    /// The value.
    pub value: T,
    /// The places of its entries in the whole text.
    pub places: Places,
    /// Is true if only fields with plain values were left out, so that no reference leads to a missing entry.
    pub is_complete: bool,
}

impl Source {
    /// Looks for further mistakes in a text that was refused because of `first`.
    pub fn recover<T: DeserializeOwned>(&self, first: Problem) -> Recovered<T> {
        let mut problems = vec![first];
        if self.text().len() > MAX_BYTES {
            return Recovered { problems, rest: None };
        }
        let Places(root) = Places::parse(self.text());
        let mut tree = Tree { root, holed: Vec::new(), is_complete: true };
        let mut rounds = 0;
        let rest = loop {
            let Some(written) = Written::new(&tree.root) else { break None };
            let error = match serde_saphyr::from_str_with_options::<T>(&written.text, options()) {
                // A mistake that is not found again is not one of an entry.
                Ok(_) if rounds == 0 => break None,
                Ok(value) => break Some((value, tree)),
                Err(error) => error,
            };
            let Some(token) = written.token(&error) else { break None };
            let Some(cut) = tree.cut(token, &error) else { break None };
            if cut.is_new && rounds > 0 {
                problems.push(self.unplaced_problem(&error).at_excerpt(self.excerpt(cut.range, false)));
            }
            rounds += 1;
            if problems.len() >= MAX_PROBLEMS || !cut.is_done {
                break None;
            }
        };
        problems.sort_by_key(Problem::place);
        let rest = rest.map(|(value, tree)| Rest { value, places: Places(tree.root), is_complete: tree.is_complete });
        Recovered { problems, rest }
    }
}

/// A text on one line, with the entry that each of its tokens is from.
struct Written {
    text: String,
    tokens: Vec<Token>,
}

/// A token of the written text.
#[derive(Clone)]
struct Token {
    start: usize,
    /// The positions on the way from the root.
    path: Vec<usize>,
    is_key: bool,
}

impl Written {
    /// Writes the entries. Returns nothing if one of them can't be written, such as an alias.
    fn new(root: &Node) -> Option<Self> {
        let mut written = Self { text: String::new(), tokens: Vec::new() };
        written.node(root, &mut Vec::new())?;
        Some(written)
    }

    fn node(&mut self, node: &Node, path: &mut Vec<usize>) -> Option<()> {
        self.mark(path, false);
        match node {
            Node::Leaf(_, Scalar::Plain(text)) if text.is_empty() || &**text == "~" => self.text.push_str("null"),
            Node::Leaf(_, Scalar::Plain(text)) if is_bare(text) => self.text.push_str(text),
            Node::Leaf(_, Scalar::Plain(text) | Scalar::Quoted(text)) => self.quoted(text)?,
            Node::Leaf(_, Scalar::Other) => return None,
            Node::List(_, items) => {
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    path.push(at);
                    self.node(item, path)?;
                    path.pop();
                    self.text.push_str(", ");
                }
                self.text.push(']');
            }
            Node::Map(_, fields) => {
                self.text.push('{');
                for (at, field) in fields.iter().enumerate() {
                    path.push(at);
                    self.mark(path, true);
                    self.quoted(&field.name)?;
                    self.text.push_str(": ");
                    self.node(&field.value, path)?;
                    path.pop();
                    self.text.push_str(", ");
                }
                self.text.push('}');
            }
        }
        Some(())
    }

    fn mark(&mut self, path: &[usize], is_key: bool) {
        self.tokens.push(Token { start: self.text.len(), path: path.to_owned(), is_key });
    }

    fn quoted(&mut self, text: &str) -> Option<()> {
        self.text.push_str(&serde_json::to_string(text).ok()?);
        Some(())
    }

    /// Returns the token at which an error is.
    fn token(&self, error: &Error) -> Option<&Token> {
        let range = Source::new("", &self.text).range(&error.location()?)?;
        let after = self.tokens.partition_point(|token| token.start <= range.start);
        self.tokens.get(after.checked_sub(1)?)
    }
}

/// Returns true for a text that may be a number, a boolean or null, and needs no quotes.
fn is_bare(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+', '.']).unwrap_or(text);
    unsigned.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_'))
}

/// The entries that are left of a text.
struct Tree {
    root: Node,
    /// The first byte of each entry that a field was taken from: that it misses one is not a mistake of its author.
    holed: Vec<usize>,
    is_complete: bool,
}

/// A wrong entry that was left out.
struct Cut {
    /// Its place in the text.
    range: Range<usize>,
    is_new: bool,
    /// Is false if it can't be left out.
    is_done: bool,
}

impl Tree {
    /// Leaves out the entry that an error is about.
    fn cut(&mut self, token: &Token, error: &Error) -> Option<Cut> {
        let node = self.node(&token.path)?;
        if !matches!(error.without_snippet(), Error::SerdeMissingField { .. }) {
            let range = if token.is_key { self.key(&token.path)? } else { node.start() };
            self.is_complete &= matches!(node, Node::Leaf(..));
            return Some(Cut { range, is_new: true, is_done: self.remove(&token.path) });
        }
        let is_entry = !token.is_key && matches!(node, Node::Map(..));
        let path = if is_entry { &token.path[..] } else { token.path.split_last()?.1 };
        let range = self.node(path)?.start();
        let is_new = !self.holed.contains(&identity(self.node(path)?));
        self.is_complete = false;
        Some(Cut { range, is_new, is_done: self.remove(path) })
    }

    /// Removes an entry from the one that holds it; the root stays.
    fn remove(&mut self, path: &[usize]) -> bool {
        let Some((at, above)) = path.split_last() else { return false };
        match self.node_mut(above) {
            Some(Node::List(_, items)) if *at < items.len() => drop(items.remove(*at)),
            Some(holder @ Node::Map(..)) => {
                let holed = identity(holder);
                if let Node::Map(_, fields) = holder {
                    fields.remove(*at);
                }
                self.holed.push(holed);
            }
            _ => return false,
        }
        true
    }

    fn node(&self, path: &[usize]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, at| match node {
            Node::Leaf(..) => None,
            Node::List(_, items) => items.get(*at),
            Node::Map(_, fields) => fields.get(*at).map(|field| &field.value),
        })
    }

    fn node_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        path.iter().try_fold(&mut self.root, |node, at| match node {
            Node::Leaf(..) => None,
            Node::List(_, items) => items.get_mut(*at),
            Node::Map(_, fields) => fields.get_mut(*at).map(|field| &mut field.value),
        })
    }

    /// Returns the place of the key of a field.
    fn key(&self, path: &[usize]) -> Option<Range<usize>> {
        let (at, above) = path.split_last()?;
        let Node::Map(_, fields) = self.node(above)? else { return None };
        fields.get(*at).map(|field| field.key.clone())
    }
}

/// Returns the first byte of a list or a mapping, which stays when its fields go.
const fn identity(node: &Node) -> usize {
    match node {
        Node::Leaf(range, _) | Node::List(range, _) | Node::Map(range, _) => range.start,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct World {
        #[serde(default)]
        seed: u64,
        #[serde(default)]
        crew: Vec<Person>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Person {
        id: String,
        name: String,
        #[serde(default)]
        kind: Kind,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        #[default]
        Deck,
        Engine,
    }

    fn recover(text: &str) -> Recovered<World> {
        let source = Source::new("w.yaml", text);
        source.recover(source.read::<World>().expect_err("the text has a mistake"))
    }

    fn messages(text: &str) -> Vec<String> {
        recover(text).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_mistake_of_form_is_found_with_its_place() {
        let text = "sede: 1\ncrew:\n  - {id: a, name: 'A, B', kind: dek}\n  - id: b\n    name: 5 o'clock\n    rnk: x\n  - id: c\n";
        let expected = [
            "w.yaml:1:1: there is no field `sede` here",
            "w.yaml:3:33: `dek` is not a known value here",
            "w.yaml:6:5: there is no field `rnk` here",
            "w.yaml:7:5: `name` is missing",
        ];
        assert_eq!(messages(text), expected);
    }

    #[test]
    fn the_rest_is_read_and_keeps_its_places() {
        let text = "sede: 1\ncrew:\n  - {id: a, nick: x, name: A}\n  - {id: b, name: B}\n";
        let rest = recover(text).rest.unwrap();
        assert!(rest.is_complete);
        let ids: Vec<_> = rest.value.crew.iter().map(|person| &*person.id).collect();
        assert_eq!((ids, rest.value.seed), (vec!["a", "b"], 0));
        let name = rest.places.find(&crate::Path::entry("crew", 1).field("name"));
        assert_eq!(&text[name], "B");
        let rest = recover("crew:\n  - {id: a}\n  - {id: b, name: B, kind: engine}\n").rest.unwrap();
        assert!(!rest.is_complete, "the first person is missing, and somebody may refer to it");
        assert_eq!((rest.value.crew.len(), &*rest.value.crew[0].name), (1, "B"));
        assert!(matches!(rest.value.crew[0].kind, Kind::Engine));
    }

    #[test]
    fn a_misspelt_field_is_not_missing_too() {
        assert_eq!(messages("crew: [{id: a, nmae: A}]"), ["w.yaml:1:16: there is no field `nmae` here"]);
    }

    #[test]
    fn what_cannot_be_left_out_is_the_only_mistake() {
        for (text, problem) in
            [("- a\n- b\n", "expected"), ("seed: &a 1\nsede: *a\n", "sede"), ("crew: [\n", ""), ("{\"seed\": 1,}x", "")]
        {
            let recovered = recover(text);
            assert_eq!(recovered.problems.len(), 1, "{recovered:?}");
            assert!(recovered.problems[0].message().contains(problem), "{recovered:?}");
        }
        let long = format!("sede: 1\nsead: 2\n{}", " ".repeat(MAX_BYTES));
        assert_eq!(messages(&long).len(), 1);
    }
}
