"""Rules that make answers fail."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    # Type checkers know it without an installation.
    from typing_extensions import Unpack

_MATCH = frozenset(["step", "crew", "document", "method"])
_WHEN = frozenset(["skip", "times", "every", "probability", "from", "for"])
_PARTS = frozenset(["name", "match", "when", "then"])

#: A rule, in the form of the control API.
Rule = dict[str, Any]


class FaultFields(TypedDict, total=False):
    """The fields of a rule, as `docs/faults.md` describes them."""

    name: str
    step: str
    crew: str
    document: str
    method: str
    skip: int
    times: int
    every: int
    probability: float
    from_: str
    for_: str
    status: int | Mapping[str, Any]
    redirect: Mapping[str, Any]
    reset: bool
    close: bool
    stall: bool | Mapping[str, Any]
    json: Mapping[str, Any]
    link: str | None
    expire: bool
    malformed: bool
    truncated: int
    gzip: str
    content_type: str
    headers: Mapping[str, Any]
    body: str | Mapping[str, Any]
    range: Mapping[str, Any]
    other_version: bool
    cut: Mapping[str, Any]
    drip: Mapping[str, Any]
    chunked: bool
    latency: str | Mapping[str, Any]
    match: Mapping[str, Any]
    when: Mapping[str, Any]
    then: Mapping[str, Any]


def fault(**fields: Unpack[FaultFields]) -> Rule:
    """Returns a rule from its fields, such as `fault(step="link", times=2, status=503)`.

    `step`, `crew`, `document` and `method` select requests; `skip`, `times`, `every`,
    `probability`, `from_` and `for_` say at which of them the rule fires. Everything else is an
    effect: `status`, `redirect`, `reset`, `close`, `stall`, `json`, `link`, `expire`, `malformed`,
    `truncated`, `gzip`, `content_type`, `headers`, `body`, `range`, `other_version`, `cut`, `drip`,
    `chunked`, `latency`. A rule without a `name` gets one.
    """
    return whole_rule(fields)


def whole_rule(fields: Mapping[str, Any]) -> Rule:
    """Returns a rule in the form of the control API, from one in that form or from its fields."""
    rule: Rule = {}
    for field, value in fields.items():
        # `from` and `for` are words of Python.
        name = field[:-1] if field in ("from_", "for_") else field
        if name in _PARTS:
            rule[name] = {**rule.get(name, {}), **value} if isinstance(value, Mapping) else value
            continue
        if field not in FaultFields.__annotations__ and name not in _WHEN:
            near = difflib.get_close_matches(field, FaultFields.__annotations__, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"a fault has no field {field!r}{hint}")
        part = "match" if name in _MATCH else "when" if name in _WHEN else "then"
        rule[part] = {**rule.get(part, {}), name: value}
    return rule
