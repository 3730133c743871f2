#!/usr/bin/env bash
# Builds the packages from the static programs (`build PROGRAMS`), tests them where they are installed (`test`), or
# measures them there (`measure`). The tools of others are installed below target/tools, in fixed versions. After that,
# everything runs without a network. `quick PROGRAMS` builds and tests them with programs that are neither static nor
# optimised, beside dist/: all but what only a static program can show.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(realpath -m "${CARGO_TARGET_DIR:-target}/tools/packages")
mkdir -p "$work"
# Where the packages are.
export DIST=${DIST:-$root/dist}

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

# offline COMMAND...: with the network interface `lo` alone.
offline() {
    local interface='import fcntl, os, socket, struct, sys
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41
fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP_RUNNING))
os.execvp(sys.argv[1], sys.argv[1:])'
    local user=()
    # Root stays root: a test changes to the user of the image.
    [ "$(id -u)" = 0 ] || user=(--map-root-user)
    if unshare "${user[@]}" --net true 2> /dev/null; then
        unshare "${user[@]}" --net python3 -c "$interface" "$@"
    elif [ -n "${WITH_NETWORK:-}" ]; then
        echo "not tested: that the packages need no network"
        "$@"
    else
        echo "the network can't be cut off here; WITH_NETWORK=1 tests without that" >&2
        return 1
    fi
}

step() {
    echo "== $(date +%T) $*"
}

build() {
    venv build hatchling==1.33.0
    "$work/build/bin/python" tools/dist.py "$1" "$DIST"
}

# install_tools: what the tests need from a registry.
install_tools() {
    step "tools"
    venv check twine==7.0.0 mypy==1.19.1 ruff==0.17.6 pytest==8.4.2
    rm -rf "$work/run"
    venv run pytest==8.4.2 pytest-xdist==3.8.0
    local tools=$work/node
    local versions=(vitest@4.1.12 jest@30.5.2 typescript@7.0.2 @types/node@26.6.7 publint@0.3.25 @arethetypeswrong/cli@0.18.5)
    mkdir -p "$tools" "$work/home"
    if [ "$(cat "$tools/versions" 2> /dev/null)" != "${versions[*]}" ]; then
        (cd "$tools" && rm -rf node_modules package*.json && npm init --yes > /dev/null \
            && npm install --silent --no-audit --no-fund --prefer-offline "${versions[@]}")
        echo "${versions[*]}" > "$tools/versions"
    fi
}

