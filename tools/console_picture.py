#!/usr/bin/env python3
"""Takes docs/console.png: the console of a fake, after some requests, in a headless Chromium.

The fake of the debug build serves on the default port with a frozen clock, so that two pictures of one console are equal.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

BINARY = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "debug", "crewpass-mock")
BROWSER = os.environ.get("CHROMIUM", "chromium")
PICTURE = "docs/console.png"
WIDTH, HEIGHT = 1280, 800
CREW = "/api/v2/employers/me/crew"

# All entries are shown, and the one with the leak is explained.
READY = "document.querySelectorAll('#entries > li').length === 9"
OPEN = "document.querySelector('#entries > li.leaky button').click()"
OPENED = "document.querySelector('#entries > li.leaky').textContent.includes('It would pass:')"


class Browser:
    """A page of a Chromium that is driven over a pipe: JSON, each message with a zero byte behind it."""

    def __init__(self, folder):
        here, there = os.pipe(), os.pipe()
        script = f'exec "$0" "$@" 3<&{here[0]} 4>&{there[1]} >/dev/null 2>&1'
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server", "--hide-scrollbars"]
        command = ["sh", "-c", script, BROWSER, *flags, "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self.process = subprocess.Popen(command, pass_fds=(here[0], there[1]))
        self.into, self.out = os.fdopen(here[1], "wb", 0), os.fdopen(there[0], "rb")
        self.number, self.session, self.rest = 0, None, b""

    def call(self, method, **params):
        """Calls a method, and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.into.write(json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                read = self.out.read1(1 << 16)
                if not read:
                    sys.exit("the browser ended")
                self.rest += read
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def evaluate(self, expression):
        """Returns the value of an expression."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, condition):
        """Waits for a condition of the page, which is looked at with each frame."""
        wait = f"new Promise((done) => {{ const look = () => ({condition}) ? done(true) : requestAnimationFrame(look); look(); }})"
        self.call("Runtime.evaluate", expression=wait, awaitPromise=True)


def request(method, url, body=None, key=None):
    """Sends a request, and returns its JSON, whatever its status is."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asked = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
    try:
        answer = urllib.request.urlopen(asked)
    except urllib.error.HTTPError as refused:
        answer = refused
    data = answer.read()
    return json.loads(data) if data.startswith(b"{") else None


def play(base, key):
    """Does what the picture shows: a leak, a delivery that nobody takes, and a fault."""
    control = f"{base}/__mock"
    request("POST", f"{control}/webhooks/callbacks", json.dumps({"url": "http://127.0.0.1:9/hooks", "secret": "whsec_test"}))
    request("GET", f"{base}{CREW}/crew_001/documents", key=key)
    link = request("GET", f"{base}{CREW}/crew_001/documents/doc_1/download", key=key)["download_url"]
    request("GET", link)
    request("GET", f"{base}{CREW}/crew_003/documents?api_key={key}", key=key)
    fired = json.dumps({"event_type": "crew.document.updated", "crew": "crew_001", "document": "doc_1"})
    request("POST", f"{control}/webhooks/fire", fired)
    # The attempt fails, and is an entry of the journal when it has ended. The clock stands, so no other follows.
    request("GET", f"{control}/journal?change=webhook&wait=1m")
    rule = {"name": "503-twice-on-the-link", "match": {"step": "link"}, "when": {"times": 2}, "then": {"status": 503}}
    request("POST", f"{control}/faults", json.dumps(rule))
    request("GET", f"{base}{CREW}/crew_001/documents/doc_2/download", key=key)


def main():
    """Takes the picture."""
    serve = [BINARY, "serve", "--bind", "127.0.0.1:8787", "--clock", "2026-06-08T10:00:00Z"]
    fake = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        found = {}
        while "CPK_KEY" not in found:
            line = fake.stdout.readline()
            if not line:
                sys.exit("the fake did not start")
            name, _, value = line.strip().removeprefix("export ").partition("=")
            found[name] = value
        play(found["BASE"], found["CPK_KEY"])
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            browser = Browser(folder)
            try:
                target = browser.call("Target.createTarget", url="about:blank")["targetId"]
                browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
                browser.call("Page.enable")
                size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
                browser.call("Emulation.setDeviceMetricsOverride", **size)
                browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
                browser.call("Page.navigate", url=found["BASE"] + "/__mock/")
                browser.until(f"document.readyState === 'complete' && {READY}")
                browser.evaluate(OPEN)
                browser.until(OPENED)
                shot = browser.call("Page.captureScreenshot", format="png")["data"]
            finally:
                browser.process.kill()
                browser.process.wait()
        with open(PICTURE, "wb") as file:
            file.write(base64.b64decode(shot))
    finally:
        fake.kill()
        fake.wait()


main()
