#!/usr/bin/env python3
"""Prints the median time from the start of a fake to its first answer.

    python3 tools/first_answer.py NAME COMMAND...

The command gets the arguments of `serve`. With `--script`, it is a whole program that ends after
its first answer, such as a test helper.
"""

import json
import statistics
import subprocess
import sys
import time
import urllib.request

RUNS = 7
SERVE = ["serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"]


def served(command):
    """Returns the seconds until a fake that this starts answers with a list."""
    begun = time.monotonic()
    with subprocess.Popen(
        [*command, *SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        ready = json.loads(process.stdout.readline())
        request = urllib.request.Request(
            f"{ready['base']}/api/v2/employers/me/crew/crew_001/documents",
            headers={"Authorization": f"Bearer {ready['key']}"},
        )
        urllib.request.urlopen(request).read()
        passed = time.monotonic() - begun
        process.stdin.close()
    return passed


def scripted(command):
    """Returns the seconds that a program takes."""
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def main():
    """Measures some runs, after one that reads the files of the program."""
    name, *command = sys.argv[1:]
    measure = served
    if command[0] == "--script":
        measure, command = scripted, command[1:]
    measure(command)
    median = statistics.median(measure(command) for _ in range(RUNS))
    print(f"{median * 1000:>8.0f} ms  {name}")


if __name__ == "__main__":
    main()
