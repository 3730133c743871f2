#!/usr/bin/env python3
"""The example receiver with one bug: `broken.py BUG`. Each bug breaks one obligation."""

import itertools
import json
import os
import pathlib
import re
import sys
import threading
from collections import defaultdict

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples" / "receivers" / "python"
sys.path.insert(0, str(EXAMPLES))
import crewpass_receiver as good  # noqa: E402

ORIGINAL = {name: getattr(good, name) for name in ("is_signed", "is_fresh", "read_event", "bring", "receive")}
COUNT = itertools.count(1)


def expected(headers, body):
    timestamp = headers.get("X-CrewPass-Timestamp", "").encode()
    return "v1=" + good.hmac.new(good.SECRET, timestamp + b"." + body, good.hashlib.sha256).hexdigest()


def first_500():
    """Answers the first delivery of each document event with 500, although it handles it."""
    seen = set()

    def receive(inbox, headers, body):
        status = ORIGINAL["receive"](inbox, headers, body)
        event = body if status != 202 else json.loads(body)["event_id"]
        if status != 202 or event in seen:
            return status
        seen.add(event)
        return 500

    good.receive = receive


def prefix():
    """Compares only as many characters of the signature as were sent."""
    good.is_signed = lambda headers, body: expected(headers, body).startswith(headers.get("X-CrewPass-Signature", ""))


def answers_500():
    """Fails on a delivery that is not signed."""

    def receive(inbox, headers, body):
        status = ORIGINAL["receive"](inbox, headers, body)
        return 500 if status == 401 else status

    good.receive = receive


def cached_signature():
    """Does not verify a signature again that was right once."""
    verified = set()

    def is_signed(headers, body):
        given = headers.get("X-CrewPass-Signature", "")
        if given in verified:
            return True
        if ORIGINAL["is_signed"](headers, body):
            verified.add(given)
            return True
        return False

    good.is_signed = is_signed


def reparsed():
    """Also verifies the body as a JSON library writes it again."""

    def is_signed(headers, body):
        if ORIGINAL["is_signed"](headers, body):
            return True
        try:
            compact = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            return False
        return ORIGINAL["is_signed"](headers, compact)

    good.is_signed = is_signed


def bring_apart(person, attempt):
    """Saves the documents of each event in a folder of its own."""
    good.OUT = os.path.join(os.environ["OUT_DIR"], f"event-{next(COUNT)}")
    return ORIGINAL["bring"](person, attempt)


def racy():
    """Looks whether an event is known, and records it when the next delivery of it has looked, too."""
    good.bring = bring_apart
    original, known, lock = good.Inbox.add, set(), threading.Lock()
    second = defaultdict(threading.Event)

    def add(self, event_id, person):
        with lock:
            if event_id in known:
                return
            is_first, looked = event_id not in second, second[event_id]
        # A delivery that comes alone meets no other.
        if is_first:
            looked.wait(1)
        else:
            looked.set()
        with lock:
            known.add(event_id)
            original(self, f"{event_id} {next(COUNT)}", person)

    good.Inbox.add = add


def search():
    """Searches the body for the id instead of parsing it."""

    def read_event(headers, body):
        event_id, event_type, _ = ORIGINAL["read_event"](headers, body)
        found = re.search(rb'"crew_unique_id":"([^"\\]*)"', body)
        return event_id, event_type, found.group(1).decode() if found else None

    good.read_event = read_event


def small():
    """Refuses a body of more than 32 KiB."""
    receive = good.receive
    good.receive = lambda inbox, headers, body: 413 if len(body) > 32 << 10 else receive(inbox, headers, body)


def no_window():
    """Accepts a signature of any age."""
    good.is_fresh = lambda headers: True


def strict_type():
    """Refuses an event type that it does not know."""

    def receive(inbox, headers, body):
        status = ORIGINAL["receive"](inbox, headers, body)
        known = status != 204 or ORIGINAL["read_event"](headers, body)[1].startswith(("crew.status.", "crew.compliance."))
        return status if known else 400

    good.receive = receive


def gives_up():
    """Drops an event whose documents can't be had at once."""
    good.bring = lambda person, attempt: ORIGINAL["bring"](person, attempt) or True


def tries_twice():
    """Drops an event whose documents can't be had at once, nor a moment later."""
    good.bring = lambda person, attempt: ORIGINAL["bring"](person, attempt) or attempt >= 2


def once_a_person():
    """Handles one event about each person."""
    add = good.Inbox.add
    good.Inbox.add = lambda self, event_id, person: add(self, person, person)


