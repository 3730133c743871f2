#!/bin/sh
# Saves every document under its id, as the documented loop does.
set -e
api="$BASE/api/v2/employers/me/crew/$CREW_ID/documents"
field() { grep -o "\"$1\":\"[^\"]*\"" | cut -d'"' -f4; }
list=$(curl -sf -H "Authorization: Bearer $CPK_KEY" "$api")
for id in $(printf '%s' "$list" | field document_id); do
    link=$(curl -sf -H "Authorization: Bearer $CPK_KEY" "$api/$id/download" | field download_url)
    curl -sfL -o "$OUT_DIR/$id.part" "$link"
    mv "$OUT_DIR/$id.part" "$OUT_DIR/$id"
done
