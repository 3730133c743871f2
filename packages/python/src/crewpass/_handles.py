"""The handles of a session: its clock, file store, faults and policies."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Union

from ._control import Control, ControlError, segment
from ._errors import CrewPassError
from ._faults import Rule, fault, whole_rule

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._faults import FaultFields

Time = Union[str, datetime.datetime]
Span = Union[str, datetime.timedelta]
#: The steps at which the store is down.
Steps = Literal["link", "file", "both"]


def time_text(time: Time) -> str:
    """Returns a time as the fake reads it. A datetime without a zone is one of UTC."""
    if isinstance(time, str):
        return time
    zoned = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
    return zoned.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def span_text(span: Span) -> str:
    """Returns a duration as the fake reads it."""
    if isinstance(span, str):
        return span
    milliseconds = span // datetime.timedelta(milliseconds=1)
    return f"{milliseconds}ms"


class Clock:
    """The clock of a session. It decides when a link expires."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> datetime.datetime:
        """The time that the session has."""
        return moment(self._control.request("GET", "/clock")["now"])

    def freeze(self, at: Time | None = None) -> datetime.datetime:
        """Stops the clock, at the time that it shows or at another one."""
        change: dict[str, Any] = {"freeze": True}
        if at is not None:
            change["set"] = time_text(at)
        return self._change(change)

    def set(self, time: Time) -> datetime.datetime:
        """Sets the clock. A frozen clock stays frozen."""
        return self._change({"set": time_text(time)})

    def advance(self, span: Span) -> datetime.datetime:
        """Moves the clock by a duration, such as `16m` or a timedelta; `-16m` moves it back."""
        return self._change({"advance": span_text(span)})

    def run(self) -> datetime.datetime:
        """Lets the clock run on."""
        return self._change({"run": True})

    def _change(self, change: Mapping[str, Any]) -> datetime.datetime:
        return moment(self._control.request("POST", "/clock", change)["now"])


def moment(text: str) -> datetime.datetime:
    """Returns a time that the fake wrote."""
    # Python 3.9 reads neither a `Z` nor nine digits of a second.
    whole, _, fraction = text[:-1].partition(".")
    found = datetime.datetime.fromisoformat(f"{whole}.{(fraction + '000000')[:6]}")
    return found.replace(tzinfo=datetime.timezone.utc)


class Store:
    """The file store. While it is down, links or files are answered with 503."""

    def __init__(self, control: Control, crew: str) -> None:
        self._control = control
        self._crew = crew

    def down(
        self,
        at: Steps | None = None,
        times: int | None = None,
        *,
        document: str | None = None,
        crew: str | None = None,
    ) -> None:
        """Takes the store down: at one step or `both`, for some requests, or for one document."""
        if document is not None:
            self._change_document(document, crew, "down", at=at, times=times)
            return
        _refuse("without `document`", crew=crew)
        change: dict[str, Any] = {"down": True, "at": at or "both"}
        if times is not None:
            change["times"] = times
        self._control.request("POST", "/store", change)

    def up(
        self,
        at: Steps | None = None,
        *,
        document: str | None = None,
        crew: str | None = None,
    ) -> None:
        """Brings the store up again."""
        if document is not None:
            self._change_document(document, crew, "up", at=at)
            return
        _refuse("without `document`", crew=crew)
        self._control.request("POST", "/store", {"down": False, "at": at or "both"})

    @property
    def state(self) -> dict[str, Any]:
        """The state of each step, such as `{"link": "up", "file": {"down_for": 2}}`."""
        state: dict[str, Any] = self._control.request("GET", "/store")
        return state

    def _change_document(self, document: str, crew: str | None, state: str, **others: Any) -> None:
        _refuse("of one document", **others)
        path = f"/crew/{segment(crew or self._crew)}/documents/{segment(document)}"
        self._control.request("POST", path, {"store": state})


def _refuse(case: str, **options: Any) -> None:
    """Refuses options that would have no effect."""
    given = [f"`{name}`" for name, value in options.items() if value is not None]
    if given:
        raise CrewPassError(f"the store {case} has no {' and no '.join(given)}")


class Faults:
    """The rules of a session that make answers fail."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, *rules: Rule, **fields: Unpack[FaultFields]) -> None:
        """Adds rules, or one from its fields: `add(step="link", times=2, status=503)`."""
        added = [whole_rule(rule) for rule in rules]
        if fields:
            added.append(fault(**fields))
        self._control.request("POST", "/faults", added)

    def counts(self) -> list[dict[str, Any]]:
        """Returns each rule with its name, effect, and how often it matched and fired."""
        counts: list[dict[str, Any]] = self._control.request("GET", "/faults")["faults"]
        return counts

    def verify(self) -> None:
        """Raises AssertionError if a rule fired less often than it should, or never."""
        try:
            self._control.request("GET", "/faults/verify")
        except ControlError as error:
            if error.code != "faults_not_consumed":
                raise
            raise AssertionError(str(error)) from None

    def remove(self, name: str) -> None:
        """Removes one rule."""
        self._control.request("DELETE", f"/faults/{segment(name)}")

    def clear(self) -> None:
        """Removes all rules."""
        self._control.request("DELETE", "/faults")


class Policies:
    """What the fake does where the API's documentation is silent."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def all(self) -> dict[str, str]:
        """Returns every policy with its value."""
        policies: dict[str, str] = self._control.request("GET", "/policies")
        return policies

    def set(self, **values: str) -> dict[str, str]:
        """Sets policies, such as `set(dead_link="410")`, and returns all."""
        policies: dict[str, str] = self._control.request("POST", "/policies", values)
        return policies
