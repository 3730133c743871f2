"""The process of a fake."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Any

from ._errors import CrewPassError

#: How long the program may take to listen, in seconds.
START_LIMIT = 60.0
#: How long it may take to end, in seconds.
STOP_LIMIT = 10.0


class Process:
    """A fake's process. It lives as long as the pipe to its standard input."""

    def __init__(self, command: Sequence[str]) -> None:
        self._program = command[0]
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        self._printed = ""
        self._kept: list[str] = []
        # The arguments decide, not variables that happen to be set.
        names = [name for name in os.environ if not name.startswith("CREWPASS_MOCK_")]
        try:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={name: os.environ[name] for name in names},
                # Ctrl-C is for the tests: they end the fake when they are done with it.
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise CrewPassError(f"{self._name()} can't be run: {error}") from error

    def ready(self) -> dict[str, Any]:
        """Returns the line that the program prints once it listens."""
        assert self.popen.stdout is not None
        timer = threading.Timer(START_LIMIT, self.popen.kill)
        timer.start()
        try:
            line = self.popen.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            code = self.popen.wait()
            raise CrewPassError(
                f"crewpass-mock ended with exit code {code} before it listened\n{self._stderr()}"
            )
        try:
            ready = json.loads(line)
        except ValueError:
            ready = None
        if not isinstance(ready, dict) or not {"base", "control"} <= set(ready):
            raise CrewPassError(f"{self._name()} is not a crewpass-mock: it printed {line[:200]!r}")
        return ready

    def how_it_ended(self) -> str:
        """Returns how the process ended, or nothing if it runs."""
        try:
            # A connection is refused shortly before the process is gone.
            code = self.popen.wait(1)
        except subprocess.TimeoutExpired:
            return ""
        text = f"the fake has ended with exit code {code}"
        lines = self._stderr().splitlines()
        return f"{text}: {lines[-1]}" if lines else text

    def keep(self, text: str) -> str:
        """Writes a text to a file that is removed at the end, and returns its path."""
        handle, path = tempfile.mkstemp(prefix="crewpass-", suffix=".pem")
        self._kept.append(path)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        return path

    def end(self) -> None:
        """Closes the pipe, which ends the program, and waits for it."""
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.popen.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self._stderr()
        self._errors.close()
        for path in self._kept:
            if os.path.exists(path):
                os.unlink(path)

    def _stderr(self) -> str:
        """Returns what the program, which has ended, printed on standard error."""
        if not self._errors.closed:
            self._errors.seek(0)
            self._printed = self._errors.read().decode(errors="replace").strip()
        return self._printed

    def _name(self) -> str:
        """Returns what was to be run, and who named it."""
        by = ", which CREWPASS_BINARY names," if os.environ.get("CREWPASS_BINARY") else ""
        return f"{self._program}{by}"
