#!/usr/bin/env bash
# Sends a served fake what schemathesis makes of its document, 500 cases for each of its four operations, and holds every
# answer to it with every check that there is. Then it follows the links of the document from step to step.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/fake.sh
with_python schemathesis==4.32.5
cd "$WORK"
options=(--header "Authorization: Bearer $CPK_KEY" --checks all --seed 1 --continue-on-failure --workers 2)
"$WORK/venv/bin/schemathesis" run "$BASE/openapi.json" "${options[@]}" --phases examples,coverage,fuzzing --max-examples 500
"$WORK/venv/bin/schemathesis" run "$BASE/openapi.json" "${options[@]}" --phases stateful --max-examples 20 --max-time 60