check_wheel() {
    step "the wheel and the sources of its package"
    "$work/check/bin/twine" check --strict "$DIST"/*.whl
    local wheels=("$DIST"/*-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl)
    [ -f "${wheels[0]}" ] || { echo "the wheel has another tag: $(ls "$DIST"/*.whl)" >&2; return 1; }
    "$work/check/bin/ruff" check --quiet packages/python
    "$work/check/bin/ruff" format --quiet --check packages/python
    (cd packages/python && "$work/check/bin/mypy" --python-version 3.9 --cache-dir "$work/mypy")
}

install_wheel() {
    step "the wheel, installed in an empty environment"
    "$work/run/bin/pip" install --quiet --disable-pip-version-check --no-index --force-reinstall "$DIST"/*.whl
    bare sh -c '! command -v cargo' || { echo "cargo is on the PATH of the tests" >&2; return 1; }
    for name in crewpass-mock crewpass-contract; do
        [ -z "${QUICK:-}" ] || continue
        # A static program needs no symbol of any glibc, so none that is newer than 2.17.
        objdump --dynamic-syms "$work/run/bin/$name" 2> /dev/null | { ! grep GLIBC_; }
    done
}

test_python() {
    step "the tests of the wheel, of the tarball and of the image"
    cp -r packages/python/tests packages/static examples "$1"
    (cd "$1/tests" && bare pytest --quiet -n 4 -p no:cacheprovider)
    (cd "$1/static" && bare DIST="$DIST" QUICK="${QUICK:-}" pytest --quiet -rs -n 2 -p no:cacheprovider)
    (cd "$1/examples/pytest" && bare pytest --quiet -p no:cacheprovider)
}

test_npm() {
    step "the npm packages, installed in an empty folder"
    local tools=$work/node main=$DIST/crewpass-[0-9]*.tgz
    (cd "$tools" && npx publint --strict $main && npx attw $main --format ascii --profile node16 --entrypoints . jest \
        && npx attw $main --format ascii --profile esm-only --entrypoints vitest vitest/setup) > "$1/lint.txt" 2>&1 \
        || { cat "$1/lint.txt"; return 1; }

    # The paths that the release publishes, as they stand there.
    local path
    mkdir "$1/publish" && ln -s "$DIST" "$1/publish/dist"
    for path in $(sed -nE 's/^ *npx --yes npm@[0-9.]+ publish .* (\S+)$/\1/p' .github/workflows/release.yml); do
        (cd "$1/publish" && npm publish --dry-run --offline $path) > "$1/publish.txt" 2>&1 \
            || { echo "npm publish $path"; cat "$1/publish.txt"; return 1; }
        echo "npm would publish $path"
    done

    # Installed alone, and the tests of node:test need nothing else.
    mkdir "$1/alone" && cp packages/npm/test/*.test.mjs "$1/alone"
    (cd "$1/alone" && npm init --yes > /dev/null \
        && npm install --offline --silent --no-audit --no-fund $main "$DIST"/crewpass-linux-x64-*.tgz \
        && bare node --test --test-reporter=dot crewpass.test.mjs server.test.mjs \
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
    bare npx tsc --noEmit --strict --target es2022 --lib es2022 --types '' --module nodenext plain.mts
    bare npx jest --globalSetup crewpass/jest --testMatch '**/session.jest.js' --rootDir .
    bare npx vitest run --config vitest.config.mjs --testNamePattern '^(?!fails)'
    bare SETUP=1 npx vitest run --config vitest.config.mjs session.vitest.ts > failed.txt 2>&1 && exit 1
    grep 'Tests  4 failed | 3 passed' failed.txt
    grep -A 1 'fails: its journal is shown: the journal' failed.txt
    # Also if a fixture fails.
    for time in 11 12; do grep --quiet "2026-06-08T$time:00:00Z GET .* 200 served" failed.txt; done
    bare npx vitest run --config vitest.config.mjs session.vitest.ts > /dev/null 2>&1 && exit 1
    bare CREWPASS_BASE="$(cat "$1/real")" CPK_KEY=cpk_test_1 CREW_ID=crew_1 \
        npx vitest run --config vitest.config.mjs session.vitest.ts | grep -E 'Tests +1 passed \| 6 skipped'
    cd "$root"
}

# Runs a command with the variables of a session.
with_fake='import crewpass, os, subprocess, sys
with crewpass.start() as server, server.session() as fake:
    sys.exit(subprocess.call(sys.argv[1:], env={**os.environ, **fake.env}))'

# test_readme FOLDER: runs the lines of README that install what is in dist/, as they are.
test_readme() {
    step "the lines of README"
    local place=$1/readme line count=0
    mkdir "$place" && ln -s "$DIST" "$place/dist"
    local settings=(npm_config_offline=true npm_config_audit=false npm_config_fund=false)
    local pip=(PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1)
    local path=PATH="$place/venv/bin:$node:/usr/bin:/bin"
    python3 -m venv "$place/venv"
    while read -r line; do
        count=$((count + 1))
        # What it is for stands beside a line, after three spaces.
        line=${line%%   *}
        if ! command -v "${line%% *}" > /dev/null; then echo "not run: $line"; continue; fi
        (cd "$place" && bare "$path" "${settings[@]}" "${pip[@]}" bash -c "$line" > output.txt 2>&1) \
            || { echo "$line"; cat "$place/output.txt"; return 1; }
    done < <(grep -E '^(pip|npm|tar|podman) .*dist/' README.md)
    [ "$count" -ge 4 ] || { echo "README has $count lines with dist/" >&2; return 1; }
    for name in crewpass-mock crewpass-contract; do
        bare "$place/venv/bin/$name" --version
        bare "$place/node_modules/.bin/$name" --version > /dev/null
        bare "$place"/crewpass-*-x86_64-linux/bin/"$name" --version > /dev/null
    done
    # README's first steps, with the fake of the wheel.
    bare "$place/venv/bin/python" -c "$with_fake" bash examples/guide/steps.sh "$place" > "$place/steps.txt"
    grep --quiet 'saved .*/doc_3.pdf' "$place/steps.txt"
}

