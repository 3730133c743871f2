# Starts a fake for a script that sources this, with the options in FAKE_ARGS: BASE and CPK_KEY say where it is and how to
# get in. It ends with the
# script.
coproc FAKE { exec "${CARGO_TARGET_DIR:-target}/debug/crewpass-mock" serve --quiet --bind 127.0.0.1:0 "${FAKE_ARGS[@]}"; }
trap 'kill "$FAKE_PID" 2> /dev/null || true' EXIT
BASE= CPK_KEY=
while [ -z "$CPK_KEY" ]; do
    read -r line <&"${FAKE[0]}"
    case "$line" in
        *BASE=*) BASE=${line#*BASE=} ;;
        *CPK_KEY=*) CPK_KEY=${line#*CPK_KEY=} ;;
    esac
done
export BASE CPK_KEY

# A folder for what is installed and generated, and Python packages in it.
WORK="${CARGO_TARGET_DIR:-$PWD/target}/tools"
mkdir -p "$WORK"
with_python() {
    [ -x "$WORK/venv/bin/python" ] || python3 -m venv "$WORK/venv"
    "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}
