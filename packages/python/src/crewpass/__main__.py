"""`python -m crewpass` is `crewpass-mock`: it takes the same arguments."""

from __future__ import annotations

import os
import subprocess
import sys

from ._errors import CrewPassError
from ._program import find_program


def main() -> int:
    """Runs the fake's program with the arguments of this one."""
    try:
        command = [find_program(), *sys.argv[1:]]
    except CrewPassError as error:
        print(f"crewpass: {error}", file=sys.stderr)
        return 127
    try:
        if os.name == "posix":
            os.execv(command[0], command)
        return subprocess.call(command)
    except OSError as error:
        print(f"crewpass: {command[0]} can't be run: {error}", file=sys.stderr)
        return 126
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
