"""A fake: one that this process starts, or one that runs somewhere already."""

from __future__ import annotations

import os
import ssl
import urllib.parse
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Union

from ._control import Control, ControlError, NotJson
from ._errors import CrewPassError, NeedsLever
from ._faults import Rule, whole_rule
from ._handles import Time, time_text
from ._process import Process
from ._program import find_program
from ._session import Session

#: The variable that names the server to test against.
BASE_VARIABLE = "CREWPASS_BASE"

World = Union[str, Mapping[str, Any]]


class Server:
    """A fake, or a server without levers, on which tests open sessions."""

    def __init__(
        self,
        base: str,
        *,
        control: Control | None = None,
        ca_file: str | None = None,
        process: Process | None = None,
    ) -> None:
        #: The base URL. A session has the same one, and its own key.
        self.base = base
        self._control = control
        self._ca_file = ca_file
        self._process = process

    @property
    def has_levers(self) -> bool:
        """Whether this is a fake with an open control API."""
        return self._control is not None

    @property
    def pid(self) -> int | None:
        """The id of the process, if this one started it."""
        return self._process.popen.pid if self._process else None

    def session(
        self,
        *,
        clock: Time | None = None,
        policies: Mapping[str, str] | None = None,
        world: World | None = None,
        faults: Sequence[Rule] | None = None,
        seed: int | None = None,
        journal: int | None = None,
    ) -> Session:
        """Opens a session: a world of its own, which no other test sees.

        `clock` freezes its clock at a time. `world` is `served`, `starter`, a whole world, or
        `{"generate": {"crew": 20, "documents": 5, "seed": 7}}`. `faults` are rules in the form of
        the control API, or by their fields. `journal` is the number of entries that its journal
        keeps.
        """
        opening: dict[str, Any] = {
            "clock": None if clock is None else time_text(clock),
            "policies": None if policies is None else dict(policies),
            "world": world,
            "faults": None if faults is None else [whole_rule(rule) for rule in faults],
            "seed": seed,
            "journal": journal,
        }
        opening = {name: value for name, value in opening.items() if value is not None}
        if self._control is None:
            if opening:
                raise NeedsLever(f"a session with {' and '.join(opening)}", self.base)
            return _real_session(self.base, self._ca_file)
        answer = self._control.request("POST", "/sessions", opening)
        return Session(
            answer["base"],
            answer["key"],
            _usual_crew(answer["contents"]),
            keys=answer["keys"],
            control=self._control.below(answer["control"]),
            ca_file=self._ca_file,
            contents=answer["contents"],
        )

    def sessions(self) -> list[str]:
        """Returns the ids of the open sessions, the server's own first."""
        if self._control is None:
            raise NeedsLever("the list of sessions", self.base)
        answer = self._control.request("GET", "/sessions")
        return [str(session["id"]) for session in answer["sessions"]]

    def close(self) -> None:
        """Ends the process, if this one started it."""
        if self._process is not None:
            self._process.end()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<crewpass server at {self.base}>"


def start(
    *,
    world: str | os.PathLike[str] | None = None,
    tls: bool = False,
    journal: int | None = None,
    arguments: Sequence[str] = (),
) -> Server:
    """Uses the server that `CREWPASS_BASE` names, or starts a fake with the options of `serve`.

    So the same tests run against the fake, and against a real test environment. A test that wants a
    fake with options is skipped there; if the base is a fake, another one is started for it.
    """
    options = {"world": world is not None, "tls": tls, "journal": journal is not None}
    options["arguments"] = bool(arguments)
    wanted = [name for name, is_wanted in options.items() if is_wanted]
    base = os.environ.get(BASE_VARIABLE)
    if base:
        server = connect(base)
        if not wanted:
            return server
        if not server.has_levers:
            raise NeedsLever(f"a server with {' and '.join(wanted)}", base)
    return serve(world=world, tls=tls, journal=journal, arguments=arguments)


def serve(
    *,
    world: str | os.PathLike[str] | None = None,
    tls: bool = False,
    journal: int | None = None,
    arguments: Sequence[str] = (),
) -> Server:
    """Starts a fake on a free port of this machine.

    It ends with `close`, with the block of `with`, and with this process, also if that is killed.
    `world` is the path of a world; `journal` is the number of entries that each session keeps;
    `arguments` are further ones of `crewpass-mock serve`.
    """
    command = [find_program(), "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin"]
    command += ["--quiet"]
    if world is not None:
        command += ["--world", os.fspath(world)]
    if tls:
        command += ["--tls"]
    if journal is not None:
        command += ["--journal", str(journal)]
    process = Process([*command, *arguments])
    try:
        ready = process.ready()
        ca_file = process.keep(ready["ca"]) if "ca" in ready else None
        tls_context = _trust(ca_file, "the certificate of the fake") if ca_file else None
        control = Control(ready["control"], None, tls_context, process.how_it_ended)
        return Server(ready["base"], control=control, ca_file=ca_file, process=process)
    except BaseException:
        process.end()
        raise


def connect(base: str) -> Server:
    """Uses a server that runs already: a fake, or a real test environment.

    A fake of another machine needs its token in `CREWPASS_MOCK_CONTROL_TOKEN`. A real environment
    needs `CPK_KEY`, a test key, and `CREW_ID`; it has no levers. `CPK_CA_FILE` names the authority
    to trust over TLS.
    """
    base = base.rstrip("/")
    if not _is_base(base):
        raise CrewPassError(
            f"{base!r} is not the base URL of a server, such as http://127.0.0.1:8787"
        )
    ca_file = os.environ.get("CPK_CA_FILE") or None
    tls = _trust(ca_file, "CPK_CA_FILE") if base.startswith("https") else None
    token = os.environ.get("CREWPASS_MOCK_CONTROL_TOKEN") or None
    # The token is for a fake only. The first question goes without it.
    if not _is_fake(Control(f"{base}/__mock", None, tls)):
        return Server(base, ca_file=ca_file)
    control = Control(f"{base}/__mock", token, tls)
    health = control.request("GET", "/health")
    if not isinstance(health, dict) or "version" not in health:
        raise CrewPassError(
            f"the fake at {base} does not open its controls to this process: start it with "
            "--control-token, and set CREWPASS_MOCK_CONTROL_TOKEN here"
        )
    return Server(base, control=control, ca_file=ca_file)


def _is_base(base: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _trust(ca_file: str | None, name: str) -> ssl.SSLContext:
    """Returns what is trusted over TLS: the authority in a file, or those of the machine."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise CrewPassError(f"{name} is {ca_file!r}, which can't be used: {error}") from error


def _is_fake(control: Control) -> bool:
    try:
        health = control.request("GET", "/health")
    except (ControlError, NotJson):
        # Another server may answer anything, such as a page.
        return False
    return isinstance(health, dict) and health.get("status") == "ok"


def _real_session(base: str, ca_file: str | None) -> Session:
    key, crew = os.environ.get("CPK_KEY"), os.environ.get("CREW_ID")
    if not key or not crew:
        raise CrewPassError(
            f"{base} is not a fake: set CPK_KEY and CREW_ID to a key and a person there"
        )
    if key.startswith("cpk_live_"):
        raise CrewPassError("CPK_KEY is a live key: tests may only use a test key")
    return Session(base, key, crew, ca_file=ca_file)


def _usual_crew(contents: Mapping[str, Any]) -> str | None:
    """Returns the first person whose documents the usual key may list and download."""
    needed = {"crew:documents:read", "crew:documents:download"}
    for person in contents["people"]:
        if person["on_fleet"] and person["documents"] and needed <= set(person["consent"]):
            return str(person["id"])
    return None
