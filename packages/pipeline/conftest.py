"""Both ways to run the gate in a pipeline, and a program that shows its arguments."""

import json
import os

import pytest
import runner

STUB = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["ARGUMENTS"], "w") as file:
    json.dump(sys.argv[1:], file)
"""


@pytest.fixture(params=["action", "component"])
def pipeline(request, tmp_path):
    """Runs the gate from PATH, with these inputs."""
    run = {"action": runner.run_action, "component": runner.run_component}[request.param]

    def run_with(**inputs):
        return run(tmp_path, **inputs)

    run_with.name = request.param
    return run_with


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    """Puts a program in the place of the gate, and returns the arguments that it gets."""
    folder = tmp_path / "stub"
    folder.mkdir()
    program = folder / "crewpass-contract"
    written = tmp_path / "arguments.json"
    program.write_text(STUB.replace('os.environ["ARGUMENTS"]', repr(str(written))))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return lambda: json.loads(written.read_text())
