//! The document as a test reads it: what is described for a request, and whether an answer is that.

use serde_json::{Map, Value};

/// Headers of the connection and of any content: they need no description of their own.
const OF_HTTP: [&str; 5] = ["connection", "content-length", "content-type", "date", "transfer-encoding"];

/// The methods that a path of the document can have.
pub(crate) const OPERATIONS: [&str; 2] = ["get", "post"];

/// The API's document.
pub(crate) struct Document(pub(crate) Value);

/// An answer as it came, with the names of its headers in small letters.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The content type, without its parameters.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.header("content-type").and_then(|kind| kind.split(';').next())
    }

    /// `error.code` of the envelope, if there is one.
    pub(crate) fn code(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body["error"]["code"].as_str().map(str::to_owned)
    }
}

/// The members of an object; none where it is missing.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

impl Document {
    /// Reads the file in the repository.
    pub(crate) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/contract/openapi.yaml");
        Self(serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The variant that knows every field and every value: what is not described is wrong.
    pub(crate) fn strict(&self) -> Self {
        let mut document = self.0.clone();
        tighten(&mut document["components"]["schemas"]);
        Self(document)
    }

    /// Follows a `$ref` within the document.
    pub(crate) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(place) => self.0.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("dangling {place}")),
            None => value,
        }
    }

    /// The described path that a path is.
    pub(crate) fn path_of(&self, path: &str) -> Option<&str> {
        let path = path.split('?').next().unwrap_or_default();
        // A literal path comes before one with a parameter.
        let is_literal = members(&self.0["paths"]).find(|(known, _)| known.as_str() == path);
        if let Some((known, _)) = is_literal {
            return Some(known);
        }
        let fits = |known: &str| {
            known.split('/').count() == path.split('/').count()
                && known.split('/').zip(path.split('/')).all(|(known, part)| known == part || known.starts_with('{'))
        };
        members(&self.0["paths"]).map(|(known, _)| known.as_str()).find(|known| fits(known))
    }

    /// The operation that takes a method on a described path; GET takes HEAD too.
    pub(crate) fn operation(&self, path: &str, method: &str) -> Option<&Value> {
        let name = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
        Some(&self.0["paths"][path][name]).filter(|operation| operation.is_object())
    }

    /// What is described as the answer to a method on a described path, or on an unknown one.
    pub(crate) fn response(&self, method: &str, path: Option<&str>, status: u16) -> Option<&Value> {
        let found = match (path, method) {
            (None, _) => &self.0["x-unknown-path"],
            (Some(path), method) => match self.operation(path, method) {
                Some(operation) => &operation["responses"][status.to_string()],
                None => &self.0["paths"][path]["x-other-methods"],
            },
        };
        Some(self.resolved(found)).filter(|response| response.is_object())
    }

    /// Whether a value is what a schema says, formats included.
    pub(crate) fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let mut whole = schema.clone();
        // The components travel along, so that references resolve.
        whole["components"] = self.0["components"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        validator.validate(value).map_err(|error| format!("{}: {error}", error.instance_path()))
    }

    /// Whether an answer is what is described: headers, content type, body, and the fields that its code brings.
    pub(crate) fn accepts(&self, response: &Value, answer: &Answer, bodiless: bool) -> Result<(), String> {
        self.headers(response, answer)?;
        if bodiless {
            return if answer.body.is_empty() { Ok(()) } else { Err("there is a body".to_owned()) };
        }
        let Some(kind) = answer.kind().filter(|_| !answer.body.is_empty()) else {
            let may_be_empty = response["content"].is_null() || !response["x-policies"]["store_down_body"].is_null();
            return if may_be_empty { Ok(()) } else { Err("there is no body".to_owned()) };
        };
        let content = &response["content"];
        if content["*/*"].is_object() {
            return Ok(());
        }
        if kind != "application/json" {
            return if content[kind].is_object() { Ok(()) } else { Err(format!("{kind} is not described")) };
        }
        let body: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        self.validate(&content[kind]["schema"], &body)?;
        of_its_code(response, &body)
    }

    fn headers(&self, response: &Value, answer: &Answer) -> Result<(), String> {
        for (name, header) in members(&response["headers"]) {
            let header = self.resolved(header);
            match answer.header(&name.to_lowercase()) {
                Some(value) => self
                    .validate(&header["schema"], &Value::from(value))
                    .map_err(|error| format!("header {name}: {error}"))?,
                None if header["required"] == true => return Err(format!("header {name} is missing")),
                None => {}
            }
        }
        let described: Vec<String> = members(&response["headers"]).map(|(name, _)| name.to_lowercase()).collect();
        let mut names = answer.headers.iter().map(|(name, _)| name);
        match names.find(|name| !described.contains(name) && !OF_HTTP.contains(&name.as_str())) {
            Some(name) => Err(format!("header {name} is not described")),
            None => Ok(()),
        }
    }
}

/// Whether an envelope has a code that is described here, with exactly the fields that the code brings.
pub(crate) fn of_its_code(response: &Value, body: &Value) -> Result<(), String> {
    let Some(codes) = response["x-codes"].as_object() else { return Ok(()) };
    let error = body["error"].as_object().unwrap();
    let code = error["code"].as_str().unwrap();
    let brought = codes.get(code).ok_or_else(|| format!("code {code} is not described"))?;
    let mut wanted: Vec<&str> = brought.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    wanted.extend(["code", "message"]);
    let fields: Vec<&str> = error.keys().map(String::as_str).collect();
    wanted.sort_unstable();
    if fields == wanted { Ok(()) } else { Err(format!("{code} brings {fields:?}, not {wanted:?}")) }
}

/// Says no where the document says that more may come.
fn tighten(schema: &mut Value) {
    if schema["additionalProperties"] == true {
        schema["additionalProperties"] = false.into();
    }
    if let Some(values) = schema.as_object_mut().and_then(|schema| schema.remove("x-values")) {
        schema["enum"] = values;
    }
    schema.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|value| value.is_object()).for_each(tighten);
}
