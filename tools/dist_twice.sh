#!/usr/bin/env bash
# Builds dist/ twice, each from a copy of the committed sources in a folder of another name, and compares all files in it:
# wheel, npm packages, tarball, image, SBOM and SHA256SUMS. Two static builds take twenty minutes and more;
# STATIC_PROFILE=trial takes less. KEEP=1 keeps the folders, with gigabytes of what cargo built.
set -euo pipefail
cd "$(dirname "$0")/.."
place=$(mktemp --directory)
trap '[ -n "${KEEP:-}" ] || rm -rf "$place"' EXIT

# The paths have different lengths, since a path that gets into a file shifts what is behind it.
for copy in one another-one; do
    sources=$place/$copy/crewpass
    mkdir -p "$sources"
    git archive HEAD | tar -x -C "$sources"
    # What cargo builds is below the sources too, whose path is left out of the programs.
    env -u DIST -u CARGO_TARGET_DIR -u SOURCE_DATE_EPOCH make --no-print-directory -C "$sources" dist \
        STATIC_PROFILE="${STATIC_PROFILE:-release}"
    [ -n "${KEEP:-}" ] || rm -rf "$sources/target"
done

# compare FOLDER FOLDER: whether both have the same files, by their sums and by their bytes.
compare() {
    diff "$1/SHA256SUMS" "$2/SHA256SUMS" && diff --recursive --brief "$1" "$2"
}

compare "$place/one/crewpass/dist" "$place/another-one/crewpass/dist" \
    || { echo "two builds in different folders differ" >&2; exit 1; }
cat "$place/one/crewpass/dist/SHA256SUMS"
echo "two builds in different folders have the same hashes"
