#!/usr/bin/env bash
# Runs the gate in a pipeline and ends with its exit code. The variables GATE_* are the inputs of the action, which runs
# this file; the GitLab component has it inside. A value is only ever an argument, never a part of a script.
set -euo pipefail

refuse() {
    # Without the value: a line of it could be a command to the runner.
    echo "crewpass: $1" >&2
    exit 2
}

words=$(mktemp)
trap 'rm -f "$words"' EXIT

# Appends the words of a text to the arguments. Quotes are those of a shell; nothing is expanded.
append_words() {
    [ -n "${1//[[:space:]]/}" ] || return 0
    xargs printf '%s\0' <<< "$1" > "$words" 2> /dev/null || refuse "$2 has a quote without its end"
    while IFS= read -r -d '' word; do arguments+=("$word"); done < "$words"
}

case "$GATE_MODE" in
    client | server | receiver) ;;
    *) refuse "mode must be client, server or receiver" ;;
esac
mkdir -p -- "$GATE_REPORTS"
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
if [ -n "${GATE_COMMAND:-}" ]; then
    arguments+=(--)
    append_words "$GATE_COMMAND" command
fi

code=0
crewpass-contract "${arguments[@]}" || code=$?
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$GATE_REPORTS/$GATE_MODE.md" ]; then
    cat -- "$GATE_REPORTS/$GATE_MODE.md" >> "$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >> "$GITHUB_OUTPUT"; fi
exit "$code"
