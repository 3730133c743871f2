"""The plugin, in runs of pytest that these tests start."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import textwrap
import urllib.parse

import pytest

import crewpass

CLIENT = """
import urllib.error, urllib.request
import pytest

def ask(fake, path="documents/doc_1/download"):
    url = f"{fake.base}/api/v2/employers/me/crew/{fake.crew}/{path}"
    try:
        headers = {"Authorization": f"Bearer {fake.key}"}
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status
    except urllib.error.HTTPError as error:
        return error.code
"""


@pytest.fixture
def suite(pytester, monkeypatch):
    """A folder with tests."""
    monkeypatch.delenv("CREWPASS_BASE", raising=False)

    def write(text):
        pytester.makepyfile(CLIENT + textwrap.dedent(text))
        return pytester

    return write


def test_the_marker_starts_the_session(suite):
    run = suite("""
        @pytest.mark.crewpass(clock="2026-06-08T10:00:00Z", policies={"dead_link": "410"})
        class TestIt:
            @pytest.mark.crewpass(faults=[{"then": {"status": 503}}], policies={"dead_link": "403"})
            def test_all(self, crewpass):
                assert crewpass.clock.now.hour == 10
                assert crewpass.policies.all()["dead_link"] == "403"
                assert ask(crewpass) == 503
    """).runpytest("--strict-markers")
    run.assert_outcomes(passed=1)


def test_a_mistake_in_the_marker_is_shown(suite):
    run = suite("""
        @pytest.mark.crewpass(clok="2026-06-08T10:00:00Z")
        def test_name(crewpass): pass

        @pytest.mark.crewpass("2026-06-08T10:00:00Z")
        def test_place(crewpass): pass
    """).runpytest()
    run.assert_outcomes(errors=2)
    run.stdout.fnmatch_lines(["*unexpected keyword argument 'clok'*", "*name the arguments*"])


def test_an_unused_fault_fails_a_test_that_wants_it(suite):
    text = """
        FAULTS = [{"name": "twice", "when": {"times": 2}, "then": {"status": 503}}]

        @pytest.mark.crewpass(faults=FAULTS, verify_faults=True)
        def test_once(crewpass):
            assert ask(crewpass) == 503

        @pytest.mark.crewpass(faults=FAULTS, verify_faults=True)
        def test_twice(crewpass):
            assert ask(crewpass) == ask(crewpass) == 503

        @pytest.mark.crewpass(faults=FAULTS)
        def test_unasked(crewpass):
            pass
    """
    run = suite(text).runpytest()
    run.assert_outcomes(passed=2, failed=1)
    run.stdout.fnmatch_lines(["*`twice` (status) fired 1 times of 2*", "FAILED *test_once*"])
    suite(text).runpytest("--crewpass-verify-faults").assert_outcomes(passed=1, failed=2)


def test_a_failed_test_shows_and_writes_its_journal(suite, pytester):
    run = suite("""
        @pytest.mark.crewpass(clock="2026-06-08T10:00:00Z")
        def test_fails(crewpass):
            ask(crewpass, "documents/doc_9/download")
            assert False

        def test_idle(crewpass):
            assert False

        def test_passes(crewpass):
            ask(crewpass)
    """).runpytest("--crewpass-har", "hars")
    run.assert_outcomes(failed=2, passed=1)
    run.stdout.fnmatch_lines(
        [
            "*crewpass journal*",
            "2026-06-08T10:00:00Z GET */documents/doc_9/download 404 *",
            "written to hars*test_fails*.har",
            "the client sent no request",
        ]
    )
    assert "cpk_test_" not in run.stdout.str()
    written = sorted(path.name for path in (pytester.path / "hars").iterdir())
    assert len(written) == 2
    har = json.loads((pytester.path / "hars" / written[0]).read_text())
    assert har["log"]["entries"][0]["response"]["status"] == 404


def test_a_fixture_that_fails_shows_the_journal(suite, pytester):
    run = suite("""
        @pytest.fixture
        def prepared(crewpass):
            ask(crewpass, "documents/doc_8/download")
            raise OSError("no setup")

        @pytest.fixture
        def checked(crewpass):
            yield
            ask(crewpass, "documents/doc_9/download")
            raise OSError("no teardown")

        def test_setup(prepared):
            pass

        def test_teardown(checked):
            pass

        def test_both(checked):
            assert False
    """).runpytest("--crewpass-har", "hars")
    run.assert_outcomes(passed=1, failed=1, errors=3)
    run.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_setup*",
            "* GET */documents/doc_8/download 404 *",
            "written to hars*test_setup*.har",
            "*ERROR at teardown of test_teardown*",
            "* GET */documents/doc_9/download 404 *",
            "written to hars*test_teardown*.har",
        ]
    )
    # A journal is shown once.
    assert run.stdout.str().count("crewpass journal") == 3
    assert len(list((pytester.path / "hars").iterdir())) == 3


def test_an_open_response_and_a_full_journal_are_told(suite):
    run = suite("""
        import http.client, urllib.parse

        def test_stalled(crewpass):
            crewpass.faults.add(step="list", stall=True)
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(crewpass.base).netloc)
            path = f"/api/v2/employers/me/crew/{crewpass.crew}/documents"
            connection.request("GET", path, headers={"Authorization": f"Bearer {crewpass.key}"})
            while not crewpass.journal().open:
                pass
            assert False

        @pytest.mark.crewpass(journal=1)
        def test_full(crewpass):
            ask(crewpass)
            ask(crewpass)
            assert False
    """).runpytest()
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines(
        [
            "(1 request has no end of its response yet)",
            "(1 entries were dropped: start with a larger `journal`)",
        ]
    )
    assert "the client sent no request" not in run.stdout.str()


def test_another_plugin_that_fails_is_the_only_error(suite, pytester):
    pytester.makeconftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_configure():
            raise pytest.UsageError("not today")
    """)
    run = suite("def test_it(): pass").runpytest_subprocess()
    assert "not today" in run.stderr.str()
    assert "StashKey" not in run.stderr.str()


