#!/usr/bin/env bash
# Fails if a snapshot is unreferenced or waits for a review.
# Argument: the file that INSTA_SNAPSHOT_REFERENCES_FILE made a whole test run write, one path a line.
set -euo pipefail
cd "$(dirname "$0")/.."

pending=$(find mock-server contract-tests examples -name '*.snap.new' -o -name '.*.pending-snap')
if [ -n "$pending" ]; then
    printf 'snapshots that wait for a review; accept or delete them:\n%s\n' "$pending" >&2
    exit 1
fi
# A link in the path of the checkout must not make two names of one file.
referenced=$(sort -u "$1" | xargs -r -d '\n' realpath --relative-to=. | sort -u)
unreferenced=$(comm -23 <(git ls-files '*.snap' | sort) <(printf '%s\n' "$referenced"))
if [ -n "$unreferenced" ]; then
    printf 'snapshots that no test reads; delete them:\n%s\n' "$unreferenced" >&2
    exit 1
fi
