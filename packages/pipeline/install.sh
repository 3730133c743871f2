#!/usr/bin/env bash
# Installs what GATE_PACKAGE names (a name with a version, or the path of a wheel) into a new environment, and puts its
# programs on the PATH of later steps. The action runs this file; the GitLab component has it inside.
set -euo pipefail

environment=$(mktemp -d)
python3 -m venv "$environment/venv"
# Nothing after `--` is an option.
"$environment/venv/bin/pip" install --quiet --disable-pip-version-check -- "$GATE_PACKAGE"
# The two programs alone: the Python of the environment would hide that of the client.
mkdir "$environment/bin"
ln -s "$environment"/venv/bin/crewpass-* "$environment/bin/"
export PATH="$environment/bin:$PATH"
if [ -n "${GITHUB_PATH:-}" ]; then echo "$environment/bin" >> "$GITHUB_PATH"; fi
