//! A headless Chromium that a test drives over a pipe, with the `DevTools` protocol: messages in JSON, each with a zero
//! byte behind it.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use crate::support::executable::{Guarded, SOON};
use crate::support::needs;

/// A page in a browser of its own, which ends when this is dropped.
pub(super) struct Browser {
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    next: u64,
    /// What the page asked for, complained about or threw.
    events: Vec<Value>,
    /// Ended before its folder is removed.
    _process: Guarded,
    _folder: tempfile::TempDir,
}

impl Browser {
    /// Opens a page, or records that the test was skipped. The page may use the clipboard.
    pub(super) fn open(url: &str) -> Option<Self> {
        let program = needs::tool(&["chromium", "chromium-browser", "google-chrome"])?;
        let folder = tempfile::tempdir().unwrap();
        // The browser reads commands at descriptor 3 and writes at 4, which a shell can arrange.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", program]);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--remote-debugging-pipe", "--no-proxy-server"]);
        command.arg(format!("--user-data-dir={}", folder.path().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Guarded(command.spawn().unwrap());
        let commands = process.0.stdin.take().unwrap();
        let mut output = BufReader::new(process.0.stdout.take().unwrap());
        let (tell, messages) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while output.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
                let message = serde_json::from_slice(bytes.strip_suffix(&[0]).unwrap_or(&bytes));
                if message.map(|message| tell.send(message)).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
        let events = Vec::new();
        let mut browser =
            Self { commands, messages, session: None, next: 0, events, _process: process, _folder: folder };
        browser.attach(url);
        Some(browser)
    }

    fn attach(&mut self, url: &str) {
        let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.call("Browser.grantPermissions", permissions);
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = self.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        self.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        self.resize(1280, 900, "light");
        self.go(url);
    }

    /// Loads another page.
    pub(super) fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
        let here = json!(url.split('#').next());
        self.until(&format!("location.href.startsWith({here}) && document.readyState === 'complete'"));
    }

    /// Waits until the console shows a session and follows its journal.
    pub(super) fn is_live(&mut self) {
        self.until("document.getElementById('stream-state').textContent === 'live'");
    }

    /// Sets the size of the window and the colours that the person prefers.
    pub(super) fn resize(&mut self, width: u32, height: u32, scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", features);
    }

    /// Sends a command, and returns its result.
    #[expect(clippy::needless_pass_by_value, reason = "a call reads better without a reference")]
    pub(super) fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut command = json!({"id": self.next, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        self.commands.write_all(format!("{command}\0").as_bytes()).unwrap();
        self.commands.flush().unwrap();
        loop {
            let message = self.messages.recv_timeout(SOON).unwrap_or_else(|_| panic!("no answer to {command}"));
            if message["id"] == self.next {
                assert!(message["error"].is_null(), "{command}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Evaluates an expression in the page, and waits for its promise.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true, which it is asked at each change of the page, and returns its value.
    pub(super) fn until(&mut self, expression: &str) -> Value {
        let seconds = SOON.as_secs() / 2;
        self.evaluate(&format!(
            "new Promise((done, fail) => {{
                const look = () => {{
                    const value = {expression};
                    if (!value) return false;
                    watch.disconnect();
                    clearTimeout(limit);
                    done(value);
                    return true;
                }};
                const watch = new MutationObserver(look);
                const said = () => document.getElementById('said')?.textContent;
                const limit = setTimeout(() => fail(new Error(`not so in {seconds} s; said: ${{said()}}`)), {seconds}000);
                if (look()) return;
                watch.observe(document, {{ attributes: true, childList: true, characterData: true, subtree: true }});
                addEventListener('load', look);
            }})"
        ))
    }

    /// Clicks the element of a selector, and waits until the page says something with this text.
    pub(super) fn click_says(&mut self, selector: &str, text: &str) -> String {
        self.evaluate("document.getElementById('said').textContent = ''");
        self.click(selector);
        self.says(text)
    }

    /// Clicks the element of a selector, as the keyboard would.
    pub(super) fn click(&mut self, selector: &str) {
        let selector = json!(selector);
        self.until(&format!("document.querySelector({selector})"));
        self.evaluate(&format!("document.querySelector({selector}).click()"));
    }

    /// Waits until the page says something with this text at its bottom, and returns all of it.
    pub(super) fn says(&mut self, text: &str) -> String {
        let said = "document.getElementById('said').textContent";
        let text = json!(text);
        self.until(&format!("{said}.includes({text}) && {said}")).as_str().unwrap().to_owned()
    }

    /// Sets the value of a field, as if a person had chosen or typed it.
    pub(super) fn set(&mut self, selector: &str, value: &str) {
        let (selector, value) = (json!(selector), json!(value));
        self.until(&format!("document.querySelector({selector})"));
        self.evaluate(&format!(
            "{{ const field = document.querySelector({selector}); field.value = {value};
               field.dispatchEvent(new Event('change', {{ bubbles: true }})); }}"
        ));
    }

    /// Returns the text of the element of a selector.
    pub(super) fn text(&mut self, selector: &str) -> String {
        let selector = json!(selector);
        self.until(&format!("document.querySelector({selector})"));
        self.evaluate(&format!("document.querySelector({selector}).textContent")).as_str().unwrap().to_owned()
    }

    /// Fails if the page asked another server for anything, threw, or was refused by its own policy.
    pub(super) fn behaved(&mut self, base: &str) {
        for event in &self.events {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let url = params["request"]["url"].as_str().unwrap_or_default();
                    let is_own = url.starts_with(base) || url.starts_with("about:") || url.starts_with("data:");
                    assert!(is_own, "the page asked for {url}");
                }
                "Runtime.exceptionThrown" => panic!("the page threw {params}"),
                "Log.entryAdded" => assert_ne!(params["entry"]["source"], "security", "{params}"),
                _ => {}
            }
        }
    }
}

impl Drop for Browser {
    /// Asks the browser to end, and waits for it: one that is killed may still write to its folder.
    fn drop(&mut self) {
        let close = b"{\"id\": 0, \"method\": \"Browser.close\"}\0";
        let _ = self.commands.write_all(close).and_then(|()| self.commands.flush());
        while self.messages.recv_timeout(SOON).is_ok() {}
    }
}