run_tests() {
    node=$(dirname "$(command -v node)")
    local place
    place=$(mktemp --directory)
    trap 'kill "${real:-}" 2> /dev/null; rm -rf "'"$place"'"' EXIT
    # A server that is not a fake, for the tests of real environments.
    node -e 'require("http").createServer((_, r) => r.writeHead(404).end()).listen(0, "127.0.0.1", function () {
        require("fs").writeFileSync(process.argv[1], `http://127.0.0.1:${this.address().port}`); })' "$place/real" &
    real=$!
    check_wheel
    install_wheel
    test_readme "$place"
    test_python "$place"
    test_npm "$place"
    step "the packages work where they are installed"
}

# Sizes, and the time from the start to the first answer, where the packages were installed by the tests.
measure() {
    node=$(dirname "$(command -v node)")
    local place
    place=$(mktemp --directory)
    trap 'rm -rf "'"$place"'"' EXIT
    du --apparent-size --bytes "$DIST"/* | awk '{ printf "%8.1f MB  %s\n", $1 / 1e6, $2 }'
    tar -xf "$DIST"/crewpass-*-x86_64-linux.tar.gz -C "$place"
    mkdir "$place/npm"
    (cd "$place/npm" && npm init --yes > /dev/null \
        && npm install --offline --silent --no-audit --no-fund "$DIST"/crewpass-[0-9]*.tgz "$DIST"/crewpass-linux-x64-*.tgz)
    local first="python3 tools/first_answer.py" javascript='
        const { startCrewPass } = require("crewpass");
        startCrewPass().then(async (server) => {
            const fake = await server.session();
            const list = `${fake.base}/api/v2/employers/me/crew/${fake.crew}/documents`;
            await (await fetch(list, { headers: { authorization: `Bearer ${fake.key}` } })).text();
            await server.close();
        });'
    bare $first "tarball: bin/crewpass-mock" "$place"/crewpass-*/bin/crewpass-mock
    bare $first "wheel: crewpass-mock" "$work/run/bin/crewpass-mock"
    bare $first "wheel: python -m crewpass" "$work/run/bin/python" -m crewpass
    bare $first "wheel: a program with one session" --script "$work/run/bin/python" -c "$with_fake" true
    bare $first "npm: node_modules/.bin/crewpass-mock" "$place/npm/node_modules/.bin/crewpass-mock"
    (cd "$place/npm" && bare python3 "$root/tools/first_answer.py" "npm: npx crewpass-mock" npx --offline crewpass-mock)
    (cd "$place/npm" && bare python3 "$root/tools/first_answer.py" "npm: a program with one session" --script node -e "$javascript")
}

# quick PROGRAMS: with programs of a debug build, without their symbols.
quick() {
    export QUICK=1 DIST=$work/quick/dist
    rm -rf "$work/quick"
    mkdir "$work/quick"
    for name in crewpass-mock crewpass-contract; do strip -o "$work/quick/$name" "$1/$name"; done
    build "$work/quick"
    install_tools
    offline bash "$root/tools/packages.sh" installed
    rm -rf "$work/quick"
}

case "${1:-}" in
    build) build "$2" ;;
    quick) quick "$2" ;;
    test) install_tools && offline bash "$root/tools/packages.sh" installed ;;
    installed) run_tests ;;
    measure) measure ;;
    *) echo "usage: tools/packages.sh build PROGRAMS | test | measure | quick PROGRAMS" >&2; exit 2 ;;
esac
