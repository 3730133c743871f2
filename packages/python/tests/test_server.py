"""Starting, ending and finding a server."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import client
import pytest

import crewpass


def test_a_server_ends_with_its_block():
    with crewpass.serve(journal=3) as fake:
        session = fake.session()
        for _ in range(4):
            client.documents(session)
        assert len(session.journal()) == 3
        pid = fake.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(crewpass.CrewPassError, match="refused"):
        session.journal()


def test_over_tls_the_environment_names_the_authority():
    with crewpass.serve(tls=True) as fake, fake.session() as session:
        path = Path(session.env["CPK_CA_FILE"])
        trusted = ssl.create_default_context(cafile=str(path))
        request = urllib.request.Request(
            f"{session.base}/api/v2/partners/me", headers={"Authorization": f"Bearer {session.key}"}
        )
        with urllib.request.urlopen(request, context=trusted) as answer:
            assert answer.status == 200
        assert session.base.startswith("https://127.0.0.1:")
        assert len(session.journal()) == 1
    assert not path.exists()


def test_a_world_with_a_mistake_says_where(tmp_path):
    (tmp_path / "world.yaml").write_text("name: mine\npartnes: []\n")
    with pytest.raises(crewpass.CrewPassError, match=r"(?s)exit code 3 .*`partners`"):
        crewpass.serve(world=tmp_path / "world.yaml")


def test_variables_of_the_fake_change_nothing(monkeypatch):
    monkeypatch.setenv("CREWPASS_MOCK_CONTROL_TOKEN", "secret")
    monkeypatch.setenv("CREWPASS_MOCK_SEED", "not a number")
    with crewpass.serve() as fake, fake.session() as session:
        assert client.documents(session)[0] == 200


RUNNER = """
import crewpass, sys
fake = crewpass.serve()
print(fake.base, flush=True)
sys.stdin.read()
"""


def test_a_killed_runner_leaves_no_fake():
    command = [sys.executable, "-c", RUNNER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as runner:
        host, port = runner.stdout.readline().strip()[len("http://") :].split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /__mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert connection.recv(9) == b"HTTP/1.1 "
            runner.kill()
            # The connection ends when the fake does.
            connection.settimeout(60)
            while connection.recv(4096):
                pass
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, int(port)))


def test_a_real_environment_has_no_levers(real, monkeypatch):
    monkeypatch.setenv("CPK_KEY", "cpk_test_0123")
    monkeypatch.setenv("CREW_ID", "crew_77")
    monkeypatch.setenv("CREWPASS_BASE", real)
    with crewpass.start() as server, server.session() as session:
        assert not session.has_levers
        assert session.env == {"BASE": real, "CPK_KEY": "cpk_test_0123", "CREW_ID": "crew_77"}
        assert session.keys["full"] == "cpk_test_0123"
        uses = [
            lambda: session.clock,
            lambda: session.store,
            lambda: session.faults,
            lambda: session.policies,
            lambda: session.keys["revoked"],
            session.journal,
            session.assert_no_leaks,
            session.reset,
            lambda: session.upload(b""),
            lambda: server.session(clock="2026-06-08T10:00:00Z"),
            lambda: crewpass.start(tls=True),
            lambda: crewpass.start(journal=0),
            lambda: session.webhooks,
            server.sessions,
        ]
        for use in uses:
            with pytest.raises(crewpass.NeedsLever, match=real):
                use()
        # What is the default is no option.
        assert crewpass.start(world=None, tls=False, arguments=[]).base == real


def test_a_real_environment_needs_a_test_key(real, monkeypatch):
    server = crewpass.connect(real)
    monkeypatch.delenv("CPK_KEY", raising=False)
    with pytest.raises(crewpass.CrewPassError, match="CPK_KEY and CREW_ID"):
        server.session()
    monkeypatch.setenv("CPK_KEY", "cpk_live_0123456789")
    monkeypatch.setenv("CREW_ID", "crew_77")
    with pytest.raises(crewpass.CrewPassError, match="live key") as error:
        server.session()
    assert "0123456789" not in str(error.value)


def test_a_running_fake_is_used_with_its_token(monkeypatch):
    with crewpass.serve(arguments=["--control-token", "sesame"]) as fake:
        with pytest.raises(crewpass.ControlError) as refused:
            fake.session()
        assert refused.value.status == 401
        monkeypatch.setenv("CREWPASS_MOCK_CONTROL_TOKEN", "sesame")
        with crewpass.connect(fake.base) as again, again.session() as session:
            assert session.clock.now
        # What this process did not start goes on.
        assert crewpass.connect(fake.base).sessions() == ["default"]
        monkeypatch.setenv("CREWPASS_MOCK_CONTROL_TOKEN", "wrong")
        with pytest.raises(crewpass.CrewPassError, match="CREWPASS_MOCK_CONTROL_TOKEN"):
            crewpass.connect(fake.base)


def test_nobody_at_the_base_is_an_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(crewpass.CrewPassError, match="refused"):
            crewpass.connect(f"http://127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(crewpass.CrewPassError, match="not the base URL"):
        crewpass.connect("localhost:8787")


def test_a_fake_that_died_is_told():
    with crewpass.serve(arguments=["--session-idle", "2h"]) as fake:
        session = fake.session()
        os.kill(fake.pid, signal.SIGKILL)
        for use in (session.journal, session.close):
            with pytest.raises(crewpass.CrewPassError, match="has ended with exit code -9"):
                use()


@pytest.fixture
def answering():
    """Starts a server that answers each request with these bytes, and returns its address."""
    with contextlib.ExitStack() as stack:

        def start(answer):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        with listener.accept()[0] as connection:
                            connection.recv(4096)
                            connection.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            return listener.getsockname()[1]

        yield start


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-x\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_what_is_not_http_is_an_error_of_ours(answering, answer):
    with pytest.raises(crewpass.CrewPassError, match="/__mock/health: "):
        crewpass.connect(f"http://127.0.0.1:{answering(answer)}")


def test_a_page_and_other_json_are_no_fake(answering):
    for body in (b"<p>", b"[]", b'{"status":"up"}'):
        port = answering(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        assert not crewpass.connect(f"http://127.0.0.1:{port}").has_levers


@pytest.mark.parametrize("base", ["http://127.0.0.1:port", "http://", "http://[::1", "ftp://a"])
def test_an_address_that_is_none_is_an_error_of_ours(base):
    with pytest.raises(crewpass.CrewPassError, match="not the base URL"):
        crewpass.connect(base)


def test_an_authority_that_is_none_is_named(monkeypatch, tmp_path):
    for text in (None, "no certificate"):
        path = tmp_path / "ca.pem"
        if text:
            path.write_text(text)
        monkeypatch.setenv("CPK_CA_FILE", str(path))
        with pytest.raises(crewpass.CrewPassError, match=r"CPK_CA_FILE is '.*ca\.pem'"):
            crewpass.connect("https://127.0.0.1:1")


def test_an_authority_that_is_not_trusted_is_told_with_the_variable(monkeypatch):
    monkeypatch.delenv("CPK_CA_FILE", raising=False)
    said = pytest.raises(crewpass.CrewPassError, match="CPK_CA_FILE names the authority")
    with crewpass.serve(tls=True) as fake, said:
        crewpass.connect(fake.base)


def test_another_machine_is_asked_through_the_proxy(answering, monkeypatch):
    proxy = answering(b"HTTP/1.0 404 Not Found\r\n\r\n")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert not crewpass.connect("http://partners.example.invalid").has_levers
    # This machine is not.
    with crewpass.serve() as fake:
        assert crewpass.connect(fake.base).has_levers


PROGRAMS = {
    "not a program": ("", "can't be run"),
    "other text": ("#!/bin/sh\necho listening\n", "is not a crewpass-mock"),
    "other JSON": ("#!/bin/sh\necho '{}'\n", "is not a crewpass-mock"),
    "a list": ("#!/bin/sh\necho '[]'\n", "is not a crewpass-mock"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_another_program_is_an_error_that_names_the_variable(name, monkeypatch, tmp_path):
    text, said = PROGRAMS[name]
    path = tmp_path / "crewpass-mock"
    path.write_text(text)
    path.chmod(0o755 if text else 0o644)
    monkeypatch.setenv("CREWPASS_BINARY", str(path))
    with pytest.raises(crewpass.CrewPassError, match=f"which CREWPASS_BINARY names, {said}"):
        crewpass.serve()
    if not text:
        command = [sys.executable, "-m", "crewpass", "--version"]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert (ran.returncode, "Traceback" in ran.stderr) == (126, False)


def test_another_binary_is_used_or_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CREWPASS_BINARY", str(tmp_path / "crewpass-mock"))
    with pytest.raises(crewpass.CrewPassError, match="CREWPASS_BINARY is"):
        crewpass.find_program()
    for name in ("crewpass-mock", "crewpass-contract"):
        (tmp_path / name).touch()
        assert crewpass.find_program(name) == str(tmp_path / name)


def test_the_module_is_the_program():
    command = [sys.executable, "-m", "crewpass", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.startswith("crewpass-mock ")
    gate = [crewpass.find_program("crewpass-contract"), "--version"]
    assert "crewpass-contract " in subprocess.run(gate, capture_output=True, text=True).stdout


def test_a_plain_unittest_is_skipped_without_levers(real, tmp_path):
    (tmp_path / "test_plain.py").write_text(
        "import unittest, crewpass\n"
        "class Plain(unittest.TestCase):\n"
        "    def test_clock(self):\n"
        "        with crewpass.start() as server, server.session() as fake:\n"
        "            self.assertTrue(fake.clock.now)\n"
    )
    command = [sys.executable, "-m", "unittest", "-v", "test_plain"]
    variables = {"CPK_KEY": "cpk_test_0", "CREW_ID": "crew_1"}
    for base, expected in (("", "OK\n"), (real, "OK (skipped=1)\n")):
        env = {**os.environ, **variables, "CREWPASS_BASE": base}
        ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert ran.stderr.endswith(expected), ran.stderr
