#!/usr/bin/env bash
# The two documented steps with cURL: list a crew member's documents, then download the first one with its link.
#
#   BASE=http://127.0.0.1:8787 CPK_KEY=cpk_test_… bash examples/guide/steps.sh [FOLDER]
set -euo pipefail

crew="${CREW_ID:-crew_001}"
folder="${1:-.}"
auth="Authorization: Bearer $CPK_KEY"
documents="$BASE/api/v2/employers/me/crew/$crew/documents"

field() { python3 -c 'import json, sys; value = json.load(sys.stdin)
for step in sys.argv[1:]: value = value[int(step) if step.isdigit() else step]
print(value)' "$@"; }

# 1. List.
list=$(curl -sS --fail-with-body "$documents" -H "$auth")
document="${DOCUMENT_ID:-$(field items 0 document_id <<< "$list")}"
echo "$crew has $(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))' <<< "$list") documents"

# 2a. Request a short-lived link.
link=$(curl -sS --fail-with-body "$documents/$document/download" -H "$auth")

# 2b. Follow it without the key: the link itself is the credential. The script chooses the name,
# because `file_name` comes from the server.
curl -sSL --fail "$(field download_url <<< "$link")" -o "$folder/$document.pdf"
echo "saved $folder/$document.pdf"
