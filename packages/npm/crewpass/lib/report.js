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

/** Returns how many requests have no entry yet. */
function openText(count) {
  return count === 1
    ? "1 request has no end of its response yet"
    : `${count} requests have no end of a response yet`;
}

/** Returns the last entries, one a line, and what is not among them. */
function journalText(entries) {
  const lines = entries.slice(-MAX_LINES).map(journalLine);
  if (entries.length > MAX_LINES) lines.unshift(`(${entries.length - MAX_LINES} older entries)`);
  if (entries.dropped > 0) {
    lines.unshift(`(${entries.dropped} entries were dropped: start with a larger \`journal\`)`);
  }
  if (entries.open > 0) lines.push(`(${openText(entries.open)})`);
  return lines.join("\n") || "the client sent no request";
}

module.exports = { journalLine, journalText, openText };
