"""Rules that make answers fail."""

from __future__ import annotations

from typing import Any

_MATCH = frozenset(["step", "crew", "document", "method"])
_WHEN = frozenset(["skip", "times", "every", "probability", "from", "for"])

#: A rule, in the form of the control API.
Rule = dict[str, Any]


def fault(**fields: Any) -> Rule:
    """Returns a rule from its fields, such as `fault(step="link", times=2, status=503)`.

    `step`, `crew`, `document` and `method` select requests; `skip`, `times`, `every`,
    `probability`, `from_` and `for_` say at which of them the rule fires. Everything else is an
    effect: `status`, `redirect`, `reset`, `close`, `stall`, `json`, `link`, `expire`, `malformed`,
    `truncated`, `gzip`, `content_type`, `headers`, `body`, `range`, `other_version`, `cut`, `drip`,
    `latency`. A rule without a `name` gets one.
    """
    rule: Rule = {}
    for name, value in fields.items():
        # `from` and `for` are words of Python.
        name = name[:-1] if name in ("from_", "for_") else name
        if name in ("name", "match", "when", "then"):
            rule[name] = value
            continue
        part = "match" if name in _MATCH else "when" if name in _WHEN else "then"
        rule.setdefault(part, {})[name] = value
    return rule
