#!/usr/bin/env python3
"""Prints an SBOM of both programs as CycloneDX: every crate that is linked into them.

`cargo metadata` says what they are built from, and `Cargo.lock` has the checksums.
"""

import json
import pathlib
import re
import subprocess
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-gnu"
PROGRAMS = ("crewpass-mock", "crewpass-contract")


def metadata():
    """Returns what cargo knows of the packages, for the target of the static programs."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    command += ["--filter-platform", TARGET, "--features", "crewpass-mock/cli"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def checksums():
    """Returns the checksum of each package of a registry."""
    pattern = r'name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"'
    found = re.findall(pattern, (ROOT / "Cargo.lock").read_text())
    return {(name, version): checksum for name, version, checksum in found}


def linked(known):
    """Returns the dependencies of each package that is linked into the programs."""
    nodes = {node["id"]: node for node in known["resolve"]["nodes"]}
    names = {package["id"]: package["name"] for package in known["packages"]}
    waiting = [identity for identity, name in names.items() if name in PROGRAMS]
    found = {}
    while waiting:
        identity = waiting.pop()
        if identity in found:
            continue
        # A kind of null is a dependency that is neither for tests nor for a build script.
        needed = [
            dependency["pkg"]
            for dependency in nodes[identity]["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
        found[identity] = sorted(needed)
        waiting += needed
    return found


def purl(package):
    """Returns the name of a package in all registries."""
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, sums):
    """Returns a package as CycloneDX has it."""
    found = {
        "type": "application" if package["name"] in PROGRAMS else "library",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "purl": purl(package),
    }
    if package["license"]:
        # Some crates write `/` for `OR`, which is not SPDX.
        licence = re.sub(r"\s*/\s*", " OR ", package["license"])
        found["licenses"] = [{"expression": licence}]
    checksum = sums.get((package["name"], package["version"]))
    if checksum:
        found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return found


def main():
    """Prints the SBOM. The same Cargo.lock gives the same text."""
    known, sums = metadata(), checksums()
    packages = {package["id"]: package for package in known["packages"]}
    parts = linked(known)
    version = next(p["version"] for p in known["packages"] if p["name"] == PROGRAMS[0])
    root = {"type": "application", "bom-ref": "crewpass", "name": "crewpass", "version": version}
    programs = sorted(purl(packages[i]) for i in parts if packages[i]["name"] in PROGRAMS)
    dependencies = [
        {"ref": purl(packages[i]), "dependsOn": sorted({purl(packages[d]) for d in needed})}
        for i, needed in parts.items()
    ]
    components = [component(packages[identity], sums) for identity in parts]
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": root},
        "components": sorted(components, key=lambda part: part["bom-ref"]),
        "dependencies": [
            {"ref": "crewpass", "dependsOn": programs},
            *sorted(dependencies, key=lambda part: part["ref"]),
        ],
    }
    text = json.dumps(bom, sort_keys=True)
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
    print(json.dumps(bom, indent=1))


if __name__ == "__main__":
    main()
