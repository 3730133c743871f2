"""Runs the gate on good clients beside load, and fails if a verdict differs from that of a quiet machine.

    steady.py GATE [--runs N] [--only SELECTION] [--seconds N] [--open N]

The clients are the examples in Python and TypeScript, and a compiled Java client. Load is eight busy loops, and then
four writers that bring each write to the disk. `--seconds` bounds the whole: a run that is not over then is stopped and named.
An obligation that is `not_judged` shows that the machine was too busy; it is named, and is not another verdict. More
than `--open` of them in a run are a failure: a gate that leaves everything open is never wrong.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import good_clients

ROOT = pathlib.Path(__file__).resolve().parent.parent
# On a disk, where `fsync` has something to wait for; folders for temporary files are often in memory.
DISK = "/var/tmp"
BUSY, WRITERS = 8, 4
LOADS = ("busy", "fsync")
WRITER = """
import os, sys
file = open(sys.argv[1], "wb", buffering=0)
while True:
    file.seek(0)
    file.write(b"x" * (1 << 20))
    os.fsync(file.fileno())
"""


def clients(folder):
    """Returns the good clients that this machine can run, and names those that it can't."""
    examples = ROOT / "examples" / "clients"
    found = {"python": ["python3", examples / "python" / "crewpass_documents.py"]}
    if shutil.which("node"):
        found["node"] = ["node", examples / "typescript" / "crewpass-documents.mjs"]
    if shutil.which("javac"):
        found["java"] = good_clients.java(folder)
    for name in ("node", "java"):
        if name not in found:
            print(f"{name}: left out, it is not installed")
    return {name: [*map(str, argv), "{crew_id}", "{out_dir}"] for name, argv in found.items()}


@contextlib.contextmanager
def load(kind):
    """Keeps the machine busy with `kind` until the end of the block."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        match kind:
            case "busy":
                commands = [["sh", "-c", "while :; do :; done"]] * BUSY
            case "fsync":
                commands = [[sys.executable, "-c", WRITER, f"{folder}/{n}"] for n in range(WRITERS)]
            case _:
                commands = []
        running = [subprocess.Popen(command) for command in commands]
        try:
            yield
        finally:
            for process in running:
                process.kill()
                process.wait()


def judge(gate, argv, only, end):
    """Runs the gate once. Returns its exit code and the obligations that are not kept, or None if `end` came first."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        report = pathlib.Path(folder, "report.json")
        options = ["--fail-on", "should", "--report", f"json={report}", *(["--only", only] if only else [])]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": os.environ | {"TMPDIR": folder}}
        running = subprocess.Popen([gate, "client", *options, "--", *argv], **quiet)
        try:
            code = running.wait(max(0.0, end - time.monotonic()) if end != float("inf") else None)
        except subprocess.TimeoutExpired:
            running.terminate()
            running.wait()
            return None
        merged = json.loads(report.read_text())["merged"]
    return code, {name: outcome for name, outcome in merged.items() if outcome != "pass"}


def main():
    """Compares the runs beside load with one on the machine as it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gate")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--open", type=int, default=4)
    args = parser.parse_args()
    gate, end = os.path.abspath(args.gate), time.monotonic() + args.seconds
    ended = wrong = unjudged = too_many = 0
    with tempfile.TemporaryDirectory() as folder:
        alone = {}
        known = clients(folder)
        turns = [(number, name, kind) for number in range(args.runs) for kind in LOADS for name in known]
        for _, name, kind in turns:
            if name not in alone:
                alone[name] = judge(gate, known[name], args.only, end)
                exit_code, others = alone[name] or ("none, the time is over", {})
                print(f"{name} without load: exit {exit_code}, not kept: {others or 'nothing'}", flush=True)
            started = time.monotonic()
            with load(kind):
                beside = judge(gate, known[name], args.only, end)
            if alone[name] is None or beside is None:
                print(f"{name} beside {kind}: stopped, the time is over", flush=True)
                break
            ended += 1
            quiet, busy = alone[name][1], beside[1]
            differs = {id: busy.get(id, "pass") for id in quiet | busy if quiet.get(id) != busy.get(id)}
            missed = [id for id, outcome in differs.items() if outcome == "not_judged"]
            unjudged += bool(missed)
            too_many += len(missed) > args.open
            bad = {id: outcome for id, outcome in differs.items() if outcome != "not_judged"}
            wrong += bool(bad)
            took = f"exit {beside[0]}, {time.monotonic() - started:.0f} s"
            not_judged = f", not judged: {' '.join(missed)}" if missed else ""
            print(f"{name} beside {kind}: {took}, differs: {bad or 'nothing'}{not_judged}", flush=True)
    print(f"{ended} of {len(turns)} runs beside load ended; {wrong} with another verdict, {unjudged} with one left open")
    if too_many:
        print(f"{too_many} of them left more than {args.open} open, which shows nothing")
    if not ended:
        print("no run ended in time, so nothing was compared")
    return 1 if wrong or too_many or not ended else 0


if __name__ == "__main__":
    sys.exit(main())
