"""Serves mixed load for a long time and looks at the memory of the fake."""

import contextlib
import http.client
import json
import socket
import threading

from bench_servers import FIFTY, KEY, LINK, LIST, ONE, start_fake, write_world
from bench_turns import run_wrk

SLICES = 20
# A session that nobody closes ends soon, so that as many are open at each time.
OPTIONS = ["--policy", "link_use=once", "--session-idle", "10s"]
GROWTH_BOUND = 1.10  # The most that memory may grow once caches are full.


class Churn(threading.Thread):
    """Opens sessions and closes them; follows links that work once; asks for long polls and goes away."""

    def __init__(self, port):
        """Takes the port of the fake; counts what was done."""
        super().__init__(daemon=True)
        self.port, self.stop, self.failure = port, threading.Event(), None
        self.sessions = self.links = self.polls = 0

    def run(self):
        """Works until it is stopped."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            try:
                while not self.stop.is_set():
                    self.use_session(connection)
            except (OSError, AssertionError, http.client.HTTPException) as failure:
                self.failure = failure

    def use_session(self, connection):
        """Opens a session, downloads in it once and in vain, abandons a long poll, and closes the session."""
        opened = json.loads(ask(connection, "POST", "/__mock/sessions", 201, body=b"{}"))
        self.sessions += 1
        for _ in range(10):
            link = json.loads(ask(connection, "GET", LINK % (ONE, ONE), 200, opened["key"]))
            path = "/" + link["download_url"].split("://", 1)[1].split("/", 1)[1]
            ask(connection, "GET", path, 200)
            ask(connection, "GET", path, 404)
            self.links += 1
        control = opened["control"].split("://", 1)[1].partition("/")[2]
        with socket.create_connection(("127.0.0.1", self.port)) as poll:
            poll.sendall(f"GET /{control}/journal?wait=5m&after=1000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self.polls += 1
        # The fake ends some of them by itself: few, since how many are open depends on how fast the machine is.
        if self.sessions % 16:
            ask(connection, "DELETE", f"/{control}", 200)


def ask(connection, method, path, status, key=None, body=None):
    """Returns the body of an answer, which has to have this status."""
    connection.request(method, path, body, {"Authorization": f"Bearer {key}"} if key else {})
    with connection.getresponse() as answer:
        text = answer.read()
        assert answer.status == status, f"{method} {path}: {answer.status} instead of {status}: {text[:300]}"
        return text


def soak(options, folder):
    """Serves mixed load in slices; returns a line if memory grows after the first four."""
    slice_seconds = max(1, options.soak // SLICES)
    memory = []
    with start_fake(options.fake, write_world(folder, 0), *OPTIONS) as fake:
        churn = Churn(fake.port)
        churn.start()
        for number in range(1, SLICES + 1):
            paths = [LIST % ONE, LIST % FIFTY, LINK % (ONE, ONE)]
            answers, seconds = run_wrk(fake.port, paths, 0, 16, slice_seconds)
            memory.append(fake.memory_mib())
            print(f"{number * slice_seconds:6} s {answers / seconds:9.0f} answers/s {memory[-1]:8.1f} MiB", flush=True)
            if churn.failure:
                break
        churn.stop.set()
        churn.join()
    if churn.failure:
        raise SystemExit(f"bench: {churn.failure}")
    settled, most = max(memory[:4]), max(memory[4:])
    print(f"{churn.sessions} sessions, {churn.links} links that work once, {churn.polls} abandoned long polls")
    print(f"resident: {settled:.1f} MiB at most in the first fifth, {most:.1f} MiB after it")
    grew = most > settled * GROWTH_BOUND
    return [f"memory grew from {settled:.1f} to {most:.1f} MiB"] if grew else []
