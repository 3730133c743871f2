"""Measures the fake with wrk: against bare servers that send the same bytes, idle, and over time.

    bench.py cases    rates of lists, links and files, by turns against bare servers (needs --bare)
    bench.py large    a file of 100 MiB from disk, by turns against nginx with sendfile
    bench.py fleet    a fleet of 100,000 people walked by cursors, and its pages against an axum handler (needs --bare)
    bench.py hooks    lists beside 1,000 webhook deliveries that hang
    bench.py idle     the memory of 10,000 connections that asked once and stay open
    bench.py soak     lists, links that work once, sessions and abandoned long polls; fails if the memory grows

The ratio of two rates from one run is the result; a rate alone means nothing on another machine.
Environment: BASE=PATH adds another build of the fake to compare with, ENFORCE=1 fails below a bound,
TURNS and SECONDS say how often and how long each side is asked, ONLY=TEXT selects cases by name,
WORLDS=1 adds worlds of 1, 1,000 and 100,000 crew members, SOAK=10m is the length of a soak.
"""

import argparse
import contextlib
import itertools
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from typing import NamedTuple

from bench_fleet import measure_callbacks, measure_fleet
from bench_servers import (
    BIG,
    FIFTY,
    KEY,
    LINK,
    LIST,
    ONE,
    Nginx,
    fetch,
    file_path,
    start_bare,
    start_fake,
    write_world,
)  # fmt: skip
from bench_soak import soak
from bench_turns import Side, check_same, compare, print_head, run_wrk, take_turns

TOLERANCE = 0.10  # How far below its aim a ratio may be: the noise of a busy machine.
BASE_BOUND = 0.97  # The least ratio to BASE.
IDLE = 10_000  # Idle connections.


class Case(NamedTuple):
    """A comparison: a request to a world, the bare server on the other side, and the aimed ratio."""

    name: str
    crew: int  # 0 is the world `wire`; else crew members with ten documents each, asked at random.
    path: str  # The path, or "file" for the path of a link to the big file.
    bare: str
    aim: float


CASES = [
    Case("list-1", 0, LIST % ONE, "axum", 0.90),
    Case("list-50", 0, LIST % FIFTY, "axum", 0.90),
    Case("link", 0, LINK % (ONE, ONE), "axum", 0.75),
    Case("file-64KiB", 0, "file", "hyper", 0.90),
]
for size in (1, 1_000, 100_000):
    CASES += [Case(f"{kind}-{size}", size, LIST, f"axum-{kind}", 0.90) for kind in ("map", "rows")]


def path_at(server, case):
    """Returns the path of a case at a fake; a file needs a link from this server."""
    return file_path(server.port, BIG) if case.path == "file" else case.path


def run_case(case, options, folder, fake, base):
    """Runs a case; returns the lines about ratios below their bounds."""
    path = path_at(fake, case)
    sample = path % 1 if case.crew else path
    with start_bare(options.bare, case.bare, folder, sample, case.crew, fake) as bare:
        check_same(fake, bare, sample)
        sides = [Side("fake", fake, path, case.crew), Side(case.bare, bare, path, case.crew)]
        if base:
            sides.append(Side("base", base, path_at(base, case), case.crew))
        take_turns(sides)
    failures = compare(case.name, sides[0], sides[1], case.aim - TOLERANCE)
    return failures + (compare(case.name, sides[0], sides[2], BASE_BOUND) if base else [])


def print_starts(name, program, world):
    """Prints the time from the start of a fake to its first answer, and its memory then."""
    times, memory = [], []
    for _ in range(10):
        begun = time.perf_counter()
        with start_fake(program, world) as fake:
            fetch(fake.port, LIST % ONE)
            times.append((time.perf_counter() - begun) * 1000)
            memory.append(fake.memory_mib())
    print(f"{name}: {statistics.median(times):.1f} ms from start to first answer", end="")
    print(f" (from {min(times):.1f}), {statistics.median(memory):.1f} MiB resident then")


