#!/usr/bin/env python3
"""Save every current document of everybody on the fleet.

    BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… python3 crewpass_fleet.py FOLDER

Needs Python 3.9 or later and crewpass_documents.py beside it, which lists and downloads for one person. Exits 0 if the
documents of everybody are saved. A person who did not consent or has left the fleet is named on standard error, and
changes nothing else. The other exit codes are those of crewpass_documents.py.
"""

import os
import signal
import sys
import urllib.parse

sys.dont_write_bytecode = True  # no folder of compiled files beside the two scripts
from crewpass_documents import BASE, DENIED_FOR_ALL, Failure, check_base, get_json, person  # noqa: E402

FLEET = f"{BASE}/api/v2/employers/me/fleet"
LIMIT = 200  # the most rows of a page that the API allows
WALKS = 3  # a cursor may expire: then the walk begins again


def pages():
    """The rows of each page; the cursor of a page goes back unchanged, encoded once."""
    cursor, given = None, set()
    while True:
        query = {"limit": LIMIT} if cursor is None else {"limit": LIMIT, "cursor": cursor}
        try:
            page, _ = get_json(f"{FLEET}?{urllib.parse.urlencode(query)}")
        except Failure as failure:
            failure.is_of_cursor = cursor is not None and failure.status in (400, 404, 422)
            raise
        rows, cursor = page.get("items"), page.get("next_cursor")
        if not isinstance(rows, list) or not (cursor is None or isinstance(cursor, str)):
            raise Failure(23, "this is not a page of the fleet")
        yield rows
        if not cursor:
            return  # only a missing cursor marks the last page; a page without rows may have others behind it
        if cursor in given:
            raise Failure(23, "the pages of the fleet go in a circle")
        given.add(cursor)


def everybody():
    """The crew ids of the fleet, each once: a person has a row for each vessel."""
    for walk in range(1, WALKS + 1):
        try:
            ids = [row.get("crew_unique_id") if isinstance(row, dict) else None for page in pages() for row in page]
        except Failure as failure:
            if walk < WALKS and getattr(failure, "is_of_cursor", False):
                continue
            raise
        if not all(isinstance(each, str) for each in ids):
            raise Failure(23, "a row has no crew_unique_id")
        return dict.fromkeys(ids)


def main(folder):
    check_base()
    os.makedirs(folder, exist_ok=True)
    saved, first = 0, None
    for crew_id in everybody():
        try:
            saved += person(crew_id, folder)
        except Failure as failure:
            print(f"crew member {crew_id[:80]!a}: {failure}", file=sys.stderr)
            saved += failure.saved
            if not failure.saved and (failure.status == 404 or failure.code == "scope_not_consented"):
                continue  # not our fault, and no reason to fail: the line above says whose documents are missing
            first = first or failure
            if failure.status == 401 or failure.code in DENIED_FOR_ALL - {"scope_not_consented"}:
                break  # the error is about the key, not about this person
    if first:
        raise Failure(10 if saved else first.exit_code, f"{saved} saved; first: {first}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(24))
    try:
        main(os.environ.get("OUT_DIR") or sys.argv[1])
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
    except (OSError, ValueError, IndexError) as error:
        print(type(error).__name__, file=sys.stderr)
        sys.exit(24)
