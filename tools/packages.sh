#!/usr/bin/env bash
# Builds the packages from the static programs (`build PROGRAMS`), or tests them where they are installed (`test`).
# The tools of others are installed below target/tools, in fixed versions. The packages are installed without a network.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(realpath -m "${CARGO_TARGET_DIR:-target}/tools/packages")
mkdir -p "$work"

# venv NAME PACKAGE...: a virtual environment with these packages, at $work/NAME.
venv() {
    local folder=$work/$1
    [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
}

# bare COMMAND...: without the variables of this machine, and without cargo and its programs.
bare() {
    env -i PATH="$work/run/bin:$node:/usr/bin:/bin" HOME="$work/home" LANG=C.UTF-8 NO_COLOR=1 CI=1 "$@"
}

step() {
    echo "== $*"
}

build() {
    venv build hatchling==1.33.0
    "$work/build/bin/python" tools/dist.py "$1" dist
}

check_wheel() {
    step "the wheel and the sources of its package"
    venv check twine==7.0.0 mypy==1.19.1 ruff==0.17.6 pytest==8.4.2
    "$work/check/bin/twine" check --strict dist/*.whl
    "$work/check/bin/ruff" check --quiet packages/python
    "$work/check/bin/ruff" format --quiet --check packages/python
    (cd packages/python && "$work/check/bin/mypy" --python-version 3.9 --cache-dir "$work/mypy")
}

test_python() {
    step "the wheel, installed in an empty environment"
    rm -rf "$work/run"
    venv run pytest==8.4.2 pytest-xdist==3.8.0
    "$work/run/bin/pip" install --quiet --disable-pip-version-check --no-index dist/*.whl
    for name in crewpass-mock crewpass-contract; do
        # A static program needs no symbol of any glibc, so none that is newer than 2.17.
        objdump --dynamic-syms "$work/run/bin/$name" 2> /dev/null | { ! grep GLIBC_; }
    done
    cp -r packages/python/tests packages/static examples "$1"
    (cd "$1/tests" && bare pytest --quiet -n 4 -p no:cacheprovider)
    (cd "$1/static" && bare DIST="$root/dist" pytest --quiet -n 2 -p no:cacheprovider)
    (cd "$1/examples/pytest" && bare pytest --quiet -p no:cacheprovider)
}

test_npm() {
    step "the npm packages, installed in an empty folder"
    local versions=(vitest@4.1.12 jest@30.5.2 typescript@7.0.2 @types/node@26.6.7 publint@0.3.25 @arethetypeswrong/cli@0.18.5)
    local tools=$work/node main=$root/dist/crewpass-[0-9]*.tgz
    mkdir -p "$tools"
    if [ "$(cat "$tools/versions" 2> /dev/null)" != "${versions[*]}" ]; then
        (cd "$tools" && rm -rf node_modules package*.json && npm init --yes > /dev/null \
            && npm install --silent --no-audit --no-fund --prefer-offline "${versions[@]}")
        echo "${versions[*]}" > "$tools/versions"
    fi
    (cd "$tools" && npx publint --strict $main && npx attw $main --format ascii --profile node16 --entrypoints . jest \
        && npx attw $main --format ascii --profile esm-only --entrypoints vitest vitest/setup) > "$1/lint.txt" 2>&1 \
        || { cat "$1/lint.txt"; return 1; }

    # Installed alone, and the tests of node:test need nothing else.
    mkdir "$1/alone" && cp packages/npm/test/crewpass.test.mjs "$1/alone"
    (cd "$1/alone" && npm init --yes > /dev/null \
        && npm install --offline --silent --no-audit --no-fund $main "$root"/dist/crewpass-linux-x64-*.tgz \
        && bare node --test --test-reporter=dot crewpass.test.mjs \
        && bare npx --offline crewpass-mock --version && bare npx --offline crewpass-contract --version)

    # Beside the runners.
    local place=$1/node
    mkdir "$place" && cp -r packages/npm/test/. examples/vitest/documents.test.ts "$place"
    mkdir "$1/clients" && cp -r examples/clients/typescript "$1/clients"
    cp -r "$1/alone/package.json" "$place" && ln -s "$tools/node_modules" "$place/node_modules"
    rm -rf "$tools/node_modules/crewpass" "$tools/node_modules/@crewpass"
    cp -r "$1/alone/node_modules/crewpass" "$1/alone/node_modules/@crewpass" "$tools/node_modules/"
    cd "$place"
    bare npx tsc --noEmit --strict --target es2022 --lib es2022,esnext.disposable,dom --types node --module nodenext types.mts types.cts
    bare npx jest --globalSetup crewpass/jest --testMatch '**/session.jest.js' --rootDir .
    bare npx vitest run --config vitest.config.mjs --testNamePattern '^(?!fails)'
    bare SETUP=1 npx vitest run --config vitest.config.mjs session.vitest.ts > failed.txt 2>&1 && exit 1
    grep 'Tests  2 failed | 3 passed' failed.txt
    grep -A 1 'fails: its journal is shown: the journal' failed.txt
    bare npx vitest run --config vitest.config.mjs session.vitest.ts > /dev/null 2>&1 && exit 1
    bare CREWPASS_BASE="$(cat "$1/real")" CPK_KEY=cpk_test_1 CREW_ID=crew_1 \
        npx vitest run --config vitest.config.mjs session.vitest.ts | grep -E 'Tests +1 passed \| 4 skipped'
    cd "$root"
}

run_tests() {
    node=$(dirname "$(command -v node)")
    mkdir -p "$work/home"
    local place
    place=$(mktemp --directory)
    trap 'kill "${real:-}" 2> /dev/null; rm -rf "'"$place"'"' EXIT
    # A server that is not a fake, for the tests of real environments.
    node -e 'require("http").createServer((_, r) => r.writeHead(404).end()).listen(0, "127.0.0.1", function () {
        require("fs").writeFileSync(process.argv[1], `http://127.0.0.1:${this.address().port}`); })' "$place/real" &
    real=$!
    check_wheel
    test_python "$place"
    test_npm "$place"
    echo "the packages work where they are installed"
}

case "${1:-}" in
    build) build "$2" ;;
    test) run_tests ;;
    *) echo "usage: tools/packages.sh build PROGRAMS | test" >&2; exit 2 ;;
esac
