"""Hooks of schemathesis: leaves out requests whose faults no JSON Schema can describe.

A schema describes fields, and each of these rules is about several fields or the value of a text: what it allows may be
refused with 400 all the same.
"""

import re

import schemathesis

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST_WAIT = 10 * UNITS["m"]
LONGEST_SPAN = 366 * 100 * UNITS["d"]
# A wait of the journal, and a world, that take long keep a test from its end.
LONGEST_JOURNAL_WAIT = 50
MOST_DOCUMENTS = 200


def milliseconds(text):
    """Returns the length of a duration; None if the text is not one."""
    if not isinstance(text, str) or not re.fullmatch(r"[+-]?([0-9]+(ms|s|m|h|d))+", text):
        return None
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"([0-9]+)(ms|s|m|h|d)", text))


def exceeds(text, limit):
    length = milliseconds(text)
    return length is not None and length > limit


def is_out_of_range(text):
    return isinstance(text, str) and re.match(r"[0-9]{4}-", text) is not None and not "1970-01-02" < text < "9999-12-30"


def is_foreign(text):
    """Returns true if a text may lead to another machine."""
    return isinstance(text, str) and ("//" in text or "\\" in text or re.search(r"[a-zA-Z0-9+.-]+:", text) is not None)


def texts(value):
    if isinstance(value, dict):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def fault_is_refused(fault):
    if not isinstance(fault, dict):
        return False
    when, then = fault.get("when"), fault.get("then")
    if isinstance(when, dict):
        if exceeds(when.get("for"), LONGEST_SPAN) or exceeds(when.get("from"), LONGEST_SPAN):
            return True
    if not isinstance(then, dict):
        return False
    latency, drip = then.get("latency"), then.get("drip")
    if exceeds(latency, LONGEST_WAIT) or isinstance(drip, dict) and exceeds(drip.get("every"), LONGEST_WAIT):
        return True
    if isinstance(latency, dict):
        begin, end = milliseconds(latency.get("from")), milliseconds(latency.get("to"))
        if begin is not None and end is not None and (begin > end or end > LONGEST_WAIT):
            return True
    return any(is_foreign(text) for text in texts({key: then.get(key) for key in ("status", "redirect", "json", "link")}))


def faults_are_refused(faults):
    faults = faults if isinstance(faults, list) else [faults]
    names = [fault.get("name") for fault in faults if isinstance(fault, dict) and isinstance(fault.get("name"), str)]
    return len(names) != len(set(names)) or any(fault_is_refused(fault) for fault in faults)


def opening_is_refused(opening):
    if not isinstance(opening, dict):
        return False
    world = opening.get("world")
    if isinstance(world, dict):
        recipe = world.get("generate")
        # A whole world has a schema of its own, which is not part of the document.
        if not isinstance(recipe, dict):
            return True
        counts = [recipe.get("crew"), recipe.get("documents")]
        if all(isinstance(count, int) for count in counts) and counts[0] * max(counts[1], 1) > MOST_DOCUMENTS:
            return True
    policies = opening.get("policies")
    return (
        is_out_of_range(opening.get("clock"))
        or "faults" in opening and faults_are_refused(opening["faults"])
        or isinstance(policies, dict) and policies_are_refused(policies)
    )


def policies_are_refused(policies):
    lifetime = milliseconds(policies.get("link_ttl"))
    return lifetime is not None and not 1_000 <= lifetime <= 86_400_000


@schemathesis.hook
def filter_body(context, body):
    path = context.operation.path
    if path.endswith("/faults"):
        return not faults_are_refused(body)
    if path.endswith("/sessions"):
        return not opening_is_refused(body)
    if path.endswith("/policies") and isinstance(body, dict):
        return not policies_are_refused(body)
    if path.endswith("/clock") and isinstance(body, dict):
        return not (is_out_of_range(body.get("set")) or exceeds(body.get("advance"), LONGEST_SPAN))
    return True


@schemathesis.hook
def filter_query(context, query):
    path = context.operation.path
    query = query or {}
    if "/journal" in path:
        return not exceeds(query.get("wait"), LONGEST_JOURNAL_WAIT)
    if path.endswith("/crew/{crew}/documents"):
        # A new document needs both; with `supersedes` they are those of the older version.
        return "supersedes" in query or "type" in query and "title" in query
    return True
