#!/usr/bin/env python3
"""Play the whole job of a partner against the fake: walk the fleet, then hear of a new version by webhook.

    python3 examples/fleet/fleet.py [FOLDER]

Starts the fake with the starter world, saves every certificate of the fleet, starts the example receiver, uploads a new
version of one certificate, and waits until the signed webhook has brought it. Everything that was started ends with it.
Needs Python 3.9 or later, and `crewpass-mock` on PATH (or its path in CREWPASS_MOCK).
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1]
FLEET = EXAMPLES / "clients/python/crewpass_fleet.py"
RECEIVER = EXAMPLES / "receivers/python/crewpass_receiver.py"
NEW_VERSION = EXAMPLES.parent / "fixtures/files/pst-2018.pdf"
MOCK = os.environ.get("CREWPASS_MOCK", "crewpass-mock")
SECRET = "whsec_example"
PATIENCE = 60  # seconds until the receiver is given up


def start_fake():
    """Starts the fake on a free port. It ends when its standard input does, so also if this program is killed."""
    command = [MOCK, "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"]
    fake = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = fake.stdout.readline()
    if not ready:
        sys.exit("the fake did not start")
    return fake, json.loads(ready)


def ctl(base, *arguments):
    answer = subprocess.run([MOCK, "ctl", "--base", base, *arguments], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def count(folder):
    return sum(1 for path in folder.rglob("*") if path.is_file())


def start_receiver(environment, home):
    """Starts the receiver on a free port and waits until it listens. Its errors are in the lines that it prints."""
    variables = {**environment, "HOME": str(home), "PORT": "0", "WEBHOOK_PATH": "/webhooks", "WEBHOOK_SECRET": SECRET}
    command = [sys.executable, "-u", str(RECEIVER)]
    receiver = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return receiver, wait_for(receiver, "listening on ").split()[-1]


def wait_for(receiver, beginning):
    """The first line of the receiver that begins so. The receiver is ended if none comes."""
    watchdog = threading.Timer(PATIENCE, receiver.kill)
    watchdog.start()
    try:
        lines = []
        for line in receiver.stdout:
            lines.append(line)
            if line.startswith(beginning):
                return line
        sys.exit(f"the receiver printed no line that begins with {beginning!r}:\n{''.join(lines)}")
    finally:
        watchdog.cancel()


def play(ready, folder):
    base, receiver = ready["base"], None
    environment = {**os.environ, "BASE": base, "CPK_KEY": ready["key"], "OUT_DIR": str(folder)}
    try:
        walk = subprocess.run([sys.executable, str(FLEET)], env=environment, check=True, capture_output=True, text=True)
        print(f"the fleet is saved: {count(folder)} certificates in {folder}")
        left_out = [line for line in walk.stderr.splitlines() if line.startswith("crew member")]
        print("".join(f"left out: {line}\n" for line in sorted(left_out)), end="", flush=True)

        with tempfile.TemporaryDirectory() as home:
            receiver, address = start_receiver(environment, home)
            ctl(base, "webhooks", "add", f"http://{address}/webhooks", "--secret", SECRET)
            new = ctl(base, "upload", "crew_001", "doc_1", str(NEW_VERSION), "--status", "verified")["document_id"]
            print(f"crew_001 has a new version of doc_1: {new}")
            saved = wait_for(receiver, f"saved {new}").strip()
            print(f"the webhook has arrived: {saved}")
            wait_for(receiver, "done:")
            ctl(base, "webhooks", "verify")
    finally:
        if receiver:
            receiver.kill()
            receiver.wait()


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "fleet-certificates").resolve()
    fake, ready = start_fake()
    try:
        play(ready, folder)
    finally:
        fake.stdin.close()
        fake.wait()


if __name__ == "__main__":
    main()
