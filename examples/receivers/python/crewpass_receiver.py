#!/usr/bin/env python3
"""Receive CrewPass webhooks, and keep the current documents of the people that they name.

    PORT=9000 WEBHOOK_PATH=/webhooks WEBHOOK_SECRET=whsec_… BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… \\
        OUT_DIR=documents python3 crewpass_receiver.py

Needs Python 3.9 or later, and the example client beside it. Events wait in a folder below HOME until their work is
done, so none is lost if this program ends. SIGTERM ends it.
"""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))
import crewpass_documents as client  # noqa: E402

PATH = os.environ.get("WEBHOOK_PATH", "/webhooks")
SECRET = os.environ.get("WEBHOOK_SECRET", "").encode()
OUT = os.environ.get("OUT_DIR", "documents")
STATE = pathlib.Path.home() / ".crewpass-receiver"
DOCUMENT_EVENTS = {"crew.document.processed", "crew.document.updated"}
WINDOW = 300  # seconds between the signed time and this machine's
LARGEST = 2 << 20  # bytes of a body
ATTEMPTS = 30  # of one event; the waits between them grow to 30 seconds


def is_signed(headers, body):
    """Compares the signature of the raw body in constant time. During a rotation there are two, after a comma."""
    timestamp = headers.get("X-CrewPass-Timestamp", "").encode("latin-1", "replace")
    right = b"v1=" + hmac.new(SECRET, timestamp + b"." + body, hashlib.sha256).hexdigest().encode()
    given = headers.get("X-CrewPass-Signature", "").encode("latin-1", "replace")
    return any(hmac.compare_digest(right, each.strip()) for each in given.split(b","))


def is_fresh(headers):
    """Refuses a delivery that was recorded long ago. The timestamp is a part of what is signed."""
    timestamp = headers.get("X-CrewPass-Timestamp", "")
    return bool(re.fullmatch(r"[0-9]{1,12}", timestamp)) and abs(time.time() - int(timestamp)) <= WINDOW


def read_event(headers, body):
    """The event's id, type and person, from the body alone: the other headers are not signed."""
    event = json.loads(body)
    data = event.get("data")
    person = data.get("crew_unique_id") if isinstance(data, dict) else None
    return event["event_id"], event["event_type"], person


class Inbox:
    """Events that wait for their work, one file each, and the ids of those that are done."""

    def __init__(self):
        self.changed = threading.Condition()
        self.due = {}  # the time of the next attempt, and the attempts so far, by the event's file
        for folder in ("waiting", "done"):
            (STATE / folder).mkdir(parents=True, exist_ok=True)
        for file in sorted((STATE / "waiting").iterdir(), key=lambda file: file.stat().st_mtime_ns):
            if file.suffix == ".part":
                file.unlink()  # its delivery was not answered, so it comes again
            else:
                self.due[file.name] = (0.0, 0)

    def add(self, event_id, person):
        """Keeps an event before it is answered; the same one only once."""
        name = hashlib.sha256(event_id.encode()).hexdigest()
        with self.changed:
            if name in self.due or (STATE / "done" / name).exists():
                return
            part = STATE / "waiting" / f"{name}.part"
            with open(part, "w", encoding="utf-8") as file:
                file.write(person)
                file.flush()
                os.fsync(file.fileno())
            part.rename(STATE / "waiting" / name)
            self.due[name] = (0.0, 0)
            self.changed.notify()

    def next(self):
        """Waits for an event whose time has come."""
        with self.changed:
            while True:
                name, (at, attempts) = min(self.due.items(), key=lambda item: item[1], default=(None, (None, 0)))
                if name and at <= time.monotonic():
                    return name, attempts
                self.changed.wait(at - time.monotonic() if name else None)

    def work(self):
        """Handles one event after another. An id is done once its documents are saved, not before."""
        while True:
            name, attempts = self.next()
            file = STATE / "waiting" / name
            person = file.read_text(encoding="utf-8")
            is_done = bring(person, attempts + 1)
            print("done:" if is_done else "to be tried again:", ascii(person[:80]), flush=True)
            with self.changed:
                if is_done:
                    file.rename(STATE / "done" / name)
                    del self.due[name]
                else:
                    self.due[name] = (time.monotonic() + min(0.5 * 2**attempts, 30), attempts + 1)


def bring(person, attempt):
    """Saves a person's current documents. Returns false if it should be tried again."""
    client.END = time.monotonic() + 120
    try:
        client.main(person, OUT)
    except client.Failure as failure:
        print(f"attempt {attempt}: {failure}", file=sys.stderr)
        return failure.status in (401, 403, 404) or attempt >= ATTEMPTS
    except (OSError, ValueError) as error:
        print(f"attempt {attempt}: {type(error).__name__}", file=sys.stderr)
        return attempt >= ATTEMPTS
    return True


def receive(inbox, headers, body):
    """Decides about one delivery, and returns the status of the answer."""
    if not is_signed(headers, body) or not is_fresh(headers):
        return 401
    try:
        event_id, event_type, person = read_event(headers, body)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 400
    if event_type not in DOCUMENT_EVENTS:
        return 204  # also a type that is new: the sender would send it again
    if not isinstance(event_id, str) or not isinstance(person, str):
        return 400
    inbox.add(event_id, person)
    return 202


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self):
        status, body = self.read_body()
        if status == 200:
            found = self.path.split("?")[0] == PATH
            status = receive(self.server.inbox, self.headers, body) if found else 404
        self.answer(status)

    def do_GET(self):
        self.close_connection = True
        self.answer(405)

    do_HEAD = do_GET

    def read_body(self):
        """The whole body, also one that comes in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self.read_chunks()
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            return self.refused(411)
        if int(length) > LARGEST:
            return self.refused(413)
        return 200, self.rfile.read(int(length))

    def read_chunks(self):
        body = b""
        while True:
            size = self.rfile.readline(32).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
                return self.refused(400)
            if len(body) + int(size, 16) > LARGEST:
                return self.refused(413)
            if int(size, 16) == 0:
                while self.rfile.readline(8192).strip():
                    pass
                return 200, body
            body += self.rfile.read(int(size, 16))
            self.rfile.readline(8)

    def refused(self, status):
        self.close_connection = True
        return status, b""

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, text, *arguments):
        print(self.address_string(), text % arguments, file=sys.stderr)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main():
    if not SECRET:
        sys.exit("WEBHOOK_SECRET is not set: no delivery can be verified")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    client.TRIES = 2  # further attempts are those of the event
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Handler)
    server.inbox = Inbox()
    print(f"listening on 127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    threading.Thread(target=server.inbox.work, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
