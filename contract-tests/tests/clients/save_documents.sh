#!/usr/bin/env bash
# Save every document of a crew member with curl and jq: the body to a file of its own in TMPDIR, the status and the
# next address from `--write-out`, a trap that removes the folder. Not an example: it shows which habits of good clients
# the gate must not call wrong.
#
#     save_documents.sh CREW_ID OUT_DIR
#
# curl reads CURL_CA_BUNDLE by itself. The key goes through its standard input, so that no process list shows it.
set -uo pipefail

base=${BASE%/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 24' TERM
end=$((SECONDS + ${CPK_DEADLINE_S%.*} * 7 / 10))
crew=$1 folder=$2
status='' url='' wait_for=0 code=''

fail() { printf '%s\n' "$*" >&2; return 1; }

# get URL [CURL OPTIONS]: one GET. The body is in $scratch/body, its status in $status, a redirect's target in $url.
get() {
    local address=$1 meta
    shift
    : > "$scratch/body"
    : > "$scratch/head"
    meta=$(curl --silent --globoff --path-as-is --proto '=http,https' --compressed --max-filesize 268435456 \
        --connect-timeout 3 --speed-limit 256 --speed-time 4 --max-time $((end - SECONDS + 1)) --output "$scratch/body" --dump-header "$scratch/head" \
        --write-out '%{http_code} %{redirect_url}' "$@" "$address")
    local result=$?
    status=${meta%% *} url=${meta#* }
    case $result in
        0) ;;
        28) status=timeout ;;
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 63 | 66 | 77 | 80 | 83 | 90 | 91) status=final ;;
        *) status=broken ;;
    esac
}

header() { sed -n "s/^$1: *\([^\r]*\).*/\1/Ip" "$scratch/head" | tail -n 1; }

# How long the server asks to wait, and its error code.
read_refusal() {
    local after
    after=$(header retry-after)
    code=$(jq -r '.error.code? // "" | strings | select(test("^[a-z_]{1,64}$"))' "$scratch/body" 2> /dev/null)
    wait_for=$(jq -r '.error.retry_after_seconds? | numbers' "$scratch/body" 2> /dev/null | head -n 1)
    if [[ $after =~ ^[0-9]+$ ]]; then
        wait_for=$after
    elif [[ $after == *GMT ]]; then
        wait_for=$(($(date -d "$after" +%s 2> /dev/null || echo 0) + 1 - $(date +%s)))
    fi
    [[ $wait_for =~ ^[0-9]*\.?[0-9]+$ ]] || wait_for=0
}

# retried COMMAND...: up to four times while the failure may pass; the pauses get longer.
retried() {
    local number pause tries
    for number in 1 2 3 4; do
        "$@" && return
        tries=1
        case $status in
            429 | 502 | 503 | 504 | broken) tries=4 ;;
            timeout) tries=2 ;;
        esac
        read_refusal
        pause=$(awk -v n="$number" -v w="$wait_for" 'BEGIN { p = 0.25 * 2 ^ n; print (w + 0.05 > p ? w + 0.05 : p) }')
        ((number < tries && SECONDS + ${pause%.*} < end)) || return 1
        sleep "$pause"
    done
}

api_once() {
    get "$base$1" --header @- <<< "Authorization: Bearer $CPK_KEY"
    [[ $status == 200 ]]
}

# json PATH FILTER: what the filter makes of the answer, in $scratch/answer, if it is one JSON text for which it holds.
json() {
    retried api_once "$1" || { fail "HTTP $status $code"; return; }
    jq -js "if length == 1 then .[0] else error(0) end | $2" --arg crew "$crew" --arg id "${3-}" "$scratch/body" \
        > "$scratch/answer" 2> /dev/null || fail "an answer that breaks the contract"
}

segment() {
    case $1 in '' | . | ..) return 1 ;; esac
    jq -rn --arg id "$1" '$id | @uri'
}

allowed() {
    [[ $1 =~ ^https?://([^/?#@[:space:][:cntrl:]]+)(/|\?) ]] || return
    local place=${BASH_REMATCH[1]}
    [[ $base != https:* || $1 == https:* ]] || return
    [[ ,$CPK_LINK_HOSTS, == *",$place,"* ]]
}

follow_once() {
    local address=$1 hop
    for hop in 0 1 2 3 4 5; do
        allowed "$address" || { status=final; fail "a link that is not on a CrewPass host"; return; }
        get "$address"
        [[ $status == 30[12378] && -n $url && $hop -lt 5 ]] || break
        address=$url
    done
    [[ $status == 200 ]] || return
    status=final
    [[ $(header content-type) != text/html* && -s $scratch/body ]]
}

# document ID SEGMENT: prints the name under which it is saved.
document() {
    local id=$1 link name number
    for number in 1 2 3; do
        json "$list/$2/download" 'if (.document_id == null or .document_id == $id) and (.download_url | test("^[!-~]+$"))
            then .download_url + "\n", ((.file_name // "") | gsub("[^0-9A-Za-z._-]"; "_")) + "\n" else error(0) end' "$id" || return
        { read -r link && read -r name; } < "$scratch/answer"
        name=$(printf %s "$id" | sha256sum | head -c 12)-${name:0:100}
        while [[ $name == *. ]]; do name=${name%.}; done
        if retried follow_once "$link"; then
            mv -T "$scratch/body" "$folder/$name" && printf 'saved %s\n' "$name"
            return
        fi
        [[ $status == 403 || $status == 404 || $status == 410 ]] || break
    done
    fail "file: HTTP $status"
}

[[ $base =~ ^(https:|http://(localhost|127[.0-9]+|\[::1\])([:/]|$)) ]] || { fail "the key goes over TLS only"; exit 1; }
place=$(segment "$crew") || { fail "an id that no path can hold"; exit 1; }
list=/api/v2/employers/me/crew/$place/documents
json "$list" 'if (.crew_unique_id == null or .crew_unique_id == $crew) and (.items | type) == "array"
    then .items[].document_id | . + "\u0000", @uri + "\u0000" else error(0) end' || exit 1
missing=0
mapfile -d '' -t ids < "$scratch/answer"
for ((n = 0; n < ${#ids[@]}; n += 2)); do
    case ${ids[n]} in
        '' | . | ..) fail "an id that no path can hold" ;;
        *) document "${ids[n]}" "${ids[n + 1]}" ;;
    esac && continue
    printf 'document %q is missing\n' "${ids[n]}" >&2
    missing=$((missing + 1))
    [[ $code == scope_not_* ]] && break
done
((missing == 0))
