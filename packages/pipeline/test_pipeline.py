"""The action, the GitLab component and the manifests, executed with the gate that is on the PATH."""

import os
import re
import subprocess
import sys
import zipfile

import pytest
import runner
import yaml

ROOT = runner.ROOT
CLIENTS = ROOT / "examples" / "clients" / "python" / "crewpass_documents.py"
GOOD = f"'{sys.executable}' '{CLIENTS}' {{crew_id}} {{out_dir}}"
CARELESS = f"'{sys.executable}' '{ROOT}/packages/pipeline/careless.py'"
VERSION = re.search(r'(?m)^version = "([^"]+)"', (ROOT / "Cargo.toml").read_text())[1]
HOSTILE = [
    '"; touch {}; #',
    "'; touch {}; #",
    "$(touch {})",
    "`touch {}`",
    "x\ntouch {}\n",
    "x\n::error::pwned\n::add-path::/tmp\ntouch {}",
    "&& touch {}",
    "| touch {}",
    "> {}",
    "--report=json={}",
    "a[$(touch {})]",
]


def test_a_good_client_passes_with_reports(pipeline):
    ran = pipeline(command=GOOD, options="--only CPK-LIST-05")
    assert ran.code == 0, ran.text
    assert ran.report()["exit"] == 0
    names = {path.name for path in (ran.folder / "crewpass-reports").iterdir()}
    assert {"client.json", "client.xml", "client.html"} <= names
    if pipeline.name == "action":
        assert ran.read("GITHUB_OUTPUT") == "exit-code=0\n"
        assert "1 kept" in ran.read("GITHUB_STEP_SUMMARY")


def test_a_failing_client_ends_with_the_exit_code_of_the_gate(pipeline):
    ran = pipeline(command=CARELESS, options="--only list/items-object")
    assert ran.code == 1, ran.text
    assert ran.report()["exit"] == 1
    assert (ran.folder / "crewpass-reports" / "client.xml").exists()
    if pipeline.name == "action":
        assert ran.read("GITHUB_OUTPUT") == "exit-code=1\n"
        assert re.search("(?m)^::error .*CPK-LIST-06", ran.text)
        assert "CPK-LIST-06" in ran.read("GITHUB_STEP_SUMMARY")


def test_a_client_that_does_nothing_is_not_judged(pipeline):
    ran = pipeline(command="true", options="--only CPK-LIST-05")
    assert ran.code == 3, ran.text


def test_a_client_that_is_not_there_is_a_wrong_input(pipeline):
    ran = pipeline(command="./no-such-client", options="--only CPK-LIST-05")
    assert ran.code == 2, ran.text


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["mode", "command", "base", "expect", "options", "reports"])
def test_a_hostile_input_is_only_an_argument(pipeline, arguments, tmp_path, name, value):
    mark = tmp_path / "pwned"
    ran = pipeline(**{name: value.format(mark)})
    assert not mark.exists()
    assert not re.search("(?m)^::", ran.text)
    assert not re.search("(?m)^::|pwned", ran.read("GITHUB_OUTPUT"))
    if name == "mode":
        assert ran.code == 2
        assert ran.text == "crewpass: mode must be client, server or receiver\n"


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["command", "options"])
def test_the_gate_takes_no_hostile_input_for_a_command(pipeline, tmp_path, name, value):
    mark = tmp_path / "pwned"
    inputs = {"command": GOOD, name: value.format(mark)}
    inputs["options"] = f"--only CPK-LIST-05 {inputs.get('options', '')}"
    ran = pipeline(**inputs)
    if name == "options" and value.startswith("--report"):
        # An option may name a report; that is what options are for.
        assert ran.code == 0, ran.text
    else:
        assert ran.code in (2, 3), ran.text
        assert not mark.exists()
    assert not re.search("(?m)^::(?!error|warning|notice)", ran.text)
    assert "::error::pwned" not in ran.text


