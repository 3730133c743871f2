#!/usr/bin/env bash
# Runs the test of each recipe in examples/recipes whose language is on this machine, with the crewpass-mock in the
# folder PROGRAMS, and says which were not run.
#
#   tools/recipes.sh PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
export CREWPASS_BINARY
CREWPASS_BINARY=$(realpath "$1")/crewpass-mock
place=$(mktemp --directory)
trap 'rm -rf "$place"' EXIT
cp examples/recipes/* "$place"
cd "$place"
ran=0 failed=0

# A fake that runs already, and a server that is none.
mkfifo input ready other
"$CREWPASS_BINARY" serve --bind 127.0.0.1:0 --json --stop-with-stdin --quiet --control-token sesame < input > ready &
exec 3> input
read -r running < ready
running=$(sed -E 's/.*"base":"([^"]+)".*/\1/' <<< "$running")
python3 -c 'import http.server, sys
class Real(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)
    log_message = lambda *_: None
server = http.server.HTTPServer(("127.0.0.1", 0), Real)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()' > other &
server=$!
trap 'kill "$server"; rm -rf "$place"' EXIT
read -r other < other

# attempt NAME SKIPPED COMMAND...: SKIPPED is what the output has if tests were skipped, or nothing.
attempt() {
    if "${@:3}" > output.txt 2>&1 && grep --quiet -E "$2" output.txt; then
        ran=$((ran + 1))
        echo "passed: $1"
    else
        failed=$((failed + 1))
        cat output.txt
        echo "failed: $1"
    fi
}

# recipe NAME CONDITION SKIPPED COMMAND: condition and command are run by a shell. The tests pass with a fake of their own,
# whatever options of a fake the variables have, and with one that runs. Against another server they are skipped.
recipe() {
    if ! sh -c "$2" > /dev/null 2>&1; then
        echo "not run: $1"
        return
    fi
    attempt "$1" "" env CREWPASS_MOCK_CONTROL_TOKEN=other CREWPASS_MOCK_SEED=none sh -c "$4"
    attempt "$1, against a running fake" "" env CREWPASS_MOCK_CONTROL_TOKEN=sesame CREWPASS_BASE="$running" sh -c "$4"
    attempt "$1, against another server" "$3" env CPK_KEY=cpk_test_1 CREWPASS_BASE="$other" sh -c "$4"
}

jars=/usr/share/java
classpath=$jars/junit-jupiter-api.jar:$jars/junit-jupiter-engine.jar:$jars/junit-platform-commons.jar
classpath=$classpath:$jars/junit-platform-engine.jar:$jars/junit-platform-launcher.jar:$jars/junit-platform-reporting.jar
classpath=$classpath:$jars/junit-platform-console.jar:$jars/opentest4j.jar:$jars/apiguardian-api.jar:$jars/picocli.jar
classpath=$classpath:$jars/opentest4j-reporting-events.jar:$jars/opentest4j-reporting-schema.jar

recipe "Go" "command -v go" "SKIP" \
    "printf 'module crewpass\n\ngo 1.19\n' > go.mod && GOFLAGS=-mod=mod GOCACHE='$place/go' go test -count=1 -v ./..."
recipe "JUnit 5" "command -v javac && test -f $jars/junit-platform-console.jar" "2 tests aborted" \
    "javac -cp '$classpath' -d classes *.java && java -cp '$classpath:classes' \
    org.junit.platform.console.ConsoleLauncher --scan-classpath classes --fail-if-no-tests"
recipe "PHPUnit" "command -v phpunit" "Skipped: 2" "phpunit --do-not-cache-result CrewPassTest.php"
recipe "Ruby" "ruby -rminitest -e 1" "2 skips" "ruby test_crewpass.rb"
echo "not run: .NET, whose test framework is installed for each project"

# The fakes end with the processes that started them.
[ "$ran" -gt 0 ] || { echo "no recipe was run" >&2; exit 1; }
[ "$failed" = 0 ]
