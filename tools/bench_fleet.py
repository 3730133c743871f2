"""Measures the fake with a fleet of 100,000 people, and with webhook callbacks that never answer."""

import contextlib
import json
import statistics
import threading
import urllib.parse
import urllib.request
from socketserver import StreamRequestHandler, ThreadingTCPServer

from bench_servers import FLEET, LIST, ONE, SCOPES, fetch, start_bare, start_fake, write_world
from bench_turns import Side, check_same, compare, print_head, take_turns

PEOPLE = 100_000
LARGEST_PAGE, PAGE = 200, 50  # rows
RUNS = 5  # alternating runs
PAGE_BOUND = 1.2  # the most that the last page may cost, in first pages
GROWTH_BOUND = 16  # MiB that the walk may add to the memory
ROWS_BOUND = 0.85  # the least ratio to an axum handler that renders the same rows from memory
CALLBACKS = 1_000  # deliveries that hang
HANGING = 200  # those that are open while lists are asked for; the fake has 256 under way at most
CALLBACK_BOUND = 0.95  # the least ratio to the same fake without them


def walk(port):
    """Asks for every page; returns the number of rows and the path of the last page."""
    path, rows = FLEET % LARGEST_PAGE, 0
    while True:
        page = json.loads(fetch(port, path)[2])
        rows += len(page["items"])
        if not page["next_cursor"]:
            return rows, path
        path = f"{FLEET % LARGEST_PAGE}&cursor={urllib.parse.quote(page['next_cursor'], safe='')}"


def measure_fleet(options, folder):
    """Walks the whole fleet, then compares its last page with the first, and a page with the bare server."""
    world = write_world(folder, PEOPLE, scopes=[*SCOPES, "vessels:fleet:read"])
    with start_fake(options.fake, world) as fake:
        first = FLEET % LARGEST_PAGE
        fetch(fake.port, first)
        before = fake.memory_mib()
        rows, last = walk(fake.port)
        growth = fake.memory_mib() - before
        if rows != PEOPLE:
            raise SystemExit(f"bench: the walk ended after {rows} rows of {PEOPLE}")
        print(f"{rows} rows walked to the end: {before:.1f} MiB resident before, {growth:.1f} more after", flush=True)

        # A page in the middle and not the last, so that both sides have as many rows and a cursor.
        sides = [Side("first", fake, first), Side("last", fake, last)]
        take_turns(sides, RUNS)
        cost = statistics.median(one / other for one, other in zip(sides[0].rates, sides[1].rates, strict=True))
        print(f"the last page costs {cost:.2f} of the first (medians of {RUNS} alternating runs)\n", flush=True)

        print_head(f"a page of {PAGE} rows against an axum handler that renders the same rows")
        with start_bare(options.bare, "axum-fleet", folder, FLEET % PAGE, 0, fake) as bare:
            check_same(fake, bare, FLEET % PAGE)
            sides = [Side("fake", fake, FLEET % PAGE), Side("axum-fleet", bare, FLEET % PAGE)]
            take_turns(sides)
        failures = compare("fleet-50", *sides, ROWS_BOUND)
    if cost > PAGE_BOUND:
        failures.append(f"the last page costs {cost:.2f} of the first; at most {PAGE_BOUND} is allowed")
    if growth > GROWTH_BOUND:
        failures.append(f"the walk added {growth:.1f} MiB; at most {GROWTH_BOUND} is allowed")
    return failures


class Silent(ThreadingTCPServer):
    """A callback that takes connections and never answers."""

    daemon_threads, request_queue_size = True, 512

    def __init__(self):
        """Listens on a free port."""
        super().__init__(("127.0.0.1", 0), SilentConnection)
        self.open, self.changed = 0, threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, step):
        """Counts a connection that was opened or closed."""
        with self.changed:
            self.open += step
            self.changed.notify_all()

    def wait_for(self, connections):
        """Waits until so many connections are open at once."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.open >= connections, timeout=60):
                raise SystemExit(f"bench: {self.open} deliveries hang, not {connections}")


class SilentConnection(StreamRequestHandler):
    """Reads until the other side closes."""

    def handle(self):
        """Counts the connection while it is open."""
        self.server.count(1)
        with contextlib.suppress(OSError):
            while self.request.recv(65_536):
                pass
        self.server.count(-1)


def control(port, path, body):
    """Sends a body to the control API."""
    url = f"http://127.0.0.1:{port}/__mock/{path}"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=30) as answer:
        return answer.read()


def measure_callbacks(options, folder):
    """Asks for lists by turns: of a fake with deliveries that hang, and of one without."""
    print_head(f"the list of one document beside {CALLBACKS} deliveries that hang")
    world, path = write_world(folder, 0), LIST % ONE
    with start_fake(options.fake, world) as busy, start_fake(options.fake, world) as idle, Silent() as silent:
        url = f"http://127.0.0.1:{silent.server_address[1]}/"
        control(busy.port, "webhooks/callbacks", {"url": url, "secret": "whsec_bench"})
        # More than are under way at once, so those that time out are followed by others.
        fired = {"event_type": "crew.document.processed", "crew": f"crew_{ONE:07}", "copies": CALLBACKS}
        control(busy.port, "webhooks/fire", fired)
        sides = [Side("hanging", busy, path), Side("without", idle, path)]
        for run in range(RUNS + 1):
            silent.wait_for(HANGING)
            for side in sides:
                side.turn()
                if run == 0:
                    side.clear()  # the first turn warms up
        return compare("list-1", *sides, CALLBACK_BOUND)
