"""The webhooks of a session: callbacks, deliveries, and how to break them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from ._control import Control, ControlError
from ._handles import Span, moment, span_text

#: The time within which a delivery that is on its way should arrive, in seconds.
PATIENCE = 5.0
#: A delivery with its attempts, as `docs/webhooks.md` describes it.
Delivery = dict[str, Any]


class Alteration(TypedDict, total=False):
    """What is wrong with a delivery on purpose. The values are in `docs/webhooks.md`."""

    signature: Literal[
        "other_secret",
        "missing",
        "empty",
        "one_digit",
        "short",
        "long",
        "multibyte",
        "body_alone",
    ]
    timestamp: Literal["missing", "not_a_number", "changed"]
    age: int
    body: Literal["value", "blanks"]
    event_id: str
    event_type: str
    schema_version: str
    slow_headers: str
    chunked: bool


class Webhooks:
    """Deliveries of events to callbacks on this machine."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self,
        url: str,
        secret: str,
        *,
        events: Sequence[str] | None = None,
        partner: str | None = None,
        previous_secret: str | None = None,
    ) -> None:
        """Adds a callback, or replaces the one with the same URL.

        It gets all events if `events` is left out.
        """
        callback = {"url": url, "secret": secret, "events": events, "partner": partner}
        callback["previous_secret"] = previous_secret
        self._control.request("POST", "/webhooks/callbacks", _given(callback))

    def clear(self) -> None:
        """Removes all callbacks. Deliveries that exist are still made."""
        self._control.request("DELETE", "/webhooks/callbacks")

    def fire(
        self,
        event_type: str,
        *,
        crew: str | None = None,
        document: str | None = None,
        data: Mapping[str, Any] | None = None,
        partner: str | None = None,
        url: str | None = None,
        unknown: bool | None = None,
        fields: Mapping[str, Any] | None = None,
        schema_version: int | None = None,
        copies: int | None = None,
        after: Span | None = None,
        alter: Alteration | None = None,
    ) -> str:
        """Makes deliveries of an event by hand, and returns the id of the event.

        Without `data` the event tells the present state of the crew member. `unknown` also sends a
        type, a crew member or a document that does not exist. `after` waits on the session's clock.
        """
        event = {
            "event_type": event_type,
            "crew": crew,
            "document": document,
            "data": data,
            "partner": partner,
            "url": url,
            "unknown": unknown,
            "fields": fields,
            "schema_version": schema_version,
            "copies": copies,
            "after": None if after is None else span_text(after),
            "alter": alter,
        }
        return str(self._control.request("POST", "/webhooks/fire", _given(event))["event_id"])

    def alter(
        self,
        alter: Alteration | None = None,
        *,
        times: int | None = None,
        copies: int | None = None,
        after: Span | None = None,
    ) -> None:
        """Alters the next deliveries, makes each several times, or late."""
        change = {
            "alter": alter or {},
            "times": times,
            "copies": copies,
            "after": None if after is None else span_text(after),
        }
        self._control.request("POST", "/webhooks/alter", _given(change))

    def redeliver(self, delivery: int | None = None) -> int:
        """Sends dead and refused deliveries again, or the named one, and returns how many."""
        answer = self._control.request(
            "POST", "/webhooks/redeliver", _given({"delivery": delivery})
        )
        return int(answer["redelivered"])

    def verify(self) -> None:
        """Raises AssertionError unless every delivery has arrived.

        It waits some seconds for attempts that are due. A delivery whose next attempt is due later,
        by the session's clock, fails at once.
        """
        deadline = time.monotonic() + PATIENCE
        while self._is_any_due() and time.monotonic() < deadline:
            time.sleep(0.02)
        try:
            self._control.request("GET", "/webhooks/verify")
        except ControlError as error:
            if error.code != "webhooks_not_delivered":
                raise
            raise AssertionError(str(error)) from None

    def deliveries(self) -> Sequence[Delivery]:
        """Returns the deliveries with their attempts, oldest first."""
        deliveries: Sequence[Delivery] = self.list()["deliveries"]
        return deliveries

    def list(self) -> Mapping[str, Any]:
        """Returns the callbacks, the deliveries, and how many older ones were dropped."""
        answer: Mapping[str, Any] = self._control.request("GET", "/webhooks")
        return answer

    def _is_any_due(self) -> bool:
        """Returns whether an attempt is being made, or is to be made now."""
        deliveries = self.deliveries()
        now = moment(self._control.request("GET", "/clock")["now"])
        return any(
            made["state"] == "sending"
            or (made["state"] == "waiting" and moment(made["due"]) <= now)
            for made in deliveries
        )


def _given(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
