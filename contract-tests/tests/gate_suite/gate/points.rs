//! What a report says of a real client: the one answer that is the point, first causes, and no untruth.

use crate::robustness::gate::Gate;

/// A client that saves by `file_name`, reads no status, and ends with 0 whatever comes. It keeps cookies, sends the key and
/// a Referer to the file step, and prints key and link.
const CARELESS: &str = r#"
import http.cookiejar, json, os, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
def get(url, **headers):
    headers["Authorization"] = "Bearer " + os.environ["CPK_KEY"]
    try:
        return opener.open(urllib.request.Request(url, headers=headers)).read()
    except urllib.error.HTTPError as error:
        return error.read()
print("using key", os.environ["CPK_KEY"])
base = os.environ["BASE"].rstrip("/") + "/api/v2/employers/me/crew/" + os.environ["CREW_ID"] + "/documents"
for one in json.loads(get(base)).get("items", []):
    try:
        link = json.loads(get(base + "/" + one["document_id"] + "/download"))["download_url"]
        print("link", link)
        open(one.get("file_name") or "file", "wb").write(get(link, Referer=link))
    except Exception as error:
        print("oops")
"#;

/// Returns what a run of the careless client prints.
fn report(args: &[&str]) -> String {
    let ended = Gate::new().run(&[&["client"], args].concat(), &["python3", "-c", CARELESS]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    ended.out
}

/// Returns the block of an obligation in a case, in one line.
fn block(report: &str, id: &str, case: &str) -> String {
    let blocks = report.split("\nFAIL ").map(|block| block.split("\n\n").next().unwrap_or_default());
    let mut wanted = blocks.filter(|block| block.starts_with(id) && block.contains(&format!("\n  case      {case}")));
    let block = wanted.next().unwrap_or_else(|| panic!("{id} in {case}\n{report}"));
    block.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_answer_that_is_the_point_is_named() {
    let cases = "link/past-expiry,link/odd-date,link/no-echo,link/all-dead,sec/cookie,link/odd-ids,auth/plain,link/server-behind";
    let text = report(&["--verbose", "--only", cases]);
    for (id, case, says) in [
        ("CPK-LINK-11", "link/past-expiry:", "server 200, expires_at \"2020-01-01T00:00:00Z\" for the link of doc_1 "),
        ("CPK-LINK-11", "link/odd-date:", "server 200, Date: "),
        ("CPK-LINK-11", "link/server-behind:", "server 200, its clock 10m slow for the link of doc_"),
        ("CPK-LINK-09", "link/no-echo:", "server 200, no document_id for the link of "),
        ("CPK-LINK-04", "link/all-dead[dead_link=404]:", "; then 404 not_found for the file of doc_1 "),
        ("CPK-SEC-01", "sec/cookie:", "server 200, Set-Cookie: session=canary; Path=/ for the list "),
        ("CPK-SEC-01", "sec/cookie:", "expected no cookie is kept or sent; no Referer contains a link "),
        ("CPK-AUTH-04", "link/odd-ids:", "the key, as plain text, in the output: `using key {key}`"),
        ("CPK-AUTH-04", "link/odd-ids:", "the token of a link, as plain text, in the output: `link {base}/"),
        ("CPK-LINK-02", "link/odd-ids:", "it requested `/api/v2/employers/me/crew/crew_001/documents/a/b/download`"),
        ("CPK-FILE-03", "auth/plain[document_order=newest]:", "server 200, "),
        ("CPK-FILE-03", "auth/plain[document_order=newest]:", " bytes for the file of "),
        ("CPK-FILE-03", "auth/plain[document_order=newest]:", "mend Write each file as soon as it has arrived"),
    ] {
        let block = block(&text, id, case);
        assert!(block.contains(says), "{says}\n{block}");
    }
    let unanswered = block(&text, "CPK-AUTH-04", "link/odd-ids:");
    assert!(!unanswered.contains(" server "), "{unanswered}");
}

#[test]
fn a_pipe_gets_the_cause_and_two_lines_with_the_answer_first() {
    let text = report(&[
        "--only",
        "auth/plain,err/list-refused,link/all-dead,link/no-echo,link/past-expiry,sec/cookie,link/odd-ids",
    ]);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(" FIRST OF ALL: it saves documents to OUT_DIR: "), "{text}");
    assert!(flat.contains(" cases without a difficulty ended so."), "{text}");
    assert!(flat.contains("not counted: the client already fails auth/plain, the same case without"), "{text}");
    let (_, rest) = text.split_once("\nThen these:\n\n").unwrap();
    let lines: Vec<&str> = rest.split("\n\n").next().unwrap().lines().collect();
    assert!(lines.chunks(2).all(|pair| pair[0].starts_with("FAIL CPK-") && pair[1].starts_with("  ")), "{text}");
    assert!(rest.contains("\n  200, no document_id for the link of "), "{rest}");
}
