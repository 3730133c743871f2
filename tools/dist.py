#!/usr/bin/env python3
"""Writes dist/ from the static programs: a wheel, npm packages, a tarball, an image and checksums.

    python3 tools/dist.py target/x86_64-unknown-linux-gnu/release dist

`make dist` calls it. Python needs hatchling; npm packs its packages. Two runs on the same programs
write the same bytes.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("crewpass-mock", "crewpass-contract")
LICENCES = ("LICENSE-APACHE", "LICENSE-MIT")
SHELLS = {"bash": "{}.bash", "zsh": "_{}", "fish": "{}.fish"}
# The time of every file in an archive: the earliest that a zip can hold, in whole days.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH") or 315619200)


def version():
    """Returns the version of all packages, which the workspace's Cargo.toml has."""
    return re.search(r'(?m)^version = "([^"]+)"', (ROOT / "Cargo.toml").read_text())[1]


def run(command, **options):
    """Runs a command, and shows what it printed if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, **options)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def copy_programs(built, folder):
    """Copies the programs to a folder."""
    folder.mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copyfile(built / name, folder / name)
        (folder / name).chmod(0o755)


def copy_licences(folder):
    """Copies the licences to a folder."""
    for name in LICENCES:
        shutil.copyfile(ROOT / name, folder / name)


def wheel(built, sbom, stage, out):
    """Builds the wheel, in a copy of the sources that has the programs."""
    package = stage / "packages" / "python"
    ignored = shutil.ignore_patterns("__pycache__", ".*", "tests")
    shutil.copytree(ROOT / "packages" / "python", package, ignore=ignored)
    # The version is in it.
    shutil.copyfile(ROOT / "Cargo.toml", stage / "Cargo.toml")
    copy_licences(package)
    copy_programs(built, package / "bin")
    (package / "sbom").mkdir()
    shutil.copyfile(sbom, package / "sbom" / sbom.name)
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    run(command, cwd=package, env=env)


def npm(built, sbom, stage, out):
    """Packs the npm package and the one of the platform, both with the version of the workspace."""
    for name in ("crewpass", "linux-x64"):
        package = stage / "npm" / name
        ignored = shutil.ignore_patterns("node_modules", "test")
        shutil.copytree(ROOT / "packages" / "npm" / name, package, ignore=ignored)
        copy_licences(package)
        text = json.loads((package / "package.json").read_text())
        text["version"] = version()
        for dependency in text.get("optionalDependencies", {}):
            text["optionalDependencies"][dependency] = version()
        (package / "package.json").write_text(json.dumps(text, indent=2) + "\n")
        if name != "crewpass":
            copy_programs(built, package / "bin")
            shutil.copyfile(sbom, package / sbom.name)
        run(["npm", "pack", "--silent", "--offline", "--pack-destination", str(out)], cwd=package)


class Archive:
    """A tar archive whose bytes depend on nothing but its files."""

    def __init__(self):
        self._bytes = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._bytes, mode="w", format=tarfile.USTAR_FORMAT)

    def folder(self, name, mode=0o755):
        """Adds a folder."""
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.mtime = tarfile.DIRTYPE, mode, EPOCH
        self._tar.addfile(info)

    def file(self, name, content, mode=0o644):
        """Adds a file."""
        content = content.encode() if isinstance(content, str) else content
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(content), mode, EPOCH
        self._tar.addfile(info, io.BytesIO(content))

    def content(self):
        """Returns the archive."""
        self._tar.close()
        return self._bytes.getvalue()


def tarball(built, sbom, out):
    """Packs the programs, completions, manual pages and licences for any Linux on x86-64."""
    top = f"crewpass-{version()}-x86_64-linux"
    archive = Archive()
    for name in PROGRAMS:
        archive.file(f"{top}/bin/{name}", (built / name).read_bytes(), 0o755)
    for name in PROGRAMS:
        for shell, file_name in SHELLS.items():
            completions = run([built / name, "completions", shell])
            archive.file(f"{top}/completions/{file_name.format(name)}", completions)
    for name in PROGRAMS:
        with tempfile.TemporaryDirectory() as folder:
            run([built / name, "man", "--out", folder])
            for page in sorted(pathlib.Path(folder).iterdir()):
                archive.file(f"{top}/man/man1/{page.name}", page.read_bytes())
    for name in LICENCES:
        archive.file(f"{top}/{name}", (ROOT / name).read_bytes())
    archive.file(f"{top}/{sbom.name}", sbom.read_bytes())
    path = out / f"{top}.tar.gz"
    path.write_bytes(gzip.compress(archive.content(), 6, mtime=EPOCH))


def image(built, out):
    """Writes an image as an OCI archive, from nothing but the static programs."""
    layer = Archive()
    # Large generated files are kept in unnamed temporary files.
    layer.folder("tmp", 0o1777)
    layer.folder("usr")
    layer.folder("usr/bin")
    for name in PROGRAMS:
        layer.file(f"usr/bin/{name}", (built / name).read_bytes(), 0o755)
    layer.folder("usr/share")
    layer.folder("usr/share/licenses")
    for name in LICENCES:
        layer.file(f"usr/share/licenses/{name}", (ROOT / name).read_bytes())
    plain = layer.content()
    packed = gzip.compress(plain, 6, mtime=EPOCH)
    second = 1_000_000_000
    labels = {
        "org.opencontainers.image.title": "crewpass-mock",
        "org.opencontainers.image.description": "An offline fake of the CrewPass Partner API",
        "org.opencontainers.image.source": "https://github.com/crewpass/crewpass-mock",
        "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        "org.opencontainers.image.version": version(),
    }
    config = {
        "created": "1980-01-02T00:00:00Z",
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": "65532:65532",
            "Entrypoint": ["/usr/bin/crewpass-mock"],
            "Cmd": ["serve"],
            "Env": ["PATH=/usr/bin", "CREWPASS_MOCK_BIND=0.0.0.0:8787"],
            "ExposedPorts": {"8787/tcp": {}},
            "Labels": labels,
            "StopSignal": "SIGTERM",
            # Not in the standard of OCI, but docker and podman read it.
            "Healthcheck": {
                "Test": ["CMD", "/usr/bin/crewpass-mock", "ctl", "health"],
                "Interval": 5 * second,
                "Timeout": 3 * second,
                "Retries": 3,
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(plain)]},
        "history": [{"created": "1980-01-02T00:00:00Z", "created_by": "tools/dist.py"}],
    }
    blobs = {}

    def blob(media_type, content):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        blobs[digest(content)] = content
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    oci = "application/vnd.oci.image"
    stored = {
        "config": blob(f"{oci}.config.v1+json", config),
        "layer": blob(f"{oci}.layer.v1.tar+gzip", packed),
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{oci}.manifest.v1+json",
        "config": stored["config"],
        "layers": [stored["layer"]],
        "annotations": labels,
    }
    entry = blob(f"{oci}.manifest.v1+json", manifest)
    name = f"ghcr.io/crewpass/crewpass-mock:{version()}"
    # podman and containerd read the whole name from one of these.
    entry["annotations"] = {"org.opencontainers.image.ref.name": name, "io.containerd.image.name": name}
    # docker without containerd reads this instead of the index.
    paths = {key: f"blobs/{stored[key]['digest'].replace(':', '/')}" for key in ("config", "layer")}
    saved = [{"Config": paths["config"], "RepoTags": [name], "Layers": [paths["layer"]]}]
    archive = Archive()
    archive.file("oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}))
    archive.file("index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    archive.file("manifest.json", json.dumps(saved))
    for name in ("blobs", "blobs/sha256"):
        archive.folder(name)
    for name, content in sorted(blobs.items()):
        archive.file(f"blobs/{name.replace(':', '/')}", content)
    (out / f"crewpass-mock-{version()}-oci.tar").write_bytes(archive.content())


def digest(content):
    """Returns the digest of a blob, as OCI writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def main():
    """Writes everything to an empty folder, and moves it to its place."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("built", type=pathlib.Path, help="the folder of the static programs")
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    built, out = arguments.built.resolve(), arguments.out.resolve()
    with tempfile.TemporaryDirectory() as folder:
        stage, made = pathlib.Path(folder), pathlib.Path(folder) / "dist"
        made.mkdir()
        sbom = made / f"crewpass-{version()}.cdx.json"
        sbom.write_text(run([sys.executable, ROOT / "tools" / "sbom.py"]))
        wheel(built, sbom, stage / "wheel", made)
        npm(built, sbom, stage, made)
        tarball(built, sbom, made)
        image(built, made)
        files = sorted(made.iterdir())
        sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
        (made / "SHA256SUMS").write_text("".join(sums))
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made, out)
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:>10}  {path.name}")


if __name__ == "__main__":
    main()