def measure_cases(options, folder):
    """Runs the cases of each world against one fake; returns the lines about bounds that were missed."""
    print_head("crewpass-mock against bare servers that send the same bytes")
    programs = {"fake": options.fake} | ({"base": options.base} if options.base else {})
    wanted = [case for case in CASES if options.only in case.name and (options.worlds or not case.crew)]
    failures, memory = [], []
    for crew, cases in itertools.groupby(wanted, key=lambda case: case.crew):
        world = write_world(folder, crew)
        with contextlib.ExitStack() as stack:
            servers = {name: stack.enter_context(start_fake(path, world)) for name, path in programs.items()}
            idle = {name: server.memory_mib() for name, server in servers.items()}
            for case in cases:
                failures += run_case(case, options, folder, servers["fake"], servers.get("base"))
            for name, server in servers.items():
                rise = f"{idle[name]:.1f} MiB resident at start, {server.memory_mib():.1f} after load"
                memory.append(f"{name}, {crew or 3} crew: {rise}, {server.memory_mib('RssAnon'):.1f} allocated")
    print("\n" + "\n".join(memory))
    world = write_world(folder, 0)
    for name, program in programs.items():
        print_starts(name, program, world)
    return failures


def measure_large(options, folder):
    """Serves a file of 100 MiB from disk, against nginx where it is installed."""
    print_head("a file of 100 MiB from disk, 2 downloads at once")
    (folder / "large.bin").write_bytes(bytes(range(256)) * (100 << 12))
    with contextlib.ExitStack() as stack:
        fake = stack.enter_context(start_fake(options.fake, write_world(folder, 1, "large.bin")))
        sides = [Side("fake", fake, file_path(fake.port, ONE), connections=2)]
        if shutil.which("nginx"):
            nginx = stack.enter_context(Nginx(folder))
            sides.append(Side("nginx", nginx, "/large.bin", connections=2))
        take_turns(sides)
        if len(sides) == 2:
            return compare("large", *sides, 0.80 - TOLERANCE)
    print(f"nginx is not installed; the fake alone: {statistics.median(sides[0].rates) * 100:.0f} MiB/s")
    return []


def measure_idle(options, folder):
    """Opens connections that ask once and stay open, and prints the memory that each costs."""
    limit = IDLE + 200
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < limit:
        raise SystemExit(f"bench: {limit} open files are needed; this user may have fewer")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    request = f"GET {LIST % ONE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()
    with start_fake(options.fake, write_world(folder, 0)) as fake, contextlib.ExitStack() as stack:
        before = fake.memory_mib()
        for number in range(IDLE):
            # One of eight addresses, so that no address runs out of ports.
            source = (f"127.0.0.{number % 8 + 2}", 0)
            address = ("127.0.0.1", fake.port)
            connection = stack.enter_context(socket.create_connection(address, 30, source_address=source))
            connection.sendall(request)
            if not connection.recv(65_536).startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"bench: connection {number} was not answered with 200")
        after = fake.memory_mib()
    print(f"{IDLE} idle connections: {before:.1f} MiB before, {after:.1f} MiB with all open,", end=" ")
    print(f"{(after - before) * 2**20 / IDLE:.0f} bytes a connection")
    return []


def parse_duration(text):
    """Returns the seconds of a duration such as 30s, 10m or 1h."""
    number, unit = text[:-1], {"s": 1, "m": 60, "h": 3600}.get(text[-1:])
    if not number.isdigit() or unit is None:
        raise SystemExit(f"bench: SOAK={text} is not a duration such as 30s or 10m")
    return int(number) * unit


def main():
    """Parses arguments and environment, runs one mode, and exits 1 if it missed a bound that counts."""
    modes = {
        "cases": measure_cases,
        "fleet": measure_fleet,
        "hooks": measure_callbacks,
        "large": measure_large,
        "idle": measure_idle,
        "soak": soak,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=modes)
    parser.add_argument("--fake", required=True, help="the program crewpass-mock, a release build")
    parser.add_argument("--bare", help="the bare server, a release build of the example `bare`")
    options = parser.parse_args()
    if not shutil.which("wrk") and options.mode != "idle":
        raise SystemExit("bench: wrk is not installed (Debian and Ubuntu: apt-get install wrk)")
    if options.mode in ("cases", "fleet") and not options.bare:
        parser.error(f"{options.mode} needs --bare")
    options.base, options.only = os.environ.get("BASE"), os.environ.get("ONLY", "")
    options.worlds, options.soak = os.environ.get("WORLDS") == "1", parse_duration(os.environ.get("SOAK", "10m"))
    with tempfile.TemporaryDirectory() as folder:
        failures = modes[options.mode](options, pathlib.Path(folder))
    for failure in failures:
        print(f"bench: {failure}")
    if failures and (options.mode == "soak" or os.environ.get("ENFORCE") == "1"):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
