"""An offline fake of the CrewPass Partner API for tests, with a clock, a store and faults.

    import crewpass

    with crewpass.start() as server, server.session(clock="2026-06-08T10:00:00Z") as fake:
        my_client.download_all(fake.base, fake.key, fake.crew)
        fake.clock.advance("16m")

With pytest, the fixture `crewpass` is such a session, and needs no import.
"""

from ._control import ControlError
from ._errors import CrewPassError, NeedsLever
from ._faults import fault
from ._handles import Clock, Faults, Policies, Store
from ._program import find_program
from ._server import Server, connect, serve, start
from ._session import Journal, Session
from ._webhooks import Webhooks

__all__ = [
    "Clock",
    "ControlError",
    "CrewPassError",
    "Faults",
    "Journal",
    "NeedsLever",
    "Policies",
    "Server",
    "Session",
    "Store",
    "Webhooks",
    "connect",
    "fault",
    "find_program",
    "serve",
    "start",
]
