"""A session: a world of its own for one test, with its handles."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Union

from ._control import PATIENCE, Control, ControlError, segment
from ._errors import CrewPassError, NeedsLever
from ._faults import Rule, fault
from ._report import journal_line

Time = Union[str, datetime.datetime]
Span = Union[str, datetime.timedelta]
#: A request with its answer, as `docs/control.md` describes an entry of the journal.
Entry = dict[str, Any]


def time_text(time: Time) -> str:
    """Returns a time as the fake reads it. A datetime without a zone is one of UTC."""
    if isinstance(time, str):
        return time
    zoned = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
    return zoned.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def span_text(span: Span) -> str:
    """Returns a duration as the fake reads it."""
    if isinstance(span, str):
        return span
    milliseconds = span // datetime.timedelta(milliseconds=1)
    return f"{milliseconds}ms"


class Clock:
    """The clock of a session. It decides when a link expires."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> datetime.datetime:
        """The time that the session has."""
        return _moment(self._control.request("GET", "/clock"))

    def freeze(self, at: Time | None = None) -> datetime.datetime:
        """Stops the clock, at the time that it shows or at another one."""
        change: dict[str, Any] = {"freeze": True}
        if at is not None:
            change["set"] = time_text(at)
        return self._change(change)

    def set(self, time: Time) -> datetime.datetime:
        """Sets the clock. A frozen clock stays frozen."""
        return self._change({"set": time_text(time)})

    def advance(self, span: Span) -> datetime.datetime:
        """Moves the clock by a duration, such as `16m` or a timedelta; `-16m` moves it back."""
        return self._change({"advance": span_text(span)})

    def run(self) -> datetime.datetime:
        """Lets the clock run on."""
        return self._change({"run": True})

    def _change(self, change: Mapping[str, Any]) -> datetime.datetime:
        return _moment(self._control.request("POST", "/clock", change))


def _moment(answer: Mapping[str, Any]) -> datetime.datetime:
    # Python 3.9 reads neither a `Z` nor nine digits of a second.
    whole, _, fraction = str(answer["now"])[:-1].partition(".")
    moment = datetime.datetime.fromisoformat(f"{whole}.{(fraction + '000000')[:6]}")
    return moment.replace(tzinfo=datetime.timezone.utc)


class Store:
    """The file store. While it is down, links or files are answered with 503."""

    def __init__(self, control: Control, crew: str) -> None:
        self._control = control
        self._crew = crew

    def down(
        self,
        at: str = "both",
        times: int | None = None,
        *,
        document: str | None = None,
        crew: str | None = None,
    ) -> None:
        """Takes the store down: at one step or `both`, for some requests, or for one document."""
        if document is not None:
            self._change_document(document, crew, "down")
            return
        change: dict[str, Any] = {"down": True, "at": at}
        if times is not None:
            change["times"] = times
        self._control.request("POST", "/store", change)

    def up(self, at: str = "both", *, document: str | None = None, crew: str | None = None) -> None:
        """Brings the store up again."""
        if document is not None:
            self._change_document(document, crew, "up")
            return
        self._control.request("POST", "/store", {"down": False, "at": at})

    @property
    def state(self) -> dict[str, Any]:
        """The state of each step, such as `{"link": "up", "file": {"down_for": 2}}`."""
        state: dict[str, Any] = self._control.request("GET", "/store")
        return state

    def _change_document(self, document: str, crew: str | None, state: str) -> None:
        path = f"/crew/{segment(crew or self._crew)}/documents/{segment(document)}"
        self._control.request("POST", path, {"store": state})


class Faults:
    """The rules of a session that make answers fail."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, *rules: Rule, **fields: Any) -> None:
        """Adds rules, or one from its fields: `add(step="link", times=2, status=503)`."""
        added = [*rules, fault(**fields)] if fields else list(rules)
        self._control.request("POST", "/faults", added)

    def counts(self) -> list[dict[str, Any]]:
        """Returns each rule with its name, effect, and how often it matched and fired."""
        counts: list[dict[str, Any]] = self._control.request("GET", "/faults")["faults"]
        return counts

    def verify(self) -> None:
        """Raises AssertionError if a rule fired less often than it should, or never."""
        try:
            self._control.request("GET", "/faults/verify")
        except ControlError as error:
            if error.code != "faults_not_consumed":
                raise
            raise AssertionError(str(error)) from None

    def remove(self, name: str) -> None:
        """Removes one rule."""
        self._control.request("DELETE", f"/faults/{segment(name)}")

    def clear(self) -> None:
        """Removes all rules."""
        self._control.request("DELETE", "/faults")


class Policies:
    """What the fake does where the API's documentation is silent."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def all(self) -> dict[str, str]:
        """Returns every policy with its value."""
        policies: dict[str, str] = self._control.request("GET", "/policies")
        return policies

    def set(self, **values: str) -> dict[str, str]:
        """Sets policies, such as `set(dead_link="410")`, and returns all."""
        policies: dict[str, str] = self._control.request("POST", "/policies", values)
        return policies


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

    def journal(
        self,
        *,
        kind: str | None = None,
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
    ) -> list[Entry]:
        """Returns the requests that the fake saw, oldest first, with keys and tokens masked.

        The filters are those of the control API. `wait` waits for the first entry that matches.
        `kind="change"` returns changes, such as those of the clock, instead of requests.
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
        entries: list[Entry] = answer["entries"]
        return entries

    def har(self) -> dict[str, Any]:
        """Returns the journal as a HAR, which the network panel of a browser opens."""
        har: dict[str, Any] = self.control("the journal").request("GET", "/journal.har")
        return har

    def write_har(self, path: str | os.PathLike[str]) -> None:
        """Writes the journal to a file as a HAR."""
        Path(path).write_text(json.dumps(self.har(), indent=1), encoding="utf-8")

    def assert_no_leaks(self) -> None:
        """Raises AssertionError if a key went to a file, or a key or token where it may not be."""
        leaks = self.journal(leaks=True)
        if leaks:
            lines = "\n".join(f"  {journal_line(entry)}" for entry in leaks)
            raise AssertionError(f"{len(leaks)} requests leaked a secret:\n{lines}")

    def upload(
        self,
        content: bytes | os.PathLike[str],
        *,
        supersedes: str | None = None,
        crew: str | None = None,
        **fields: str,
    ) -> str:
        """Uploads a version of a document, or a new document, and returns its id.

        The fields differ from those of the superseded version: `file_name`, `content_type`, `type`,
        `category`, `title`, `issuer`, `verification_status`, `issue_date`, `expiry_date`,
        `document_number`. A new document needs `type` and `title`.
        """
        control = self.control("an upload")
        body = content if isinstance(content, bytes) else Path(content).read_bytes()
        path = f"/crew/{segment(crew or self.crew)}/documents"
        query = {"supersedes": supersedes, **fields}
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
