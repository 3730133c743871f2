"""A session: a world of its own for one test, with its handles."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ._control import PATIENCE, Control, ControlError, segment
from ._errors import CrewPassError, NeedsLever
from ._handles import Clock, Faults, Policies, Span, Store, span_text
from ._report import journal_line, open_text
from ._webhooks import Webhooks

#: How long `assert_no_leaks` waits for responses that have not ended, in seconds.
OPEN_LIMIT = 2.0
#: A request with its answer, as `docs/control.md` describes an entry of the journal.
Entry = dict[str, Any]


class Journal(list[Entry]):
    """Entries of a journal: a list that also says what is not in it."""

    def __init__(self, entries: Iterable[Entry] = (), *, dropped: int = 0, open: int = 0) -> None:
        super().__init__(entries)
        #: How many older entries the fake has deleted: the option `journal` keeps more.
        self.dropped = dropped
        #: How many requests have no entry yet, since their response has not ended.
        self.open = open


class _RealKeys(dict[str, str]):
    """The keys of a server without levers: only one is known."""

    def __init__(self, key: str, base: str) -> None:
        super().__init__(full=key)
        self._base = base

    def __missing__(self, name: str) -> str:
        raise NeedsLever(f"the key {name!r}", self._base)


class Session:
    """A world of its own on a fake, with its own keys, clock, store, faults and journal.

    Against a server without levers, only `base`, `key`, `crew` and `env` can be used; everything
    else raises NeedsLever, which skips the test.
    """

    def __init__(
        self,
        base: str,
        key: str | None,
        crew: str | None,
        *,
        keys: Mapping[str, str] | None = None,
        control: Control | None = None,
        ca_file: str | None = None,
        contents: Mapping[str, Any] | None = None,
    ) -> None:
        #: The base URL for the client under test.
        self.base = base
        #: The keys by their names. The starter world has `full`, `no_download`, `revoked`, …
        self.keys: Mapping[str, str] = _RealKeys(key or "", base) if keys is None else dict(keys)
        #: The size of the world and its first people; empty without levers.
        self.contents: Mapping[str, Any] = contents or {}
        self._key = key
        self._crew = crew
        self._ca_file = ca_file
        self._control = control
        self._is_open = True

    @property
    def key(self) -> str:
        """The usual key, which may do everything in the starter world."""
        if self._key is None:
            raise CrewPassError("the world of this session has no key: choose one of its partners")
        return self._key

    @property
    def crew(self) -> str:
        """The id of a crew member whose documents the usual key may list and download."""
        if self._crew is None:
            raise CrewPassError(
                "no crew member of this world lets the usual key download a document"
            )
        return self._crew

    @property
    def env(self) -> dict[str, str]:
        """The environment of a client that is a program: BASE, CPK_KEY, CREW_ID and CPK_CA_FILE."""
        env = {"BASE": self.base, "CPK_KEY": self.key, "CREW_ID": self.crew}
        if self._ca_file:
            env["CPK_CA_FILE"] = self._ca_file
        return env

    @property
    def has_levers(self) -> bool:
        """Whether there is a clock to move, a store to break, and a journal to read."""
        return self._control is not None

    def control(self, lever: str = "the control API") -> Control:
        """Returns the session's control API, for what has no handle here."""
        if self._control is None:
            raise NeedsLever(lever, self.base)
        return self._control

    @property
    def clock(self) -> Clock:
        """The clock: `now`, `freeze`, `set`, `advance`, `run`."""
        return Clock(self.control("the clock"))

    @property
    def store(self) -> Store:
        """The file store: `down`, `up`, `state`."""
        return Store(self.control("the store"), self._crew or "")

    @property
    def faults(self) -> Faults:
        """The rules that make answers fail: `add`, `counts`, `verify`, `remove`, `clear`."""
        return Faults(self.control("faults"))

    @property
    def policies(self) -> Policies:
        """What the fake does where the documentation is silent: `all`, `set`."""
        return Policies(self.control("policies"))

    @property
    def webhooks(self) -> Webhooks:
        """The webhooks: `add`, `fire`, `alter`, `redeliver`, `verify`, `deliveries`, `list`."""
        return Webhooks(self.control("webhooks"))

    def journal(
        self,
        *,
        kind: Literal["exchange", "change"] | None = None,
        step: str | None = None,
        status: int | str | None = None,
        clause: str | None = None,
        crew: str | None = None,
        document: str | None = None,
        key: str | None = None,
        fault: str | None = None,
        leaks: bool | None = None,
        change: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        wait: Span | None = None,
    ) -> Journal:
        """Returns the requests that the fake saw, oldest first, with keys and tokens masked.

        The filters are those of the control API. `wait` waits for the first entry that matches.
        `kind="change"` returns changes, such as those of the clock, instead of requests. A request
        whose response has not ended is not in the list; `open` of the list counts them.
        """
        control = self.control("the journal")
        query = {
            "kind": kind or ("change" if change else "exchange"),
            "step": step,
            "status": status,
            "clause": clause,
            "crew": crew,
            "document": document,
            "key": key,
            "fault": fault,
            "leaks": leaks,
            "change": change,
            "since": since,
            "limit": limit,
            "wait": None if wait is None else span_text(wait),
        }
        # The fake limits a wait to five minutes.
        patience = PATIENCE if wait is None else 300 + PATIENCE
        answer = control.request("GET", "/journal", query=query, patience=patience)
        return Journal(answer["entries"], dropped=answer["dropped"], open=answer["open"])

    def har(self) -> dict[str, Any]:
        """Returns the journal as a HAR, which the network panel of a browser opens."""
        har: dict[str, Any] = self.control("the journal").request("GET", "/journal.har")
        return har

    def write_har(self, path: str | os.PathLike[str]) -> None:
        """Writes the journal to a file as a HAR."""
        Path(path).write_text(json.dumps(self.har(), indent=1), encoding="utf-8")

    def assert_no_leaks(self) -> None:
        """Raises AssertionError if a key went to a file, or a key or token where it may not be.

        It also fails if it can't know: requests have no entry, because the journal was full, or
        because their response has not ended after some seconds.
        """
        leaks = self.journal(leaks=True)
        deadline = time.monotonic() + OPEN_LIMIT
        while leaks.open and not leaks and time.monotonic() < deadline:
            time.sleep(0.02)
            leaks = self.journal(leaks=True)
        if leaks:
            lines = "\n".join(f"  {journal_line(entry)}" for entry in leaks)
            raise AssertionError(f"{len(leaks)} requests leaked a secret:\n{lines}")
        if leaks.dropped:
            raise AssertionError(
                f"{leaks.dropped} requests or changes are no longer in the journal, so nobody "
                "knows what leaked: start the session with a larger `journal`"
            )
        if leaks.open:
            raise AssertionError(f"{open_text(leaks.open)}: nobody knows yet what they leaked")

    def upload(
        self,
        content: bytes | os.PathLike[str],
        *,
        supersedes: str | None = None,
        crew: str | None = None,
        type: str | None = None,
        category: str | None = None,
        title: str | None = None,
        issuer: str | None = None,
        verification_status: Literal["verified", "pending", "rejected", "expired"] | None = None,
        issue_date: str | None = None,
        expiry_date: str | None = None,
        document_number: str | None = None,
        file_name: str | None = None,
        content_type: str | None = None,
    ) -> str:
        """Uploads a version of a document, or a new document, and returns its id.

        The fields differ from those of the superseded version. A new document needs `type` and
        `title`.
        """
        control = self.control("an upload")
        body = content if isinstance(content, bytes) else Path(content).read_bytes()
        path = f"/crew/{segment(crew or self.crew)}/documents"
        query = {
            "supersedes": supersedes,
            "type": type,
            "category": category,
            "title": title,
            "issuer": issuer,
            "verification_status": verification_status,
            "issue_date": issue_date,
            "expiry_date": expiry_date,
            "document_number": document_number,
            "file_name": file_name,
            "content_type": content_type,
        }
        answer = control.request("POST", path, query=query, content=body)
        return str(answer["document_id"])

    def reset(self) -> None:
        """Restores the start of the session: world, clock, store, faults and policies."""
        self.control("a reset").request("POST", "/reset")

    def close(self) -> None:
        """Ends the session. Its keys and links are unknown from then on."""
        if self._control is None or not self._is_open:
            return
        self._is_open = False
        try:
            self._control.request("DELETE")
        except ControlError as error:
            # The fake ends a session that nobody used for half an hour.
            if error.status != 404:
                raise

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<crewpass session of {self.base}>"
