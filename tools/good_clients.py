"""Runs the gate on good clients in many languages, and fails if one breaks a MUST or a SHOULD.

    good_clients.py GATE [--clients NAME,NAME] [--short]

`--short` plays some cases of each area. A client whose language is not installed is left out, and a line says so;
with `WITH_ALL_TOOLS` set that is a failure, but for the languages of LARGE.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "contract-tests" / "tests" / "clients"

# A pipeline may leave these out, because they are large to install.
LARGE = {"go", "java"}

# Some cases of each area: the ones in which habits of good clients differ.
SHORT = (
    "auth/plain,auth/tls,auth/wrong-host,auth/second-origin,list/odd-crew-id,list/null-issuer,list/unknown-fields,"
    "list/empty,link/escapes,link/other-port,link/data-url,link/odd-ids,file/cut-length,file/cut-chunked,file/gzip,file/redirects,"
    "file/odd-bytes,file/nothing,name/odd,name/same,name/hostile,err/list-refused,err/odd-bodies,err/first-of-five,"
    "rty/link-503-once,rty/reset-once,rty/wait-in-body,out/run-twice,http/file-headers,time/silent-list,sec/cookie"
)

# What a client can't show. CPK-AUTH-05 needs a host name from the user; PHP's curl reads no variable for authorities.
NOT_SHOWN = {"CPK-AUTH-05"}
NOT_SHOWN_BY = {"php": {"CPK-AUTH-06"}}


def go(folder):
    """Builds the Go client."""
    subprocess.run(["go", "build", "-o", f"{folder}/client", CLIENTS / "go" / "main.go"], check=True)
    return [f"{folder}/client"]


def java(folder):
    """Compiles the Java client."""
    subprocess.run(["javac", "-d", folder, *(CLIENTS / "java").glob("*.java")], check=True)
    return ["java", "-cp", folder, "SaveDocuments"]


# Each client: the programs that it needs, a probe of what they must have, and how it is started.
KNOWN = {
    "requests": (["python3"], ["python3", "-c", "import requests"], ["python3", CLIENTS / "requests_client.py"]),
    "httpx": (["python3"], ["python3", "-c", "import httpx"], ["python3", CLIENTS / "httpx_client.py"]),
    "go": (["go"], None, go),
    "java": (["java", "javac"], None, java),
    "php": (["php"], ["php", "-r", "exit((int) !function_exists('curl_init'));"], ["php", CLIENTS / "save_documents.php"]),
    "perl": (["perl"], ["perl", "-MIO::Socket::SSL", "-MHTTP::Tiny", "-e1"], ["perl", CLIENTS / "save_documents.pl"]),
    "ruby": (["ruby"], ["ruby", "-rjson", "-ropenssl", "-e", ""], ["ruby", CLIENTS / "save_documents.rb"]),
    "bash": (["bash", "curl", "jq"], None, ["bash", CLIENTS / "save_documents.sh"]),
}


def missing(name):
    """Returns what this machine lacks for a client, or None."""
    programs, probe, _ = KNOWN[name]
    for program in programs:
        if not shutil.which(program):
            return f"{program} is not installed"
    if probe and subprocess.run(probe, check=False, capture_output=True).returncode:
        return f"`{' '.join(probe)}` fails"
    return None


def command(name, folder):
    """Returns the arguments that start a client; compiles it into `folder` if it has to be."""
    start = KNOWN[name][2]
    argv = start(folder) if callable(start) else start
    return [*map(str, argv), "{crew_id}", "{out_dir}"]


def judge(gate, argv, only, folder):
    """Runs the gate once. Returns its exit code, its last lines, and the grade and outcome of each obligation."""
    report = pathlib.Path(folder, "report.json")
    text = pathlib.Path(folder, "report.txt")
    options = ["--fail-on", "should", "--report", f"json={report}", "--report", f"human={text}"]
    options += ["--only", only] if only else []
    command = [gate, "client", *options, "--", *argv]
    ended = subprocess.run(command, check=False, capture_output=True, cwd=folder)
    if not report.exists():
        return ended.returncode, ended.stderr.decode(errors="replace"), {}
    found = json.loads(report.read_text())
    grades = {each["id"]: each["grade"] for each in found["obligations"]}
    return ended.returncode, text.read_text(), {id: (grades[id], how) for id, how in found["merged"].items()}


def line(results):
    """Counts the outcomes, and names what is not kept."""
    kept = sum(how == "pass" for _, how in results.values())
    others = {}
    for id, (grade, how) in results.items():
        if how != "pass":
            others.setdefault(f"{grade} {how}", []).append(id)
    return ", ".join([f"{kept} kept", *(f"{len(ids)} {kind} ({' '.join(ids)})" for kind, ids in sorted(others.items()))])


def wrong(name, results):
    """Returns the obligations of grade MUST or SHOULD that a good client has to keep, and that it did not keep."""
    allowed = NOT_SHOWN | NOT_SHOWN_BY.get(name, set())
    harmless = {"pass", "not_judged"}
    found = {id: how for id, (grade, how) in results.items() if grade != "MAY" and how not in harmless}
    return {id: how for id, how in found.items() if not (id in allowed and how == "not_observable")}


def main():
    """Judges one client after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gate")
    parser.add_argument("--clients", default=",".join(KNOWN))
    parser.add_argument("--short", action="store_true")
    args = parser.parse_args()
    gate, bad = os.path.abspath(args.gate), 0
    for name in args.clients.split(","):
        if lacks := missing(name):
            print(f"{name:<9} left out: {lacks}", flush=True)
            bad += bool(os.environ.get("WITH_ALL_TOOLS")) and name not in LARGE
            continue
        with tempfile.TemporaryDirectory() as folder:
            argv, started = command(name, folder), time.monotonic()
            code, text, results = judge(gate, argv, SHORT if args.short else "", folder)
            took = time.monotonic() - started
        broken = wrong(name, results)
        print(f"{name:<9} {took:4.0f} s, exit {code}: {line(results)}", flush=True)
        if broken or not results:
            bad += 1
            print(f"{text}\n{name} has to keep: {broken or 'what the gate could not judge'}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
