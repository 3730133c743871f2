"""Asks servers by turns with wrk, and compares what they answered in the same time."""

import os
import pathlib
import statistics
import subprocess

from bench_servers import KEY, fetch

SCRIPT = pathlib.Path(__file__).with_name("bench.lua")
TURNS = int(os.environ.get("TURNS", "15"))
SECONDS = int(os.environ.get("SECONDS", "1"))


class Side:
    """A server under load in a case, with what its turns gave."""

    def __init__(self, name, server, path, crew=0, connections=16):
        """Takes the path that is asked for; with `crew`, its `%07d` is a random member."""
        self.name, self.server, self.path, self.crew, self.connections = name, server, path, crew, connections
        self.clear()

    def turn(self):
        """Asks for one turn and keeps its figures."""
        before = self.server.cpu_seconds()
        answers, seconds = run_wrk(self.server.port, [self.path], self.crew, self.connections, SECONDS)
        self.rates.append(answers / seconds)
        self.cpu += self.server.cpu_seconds() - before
        self.answers += answers

    def clear(self):
        """Forgets the turns so far."""
        self.rates, self.cpu, self.answers = [], 0.0, 0

    def cpu_micros(self):
        """Returns the CPU time of an answer in microseconds."""
        return self.cpu * 1e6 / self.answers


def run_wrk(port, paths, crew, connections, seconds):
    """Runs wrk for whole seconds; returns the number of answers and the exact seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", SCRIPT]
    command += ["-H", f"Authorization: Bearer {KEY}", f"http://127.0.0.1:{port}/"]
    environment = os.environ | {"BENCH_PATHS": " ".join(paths), "BENCH_CREW": str(crew)}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=seconds + 60)
    result = next((line.split()[1:] for line in done.stdout.splitlines() if line.startswith("RESULT")), None)
    if done.returncode or not result or float(result[2]) or not float(result[0]):
        raise SystemExit(f"bench: wrk failed, or an answer was not 200:\n{done.stdout}{done.stderr}")
    return int(float(result[0])), float(result[1]) / 1e6


def take_turns(sides, turns=TURNS):
    """Warms each side up, then asks all sides by turns, so that all meet the same conditions."""
    for side in sides:
        # Longer for a large world, so that nearly every list was asked for once.
        for _ in range(1 + side.crew // 20_000):
            side.turn()
        side.clear()
    for _ in range(turns):
        for side in sides:
            side.turn()


def compare(case_name, fake, other, aim):
    """Prints a row for the two sides; returns a line if the median ratio is below the aim."""
    ratios = [mine / theirs for mine, theirs in zip(fake.rates, other.rates, strict=True)]
    ratio, rates = statistics.median(ratios), [statistics.median(side.rates) for side in (fake, other)]
    print(
        f"{case_name:12}{other.name:10}{rates[0]:9.0f}{rates[1]:9.0f}{ratio:8.2f}{min(ratios):6.2f}"
        f"{max(ratios):6.2f}{aim:6.2f}{fake.cpu_micros():9.1f}{other.cpu_micros():8.1f}",
        flush=True,
    )
    return [f"{case_name}: {ratio:.2f} of {other.name} is below {aim:.2f}"] if ratio < aim else []


def print_head(title):
    """Prints the title and the columns of a table."""
    print(f"{title}; {TURNS} turns of {SECONDS} s a side, load average {os.getloadavg()[0]:.1f}\n")
    print(f"{'':22}{'median answers/s':>18}{'ratio':>12}{'':14}{'CPU us/answer':>17}")
    print(
        f"{'case':12}{'against':10}{'fake':>9}{'other':>9}{'median':>8}{'min':>6}{'max':>6}"
        f"{'bound':>6}{'fake':>9}{'other':>8}"
    )


def check_same(fake, bare, path):
    """Fails if the bare server doesn't send the headers of the fake, and a body of the same length."""
    (_, mine, body), (_, theirs, other) = fetch(fake.port, path), fetch(bare.port, path)
    names = [sorted(name.lower() for name, _ in headers) for headers in (mine, theirs)]
    if names[0] != names[1] or abs(len(body) - len(other)) > 16:
        raise SystemExit(f"bench: the bare server doesn't repeat the answer to {path}: {names}")
