#!/usr/bin/env python3
"""Checks that the package of each crate that is published has what the crate embeds, without building it.

    python3 tools/crates.py

`make crates` builds each crate from its package, which takes minutes. This reads the names of files in the sources.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEEDED = {"Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"}
FIELDS = ("description", "license", "repository", "homepage", "readme", "keywords", "categories")
# A file beside a source, and a file or a folder of the crate.
BESIDE = re.compile(r'include_(?:str|bytes)!\(\s*"([^"]+)"')
FIXTURE = re.compile(r'"(?:\$CARGO_MANIFEST_DIR)?/?(fixtures/[^"{]+?)/?"')


def cargo(*arguments):
    """Returns what cargo prints."""
    command = ["cargo", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def embedded(path, text):
    """Yields the files and folders that a source embeds, relative to its crate."""
    # The README is a test of the crate, which the package has in another place.
    for name in BESIDE.findall(re.sub(r"#\[cfg\(doctest\)\]\n.*", "", text)):
        yield os.path.normpath(path.parent / name)
    if "CARGO_MANIFEST_DIR" in text or path.name == "build.rs":
        yield from FIXTURE.findall(text)


def missing(package):
    """Yields what is wrong with a package."""
    name = package["name"]
    files = cargo("package", "--quiet", "--list", "--allow-dirty", "-p", name).splitlines()
    yield from (f"{name}: the package has no {file}" for file in sorted(NEEDED - set(files)))
    yield from (f"{name}: Cargo.toml has no {field}" for field in FIELDS if not package[field])
    folder = pathlib.Path(package["manifest_path"]).parent
    for file in files:
        path = pathlib.PurePath(file)
        if path.suffix != ".rs":
            continue
        for wanted in embedded(path, (folder / file).read_text()):
            if wanted not in files and not any(one.startswith(f"{wanted}/") for one in files):
                yield f"{name}: {file} embeds {wanted}, which is not in the package"


def main():
    """Fails if a package lacks something."""
    known = json.loads(cargo("metadata", "--no-deps", "--locked", "--format-version", "1"))
    published = [package for package in known["packages"] if package["publish"] != []]
    found = [line for package in published for line in missing(package)]
    print("\n".join(found) or f"each of the {len(published)} crates has what it embeds")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
