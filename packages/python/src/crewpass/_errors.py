"""The errors that a test can get."""

from __future__ import annotations

import unittest


class CrewPassError(Exception):
    """The fake could not be started or reached, or refused a command."""


class NeedsLever(unittest.SkipTest):
    """The test needs a lever of the fake, and runs against a server without levers.

    unittest and pytest report such a test as skipped, with this reason.
    """

    def __init__(self, lever: str, base: str) -> None:
        super().__init__(f"needs {lever}, a lever of the fake that {base} does not have")
        self.lever = lever
