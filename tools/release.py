#!/usr/bin/env python3
"""Keeps one version in all packages: that of the workspace, in Cargo.toml.

    python3 tools/release.py check v0.1.0   fails if a file or the tag has another version
    python3 tools/release.py set 0.2.0      writes the version to all files, and dates the changelog
    python3 tools/release.py notes          prints the part of CHANGELOG.md about this version

The packages for Python and npm, and the image, read the version of Cargo.toml when they are built.
"""

import datetime
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION = r"[0-9]+\.[0-9]+\.[0-9]+"
#: The files that name the version, and what stands before it.
PLACES = {
    "Cargo.toml": [
        r'^version = "',
        r'crewpass-[a-z]+ = \{ path = "[a-z-]+", version = "',
    ],
    "templates/gate.yml": [r"/gate@"],
    "examples/pipelines/github.yml": [r"crewpass/crewpass-mock@v"],
    "examples/pipelines/github-shards.yml": [r"crewpass/crewpass-mock@v"],
    "examples/pipelines/github-service.yml": [r"crewpass/crewpass-mock:"],
    "examples/pipelines/gitlab.yml": [r"/gate@"],
    "README.md": [r"crewpass/crewpass-mock:", r"crewpass/crewpass-mock@v"],
    "examples/vitest/package.json": [r"dist/crewpass-linux-x64-", r"dist/crewpass-"],
    "examples/containers/compose.yaml": [r"crewpass/crewpass-mock:"],
    "examples/containers/kubernetes/fake.yaml": [r"crewpass/crewpass-mock:"],
}


def current():
    """Returns the version of the workspace."""
    text = (ROOT / "Cargo.toml").read_text()
    return re.search(rf'^version = "({VERSION})"', text, re.MULTILINE)[1]


def check(tag):
    """Returns what differs from the version of the workspace."""
    wrong = []
    if tag != f"v{current()}":
        wrong.append(f"the tag is {tag}, and Cargo.toml has {current()}")
    for name, places in PLACES.items():
        text = (ROOT / name).read_text()
        for before in places:
            found = re.findall(f"(?:{before})({VERSION})", text, re.MULTILINE)
            if set(found) != {current()}:
                wrong.append(f"{name}: {found or 'nothing'} behind {before}")
    if notes() is None:
        wrong.append(f"CHANGELOG.md has no part about {current()}")
    return wrong


def change(version):
    """Writes a version to all files."""
    if not re.fullmatch(VERSION, version):
        sys.exit(f"{version!r} is not a version such as 0.2.0")
    for name, places in PLACES.items():
        path = ROOT / name
        text = path.read_text()
        for before in places:
            pattern = re.compile(f"({before}){VERSION}", re.MULTILINE)
            text = pattern.sub(lambda found: found[1] + version, text)
        path.write_text(text)
    path = ROOT / "CHANGELOG.md"
    today = datetime.datetime.now(datetime.timezone.utc).date()
    text = path.read_text()
    path.write_text(text.replace("## Unreleased\n", f"## Unreleased\n\n## {version} ({today})\n", 1))


def notes():
    """Returns the part of the changelog about this version, or nothing."""
    text = (ROOT / "CHANGELOG.md").read_text()
    found = re.search(rf"(?ms)^## {re.escape(current())}\b[^\n]*\n(.*?)(?=^## |\Z)", text)
    return found[1].strip() if found else None


def main():
    """Does what the first argument says."""
    match sys.argv[1:]:
        case ["check", tag]:
            wrong = check(tag)
            print("\n".join(wrong) or f"all files have the version {current()}")
            sys.exit(1 if wrong else 0)
        case ["set", version]:
            change(version)
            print("now run `cargo check --workspace`, which writes Cargo.lock")
        case ["notes"]:
            print(notes() or sys.exit(f"CHANGELOG.md has no part about {current()}"))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
