//! Rules that could mean nothing, or lead off this machine, are refused with what is wrong and what to write.

use crewpass_mock::Fault;
use crewpass_mock::fault::read_faults;

use crate::faults::wire::Fake;

/// Each rule, and what its refusal says.
const REFUSED: [(&str, &str); 58] = [
    ("{then: {status: 503}, match: {stepp: link}}", "stepp"),
    ("{then: {status: 503}, whenn: {}}", "whenn"),
    ("{then: {stat: 503}}", "content_type"),
    ("{then: {status: 503}, match: {step: links}}", "list"),
    ("{then: {status: 503}, match: {method: 'a b'}}", "not a method"),
    ("{then: {status: 503}, when: {times: 0}}", "zero"),
    ("{then: {status: 503}, when: {every: 0}}", "zero"),
    ("{then: {status: 503}, when: {skip: -1}}", "u64"),
    ("{then: {status: 503}, when: {probability: 1.5}}", "from 0 to 1"),
    ("{then: {status: 503}, when: {probability: -0.1}}", "from 0 to 1"),
    ("{then: {status: 503}, when: {for: 0s}}", "is zero"),
    ("{then: {status: 503}, when: {for: soon}}", "not a duration"),
    ("{then: {status: 503}, when: {from: soon}}", "an instant"),
    ("{then: {}}", "no effect"),
    ("{match: {step: list}}", "then"),
    ("{then: {status: 503, reset: true}}", "two effects"),
    ("{then: {reset: false}}", "`true`"),
    ("{then: {status: 199}}", "200 to 599"),
    ("{then: {status: 600}}", "200 to 599"),
    ("{then: {status: {}}}", "`code` is missing"),
    ("{then: {status: {error: nope}}}", "scope_not_granted"),
    ("{then: {status: {code: 503, body: xml}}}", "json_array"),
    ("{then: {status: {code: 503, body: {}}}}", "either `text` or `base64`"),
    ("{then: {status: {code: 503, body: html, error: not_found}}}", "go with the body `envelope`"),
    ("{then: {status: {code: 503, body: html, scope: 'crew:documents:read'}}}", "go with the body `envelope`"),
    ("{then: {status: {code: 503, body: html, retry_after_seconds: 1}}}", "go with the body `envelope`"),
    ("{then: {status: {code: 503, headers: {content-length: '1'}}}}", "can't be set"),
    ("{then: {status: {code: 503, retry_after: {minutes: 1}}}}", "http_date"),
    ("{then: {latency: 11m}}", "10m at most"),
    ("{then: {latency: {from: 2s, to: 1s}}}", "longer than"),
    ("{then: {drip: {bytes: 0, every: 1s}}}", "is 0"),
    ("{then: {stall: soon}}", "write `true`"),
    ("{then: {cut: {after: 1, how: rst}}}", "reset"),
    ("{then: {gzip: yes please}}", "honoured"),
    ("{then: {redirect: {status: 304, to: self}}}", "301, 302, 303, 307 or 308"),
    ("{then: {redirect: {to: {chain: 0}}}}", "1 to 1000"),
    ("{then: {link: '{id}'}}", "{id}"),
    ("{then: {json: {}}}", "`set`"),
    ("{then: {json: {remove: [title]}}}", "JSON Pointer"),
    ("{match: {step: list}, then: {link: null}}", "`link` changes nothing at the step `list`"),
    ("{match: {step: file}, then: {json: {remove: [/a]}}}", "`json` changes nothing at the step `file`"),
    ("{match: {step: none}, then: {drip: {bytes: 1, every: 1s}}}", "changes nothing at the step `none`"),
    ("{name: 'a/b', then: {close: true}}", "letters, digits"),
    ("{name: '', then: {close: true}}", "letters, digits"),
    ("{name: verify, then: {close: true}}", "no request could remove it"),
    ("{name: .., then: {close: true}}", "no request could remove it"),
    ("{then: {status: {code: 204, body: text}}}", "has no body"),
    ("{then: {status: {code: 205, error: not_found}}}", "has no body"),
    (
        "{name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, \
         then: {close: true}}",
        "100 at most",
    ),
    ("{then: {truncated: many}}", "u64"),
    ("{then: {body: xml}}", "empty, html"),
    ("{then: {body: {text: a, base64: YQ==}}}", "either `text` or `base64`"),
    ("{then: {headers: {}}}", "`set` or `remove`"),
    ("{then: {headers: {set: {connection: close}}}}", "can't be set"),
    ("{then: {range: {later: 1}}}", "later"),
    ("{then: {cut: {after: 100, of: 100}}}", "not more than `after`"),
    ("{then: {cut: {after: 100, chunked: true, of: 200}}}", "a body in chunks has no length"),
    ("{match: {step: list}, then: {other_version: true}}", "`other_version` changes nothing at the step `list`"),
];

