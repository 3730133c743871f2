"""Adds to the wheel the programs in `bin/`, their SBOM, and the tag of their platform.

`tools/dist.py` puts them there. Without them the wheel is one of pure Python, for an installation
from source, which uses the programs on PATH.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The programs are static: any glibc will do, and manylinux2014 is the oldest name for that.
TAG = "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64"


class Programs(BuildHookInterface):
    """The build hook."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds what is there."""
        programs = sorted(path for path in (Path(self.root) / "bin").glob("crewpass-*"))
        if not programs:
            return
        build_data["pure_python"] = False
        build_data["tag"] = TAG
        for path in programs:
            build_data["shared_scripts"][str(path)] = path.name
        for path in sorted((Path(self.root) / "sbom").glob("*.json")):
            build_data["sbom_files"].append(str(path))