def test_the_server_can_be_another_one(suite, pytester):
    command = [crewpass.find_program(), "generate", "--crew", "2", "--documents", "1"]
    world = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (pytester.path / "small.yaml").write_text(world)
    pytester.makeconftest("""
        import crewpass, pytest

        @pytest.fixture(scope="session")
        def crewpass_server():
            with crewpass.start(world="small.yaml") as server:
                yield server
    """)
    suite("""
        def test_world(crewpass):
            assert (crewpass.contents["crew"], crewpass.crew) == (2, "crew_001")
    """).runpytest().assert_outcomes(passed=1)


PARALLEL = """
    import os

    @pytest.mark.parametrize("number", range(1, 25))
    def test_many(crewpass, crewpass_server, number):
        crewpass.store.down("link", times=number)
        assert [ask(crewpass) for _ in range(number + 1)] == [503] * number + [200]
        assert len(crewpass.journal(step="link")) == number + 1

    def test_none_is_left(crewpass_server):
        assert crewpass_server.sessions() == ["default"]
"""


def test_parallel_workers_do_not_meet(suite):
    suite(PARALLEL).runpytest_subprocess("-n", "4", "-p", "xdist").assert_outcomes(passed=25)


def test_parallel_workers_may_share_a_running_fake(suite):
    with crewpass.serve() as fake:
        text = PARALLEL.replace('== ["default"]', "")
        run = suite(text).runpytest_subprocess("-n", "4", "--crewpass-base", fake.base)
        run.assert_outcomes(passed=25)
        run.stdout.fnmatch_lines([f"crewpass: against {fake.base}"])
        # A server with options is another one beside it.
        own = """
            @pytest.fixture(scope="session")
            def crewpass_server():
                import crewpass
                with crewpass.start(journal=2) as server:
                    yield server

            def test_own(crewpass_server):
                assert crewpass_server.pid
        """
        suite(own).runpytest("--crewpass-base", fake.base).assert_outcomes(passed=1)
        assert crewpass.connect(fake.base).sessions() == ["default"]


KILLED = """
    import os, socket

    @pytest.mark.parametrize("number", range(4))
    def test_long(crewpass, crewpass_server, number):
        with socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))) as parent:
            parent.sendall(f"{crewpass_server.base}\\n".encode())
            parent.recv(1)
"""


def test_a_killed_run_leaves_no_fake(suite, pytester):
    folder = suite(KILLED).path
    command = [sys.executable, "-m", "pytest", "-n", "4", "-p", "no:cacheprovider"]
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
        listener.settimeout(60)
        env = {**os.environ, "PORT": str(listener.getsockname()[1])}
        runner = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL)
        stack.enter_context(runner)
        stack.callback(runner.kill)
        workers = [stack.enter_context(listener.accept()[0]) for _ in range(4)]
        bases = {worker.makefile().readline().strip() for worker in workers}
        assert len(bases) == 4
        fakes = [connect(base) for base in bases]
        runner.kill()
        # The workers end when nobody reads from them, although their tests still wait.
        for fake in fakes:
            with fake:
                while fake.recv(4096):
                    pass
    for base in bases:
        with pytest.raises(ConnectionRefusedError):
            connect(base)


def connect(base):
    """Connects to a fake, and returns the connection once it has answered."""
    url = urllib.parse.urlsplit(base)
    connection = socket.create_connection((url.hostname, url.port))
    # A fake that goes on would keep the connection open.
    connection.settimeout(120)
    connection.sendall(b"GET /__mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert connection.recv(9) == b"HTTP/1.1 "
    return connection


LEVERS = """
    import asyncio, sys

    def test_plain(crewpass):
        assert ask(crewpass) == 404

    def test_clock(crewpass):
        crewpass.clock.advance("16m")

    @pytest.mark.crewpass(faults=[{"then": {"status": 503}}])
    def test_fault(crewpass):
        assert ask(crewpass) == 503

    @pytest.mark.crewpass(verify_faults=True)
    def test_verify(crewpass):
        pass

    @pytest.fixture(scope="module")
    def own():
        import crewpass
        with crewpass.start(tls=True) as server:
            yield server

    def test_own(own):
        pass

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="has no groups of tasks")
    def test_tasks(crewpass):
        async def move():
            crewpass.clock.advance("1s")

        async def both():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(move())
                tasks.create_task(move())

        asyncio.run(both())
"""


#: What the summary names.
NAMED = [
    "*::test_clock: needs the clock, a lever of the fake that http*",
    "*::test_fault: needs a session with faults, a lever*",
    "*::test_own: needs a server with tls, a lever*",
]
if sys.version_info >= (3, 11):
    NAMED.append("*::test_tasks: needs the clock, a lever*")


def test_what_needs_a_lever_is_skipped_and_named(suite, real, monkeypatch):
    monkeypatch.setenv("CPK_KEY", "cpk_test_0")
    monkeypatch.setenv("CREW_ID", "crew_1")
    for more in ([], ["-n", "2"]):
        run = suite(LEVERS).runpytest_subprocess("--crewpass-base", real, "-rs", *more)
        run.assert_outcomes(passed=2, skipped=4)
        run.stdout.fnmatch_lines(
            [
                f"{len(NAMED)} tests were not run: the server has no levers",
                *NAMED,
            ]
        )
        run.stdout.fnmatch_lines(["SKIPPED* test_what_*.py:*: needs the clock*"])
    suite(LEVERS).runpytest("-k", "clock or fault or own").assert_outcomes(passed=3)
