#!/usr/bin/env bash
# Has a client in Python generated from the document, and judged by the whole catalogue. It ends as the gate does.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/tools/generated gate=${CARGO_TARGET_DIR:-$PWD/target}/debug/crewpass-contract
source tools/fake.sh
with_python openapi-python-client==0.29.1 ruff==0.17.6
cd "$WORK"
export PATH="$WORK/venv/bin:$PATH"
openapi-python-client generate --url "$BASE/openapi.json" --meta none --output-path crewpass_documents --overwrite --fail-on-warning
"$gate" client --report human=- --report html=foreign.html -- \
    env PYTHONPATH="$WORK" "$WORK/venv/bin/python" "$here/download.py" '{crew_id}' '{out_dir}'
