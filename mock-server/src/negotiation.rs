//! What a client accepts (RFC 9110 section 12.5): media types and content codings with their weights.

use http::{HeaderMap, HeaderName};

/// Returns true if a header such as `Accept` lists a value with a weight above zero. Wildcards do not count.
pub(crate) fn accepts(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_wanted = parts.next().is_some_and(|value| value.eq_ignore_ascii_case(wanted));
        is_wanted && parts.filter_map(weight).all(|weight| weight > 0.0)
    })
}

/// Returns the weight that a parameter gives, if it is one and a number.
fn weight(parameter: &str) -> Option<f32> {
    let (name, weight) = parameter.split_once('=')?;
    name.eq_ignore_ascii_case("q").then(|| weight.trim().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, HeaderValue};

    use super::*;

    #[test]
    fn a_value_counts_unless_its_weight_is_zero() {
        for (accept, is_accepted) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/json, TEXT/HTML ; level=1; q=0.1", true),
            ("text/html;q=0, */*", false),
            ("text/html; Q=0.0", false),
            ("text/html+xml", false),
            ("*/*", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts(&headers, &ACCEPT, "text/html"), is_accepted, "{accept}");
        }
    }
}
