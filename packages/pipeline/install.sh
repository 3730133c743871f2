#!/usr/bin/env bash
# Installs what GATE_PACKAGE names (the path of a wheel, or a name with a version) into a new environment, and puts its
# programs on the PATH of later steps. If it is empty, the wheel beside action.yml, or in the folder crewpass, is
# installed; without one, the programs are on the PATH already. The action runs this file; the GitLab component has it
# inside, so only a failure may end the shell.
set -euo pipefail

package=${GATE_PACKAGE:-}
if [ -z "$package" ]; then
    for wheel in "${GITHUB_ACTION_PATH:-crewpass}"/crewpass-*.whl; do
        if [ -f "$wheel" ]; then package=$wheel; fi
    done
fi
if [ -n "$package" ]; then
    # An exit code of 1 would be that of a broken client.
    environment=$(mktemp -d)
    python3 -m venv "$environment/venv" || { echo "crewpass: python3 can't make an environment" >&2; exit 2; }
    # Nothing after `--` is an option.
    "$environment/venv/bin/pip" install --quiet --disable-pip-version-check -- "$package" \
        || { echo "crewpass: the package can't be installed" >&2; exit 2; }
    # The two programs alone: the Python of the environment would hide that of the client.
    mkdir "$environment/bin"
    for name in crewpass-mock crewpass-contract; do
        [ -x "$environment/venv/bin/$name" ] || { echo "crewpass: the package has no $name" >&2; exit 2; }
        ln -s "$environment/venv/bin/$name" "$environment/bin/"
    done
    export PATH="$environment/bin:$PATH"
    if [ -n "${GITHUB_PATH:-}" ]; then echo "$environment/bin" >> "$GITHUB_PATH"; fi
fi
