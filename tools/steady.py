"""Runs the gate on good clients beside load, and fails if a verdict differs from that of a quiet machine.

    steady.py GATE [--runs N] [--only SELECTION] [--seconds N]

Load is eight busy loops, and then four writers that bring each write to the disk. `--seconds` bounds the whole: no
further run begins after it. A run whose verdict is `not_judged` (exit 4) shows that the machine was too busy; it is
counted, and is not a failure of the client.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUSY, WRITERS = 8, 4
WRITER = """
import os, sys
file = open(sys.argv[1], "wb", buffering=0)
while True:
    file.seek(0)
    file.write(b"x" * (1 << 20))
    os.fsync(file.fileno())
"""


def clients():
    """Returns the good clients that this machine can run."""
    examples = ROOT / "examples" / "clients"
    found = {"python": ["python3", examples / "python" / "crewpass_documents.py"]}
    if shutil.which("node"):
        found["node"] = ["node", examples / "typescript" / "crewpass-documents.mjs"]
    return {name: [*map(str, argv), "{crew_id}", "{out_dir}"] for name, argv in found.items()}


@contextlib.contextmanager
def load(kind):
    """Keeps the machine busy with `kind` until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
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


def judge(gate, argv, only):
    """Runs the gate once. Returns its exit code and the obligations that are not kept."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        command = [gate, "client", "--report", f"json={report}", *(["--only", only] if only else []), "--", *argv]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        merged = json.loads(report.read_text())["merged"]
    return done.returncode, {name: outcome for name, outcome in merged.items() if outcome != "pass"}


def main():
    """Compares the runs beside load with one on the machine as it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gate")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end, wrong, begun = time.monotonic() + args.seconds, 0, 0
    gate = os.path.abspath(args.gate)
    for name, argv in clients().items():
        code, quiet = judge(gate, argv, args.only)
        print(f"{name}: without load exit {code} {quiet or ''}", flush=True)
        for kind in ("busy", "fsync"):
            for _ in range(args.runs):
                if time.monotonic() > end:
                    break
                started = time.monotonic()
                with load(kind):
                    code, beside = judge(gate, argv, args.only)
                begun += 1
                bad = {id: outcome for id, outcome in beside.items() if outcome not in ("not_judged", quiet.get(id))}
                wrong += bool(bad)
                took = time.monotonic() - started
                print(f"{name} beside {kind}: exit {code}, {took:.0f} s, differs: {bad or 'nothing'}", flush=True)
    print(f"{begun} runs beside load, {wrong} with another verdict")
    return 1 if wrong or not begun else 0


if __name__ == "__main__":
    sys.exit(main())
