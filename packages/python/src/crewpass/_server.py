"""A fake: one that this process starts, or one that runs somewhere already."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any, Union

from ._control import Control, ControlError
from ._errors import CrewPassError, NeedsLever
from ._faults import Rule
from ._program import find_program
from ._session import Session, Time, time_text

#: How long the program may take to listen, in seconds.
START_LIMIT = 60.0
#: How long it may take to end, in seconds.
STOP_LIMIT = 10.0
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
        process: _Process | None = None,
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
    ) -> Session:
        """Opens a session: a world of its own, which no other test sees.

        `clock` freezes its clock at a time. `world` is `served`, `starter`, a whole world, or
        `{"generate": {"crew": 20, "documents": 5, "seed": 7}}`.
        """
        opening: dict[str, Any] = {
            "clock": None if clock is None else time_text(clock),
            "policies": None if policies is None else dict(policies),
            "world": world,
            "faults": None if faults is None else list(faults),
            "seed": seed,
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


def start(**options: Any) -> Server:
    """Uses the server that `CREWPASS_BASE` names, or starts a fake with the options of `serve`.

    So the same tests run against the fake, and against a real test environment. A test that wants a
    fake with options is skipped there.
    """
    base = os.environ.get(BASE_VARIABLE)
    if not base:
        return serve(**options)
    if options:
        raise NeedsLever(f"a server with {' and '.join(options)}", base)
    return connect(base)


def serve(
    *,
    world: str | os.PathLike[str] | None = None,
    tls: bool = False,
    arguments: Sequence[str] = (),
) -> Server:
    """Starts a fake on a free port of this machine.

    It ends with `close`, with the block of `with`, and with this process, also if that is killed.
    `world` is the path of a world; `arguments` are further ones of `crewpass-mock serve`.
    """
    command = [find_program(), "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin"]
    command += ["--quiet"]
    if world is not None:
        command += ["--world", os.fspath(world)]
    if tls:
        command += ["--tls"]
    process = _Process([*command, *arguments])
    try:
        ready = process.ready()
        ca_file = process.keep(ready["ca"]) if "ca" in ready else None
        tls_context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        control = Control(ready["control"], None, tls_context)
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
    if urllib.parse.urlsplit(base).scheme not in ("http", "https"):
        raise CrewPassError(
            f"{base!r} is not the base URL of a server, such as http://127.0.0.1:8787"
        )
    ca_file = os.environ.get("CPK_CA_FILE") or None
    tls = ssl.create_default_context(cafile=ca_file) if base.startswith("https") else None
    token = os.environ.get("CREWPASS_MOCK_CONTROL_TOKEN") or None
    # The token is for a fake only. The first question goes without it.
    if not _is_fake(Control(f"{base}/__mock", None, tls)):
        return Server(base, ca_file=ca_file)
    control = Control(f"{base}/__mock", token, tls)
    if "version" not in control.request("GET", "/health"):
        raise CrewPassError(
            f"the fake at {base} does not open its controls to this process: start it with "
            "--control-token, and set CREWPASS_MOCK_CONTROL_TOKEN here"
        )
    return Server(base, control=control, ca_file=ca_file)


def _is_fake(control: Control) -> bool:
    try:
        health = control.request("GET", "/health")
    except ControlError:
        return False
    except CrewPassError as error:
        # Another server may answer anything, such as a page.
        if isinstance(error.__cause__, ValueError) and not isinstance(error.__cause__, OSError):
            return False
        raise
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


class _Process:
    """A fake's process. It lives as long as the pipe to its standard input."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        self._kept: list[str] = []
        # The arguments decide, not variables that happen to be set.
        names = [name for name in os.environ if not name.startswith("CREWPASS_MOCK_")]
        self.popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={name: os.environ[name] for name in names},
            # Ctrl-C is for the tests: they end the fake when they are done with it.
            start_new_session=True,
        )

    def ready(self) -> dict[str, Any]:
        """Returns the line that the program prints once it listens."""
        assert self.popen.stdout is not None
        timer = threading.Timer(START_LIMIT, self.popen.kill)
        timer.start()
        try:
            line = self.popen.stdout.readline()
        finally:
            timer.cancel()
        if line:
            ready: dict[str, Any] = json.loads(line)
            return ready
        code = self.popen.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace").strip()
        raise CrewPassError(
            f"crewpass-mock ended with exit code {code} before it listened\n{errors}"
        )

    def keep(self, text: str) -> str:
        """Writes a text to a file that is removed at the end, and returns its path."""
        handle, path = tempfile.mkstemp(prefix="crewpass-", suffix=".pem")
        self._kept.append(path)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        return path

    def end(self) -> None:
        """Closes the pipe, which ends the program, and waits for it."""
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.popen.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self._errors.close()
        for path in self._kept:
            if os.path.exists(path):
                os.unlink(path)
