#!/usr/bin/env bash
# Breaks the sources of a room in every way that cargo-mutants knows, one at a time, and says which of them no test saw.
#   tools/mutants.sh ROOM [option of cargo-mutants]...
set -euo pipefail
cd "$(dirname "$0")/.."
rooms="checks token session fault world judge"
room=${1:?one of: $rooms}
shift
command -v cargo-mutants > /dev/null || cargo install --locked cargo-mutants@27.1.0
case "$room" in
    checks) package=crewpass-mock files=(src/checks.rs src/link_checks.rs) tests=(lib test=api) ;;
    token) package=crewpass-mock files=(src/token.rs) tests=(lib test=api) ;;
    session) package=crewpass-mock files=('src/session/**') tests=(lib test=api test=sessions test=control) ;;
    fault) package=crewpass-mock files=('src/fault/**') tests=(lib test=faults) ;;
    world) package=crewpass-mock files=('src/world/**') tests=(lib test=worlds test=api) ;;
    judge) package=crewpass-contract files=('src/judge/**') tests=(test=judge) ;;
    *) echo "no room is called $room: one of $rooms" >&2; exit 2 ;;
esac
folder=mock-server
[ "$package" = crewpass-mock ] || folder=contract-tests
args=()
for file in "${files[@]}"; do args+=(--file "$folder/$file"); done
for test in "${tests[@]}"; do args+=("--cargo-arg=--$test"); done
out=${CARGO_TARGET_DIR:-target}/mutants/$room
mkdir -p "$out"
exec cargo mutants --package "$package" --test-package "$package" "${args[@]}" --output "$out" "$@"
