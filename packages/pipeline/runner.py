"""Runs the steps of the action and the script of the GitLab component, as their runners do."""

import json
import os
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(os.environ["CREWPASS_SOURCES"])
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
SPEC, COMPONENT = yaml.safe_load_all((ROOT / "templates" / "gate.yml").read_text())
SPEC = SPEC["spec"]["inputs"]
EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z]+) \}\}")
INTERPOLATION = re.compile(r"\$\[\[ inputs\.([a-z]+) \]\]")


class Ran:
    """What a pipeline did."""

    def __init__(self, code, text, folder):
        self.code = code
        self.text = text
        self.folder = folder

    def read(self, name):
        """Returns a file that the steps wrote, or nothing."""
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def report(self, mode="client"):
        """Returns the JSON report."""
        return json.loads((self.folder / "crewpass-reports" / f"{mode}.json").read_text())


def inputs_of(declared, given):
    """Returns all inputs, with their defaults."""
    assert set(given) <= set(declared)
    return {name: given.get(name, declared[name].get("default", "")) for name in declared}


def environment(folder, more):
    """Returns the variables of a step."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TMPDIR": str(folder), "NO_COLOR": "1", "CI": "true", **more}


def run_action(folder, place=ROOT, **given):
    """Runs the steps of the action at this place that are scripts, until one fails."""
    inputs = inputs_of(ACTION["inputs"], given)
    files = ("GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    github = {name: str(folder / name) for name in files}
    github["GITHUB_ACTION_PATH"] = str(place)
    code, text = 0, ""
    for step in ACTION["runs"]["steps"]:
        if "run" not in step or code != 0:
            continue
        assert "if" not in step
        # A script that has an expression inside would be another one for each input.
        assert "${{" not in step["run"]
        env = {
            name: EXPRESSION.sub(lambda found: inputs[found[1]], value)
            for name, value in step["env"].items()
        }
        env = environment(folder, {**github, **env})
        if (folder / "GITHUB_PATH").exists():
            paths = (folder / "GITHUB_PATH").read_text().split()
            env["PATH"] = os.pathsep.join([*reversed(paths), env["PATH"]])
        (folder / "step.sh").write_text(step["run"])
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", folder / "step.sh"]
        ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        code, text = ran.returncode, text + ran.stdout + ran.stderr
    return Ran(code, text, folder)


def run_component(folder, **given):
    """Runs the lines of the component in one shell, as GitLab does."""
    inputs = inputs_of(SPEC, given)
    (job,) = COMPONENT.values()
    env = {}
    for name, variable in job["variables"].items():
        # Without this, `$NAME` in a value is the value of another variable.
        assert variable["expand"] is False
        env[name] = INTERPOLATION.sub(lambda found: inputs[found[1]], variable["value"])
    script = "\n".join(job["script"])
    assert "$[[ inputs." not in script
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    env = environment(folder, env)
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return Ran(ran.returncode, ran.stdout + ran.stderr, folder)
