"""The version in all files, and the notes of a release."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import runner
import yaml

FILES = ["Cargo.toml", "CHANGELOG.md", "README.md", "action.yml", "templates", "examples/pipelines"]
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


WORKFLOW = runner.ROOT / ".github" / "workflows" / "release.yml"


def test_the_archives_that_cargo_binstall_looks_for_are_those_of_the_release():
    workspace = tomllib.loads((runner.ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    targets = {row["target"]: row["programs"] for row in jobs["programs"]["strategy"]["matrix"]["include"]}
    (pack,) = [step["run"] for step in jobs["programs"]["steps"] if step.get("name") == "Pack"]
    assert 'name="crewpass-${GITHUB_REF_NAME#v}-$TARGET"' in pack
    linux = "crewpass-{version()}-x86_64-linux"
    assert f'top = f"{linux}"' in (runner.ROOT / "tools" / "dist.py").read_text()
    for folder, program in (("mock-server", "crewpass-mock"), ("contract-tests", "crewpass-contract")):
        package = tomllib.loads((runner.ROOT / folder / "Cargo.toml").read_text())["package"]
        assert package["repository"] == {"workspace": True}
        found = package["metadata"]["binstall"]
        for target, programs in {**targets, "x86_64-unknown-linux-gnu": program}.items():
            if program not in programs:
                continue
            named = found | found["overrides"].get(target, {})
            archive = "x86_64-linux" if target == "x86_64-unknown-linux-gnu" else target
            values = {"repo": workspace["repository"], "version": "1.2.3", "target": target, "bin": program}
            values["binary-ext"] = ""
            url, path = (re.sub(r"\{ ([a-z-]+) \}", lambda key: values[key[1]], named[key]) for key in ("pkg-url", "bin-dir"))
            top = f"crewpass-1.2.3-{archive}"
            assert url == f"{workspace['repository']}/releases/download/v1.2.3/{top}.tar.gz"
            assert path == f"{top}/bin/{program}"


def test_what_is_attested_is_what_is_released():
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    steps = [step.get("run") or step["uses"] for step in jobs["attest"]["steps"]]
    (summed,) = [number for number, text in enumerate(steps) if "sha256sum" in text]
    (attested,) = [number for number, text in enumerate(steps) if text.startswith("actions/attest")]
    assert summed < attested
    release = " ".join(step.get("run", "") for step in jobs["release"]["steps"])
    assert "sha256sum --check --strict SHA256SUMS" in release
    assert "> " not in release


def test_the_packages_name_their_repository():
    """Without it, npm refuses a provenance."""
    for name in ("crewpass", "linux-x64"):
        package = yaml.safe_load((runner.ROOT / "packages" / "npm" / name / "package.json").read_text())
        assert package["repository"]["url"] == "git+https://github.com/crewpass/crewpass-mock.git"
        assert (runner.ROOT / package["repository"]["directory"] / "package.json").exists()


DIST = """
dist:
\tmkdir dist
\techo $(STATIC_PROFILE) > dist/a
\techo %s > dist/b
\tcd dist && sha256sum a b > SHA256SUMS
"""


@pytest.mark.parametrize(("content", "code"), [("same", 0), ("$(CURDIR)", 1)])
def test_two_builds_in_different_folders_are_compared(tmp_path, content, code):
    (tmp_path / "tools").mkdir()
    shutil.copy(runner.ROOT / "tools" / "dist_twice.sh", tmp_path / "tools")
    (tmp_path / "Makefile").write_text(DIST % content)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", "-C", tmp_path]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a"]):
        subprocess.run([*git, *command], check=True)
    env = runner.environment(tmp_path, {"STATIC_PROFILE": "trial"})
    command = ["bash", tmp_path / "tools" / "dist_twice.sh"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ("have the same hashes" in ran.stdout, "differ" in ran.stderr) == (code == 0, code == 1)
    assert not list(tmp_path.glob("tmp.*"))