def wheel(folder):
    """Writes a wheel that has two programs of the names of ours, and returns its path."""
    info = "crewpass-0.0.1.dist-info"
    files = {
        "crewpass-0.0.1.data/scripts/crewpass-mock": "#!/bin/sh\necho mock\n",
        "crewpass-0.0.1.data/scripts/crewpass-contract": "#!/bin/sh\necho contract\n",
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
    assert (ran.returncode, ran.stdout) == (0, "mock\ncontract\n"), ran.stderr
    (folder,) = added.read_text().splitlines()
    assert sorted(os.listdir(folder)) == ["crewpass-contract", "crewpass-mock"]


def test_words_are_split_and_nothing_is_expanded(pipeline, arguments):
    command = """
        python3 'my client.py' "a 'b'"
        {crew_id} $HOME *.yml a\\ b ''
    """
    ran = pipeline(mode="receiver", command=command, options=" --seed 7 ", reports="r s")
    assert ran.code == 0, ran.text
    got = arguments()
    assert got[0] == "receiver"
    assert "--report=json=r s/receiver.json" in got
    end = got.index("--")
    assert got[end - 2 : end] == ["--seed", "7"]
    words = ["python3", "my client.py", "a 'b'", "{crew_id}", "$HOME", "*.yml", "a b", ""]
    assert got[end + 1 :] == words


def test_a_server_has_a_base_and_an_expectation(pipeline, arguments):
    ran = pipeline(mode="server", base="http://127.0.0.1:1", expect="crewpass expect.yaml")
    assert ran.code == 0, ran.text
    got = arguments()
    assert got[0] == "server"
    assert "--" not in got
    assert got[-2:] == ["--base=http://127.0.0.1:1", "--expect=crewpass expect.yaml"]


def test_the_component_has_the_scripts_and_the_inputs_of_the_action():
    (job,) = runner.COMPONENT.values()
    scripts = [ROOT / "packages" / "pipeline" / name for name in ("install.sh", "gate.sh")]
    assert job["script"] == [path.read_text() for path in scripts]
    assert set(runner.ACTION["inputs"]) - {"artifact"} == set(runner.SPEC) - {"stage", "image"}
    for name in set(runner.SPEC) & set(runner.ACTION["inputs"]):
        assert runner.SPEC[name]["default"] == runner.ACTION["inputs"][name]["default"]


def examples():
    """Yields the files for pipelines, and the manifests."""
    yield ROOT / "action.yml"
    yield ROOT / "templates" / "gate.yml"
    yield from sorted((ROOT / "examples" / "pipelines").iterdir())
    yield from sorted((ROOT / "examples" / "containers").rglob("*.yaml"))


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.name)
def test_every_version_is_that_of_the_workspace(path):
    named = re.findall(
        r"(?:crewpass==|crewpass/crewpass-mock[:@]v?|/gate@)([0-9][0-9.]*)", path.read_text()
    )
    assert set(named) <= {VERSION}


def test_the_first_workflow_is_short_and_has_one_value_to_change():
    path = ROOT / "examples" / "pipelines" / "github.yml"
    assert len(path.read_text().splitlines()) <= 25
    (job,) = yaml.safe_load(path.read_text())["jobs"].values()
    assert list(job["steps"][-1]["with"]) == ["command"]


def test_the_examples_give_the_action_inputs_that_it_has():
    for path in sorted((ROOT / "examples" / "pipelines").glob("github*.yml")):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("crewpass/"):
                    assert set(step["with"]) <= set(runner.ACTION["inputs"])


def test_the_job_of_kubernetes_judges_in_shards_and_merges(tmp_path):
    """Its scripts are run here, with the index that Kubernetes gives to each pod."""
    path = ROOT / "examples" / "containers" / "kubernetes" / "gate.yaml"
    objects = [made for made in yaml.safe_load_all(path.read_text()) if made["kind"] == "Job"]
    shards, merge = (made["spec"] for made in objects)
    assert shards["completionMode"] == "Indexed"

    def run(spec, index):
        (container,) = spec["template"]["spec"]["containers"]
        env = {variable["name"]: variable["value"] for variable in container["env"]}
        assert env["SHARDS"] == str(shards["completions"])
        env |= {"REPORTS": str(tmp_path), "JOB_COMPLETION_INDEX": str(index)}
        env["GATE_OPTIONS"] = "--only list/empty,list/items-object,list/no-items,list/not-json"
        shell, option, script, *rest = container["command"]
        assert (shell, option) == ("/bin/sh", "-c")
        assert rest[1:2] == (["python3"] if client else [])
        command = [shell, option, script, *rest[:1], *client]
        env = runner.environment(tmp_path, env)
        return subprocess.run(command, cwd=tmp_path, env=env, timeout=300).returncode

    client = [sys.executable, str(CLIENTS), "{crew_id}", "{out_dir}"]
    assert [run(shards, index) for index in range(shards["completions"])] == [0] * 4
    # The exit code of the merged report is the verdict, also if a shard is not what it was.
    client = []
    assert run(merge, 0) == 0
    assert (tmp_path / "gate.xml").exists()
    client = ["false"]
    assert run(shards, 0) == 0
    client = []
    assert run(merge, 0) != 0
