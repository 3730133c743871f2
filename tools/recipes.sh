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

# recipe NAME CONDITION COMMAND: both are run by a shell.
recipe() {
    if ! sh -c "$2" > /dev/null 2>&1; then
        echo "not run: $1"
    elif sh -c "$3" > output.txt 2>&1; then
        ran=$((ran + 1))
        echo "passed: $1"
    else
        failed=$((failed + 1))
        cat output.txt
        echo "failed: $1"
    fi
}

jars=/usr/share/java
classpath=$jars/junit-jupiter-api.jar:$jars/junit-jupiter-engine.jar:$jars/junit-platform-commons.jar
classpath=$classpath:$jars/junit-platform-engine.jar:$jars/junit-platform-launcher.jar:$jars/junit-platform-reporting.jar
classpath=$classpath:$jars/junit-platform-console.jar:$jars/opentest4j.jar:$jars/apiguardian-api.jar:$jars/picocli.jar
classpath=$classpath:$jars/opentest4j-reporting-events.jar:$jars/opentest4j-reporting-schema.jar

recipe "Go" "command -v go" \
    "printf 'module crewpass\n\ngo 1.19\n' > go.mod && GOFLAGS=-mod=mod GOCACHE='$place/go' go test ./..."
recipe "JUnit 5" "command -v javac && test -f $jars/junit-platform-console.jar" \
    "javac -cp '$classpath' -d classes *.java && java -cp '$classpath:classes' \
    org.junit.platform.console.ConsoleLauncher --scan-classpath classes --fail-if-no-tests"
recipe "PHPUnit" "command -v phpunit" "phpunit --do-not-cache-result CrewPassTest.php"
recipe "Ruby" "ruby -rminitest -e 1" "ruby test_crewpass.rb"
echo "not run: .NET, whose test framework is installed for each project"

# The fakes end with the processes that started them.
[ "$ran" -gt 0 ] || { echo "no recipe was run" >&2; exit 1; }
[ "$failed" = 0 ]
