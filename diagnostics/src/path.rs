//! The path to an entry of a text.

/// One step from the top of a text to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the field with that name.
    Field(Box<str>),
    /// Into the entry at that position of a list.
    Item(usize),
}

/// The path from the top of a text to an entry, such as `crew[3].documents[2].supersedes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The steps, outermost first.
    pub steps: Vec<Step>,
    /// Is true if the path names the key of the last field, not its value.
    pub at_key: bool,
}

impl Path {
    /// Returns the path to a top-level field.
    pub fn top_level(field: &str) -> Self {
        Self::default().field(field)
    }

    /// Returns the path to an entry of a top-level list.
    pub fn entry(list: &str, position: usize) -> Self {
        Self::top_level(list).item(position)
    }

    /// Adds a step into a field.
    #[must_use]
    pub fn field(mut self, name: &str) -> Self {
        self.steps.push(Step::Field(name.into()));
        self
    }

    /// Adds a step to an entry of a list.
    #[must_use]
    pub fn item(mut self, position: usize) -> Self {
        self.steps.push(Step::Item(position));
        self
    }

    /// Adds a step to the key of a field.
    #[must_use]
    pub fn key(mut self, name: &str) -> Self {
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
