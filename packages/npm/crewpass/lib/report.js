"use strict";
// The journal as text, for the report of a failed test.

/** The number of entries that a report shows, from the end. */
const MAX_LINES = 40;

/** Returns an entry as one line. */
function journalLine(entry) {
  if (entry.kind === "change") {
    return `${entry.at} ${entry.change}: ${JSON.stringify(entry.detail)}`;
  }
  const clause = entry.clause?.id ?? "-";
  let line = `${entry.at} ${entry.method} ${entry.target} ${entry.status ?? "-"} ${clause}`;
  if (!entry.whole) line += `, ended after ${entry.bytes} bytes`;
  if (entry.faults?.length) line += `, fault ${entry.faults.join(", ")}`;
  if (entry.leaks?.length) line += `, leaks ${entry.leaks.join(", ")}`;
  return line;
}

/** Returns the last entries, one a line. */
function journalText(entries) {
  if (entries.length === 0) return "the client sent no request";
  const lines = entries.slice(-MAX_LINES).map(journalLine);
  if (entries.length > MAX_LINES) lines.unshift(`(${entries.length - MAX_LINES} older entries)`);
  return lines.join("\n");
}

module.exports = { journalLine, journalText };
