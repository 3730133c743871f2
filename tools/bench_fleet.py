"""Measures the fake with a fleet of 100,000 people, and with webhook callbacks that never answer."""

import asyncio
import contextlib
import json
import resource
import statistics
import threading
import urllib.parse
import urllib.request

from bench_servers import FLEET, LIST, ONE, SCOPES, fetch, start_bare, start_fake, write_world
from bench_turns import Side, check_same, compare, print_head, take_turns

PEOPLE = 100_000
LARGEST_PAGE, PAGE = 200, 50  # rows
RUNS = 5  # alternating runs
PAGE_BOUND = 1.2  # the most that the last page may cost, in first pages
GROWTH_BOUND = 16  # MiB that the walk may add to the memory
ROWS_BOUND = 0.85  # the least ratio to an axum handler that renders the same rows from memory
SESSIONS, CALLBACKS = 10, 100  # callbacks that hang: so many in each of these sessions
HANGING = SESSIONS * CALLBACKS  # connections that are open while lists are asked for
OPEN_FILES = 4 * HANGING  # that the fake and the callbacks may have each
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


class Silent:
    """Callbacks on one port that take connections and never answer."""

    def __init__(self):
        """Listens on a free port."""
        self.writers = set()
        self.open, self.changed, self.loop = 0, threading.Condition(), asyncio.new_event_loop()
        listening = asyncio.start_server(self.hang, "127.0.0.1", 0, backlog=HANGING)
        self.server = self.loop.run_until_complete(listening)
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        """Begins to take connections."""
        self.thread.start()
        return self

    def __exit__(self, *_):
        """Closes every connection and ends the thread."""
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(timeout=60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def close(self):
        """Takes no more connections, and ends those that are open."""
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    async def hang(self, reader, writer):
        """Counts a connection while it is open, and reads until the other side closes."""
        self.writers.add(writer)
        self.count(1)
        with contextlib.suppress(OSError):
            while await reader.read(65_536):
                pass
        writer.close()
        self.writers.discard(writer)
        self.count(-1)

    def count(self, step):
        """Counts a connection that was opened or closed."""
        with self.changed:
            self.open += step
            self.changed.notify_all()

    def wait_for(self, connections):
        """Waits until so many connections are open at once."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.open >= connections, timeout=60):
                raise SystemExit(f"bench: {self.open} callbacks hang, not {connections}")


def control(port, path, body):
    """Sends a body to the control API."""
    url = f"http://127.0.0.1:{port}/__mock/{path}"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=30) as answer:
        return answer.read()


def add_callbacks(port, silent):
    """Opens the sessions with their callbacks; returns the path of each session in the control API."""
    sessions = []
    for session in range(SESSIONS):
        opened = json.loads(control(port, "sessions", {"world": "served"}))
        sessions.append(f"sessions/{opened['id']}")
        for callback in range(CALLBACKS):
            url = f"http://127.0.0.1:{silent.port}/{session}/{callback}"
            control(port, f"{sessions[-1]}/webhooks/callbacks", {"url": url, "secret": "whsec_bench"})
    return sessions


def measure_callbacks(options, folder):
    """Asks for lists by turns: of a fake with callbacks that hang, and of one without."""
    print_head(f"the list of one document beside {HANGING} callbacks that hang")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < OPEN_FILES:
        raise SystemExit(f"bench: {OPEN_FILES} open files are needed; this user may have fewer")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
    world, path = write_world(folder, 0), LIST % ONE
    with start_fake(options.fake, world) as busy, start_fake(options.fake, world) as idle, Silent() as silent:
        sessions = add_callbacks(busy.port, silent)
        fired = {"event_type": "crew.document.processed", "crew": f"crew_{ONE:07}"}
        sides = [Side("hanging", busy, path), Side("without", idle, path)]
        for run in range(RUNS + 1):
            # An attempt is given up after 10 s, so each run has new ones.
            for session in sessions:
                control(busy.port, f"{session}/webhooks/fire", fired)
            silent.wait_for(HANGING)
            for side in sides:
                side.turn()
                if run == 0:
                    side.clear()  # the first turn warms up
        return compare("list-1", *sides, CALLBACK_BOUND)
