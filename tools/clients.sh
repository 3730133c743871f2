#!/usr/bin/env bash
# Has clients generated from the document, in Python and TypeScript, and lists, links and follows with each.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/tools/generated
source tools/fake.sh
with_python openapi-python-client==0.29.1 ruff==0.17.6
cd "$WORK"
export PATH="$WORK/venv/bin:$PATH"
# The generator knows no pictures: it is told that they are bytes.
echo 'content_type_overrides: {image/jpeg: application/octet-stream}' > generator.yaml
openapi-python-client generate --config generator.yaml --url "$BASE/openapi.json" --meta none --output-path crewpass_documents --overwrite --fail-on-warning
PYTHONPATH=$WORK python "$here/follow.py"

if command -v npm > /dev/null; then
    mkdir -p node && cd node
    [ -f package.json ] || npm init --yes > /dev/null
    npm install --silent --no-audit --no-fund openapi-typescript@7.13.0 openapi-fetch@0.17.0 typescript@5.9.3 @types/node@26.6.6
    npx openapi-typescript "$BASE/openapi.json" --output api.d.ts
    cp "$here/follow.mts" .
    npx tsc --strict --target es2022 --module nodenext --skipLibCheck follow.mts
    node follow.mjs
else
    echo "npm is not here: no client in TypeScript" >&2
    # In the pipeline nothing is left out.
    [ -z "${WITH_ALL_TOOLS:-}" ]
fi
