"""The version in all files, and the notes of a release."""

import shutil
import subprocess
import sys

import pytest
import runner

FILES = ["Cargo.toml", "CHANGELOG.md", "action.yml", "templates", "examples/pipelines"]
FILES += ["examples/containers", "examples/vitest", "tools/release.py"]


@pytest.fixture
def release(tmp_path):
    """Runs the script on a copy."""
    for name in FILES:
        source, target = runner.ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)

    def run(*arguments):
        command = [sys.executable, tmp_path / "tools" / "release.py", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True)
        return ran.returncode, ran.stdout + ran.stderr

    run.folder = tmp_path
    return run


def test_a_new_version_is_in_all_files(release):
    assert release("set", "7.8.9")[0] == 0
    assert release("check", "v7.8.9") == (0, "all files have the version 7.8.9\n")
    workspace = (release.folder / "Cargo.toml").read_text()
    assert workspace.count('"7.8.9"') == 3
    for path in [*release.folder.rglob("*.y*ml"), *release.folder.rglob("package.json")]:
        assert "0.1.0" not in path.read_text(), path
    code, notes = release("notes")
    assert code == 0
    assert notes.startswith("### Added\n")
    assert "## Unreleased\n\n## 7.8.9 (" in (release.folder / "CHANGELOG.md").read_text()


def test_another_version_is_found(release):
    release("set", "7.8.9")
    path = release.folder / "templates" / "gate.yml"
    path.write_text(path.read_text().replace("/gate@7.8.9", "/gate@7.8.8"))
    code, found = release("check", "v7.9.0")
    assert code == 1
    assert "the tag is v7.9.0, and Cargo.toml has 7.8.9" in found
    assert "templates/gate.yml: ['7.8.8']" in found


def test_a_version_without_notes_is_not_released(release):
    assert release("set", "7.8")[0] != 0
    changelog = release.folder / "CHANGELOG.md"
    changelog.write_text("# Changelog\n")
    assert release("check", "v0.1.0")[0] == 1
    assert release("notes")[0] == 1
