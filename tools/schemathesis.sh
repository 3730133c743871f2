#!/usr/bin/env bash
# Tests a served fake with schemathesis against both of its documents: that of the API, with the default policies and with
# others, and that of the control API. Every check and every phase is used. The last line has the number of test cases.
# SHORT=1 takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

PHASES=examples,coverage,fuzzing
# Examples for each operation, and seconds for the phase that follows links.
if [ -n "${SHORT:-}" ]; then
    API=10 CONTROL=5 STATEFUL=5 LEAST=500
else
    API=400 CONTROL=60 STATEFUL=60 LEAST=10000
fi
# A known seed, so that a run can be repeated.
SEED=${SEED:-1}
# Policies that change the form of answers, beside the defaults.
OTHERS=(dead_link=410 ranges=honoured retry_after=http_date optional_fields=absent nullable=all unknown_fields=extra
    unknown_values=new file_redirect=307x2 file_headers=chunked both_keys=refused store_down_body=html)

LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT
ROOT=$PWD

# Starts a fake with the options of `serve` that follow, and runs schemathesis on one of its documents.
test_document() (
    document=$1
    shift
    FAKE_ARGS=("$@")
    source tools/fake.sh
    with_python schemathesis==4.32.5
    cd "$WORK"
    export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=$ROOT/tools
    run() { "$WORK/venv/bin/schemathesis" --config-file "$ROOT/tools/schemathesis.toml" run "$@" --seed "$SEED"; }
    case $document in
        api)
            options=("$BASE/openapi.json" --header "Authorization: Bearer $CPK_KEY")
            run "${options[@]}" --phases "$PHASES" --max-examples "$API"
            ;;
        control)
            # The stream of events has no end, so no answer of it can be read whole.
            options=("$BASE/__mock/openapi.json" --url "$BASE/__mock" --exclude-path-regex /journal/stream)
            run "${options[@]}" --phases "$PHASES" --max-examples "$CONTROL"
            ;;
    esac
    run "${options[@]}" --phases stateful --max-time "$STATEFUL"
)

test_document api 2>&1 | tee "$LOG"
test_document api "${OTHERS[@]/#/--policy=}" 2>&1 | tee -a "$LOG"
test_document control 2>&1 | tee -a "$LOG"

cases=$(awk '$2 == "generated," { sum += $1 } END { print sum + 0 }' "$LOG")
echo "$cases test cases, seed $SEED"
if [ "$cases" -lt "$LEAST" ]; then
    echo "fewer than $LEAST: a document or a phase is missing" >&2
    exit 1
fi
