"""The action, the GitLab component and the manifests, executed with the gate that is on the PATH."""

import os
import re
import select
import subprocess
import sys

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
        assert ran.read("GITHUB_OUTPUT") == "reports=crewpass-reports\nexit-code=0\n"
        assert "1 kept" in ran.read("GITHUB_STEP_SUMMARY")


def test_a_failing_client_ends_with_the_exit_code_of_the_gate(pipeline):
    ran = pipeline(command=CARELESS, options="--only list/items-object")
    assert ran.code == 1, ran.text
    assert ran.report()["exit"] == 1
    assert (ran.folder / "crewpass-reports" / "client.xml").exists()
    if pipeline.name == "action":
        assert ran.read("GITHUB_OUTPUT") == "reports=crewpass-reports\nexit-code=1\n"
        assert re.search("(?m)^::error .*CPK-LIST-06", ran.text)
        assert "CPK-LIST-06" in ran.read("GITHUB_STEP_SUMMARY")


def test_a_client_that_does_nothing_is_not_judged(pipeline):
    ran = pipeline(command="true", options="--only CPK-LIST-05")
    assert ran.code == 3, ran.text


def test_a_job_that_is_cancelled_keeps_its_reports(tmp_path):
    started, output = tmp_path / "started", tmp_path / "output"
    os.mkfifo(started)
    reader = os.open(started, os.O_RDONLY | os.O_NONBLOCK)
    client = tmp_path / "client.py"
    client.write_text(f"import time\nopen({str(started)!r}, 'w').write('x')\ntime.sleep(600)\n")
    inputs = {
        "GATE_MODE": "client",
        "GATE_REPORTS": "reports",
        "GATE_COMMAND": f"'{sys.executable}' '{client}'",
        "GATE_OPTIONS": "--only auth/plain",
        "GITHUB_OUTPUT": str(output),
    }
    job = subprocess.Popen(
        ["bash", ROOT / "packages" / "pipeline" / "gate.sh"],
        cwd=tmp_path,
        env=runner.environment(tmp_path, inputs),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert select.select([reader], [], [], 60)[0]
    job.terminate()
    text, _ = job.communicate(timeout=60)
    os.close(reader)
    assert job.returncode == 143, text
    assert (tmp_path / "reports" / "client.json").exists()
    assert output.read_text() == "reports=reports\nexit-code=143\n"


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
    assert not re.search("(?m)^::", ran.read("GITHUB_OUTPUT"))
    outputs = [line.split("=")[0] for line in ran.read("GITHUB_OUTPUT").splitlines()]
    assert outputs in ([], ["reports", "exit-code"])
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


def test_words_are_split_and_nothing_is_expanded(pipeline, arguments):
    command = """
        python3 'my client.py' "a 'b'" "c \\"d\\"" 'e
        f' #g
        {crew_id} $HOME *.yml a\\ b ''
    """
    ran = pipeline(mode="receiver", command=command, options=" --seed 7 ", reports="r s")
    assert ran.code == 0, ran.text
    got = arguments()
    assert got[0] == "receiver"
    assert "--report=json=r s/receiver.json" in got
    end = got.index("--")
    assert got[end - 2 : end] == ["--seed", "7"]
    words = ["python3", "my client.py", "a 'b'", 'c "d"', "e\n        f", "#g", "{crew_id}", "$HOME", "*.yml", "a b", ""]
    assert got[end + 1 :] == words


WORD = "crewpass: options must not have the word --\n"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"options": "-- touch {}"}, WORD),
        ({"options": "'--' touch {}"}, WORD),
        ({"options": "--only list -- touch {}", "mode": "receiver"}, WORD),
        ({"command": "'x"}, "crewpass: command has a quote or a backslash without its end\n"),
        ({"options": "x\\"}, "crewpass: options has a quote or a backslash without its end\n"),
    ],
)
def test_options_are_no_command(pipeline, arguments, tmp_path, inputs, said):
    mark = tmp_path / "pwned"
    inputs = {name: value.format(mark) for name, value in inputs.items()}
    ran = pipeline(**{"command": "true", **inputs})
    assert (ran.code, ran.text) == (2, said)
    assert not mark.exists()
    assert not (tmp_path / "arguments.json").exists()


REPORTS = ["", "rep\n/etc/passwd", "rep\r/etc", "*", "a?", "!rep", "a[b]", "#a", "~/a", "taken", "taken/a"]


@pytest.mark.parametrize("reports", REPORTS)
def test_reports_are_one_folder(pipeline, arguments, tmp_path, reports):
    (tmp_path / "taken").touch()
    ran = pipeline(command="true", reports=reports)
    assert ran.code == 2
    assert re.fullmatch(r"crewpass: (reports must be a|the) folder.*\n", ran.text), ran.text
    # So nothing is uploaded, and the component accepts no pattern.
    assert ran.read("GITHUB_OUTPUT") == ""
    if not reports.startswith("taken"):
        assert not re.search(runner.SPEC["reports"]["regex"], reports)
    assert re.search(runner.SPEC["reports"]["regex"], "out/my reports-1")


def test_only_a_checked_folder_is_uploaded():
    (upload,) = [step for step in runner.ACTION["runs"]["steps"] if "uses" in step]
    assert upload["with"]["path"] == "${{ steps.gate.outputs.reports }}"
    assert "steps.gate.outputs.reports != ''" in upload["if"]


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


KUBERNETES = ROOT / "examples" / "containers" / "kubernetes"


def test_a_shard_that_is_to_be_repeated_leaves_no_report(tmp_path):
    """A gate that failed may have written its report, which the merge would take."""
    objects = yaml.safe_load_all((KUBERNETES / "gate.yaml").read_text())
    (job,) = [made for made in objects if made["metadata"]["name"] == "crewpass-gate"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (tmp_path / "bin").mkdir()
    gate = tmp_path / "bin" / "crewpass-contract"
    gate.write_text('#!/bin/sh\nfor word; do case "$word" in json=*) echo {} > "${word#json=}" ;; esac; done\nexit $CODE\n')
    gate.chmod(0o755)
    env = {"PATH": f"{gate.parent}:/usr/bin:/bin", "SHARDS": "4", "REPORTS": str(tmp_path)}
    for code in (4, 2, 0, 1, 3):
        run_env = {**env, "JOB_COMPLETION_INDEX": str(code), "CODE": str(code)}
        ran = subprocess.run([*container["command"][:3], "shard", "true"], env=run_env)
        is_whole = code in (0, 1, 3)
        assert ran.returncode == (0 if is_whole else code)
        assert (tmp_path / f"shard-{code + 1}.json").exists() == is_whole


def test_the_job_of_kubernetes_judges_in_shards_and_merges(tmp_path):
    """Its scripts are run here, with the index that Kubernetes gives to each pod."""
    path = KUBERNETES / "gate.yaml"
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
