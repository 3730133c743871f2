//! The page of a run in a real browser: it shows, and it asks no network for anything.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use crewpass_contract::outcome::judged;
use crewpass_contract::report::{Format, Run};
use crewpass_contract::requirement::{Catalogue, Grade};

use crate::gate::needs;
use crate::gate::outcomes::{plan, play};
use crate::gate::people::broken;
use crate::gate::recorded::always_fail;

/// A page with failures and their transcripts.
fn page() -> String {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-FILE-03", "CPK-OUT-04"]);
    let played = play(&plan, None);
    let results = judged(&plan, &played, &catalogue, |_| Some(always_fail));
    Format::Html.render(&Run::new(&results, &played, &catalogue, 1, Grade::MUST), 80).unwrap()
}

/// The browser's answer to a page: the whole document as it stands when it is loaded. All names of hosts lead to a
/// listener of ours, so that any request is seen.
fn loaded(browser: &str, folder: &Path, file: &Path, proxy: &str, options: &[&str]) -> String {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"];
    let mut command = Command::new(browser);
    command.args(quiet).args(options).args([
        &profile,
        &format!("--proxy-server={proxy}"),
        "--proxy-bypass-list=<-loopback>",
    ]);
    // Its own errands are not the page's.
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    let output = command.arg(format!("file://{}", file.display())).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A proxy that refuses everything, and what it is asked for, but for what a browser asks its maker.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, asked) = mpsc::channel();
    // It ends with the process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 512];
            let read = stream.read(&mut head).unwrap_or(0);
            let text = String::from_utf8_lossy(&head[..read]);
            let line = text.lines().next().unwrap_or_default();
            if !line.contains("google") && !line.contains("gstatic") && tell.send(line.to_owned()).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), asked)
}

#[test]
fn the_page_shows_and_asks_for_nothing() {
    let page = page();
    for word in ["<script", "<link", "<img", "src=", "url(", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
    let Some(browser) = needs::tool(&["chromium", "chromium-browser", "google-chrome"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (proxy, asked) = proxy();
    let load = |text: &str| {
        let file = folder.path().join("page.html");
        fs::write(&file, text).unwrap();
        loaded(browser, folder.path(), &file, &proxy, &["--window-size=400,900"])
    };
    let shown = load(&page);
    assert!(shown.contains("<h1>CrewPass contract</h1>") && shown.contains("CPK-FILE-03"), "{shown}");
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), Vec::<String>::new());
    // The same page with a picture does ask: the listener would have seen it.
    let _ = load(&page.replace("<body>", "<body><img src=\"http://page.test/x.png\">"));
    assert!(asked.try_iter().any(|line| line == "GET http://page.test/x.png HTTP/1.1"), "the proxy sees nothing");
}

/// Measures the page with everything closed, opens everything, and asks axe; the results are attributes of the body.
const INSPECT: &str = "const page = document.documentElement; \
    document.body.dataset.height = page.scrollHeight; \
    document.querySelectorAll('details').forEach((one) => { one.open = true; }); \
    document.body.dataset.wide = page.scrollWidth > innerWidth; \
    const titles = [...document.querySelectorAll('main > table td:last-child')]; \
    document.body.dataset.title = Math.min(...titles.map((cell) => cell.clientWidth)); \
    document.body.dataset.inner = innerWidth; \
    document.body.dataset.dark = matchMedia('(prefers-color-scheme: dark)').matches; \
    axe.run().then(({ violations }) => { document.body.dataset.axe = \
        violations.map((one) => `${one.id} at ${one.nodes[0].target}`).join('; ') || 'nothing'; });";

/// Returns an attribute that the script has set.
fn inspected<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("data-{name}=\"");
    let (_, rest) =
        page.split_once(&start).unwrap_or_else(|| panic!("no {name} in {}", &page[page.len().min(2_000)..]));
    rest.split('"').next().unwrap()
}

#[test]
fn forty_failures_are_six_screens_and_axe_finds_nothing() {
    let Some(browser) = needs::tool(&["chromium", "chromium-browser", "google-chrome"]) else { return };
    let target = Path::new(env!("CARGO_BIN_EXE_crewpass-contract")).ancestors().nth(2).unwrap();
    let Ok(axe) = fs::read_to_string(target.join("tools/axe/node_modules/axe-core/axe.min.js")) else {
        return needs::record_skip("axe is not installed: `make axe`");
    };
    let page = Format::Html.render(&broken(40), 80).unwrap();
    // The longest outcome must leave room for the titles.
    let page = page.replacen(">broken</td>", ">not judged on a busy machine</td>", 1);
    assert!(page.contains("busy machine"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    fs::write(&file, page.replace("</body>", &format!("<script>{axe}</script><script>{INSPECT}</script></body>")))
        .unwrap();
    let (proxy, _) = proxy();
    for (size, scheme, is_dark) in [("1280,900", 1, "false"), ("400,900", 0, "true")] {
        let options = [
            format!("--window-size={size}"),
            format!("--blink-settings=preferredColorScheme={scheme}"),
            "--virtual-time-budget=120000".to_owned(),
        ];
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let shown = loaded(browser, folder.path(), &file, &proxy, &options);
        assert_eq!(inspected(&shown, "axe"), "nothing", "{size}");
        assert_eq!((inspected(&shown, "wide"), inspected(&shown, "dark")), ("false", is_dark), "{size}");
        let title: u32 = inspected(&shown, "title").parse().unwrap();
        assert!(title >= 100, "titles of {title} pixels at {size}, {}", inspected(&shown, "inner"));
        let height: u32 = inspected(&shown, "height").parse().unwrap();
        assert!(size != "1280,900" || height <= 6 * 900, "{height} pixels");
    }
}
