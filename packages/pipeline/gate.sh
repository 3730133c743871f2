#!/usr/bin/env bash
# Runs the gate in a pipeline and ends with its exit code, or with 2 if an input is wrong. The variables GATE_* are the
# inputs of the action, which runs this file; the GitLab component has it inside. A value is only ever an argument, never
# a part of a script.
set -euo pipefail

refuse() {
    # Without the value: a line of it could be a command to the runner.
    echo "crewpass: $1" >&2
    exit 2
}

words=$(mktemp)
trap 'rm -f "$words"' EXIT
split='import os, shlex, sys
words = shlex.split(os.fsdecode(sys.argv[1]))
sys.stdout.buffer.write(b"".join(os.fsencode(word) + b"\0" for word in words))'

# Appends the words of a text to the arguments. Quotes are those of a shell; nothing is expanded.
append_words() {
    [ -n "${1//[[:space:]]/}" ] || return 0
    python3 -I -c "$split" "$1" > "$words" 2> /dev/null || refuse "$2 has a quote or a backslash without its end"
    while IFS= read -r -d '' word; do arguments+=("$word"); done < "$words"
}

case "$GATE_MODE" in
    client | server | receiver) ;;
    *) refuse "mode must be client, server or receiver" ;;
esac
# The path is also a pattern of files to upload.
case "$GATE_REPORTS" in
    "" | '#'* | '~'* | *[\*\?\!\[\]]* | *$'\n'* | *$'\r'*)
        refuse "reports must be a folder, without line ends and without any of * ? ! [ ] # ~ that a pattern has" ;;
esac
mkdir -p -- "$GATE_REPORTS" 2> /dev/null || refuse "the folder for the reports can't be made"
command -v crewpass-contract > /dev/null || refuse "there is no crewpass-contract: set package to a wheel, such as that of \
\`make dist\`, or put the programs on the PATH (docs/pipelines.md)"
if [ -n "${GATE_COMMAND:-}${GATE_OPTIONS:-}" ] && ! command -v python3 > /dev/null; then
    refuse "command and options are split into words by python3, which is not on the PATH"
fi
arguments=("$GATE_MODE")
for format in json junit html; do
    case "$format" in junit) end=xml ;; *) end=$format ;; esac
    arguments+=("--report=$format=$GATE_REPORTS/$GATE_MODE.$end")
done
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    arguments+=("--report=github=-" "--report=summary=$GATE_REPORTS/$GATE_MODE.md")
fi
if [ -n "${GATE_BASE:-}" ]; then arguments+=("--base=$GATE_BASE"); fi
if [ -n "${GATE_EXPECT:-}" ]; then arguments+=("--expect=$GATE_EXPECT"); fi
append_words "${GATE_OPTIONS:-}" options
for argument in "${arguments[@]}"; do
    # What stands behind it is a command.
    [ "$argument" != -- ] || refuse "options must not have the word --"
done
if [ -n "${GATE_COMMAND:-}" ]; then
    arguments+=(--)
    append_words "$GATE_COMMAND" command
fi

# The inputs are right, so there may be something to upload.
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "reports=$GATE_REPORTS" >> "$GITHUB_OUTPUT"; fi
code=0
# A job that is cancelled gets its reports, too: the gate writes them when it is told to stop.
crewpass-contract "${arguments[@]}" < /dev/null &
gate=$!
trap 'kill -TERM "$gate" 2> /dev/null || true' INT TERM
wait "$gate" || code=$?
# A signal ends that wait, and not the gate.
while kill -0 "$gate" 2> /dev/null; do
    code=0
    wait "$gate" || code=$?
done
if [ "$code" = 126 ] || [ "$code" = 127 ]; then refuse "the crewpass-contract on the PATH can't be run"; fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$GATE_REPORTS/$GATE_MODE.md" ]; then
    cat -- "$GATE_REPORTS/$GATE_MODE.md" >> "$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >> "$GITHUB_OUTPUT"; fi
exit "$code"
