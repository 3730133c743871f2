#!/usr/bin/env bash
# Runs cargo-mutants on one part of the sources with the tests of that part, and lists the mutants that no test catches.
#   tools/mutants.sh PART [option of cargo-mutants]...
set -euo pipefail
cd "$(dirname "$0")/.."
parts="checks token session fault world judge"
part=${1:?one of: $parts}
shift
command -v cargo-mutants > /dev/null || cargo install --locked cargo-mutants@27.1.0
case "$part" in
    checks) package=crewpass-mock files=('src/check/**') areas=(api) ;;
    token) package=crewpass-mock files=(src/token.rs) areas=(api) ;;
    session) package=crewpass-mock files=('src/session/**') areas=(api sessions control) ;;
    fault) package=crewpass-mock files=('src/fault/**') areas=(faults) ;;
    world) package=crewpass-mock files=('src/world/**') areas=(worlds api) ;;
    judge) package=crewpass-contract files=('src/client/judge/**') areas=(judge) ;;
    *) echo "there is not a part $part: one of $parts" >&2; exit 2 ;;
esac
folder=mock-server
[ "$package" = crewpass-mock ] || folder=contract-tests
args=()
for file in "${files[@]}"; do args+=(--file "$folder/$file"); done
args+=(--cargo-arg=--lib --cargo-arg=--test=suite)
# The unit tests, which are all in a `mod tests`, and the areas of the suite.
filters=(::tests:: "${areas[@]/%/::}")
out=${CARGO_TARGET_DIR:-target}/mutants/$part
mkdir -p "$out"
exec cargo mutants --package "$package" --test-package "$package" "${args[@]}" --output "$out" "$@" -- -- "${filters[@]}"