#[test]
fn what_has_no_sense_is_refused_with_what_to_write() {
    for (rule, message) in REFUSED {
        let refused = rule.parse::<Fault>().expect_err(rule).to_string();
        assert!(refused.contains(message), "{rule}: {refused}");
    }
}

#[test]
fn a_name_may_be_a_hundred_letters_long() {
    let name = "a".repeat(100);
    let fault: Fault = format!("{{name: {name}, then: {{close: true}}}}").parse().unwrap();
    assert_eq!(fault.name.as_deref(), Some(&*name));
}

#[test]
fn nothing_leads_off_this_machine() {
    for then in [
        "redirect: {to: 'https://example.com/'}",
        "redirect: {to: '//example.com'}",
        "redirect: {to: '{base}.example.com'}",
        "link: 'https://s3.amazonaws.com/bucket/{token}'",
        "link: 'http://169.254.169.254/latest'",
        "status: {code: 302, headers: {Location: 'https://example.com'}}",
        "status: {code: 200, headers: {Refresh: '0; url=https://example.com'}}",
        "status: {code: 200, body: {text: '<a href=\"https://example.com\">'}}",
        "status: {code: 200, body: {base64: 'aHR0cHM6Ly9leGFtcGxlLmNvbQ=='}}",
        "json: {set: {/download_url: 'https://example.com'}}",
        "json: {set: {/a: [{b: 'https://example.com'}]}}",
    ] {
        let refused = format!("{{then: {{{then}}}}}").parse::<Fault>().expect_err(then).to_string();
        assert!(refused.contains("is not on this machine") && refused.contains(".invalid"), "{then}: {refused}");
    }
}

#[tokio::test]
async fn the_control_api_says_what_and_where() {
    let fake = Fake::with(&[]).await;
    for (body, message) in [
        (r#"{"when": {"times": 0}, "then": {"status": 503}}"#, "expected a whole number above 0 at line 1 column"),
        (r#"{"match": {"step": "lnk"}, "then": {"close": true}}"#, "`lnk` is not a known value here at line 1 column"),
        (r#"[{"then": {"status": 503}}, {"then": {"stall": 3}}]"#, "`3` is not a stall"),
        (r#"{"thn": {}}"#, "unknown field `thn`, expected one of `name`, `match`, `when`, `then`"),
        ("3", "a rule or a list of rules"),
        (r#"{"name": null, "then": {"close": true}}"#, "null"),
        (r#"{"match": {"step": null}, "then": {"close": true}}"#, "null"),
        (r#"{"when": {"times": null}, "then": {"close": true}}"#, "null"),
        (r#"{"then": {"reset": null, "close": true}}"#, "null"),
        (r#"{"then": {"cut": {"after": 0, "of": null}}}"#, "null"),
        (r#"{"then": {"body": {"text": null, "base64": "AA=="}}}"#, "null"),
        (r#"{"then": {"status": {"code": 503, "scope": null}}}"#, "null, expected one of `vessels:fleet:read`"),
        (r#"{"then": {"status": "503"}}"#, "write a number from 200 to 599"),
        (r#"{"then": {"stall": "true"}}"#, "`true` is not a stall"),
        (r#"{"then": {"latency": 250}}"#, "`250` is not a text"),
    ] {
        let refused = fake.control("POST", "/faults", body).await;
        assert_eq!(refused.status(), 400, "{body}");
        assert!(refused.text().contains(message), "{body}: {}", refused.text());
    }
    assert_eq!(fake.counts(), []);
}

#[test]
fn a_file_of_rules_is_read_and_its_mistakes_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read_faults(&path)
    };
    let yaml = "- match: {step: link}\n  then: {status: 503}\n- then:\n    close: true\n";
    assert_eq!(read("a.yaml", yaml).unwrap().len(), 2);
    assert_eq!(read("a.json", r#"[{"then": {"close": true}}]"#).unwrap().len(), 1);
    for (name, text) in [
        ("b.yaml", "- then:\n    status: 503\n  when:\n    probability: 2\n"),
        ("b.json", "[{\"then\":\n {\"status\": 503},\n \"when\":\n  {\"probability\": 2}}]"),
    ] {
        let refused = read(name, text).unwrap_err();
        assert_eq!(refused.problems()[0].place().unwrap().0, 4, "{refused}");
        assert!(refused.to_string().contains("is not a chance"), "{refused}");
    }
    let missing = read_faults(&folder.path().join("none.yaml")).unwrap_err();
    assert!(missing.to_string().contains("these faults can't be read"), "{missing}");
}
