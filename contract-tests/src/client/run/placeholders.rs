//! What a scenario can't know before it is played, put into its texts: the origins of its run, and paths of its
//! sandbox.

use serde_json::Value;

use super::bomb::bomb;
use super::listeners::CaseListeners;
use super::sandbox::Sandbox;

/// Stands for the path of the canary, which exists only where a scenario contains this.
pub(super) const CANARY: &str = "{canary}";

/// Stands for a body that unpacks to far more than it is.
const BOMB: &str = "{bomb}";

/// The names, each with its replacement.
#[derive(Debug)]
pub(super) struct Placeholders(Vec<(&'static str, String)>);

impl Placeholders {
    pub(super) fn new(listeners: &CaseListeners, sandbox: &Sandbox) -> Self {
        let mut all = vec![
            ("{base}", listeners.base.base()),
            (CANARY, sandbox.canary().display().to_string()),
            ("{sandbox}", sandbox.root().display().to_string()),
        ];
        // Listeners whose names occur nowhere are closed.
        if let Some(listener) = &listeners.second {
            all.extend([("{second}", listener.base()), ("{second_host}", listener.address().to_string())]);
        }
        if let Some(listener) = &listeners.foreign {
            all.extend([("{foreign}", listener.base()), ("{foreign_host}", listener.address().to_string())]);
        }
        all.extend(listeners.beside.as_ref().map(|listener| ("{beside}", listener.base())));
        all.extend(listeners.alike.as_ref().map(|listener| ("{alike}", listener.base())));
        all.extend(listeners.silent.as_ref().map(|origin| ("{unreachable}", format!("http://{}", origin.address()))));
        Self(all)
    }

    /// Returns a text with every placeholder replaced.
    pub(super) fn text(&self, text: &str) -> String {
        // Most texts of a world have no place, and there are thousands of them.
        if !text.contains('{') {
            return text.to_owned();
        }
        let filled = self.0.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value));
        if filled.contains(BOMB) { filled.replace(BOMB, bomb()) } else { filled }
    }

    /// Returns a value with every placeholder in its texts replaced; names of fields stay.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(all) => all.iter().map(|value| self.value(value)).collect(),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.value(value))).collect())
            }
            other => other.clone(),
        }
    }
}
