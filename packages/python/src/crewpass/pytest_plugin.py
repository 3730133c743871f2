"""The pytest plugin: the fixtures `crewpass_server` and `crewpass`, a marker and three options.

pytest loads it by itself where the package is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Optional

import pytest

from ._errors import CrewPassError, NeedsLever
from ._report import journal_text
from ._server import BASE_VARIABLE, Server, start
from ._session import Session

MARKER = (
    "crewpass(clock=None, policies=None, world=None, faults=None, seed=None, journal=None, "
    "verify_faults=False): how the session of the test starts; verify_faults fails a test that "
    "left a fault unused"
)
#: The session of a test, for its report.
_SESSION = pytest.StashKey[Session]()


class _Kept(NamedTuple):
    """What a report shows of a session, and writes to a file."""

    journal: str
    har: dict[str, Any] | None


#: What is kept of a session that has ended, for the report of a failed teardown.
_KEPT = pytest.StashKey[_Kept]()
#: Whether a report of the test has the journal.
_IS_SHOWN = pytest.StashKey[bool]()
_ENVIRONMENT = pytest.StashKey[Optional[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("crewpass", "CrewPass fake")
    group.addoption(
        "--crewpass-base",
        metavar="URL",
        help="test against this server instead of starting a fake; on a server without levers, "
        f"tests that need one are skipped (also {BASE_VARIABLE})",
    )
    group.addoption(
        "--crewpass-har",
        metavar="DIR",
        help="write the journal of each failed test to DIR, as a HAR",
    )
    group.addoption(
        "--crewpass-verify-faults",
        action="store_true",
        help="fail each test that leaves a fault unused",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker, and makes the base URL known to `crewpass.start`."""
    config.addinivalue_line("markers", MARKER)
    config.stash[_ENVIRONMENT] = os.environ.get(BASE_VARIABLE)
    if config.getoption("crewpass_base"):
        os.environ[BASE_VARIABLE] = config.getoption("crewpass_base")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Restores the environment."""
    if _ENVIRONMENT not in config.stash:
        # Another plugin failed before ours was asked.
        return
    before = config.stash[_ENVIRONMENT]
    if before is None:
        os.environ.pop(BASE_VARIABLE, None)
    else:
        os.environ[BASE_VARIABLE] = before


def pytest_report_header() -> str | None:
    """Shows which server is tested."""
    base = os.environ.get(BASE_VARIABLE)
    return f"crewpass: against {base}" if base else None


@pytest.fixture(scope="session")
def crewpass_server() -> Iterator[Server]:
    """The server of a run: a fake on a free port, or the server of `--crewpass-base`.

    Override it to serve a world of your own:

        @pytest.fixture(scope="session")
        def crewpass_server():
            with crewpass.start(world="tests/fleet.yaml") as server:
                yield server
    """
    with start() as server:
        yield server


@pytest.fixture
def crewpass(request: pytest.FixtureRequest, crewpass_server: Server) -> Iterator[Session]:
    """A session for this test alone; `@pytest.mark.crewpass(clock=..., faults=...)` starts it so.

    It has base, key, keys, crew, env, clock, store, faults, policies, webhooks, journal, upload and
    assert_no_leaks.
    """
    options = _options(request.node)
    options.pop("verify_faults", None)
    # Another plugin may have run the test before.
    for key in (_SESSION, _KEPT, _IS_SHOWN):
        if key in request.node.stash:
            del request.node.stash[key]
    with crewpass_server.session(**options) as session:
        request.node.stash[_SESSION] = session
        yield session
        if session.has_levers and _IS_SHOWN not in request.node.stash:
            # Another fixture of the test may fail when it is torn down.
            request.node.stash[_KEPT] = _keep(request.config, session)


def _options(item: pytest.Item) -> dict[str, Any]:
    """Returns the arguments of the markers. A test's win over those of its class or module."""
    options: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("crewpass"))):
        if marker.args:
            raise CrewPassError(
                "name the arguments of the marker: @pytest.mark.crewpass(clock=...)"
            )
        options.update(marker.kwargs)
    return options


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Fails a test that passed and left a fault unused, if that is wanted.

    A test that lacks a lever in a group of tasks is skipped.
    """
    outcome = yield
    lever = _missing_lever(outcome.excinfo[1]) if outcome.excinfo else None
    if lever is not None:
        outcome.force_exception(lever)
    session = item.stash.get(_SESSION, None)
    is_wanted = _options(item).get("verify_faults", item.config.getoption("crewpass_verify_faults"))
    if outcome.excinfo or session is None or not session.has_levers or not is_wanted:
        return
    try:
        session.faults.verify()
    except (AssertionError, CrewPassError) as error:
        outcome.force_exception(error)


def _missing_lever(error: BaseException | None) -> NeedsLever | None:
    """Returns the lever that is missing, if a group of errors of tasks has nothing else."""
    missing = None
    waiting = [*getattr(error, "exceptions", ())]
    while waiting:
        inner = waiting.pop()
        waiting += getattr(inner, "exceptions", ())
        if isinstance(inner, NeedsLever):
            missing = inner
        elif not hasattr(inner, "exceptions"):
            return None
    return missing


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, Any, None]:
    """Shows the journal of a test that failed, and the place of one that lacks a lever."""
    error = call.excinfo.value if call.excinfo else None
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if isinstance(error, NeedsLever) and report.skipped and not hasattr(report, "wasxfail"):
        # pytest skips it, and would name a place in pytest.
        path, line, _ = item.reportinfo()
        report.longrepr = (os.fspath(path), (line or 0) + 1, f"Skipped: {error}")
    session = item.stash.get(_SESSION, None)
    if not report.failed or session is None or not session.has_levers or _IS_SHOWN in item.stash:
        return
    item.stash[_IS_SHOWN] = True
    kept = item.stash.get(_KEPT, None) or _keep(item.config, session)
    report.sections.append(("crewpass journal", _written(item, kept)))


def _keep(config: pytest.Config, session: Session) -> _Kept:
    """Reads the journal of a session."""
    try:
        journal = session.journal()
        har = session.har() if config.getoption("crewpass_har") else None
    except CrewPassError as error:
        return _Kept(f"the journal can't be read: {error}", None)
    return _Kept(journal_text(journal, journal.dropped, journal.open), har)


def _written(item: pytest.Item, kept: _Kept) -> str:
    """Returns the journal as text, and writes it as a HAR if that is wanted."""
    if kept.har is None:
        return kept.journal
    path = Path(item.config.getoption("crewpass_har")) / har_name(item.nodeid)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept.har, indent=1), encoding="utf-8")
    except OSError as error:
        return f"{kept.journal}\nthe HAR can't be written: {error}"
    return f"{kept.journal}\nwritten to {path}"


def har_name(nodeid: str) -> str:
    """Returns a file name that is safe and differs for each test."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", nodeid).strip("-.")[-80:]
    return f"{plain}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}.har"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names the tests that were skipped for want of a lever."""
    skipped: list[str] = []
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if "a lever of the fake" in reason:
            skipped.append(f"{report.nodeid}: {reason.replace('Skipped: ', '', 1)}")
    if skipped:
        terminalreporter.section("crewpass")
        terminalreporter.line(f"{len(skipped)} tests were not run: the server has no levers")
        for line in sorted(skipped):
            terminalreporter.line(line)
