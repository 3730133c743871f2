#!/usr/bin/env bash
# Has Prism load the document and answer from its examples. Then Prism stands in front of a served fake and holds each of
# its answers to the document.
set -euo pipefail
cd "$(dirname "$0")/.."
document=$PWD/fixtures/contract/openapi.yaml
source tools/fake.sh
mkdir -p "$WORK/prism"
cd "$WORK/prism"
[ -f package.json ] || npm init --yes > /dev/null
npm install --silent --no-audit --no-fund @stoplight/prism-cli@5.16.0

# Starts Prism on a port that is free, and says in PRISM where it listens.
start() {
    exec 4< <(exec node_modules/.bin/prism "$@" --host 127.0.0.1 --port 0 2>&1)
    PRISM_PID=$! PRISM=
    trap 'kill "$FAKE_PID" "$PRISM_PID" 2> /dev/null || true' EXIT
    while [ -z "$PRISM" ]; do
        read -r line <&4 || { echo "prism $1 ended before it listened" >&2; exit 1; }
        case "$line" in
            *"listening on "*) PRISM=${line##*listening on } ;;
            *rror*) echo "$line" >&2 ;;
        esac
    done
    # What it says later must not fill the pipe.
    cat <&4 > "$1.log" &
}

stop() {
    kill "$PRISM_PID"
    wait "$PRISM_PID" 2> /dev/null || true
}

# Asks Prism, and fails unless the status is the one that is due and no answer breaks the document.
ask() {
    local status=$1 path=$2
    shift 2
    local answer
    answer=$(curl --silent --show-error --include "$PRISM$path" "$@" | tr -d '\0\r')
    if ! head -1 <<< "$answer" | grep -q " $status"; then
        printf '%s: expected %s\n%s\n' "$path" "$status" "$answer" >&2
        exit 1
    fi
    # Requests may break it: that is what some are for.
    if grep -ai '^sl-violations:' <<< "$answer" | grep -q '"location":\["response"'; then
        printf '%s breaks the document:\n%s\n' "$path" "$answer" >&2
        exit 1
    fi
    # A token opens a file, so none is shown whole.
    echo "prism $mode: $status ${path/eyJ*/eyJ…}"
}

crew=/api/v2/employers/me/crew
key=(--header "Authorization: Bearer $CPK_KEY")

mode=mock
start mock "$document"
ask 200 /api/v2/partners/me "${key[@]}"
ask 200 "$crew/crew_001/documents" "${key[@]}"
ask 401 "$crew/crew_001/documents"
ask 404 "$crew/crew_001/documents" "${key[@]}" --header "Prefer: code=404"
ask 200 "$crew/crew_001/documents/doc_1/download" "${key[@]}"
ask 503 "$crew/crew_001/documents/doc_1/download" "${key[@]}" --header "Prefer: code=503"
stop

mode=proxy
start proxy "$document" "$BASE"
ask 200 /api/v2/partners/me "${key[@]}"
ask 200 "$crew/crew_001/documents" "${key[@]}"
ask 401 "$crew/crew_001/documents"
ask 403 "$crew/crew_002/documents" "${key[@]}"
ask 404 "$crew/crew_003/documents" "${key[@]}"
ask 200 "$crew/crew_001/documents/doc_1/download" "${key[@]}"
ask 404 "$crew/crew_001/documents/doc_0/download" "${key[@]}"
link=$(curl --silent --show-error "$BASE$crew/crew_001/documents/doc_1/download" "${key[@]}" | grep -o '/api/v2/files/[^"]*')
ask 200 "$link"
ask 404 "${link%??????}"
curl --silent --show-error --fail "$BASE/__mock/store" --data '{"down": true}' > /dev/null
ask 503 "$crew/crew_001/documents/doc_1/download" "${key[@]}"
# Who notices nothing proves nothing.
curl --silent --show-error --fail "$BASE/__mock/faults" \
    --data '{"match": {"step": "list"}, "then": {"json": {"remove": ["/items/0/type"]}}}' > /dev/null
if (ask 200 "$crew/crew_001/documents" "${key[@]}") > /dev/null 2>&1; then
    echo "Prism takes a list that breaks the document" >&2
    exit 1
fi
stop