def newest_only():
    """Drops an event that is older than any other, whoever it is about."""
    newest = [""]

    def receive(inbox, headers, body):
        if ORIGINAL["is_signed"](headers, body) and ORIGINAL["is_fresh"](headers):
            try:
                at = json.loads(body)["occurred_at"]
            except (ValueError, LookupError, TypeError):
                at = newest[0]
            if at < newest[0]:
                return 204
            newest[0] = at
        return ORIGINAL["receive"](inbox, headers, body)

    good.receive = receive


def trusts_event():
    """Removes the files of a person when an event names a document that is not current."""
    people = {}

    def receive(inbox, headers, body):
        status = ORIGINAL["receive"](inbox, headers, body)
        if status == 202:
            data = json.loads(body)["data"]
            people[data["crew_unique_id"]] = data["document_id"]
        return status

    def bring(person, attempt):
        done = ORIGINAL["bring"](person, attempt)
        named = people.get(person)
        listed = [item["document_id"] for item in good.client.get_json(
            f"{good.client.BASE}/api/v2/employers/me/crew/{person}/documents")[0]["items"]]
        if named and named not in listed:
            for file in os.listdir(good.OUT):
                if any(file.startswith(f"{document}-") for document in listed):
                    os.unlink(os.path.join(good.OUT, file))
        return done

    good.receive, good.bring = receive, bring


def crashes():
    """Ends at a signed body that is not JSON."""

    def read_event(headers, body):
        try:
            return ORIGINAL["read_event"](headers, body)
        except ValueError:
            os._exit(1)

    good.read_event = read_event


def needs_data():
    """Ends at a document event without data."""

    def read_event(headers, body):
        event = json.loads(body)
        if isinstance(event, dict) and not event.get("data"):
            os._exit(1)
        return ORIGINAL["read_event"](headers, body)

    good.read_event = read_event


def full_404():
    """Answers 404 once 20 right deliveries have come."""
    count = itertools.count(1)

    def receive(inbox, headers, body):
        is_right = ORIGINAL["is_signed"](headers, body) and ORIGINAL["is_fresh"](headers)
        return 404 if is_right and next(count) > 20 else ORIGINAL["receive"](inbox, headers, body)

    good.receive = receive


def prints_secret():
    """Writes its settings to the log."""
    print("secret:", os.environ.get("WEBHOOK_SECRET", ""), flush=True)


def header_type():
    """Takes the event type from the header, which is not signed."""

    def read_event(headers, body):
        event_id, _, person = ORIGINAL["read_event"](headers, body)
        return event_id, headers.get("X-CrewPass-Event-Type", ""), person

    good.read_event = read_event


def header_id():
    """Takes the event id from the header, which is not signed."""
    good.bring = bring_apart

    def read_event(headers, body):
        _, event_type, person = ORIGINAL["read_event"](headers, body)
        return headers.get("X-CrewPass-Event-Id", ""), event_type, person

    good.read_event = read_event


def empty_secret():
    """Runs without a secret."""
    if not good.SECRET:
        class Empty(bytes):
            def __bool__(self):
                return True

        good.SECRET = Empty()


def exact_names():
    """Knows the names of headers in one letter case only."""
    receive = good.receive

    def exact(inbox, headers, body):
        names = {name for name, _ in headers.items()}
        return receive(inbox, headers, body) if "X-Crewpass-Signature" in names else 401

    good.receive = exact


def in_memory():
    """Forgets the events that wait when it ends."""
    original = good.Inbox.__init__

    def start(self):
        original(self)
        self.due.clear()

    good.Inbox.__init__ = start


def big_400():
    """Takes a body of more than 512 KiB for a mistake of the sender."""
    receive = good.receive
    good.receive = lambda inbox, headers, body: 400 if len(body) > 512 << 10 else receive(inbox, headers, body)


def version_crash():
    """Ends at a schema version that it does not know."""

    def read_event(headers, body):
        if json.loads(body)["schema_version"] != 1:
            os._exit(1)
        return ORIGINAL["read_event"](headers, body)

    good.read_event = read_event


def needs_length():
    """Refuses a body without Content-Length."""
    good.Handler.read_chunks = lambda self: self.refused(411)


BUGS = [
    first_500, prefix, answers_500, cached_signature, reparsed, racy, search, small, no_window, strict_type, gives_up,
    tries_twice, once_a_person, newest_only, trusts_event, crashes, needs_data, full_404, prints_secret, header_type, header_id, empty_secret, exact_names, in_memory,
    big_400, version_crash, needs_length,
]

if __name__ == "__main__":
    {bug.__name__.replace("_", "-"): bug for bug in BUGS}[sys.argv[1]]()
    good.main()
