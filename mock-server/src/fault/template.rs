//! Targets of links and redirects: a text with placeholders that leads to this machine whatever is filled in.

use super::loopback::foreign_host;

/// A text with the placeholders `{base}`, `{path}`, `{token}` and `{url}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Box<str>);

/// The values of the placeholders.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// The origin that the caller used.
    pub base: &'a str,
    /// The path, with its query.
    pub path: &'a str,
    /// The token of the link, empty where there is none.
    pub token: &'a str,
    /// The whole URL.
    pub url: &'a str,
}

const NAMES: [&str; 4] = ["base", "path", "token", "url"];

/// Sample values, to check what a template becomes.
const SAMPLE: Filling<'_> =
    Filling { base: "http://127.0.0.1:1", path: "/eyJ", token: "eyJ", url: "http://127.0.0.1:1/eyJ" };

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// An unknown placeholder, or a text that leads off this machine.
    pub fn parse(text: &str) -> Result<Self, String> {
        for (at, _) in text.match_indices('{') {
            let name = text[at + 1..].split('}').next().unwrap_or_default();
            if !NAMES.contains(&name) {
                return Err(format!("`{{{name}}}` can't be filled in: write {{base}}, {{path}}, {{token}} or {{url}}"));
            }
        }
        let template = Self(text.into());
        match foreign_host(&template.fill(SAMPLE)) {
            Some(host) => Err(off_loopback(&host)),
            None => Ok(template),
        }
    }

    /// Returns the text with every placeholder filled in.
    pub fn fill(&self, filling: Filling<'_>) -> String {
        let Filling { base, path, token, url } = filling;
        // One pass, so that placeholders in the values stay.
        let mut rest = &*self.0;
        let mut filled = String::with_capacity(rest.len() + url.len());
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            filled.push_str(match name {
                "base" => base,
                "path" => path,
                "token" => token,
                _ => url,
            });
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

/// Formats the refusal of a rule that names a host off this machine.
pub(super) fn off_loopback(host: &str) -> String {
    format!("`{host}` is not on this machine: write a name under .invalid, 127.0.0.1, localhost or {{base}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled_once() {
        let filling = Filling { base: "http://127.0.0.1:9", path: "/p?{token}", token: "eyJ{base}", url: "u" };
        let template = Template::parse("{base}{path}#{token}{url}").unwrap();
        assert_eq!(template.fill(filling), "http://127.0.0.1:9/p?{token}#eyJ{base}u");
    }

    #[test]
    fn no_value_leads_off_this_machine() {
        for text in ["{base}.example.com", "{base}@example.com", "/{path}", "https://{token}/", "https://x.com/{path}"]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        let unknown = Template::parse("{base}/{id}").unwrap_err();
        assert!(unknown.contains("{id}") && unknown.contains("{token}"), "{unknown}");
        for text in ["{base}/x", "{url}?again", "https://storage.invalid/{token}", "file:///etc/passwd", "", "::"] {
            assert!(Template::parse(text).is_ok(), "{text}");
        }
    }
}
