"""The static tarball and the image, unpacked and run."""

import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import urllib.request

import pytest

DIST = pathlib.Path(os.environ["DIST"])
PROGRAMS = ("crewpass-mock", "crewpass-contract")
# `make packages-quick` packs the programs of a debug build.
needs_static = pytest.mark.skipif(
    bool(os.environ.get("QUICK")), reason="these programs are neither static nor small"
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder of the tarball."""
    folder = tmp_path_factory.mktemp("tarball")
    (path,) = DIST.glob("crewpass-*-x86_64-linux.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


class Fake:
    """A program of the tarball that serves."""

    def __init__(self, command, **options):
        serve = ["serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"]
        self.process = subprocess.Popen(
            [*command, *serve, *options.pop("more", [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **options,
        )
        self.ready = json.loads(self.process.stdout.readline())
        self.port = self.ready["base"].rsplit(":", 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@needs_static
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_static_and_names_no_path_of_its_builder(unpacked, name):
    headers = subprocess.run(
        ["objdump", "--private-headers", "--syms", unpacked / "bin" / name],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "NEEDED" not in headers
    assert "INTERP" not in headers
    assert "no symbols" in headers
    content = (unpacked / "bin" / name).read_bytes()
    assert not re.findall(rb"/(?:root|home|work)/[^\0 /][^\0 ]{0,80}", content)


def test_the_tarball_has_completions_manual_pages_and_licences(unpacked):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    for name in PROGRAMS:
        completions = {f"{name}.bash", f"_{name}", f"{name}.fish"}
        assert {f"completions/{completion}" for completion in completions} < names
        assert f"man/man1/{name}.1" in names
        # A script asks the program that is on the PATH, not the one that wrote it.
        assert f"/{name}" not in (unpacked / "completions" / f"{name}.bash").read_text()
    page = (unpacked / "man/man1/crewpass-mock.1").read_text()
    assert page.startswith(".") or page.startswith("'")
    assert "man/man1/crewpass-mock-serve.1" in names
    assert {"LICENSE-MIT", "LICENSE-APACHE"} < names


def test_the_programs_resolve_names_and_speak_tls(unpacked, tmp_path):
    mock = unpacked / "bin" / "crewpass-mock"
    authority = tmp_path / "ca.pem"
    more = ["--tls", "--tls-ca", authority]
    with Fake([mock], more=more) as fake:
        ask = [mock, "ctl", "--base", f"https://localhost:{fake.port}", "--ca", authority, "health"]
        assert subprocess.run(ask).returncode == 0
        expect = subprocess.run([mock, "describe"], capture_output=True, text=True, check=True)
        (tmp_path / "expect.yaml").write_text(expect.stdout)
        gate = [unpacked / "bin" / "crewpass-contract", "server"]
        base = f"https://localhost:{fake.port}"
        gate += ["--base", base, "--expect", tmp_path / "expect.yaml"]
        env = {**os.environ, "CPK_CA_FILE": str(authority)}
        ran = subprocess.run(gate, env=env, capture_output=True, text=True, timeout=300)
        # It has no lever here, so the clauses that need one are not exercised.
        shown = ran.stdout + ran.stderr
        assert ran.returncode == 3, shown
        assert re.search("pass +CPS-ERR-03 ", shown)
        assert not re.search("(?m)^ *fail ", shown), shown
    assert subprocess.run(ask).returncode != 0


def test_the_gate_judges_a_client_over_tls(unpacked):
    client = pathlib.Path(__file__).parents[1] / "examples/clients/python/crewpass_documents.py"
    gate = [unpacked / "bin" / "crewpass-contract", "doctor", "--"]
    command = [*gate, sys.executable, client, "{crew_id}", "{out_dir}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "✓ it works over TLS" in ran.stdout


def test_the_checksums_are_those_of_the_files():
    lines = (DIST / "SHA256SUMS").read_text().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in DIST.iterdir()
        if path.name != "SHA256SUMS"
    }


def test_the_sbom_names_what_is_linked():
    (path,) = DIST.glob("*.cdx.json")
    bom = json.loads(path.read_text())
    names = {part["name"] for part in bom["components"]}
    assert {"ring", "hyper", "rustls", *PROGRAMS} < names
    assert not names & {"insta", "aws-lc-rs", "jpeg-decoder"}
    known = {part["bom-ref"] for part in bom["components"]} | {"crewpass"}
    assert {entry["ref"] for entry in bom["dependencies"]} == known


class Image:
    """The image, as a container engine reads it."""

    def __init__(self, folder):
        (self.path,) = DIST.glob("*-oci.tar")
        self.root = folder / "root"
        with tarfile.open(self.path) as archive:
            archive.extractall(folder / "oci")
        self._blobs = folder / "oci" / "blobs"
        index = json.loads((folder / "oci" / "index.json").read_text())
        (self.entry,) = index["manifests"]
        self.manifest = json.loads(self._blob(self.entry))
        self.config = json.loads(self._blob(self.manifest["config"]))
        (layer,) = self.manifest["layers"]
        plain = gzip.decompress(self._blob(layer))
        digest = hashlib.sha256(plain).hexdigest()
        assert self.config["rootfs"]["diff_ids"] == [f"sha256:{digest}"]
        (folder / "layer.tar").write_bytes(plain)
        with tarfile.open(folder / "layer.tar") as archive:
            archive.extractall(self.root)

    def _blob(self, described):
        algorithm, digest = described["digest"].split(":")
        content = (self._blobs / algorithm / digest).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) == described["size"]
        return content


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The image, unpacked."""
    return Image(tmp_path_factory.mktemp("image"))


def test_every_engine_gives_the_image_the_name_that_the_examples_have(image):
    version = image.config["config"]["Labels"]["org.opencontainers.image.version"]
    name = f"ghcr.io/crewpass/crewpass-mock:{version}"
    # podman, containerd, and docker without containerd.
    assert image.entry["annotations"]["org.opencontainers.image.ref.name"] == name
    assert image.entry["annotations"]["io.containerd.image.name"] == name
    with tarfile.open(image.path) as archive:
        (saved,) = json.load(archive.extractfile("manifest.json"))
        assert saved["RepoTags"] == [name]
        assert json.load(archive.extractfile(saved["Config"])) == image.config
        (layer,) = (archive.extractfile(path).read() for path in saved["Layers"])
    assert f"sha256:{hashlib.sha256(layer).hexdigest()}" == image.manifest["layers"][0]["digest"]
    compose = pathlib.Path(__file__).parents[1] / "examples/containers/compose.yaml"
    assert name in compose.read_text()


def test_the_user_of_the_image_is_a_number(image):
    config = image.config["config"]
    user, group = map(int, config["User"].split(":"))
    assert user > 0
    assert group > 0
    assert config["Healthcheck"]["Test"][1:] == [*config["Entrypoint"], "ctl", "health"]
    assert config["Labels"]["org.opencontainers.image.version"]


@needs_static
def test_the_image_is_small(image):
    assert image.path.stat().st_size <= 20 << 20


@needs_static
@pytest.mark.skipif(os.getuid() != 0, reason="only root can change the root folder of a process")
def test_the_image_serves_without_a_system_below_it(image):
    config = image.config["config"]
    chroot = ["chroot", f"--userspec={config['User']}", image.root, *config["Entrypoint"]]
    # Its variables, with a free port instead of 8787.
    env = dict(text.split("=", 1) for text in config["Env"])
    assert env.pop("CREWPASS_MOCK_BIND") == "0.0.0.0:8787"
    env["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    with Fake(chroot, env=env) as fake:
        # An engine would also give it /etc/hosts.
        health = [*chroot, "ctl", "--base", fake.ready["base"], "health"]
        assert subprocess.run(health, env=env).returncode == 0
        request = urllib.request.Request(
            f"{fake.ready['base']}/__mock/health", headers={"Host": "fake.example:1"}
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
    assert subprocess.run(health, env=env, stderr=subprocess.DEVNULL).returncode == 1
