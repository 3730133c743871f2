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


def journal_text(entries: list[dict[str, Any]]) -> str:
    """Returns the last entries, one a line."""
    if not entries:
        return "the client sent no request"
    lines = [journal_line(entry) for entry in entries[-MAX_LINES:]]
    if len(entries) > MAX_LINES:
        lines.insert(0, f"({len(entries) - MAX_LINES} older entries)")
    return "\n".join(lines)
