"""Finds the programs that the package installs."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from ._errors import CrewPassError


def find_program(name: str = "crewpass-mock") -> str:
    """Returns the path of `crewpass-mock` or `crewpass-contract`.

    `CREWPASS_BINARY` names another `crewpass-mock`; `crewpass-contract` is then the one beside it.
    """
    override = os.environ.get("CREWPASS_BINARY")
    if override:
        path = Path(override) if name == "crewpass-mock" else Path(override).with_name(name)
        if path.is_file():
            return str(path)
        raise CrewPassError(f"CREWPASS_BINARY is {override!r}, and {path} is not a file")
    file_name = name + (sysconfig.get_config_var("EXE") or "")
    for folder in _script_folders():
        path = folder / file_name
        if path.is_file():
            return str(path)
    on_path = shutil.which(name)
    if on_path:
        return on_path
    raise CrewPassError(
        f"there is no program {name}: install a wheel of crewpass for {sys.platform}, "
        "or set CREWPASS_BINARY to a crewpass-mock"
    )


def _script_folders() -> Iterator[Path]:
    """Returns where pip puts scripts: for this Python, this user, `--prefix` and `--target`."""
    yield Path(sysconfig.get_path("scripts"))
    yield Path(sysconfig.get_path("scripts", scheme="nt_user" if os.name == "nt" else "posix_user"))
    package = Path(__file__).resolve().parent
    scripts = "Scripts" if os.name == "nt" else "bin"
    # PREFIX/lib/python3.x/site-packages/crewpass, and TARGET/crewpass.
    if len(package.parents) > 3:
        yield package.parents[3] / scripts
    yield package.parents[0] / "bin"
