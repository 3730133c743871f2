"""The installation of the gate in a pipeline, from wheels that these tests write."""

import os
import shutil
import subprocess
import zipfile

import pytest
import runner

ROOT = runner.ROOT


def wheel(folder, names=("crewpass-mock", "crewpass-contract")):
    """Writes a wheel that has programs of these names, and returns its path."""
    info = "crewpass-0.0.1.dist-info"
    files = {
        **{f"crewpass-0.0.1.data/scripts/{name}": f"#!/bin/sh\necho {name}\n" for name in names},
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: crewpass\nVersion: 0.0.1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / "crewpass-0.0.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16  # A regular file that everybody may run.
            archive.writestr(entry, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]))
    return path


def test_the_installation_leaves_the_python_of_the_client_alone(tmp_path):
    added = tmp_path / "path"
    env = {**os.environ, "GATE_PACKAGE": str(wheel(tmp_path)), "GITHUB_PATH": str(added), "TMPDIR": str(tmp_path)}
    script = f"before=$(command -v python3); source '{ROOT}/packages/pipeline/install.sh'; "
    script += '[ "$(command -v python3)" = "$before" ] && crewpass-mock && crewpass-contract'
    ran = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "crewpass-mock\ncrewpass-contract\n"), ran.stderr
    (folder,) = added.read_text().splitlines()
    assert sorted(os.listdir(folder)) == ["crewpass-contract", "crewpass-mock"]


@pytest.fixture
def bare(monkeypatch):
    """Takes the gate off the PATH."""
    kept = [folder for folder in os.environ["PATH"].split(":") if not os.path.exists(f"{folder}/crewpass-contract")]
    monkeypatch.setenv("PATH", ":".join(kept))


def test_a_wheel_that_is_named_is_used(pipeline, bare, tmp_path):
    ran = pipeline(package=str(wheel(tmp_path)), command="true")
    assert (ran.code, ran.text) == (0, "crewpass-contract\n")


def test_without_a_name_the_wheel_beside_the_action_is_used(bare, tmp_path):
    place = tmp_path / "crewpass"
    shutil.copytree(ROOT / "packages" / "pipeline", place / "packages" / "pipeline")
    wheel(place)
    for ran in (
        runner.run_action(tmp_path, place=place, command="true"),
        runner.run_component(tmp_path, command="true"),
    ):
        assert (ran.code, ran.text) == (0, "crewpass-contract\n")


def test_no_registry_is_asked_without_a_name():
    """The name is free there: who takes it would run programs in pipelines."""
    for inputs in (runner.ACTION["inputs"], runner.SPEC):
        assert inputs["package"]["default"] == ""


def test_a_gate_that_is_not_there_is_a_wrong_input(pipeline, bare):
    ran = pipeline(command="true")
    assert ran.code == 2
    assert ran.text.startswith("crewpass: there is no crewpass-contract: set package to a wheel")


def test_a_gate_that_does_not_run_is_a_wrong_input(pipeline, bare, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    program = tmp_path / "other" / "crewpass-contract"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    ran = pipeline(command="true")
    assert ran.code == 2, ran.text
    assert ran.text.endswith("crewpass: the crewpass-contract on the PATH can't be run\n")


def test_what_is_no_package_is_a_wrong_input(pipeline, bare, tmp_path):
    ran = pipeline(package="./no-such-file.whl", command="true")
    assert ran.code == 2
    assert ran.text.endswith("crewpass: the package can't be installed\n")
    ran = pipeline(package=str(wheel(tmp_path, ["crewpass-mock"])), command="true")
    assert (ran.code, ran.text) == (2, "crewpass: the package has no crewpass-contract\n")
