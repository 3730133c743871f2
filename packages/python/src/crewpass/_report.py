"""The journal as text, for the report of a failed test."""

from __future__ import annotations

from typing import Any

#: The number of entries that a report shows, from the end.
MAX_LINES = 40


def journal_line(entry: dict[str, Any]) -> str:
    """Returns an entry as one line."""
    at = str(entry.get("at", ""))
    if entry.get("kind") == "change":
        return f"{at} {entry.get('change')}: {entry.get('detail')}"
    status = entry.get("status")
    clause = entry.get("clause") or {}
    line = f"{at} {entry.get('method')} {entry.get('target')} {'-' if status is None else status}"
    line += f" {clause.get('id', '-')}"
    if not entry.get("whole", True):
        line += f", ended after {entry.get('bytes')} bytes"
    if entry.get("faults"):
        line += f", fault {', '.join(entry['faults'])}"
    if entry.get("leaks"):
        line += f", leaks {', '.join(entry['leaks'])}"
    return line


def open_text(count: int) -> str:
    """Returns how many requests have no entry yet."""
    have = "1 request has" if count == 1 else f"{count} requests have"
    return (
        f"{have} no end of its response yet" if count == 1 else f"{have} no end of a response yet"
    )


def journal_text(entries: list[dict[str, Any]], dropped: int = 0, still_open: int = 0) -> str:
    """Returns the last entries, one a line, and what is not among them."""
    lines = [journal_line(entry) for entry in entries[-MAX_LINES:]]
    if len(entries) > MAX_LINES:
        lines.insert(0, f"({len(entries) - MAX_LINES} older entries)")
    if dropped:
        lines.insert(0, f"({dropped} entries were dropped: start with a larger `journal`)")
    if still_open:
        lines.append(f"({open_text(still_open)})")
    return "\n".join(lines) or "the client sent no request"
