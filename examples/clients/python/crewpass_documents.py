#!/usr/bin/env python3
"""Save every current document of a crew member.

    BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… python3 crewpass_documents.py CREW_ID FOLDER

Needs Python 3.9 or later and nothing else. Exits 0 only if everything is saved; 10: some; 20: denied; 21: not found;
22: unavailable; 23: an answer that breaks the contract; 24: a fault on this machine.
"""

import datetime
import email.utils
import filecmp
import hashlib
import http.client
import json
import os
import re
import signal
import ssl
import sys
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request

for name in ("BASE", "CPK_KEY"):
    if not os.environ.get(name):
        sys.exit(f"{name} is not set")
BASE = os.environ["BASE"].rstrip("/")
KEY = os.environ["CPK_KEY"]
ORIGIN = urllib.parse.urlsplit(BASE)
# Files may come from BASE's host and from the hosts in CPK_LINK_HOSTS.
HOSTS = {ORIGIN.netloc.lower(), *os.environ.get("CPK_LINK_HOSTS", "").lower().split(",")}
END = time.monotonic() + 0.7 * float(os.environ.get("CPK_DEADLINE_S") or 3600)
PATIENCE = 4.0  # the longest wait for a response, and for 1 KiB of a body, in seconds
TRIES, LINKS, HOPS = 5, 3, 5
LARGEST = 256 << 20
DENIED_FOR_ALL = {"scope_not_granted", "scope_not_consented", "api_not_enabled", "partner_mode_mismatch"}


class Failure(Exception):
    """A step that failed. Its text holds neither the key nor a link."""

    def __init__(self, exit_code, text, status=None, code=None, again=0, wait=0.0):
        super().__init__(text)
        self.exit_code, self.status, self.code, self.again, self.wait = exit_code, status, code, again, wait
        self.saved = 0  # documents that were saved all the same


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # `answer` follows redirects itself


# No proxy and no cookies. TLS is checked, only against CPK_CA_FILE if it is set.
TLS = ssl.create_default_context(cafile=os.environ.get("CPK_CA_FILE") or None)
OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), NoRedirect, urllib.request.HTTPSHandler(context=TLS)
)


def checked(url, with_key):
    """Refuses an address that the key, or a file, has no business with."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not re.fullmatch(r"[!-~]+", url):
        raise Failure(23, "an address that can't be followed")
    if with_key and (parts.scheme, parts.netloc) != (ORIGIN.scheme, ORIGIN.netloc):
        raise Failure(23, "a redirect to another origin, which must not see the key")
    if parts.netloc.lower() not in HOSTS or (ORIGIN.scheme == "https" and parts.scheme == "http"):
        raise Failure(23, "a file that is not on a CrewPass host")
    return url


def answer(url, with_key, hops=HOPS):
    """The 200 answer to a GET."""
    headers = {"Accept-Encoding": "identity"}
    if with_key:
        headers["Authorization"] = f"Bearer {KEY}"
    request = urllib.request.Request(checked(url, with_key), headers=headers)
    left = END - time.monotonic()
    if left <= 0:
        raise Failure(22, "out of time")
    try:
        response = OPENER.open(request, timeout=min(PATIENCE, left))
    except urllib.error.HTTPError as refusal:
        location = refusal.headers.get("Location")
        if refusal.code in (301, 302, 303, 307, 308) and location and hops:
            refusal.close()
            return answer(urllib.parse.urljoin(url, location), with_key, hops - 1)
        raise refused(refusal) from None
    except TimeoutError:
        raise Failure(22, "no answer in time", again=2) from None
    except (OSError, http.client.HTTPException) as error:
        slow = isinstance(getattr(error, "reason", None), TimeoutError)
        raise Failure(22, f"no answer: {type(error).__name__}", again=2 if slow else TRIES) from None
    if response.status != 200:
        raise Failure(23, f"HTTP {response.status}")
    return response


def refused(refusal):
    """What a refusal says; its body may be anything."""
    error = {}
    try:
        error = json.loads(b"".join(body(refusal, 1 << 16)))["error"]
        code = error["code"] if re.fullmatch(r"[a-z_]{1,64}", error["code"]) else None
    except (Failure, ValueError, LookupError, TypeError):
        code = None
    wait = error.get("retry_after_seconds") if isinstance(error, dict) else None
    wait = float(wait) if isinstance(wait, (int, float)) and 0 < wait < 1e6 else 0.0
    after = refusal.headers.get("Retry-After", "").strip()
    if after.isdigit():
        wait = max(wait, float(after))
    elif date := email.utils.parsedate_tz(after):
        wait = max(wait, email.utils.mktime_tz(date) - time.time())
    status = refusal.code
    kinds = {401: 20, 403: 20, 404: 21, 410: 21, 429: 22}
    again = TRIES if status in (429, 502, 503, 504) else 0
    return Failure(kinds.get(status, 22 if status >= 500 else 23), f"HTTP {status} {code or ''}", status, code, again, wait)


def body(response, largest):
    """The body in pieces; a failure if it is cut short, crawls or never ends."""
    length = response.headers.get("Content-Length")
    total, since, mark = 0, time.monotonic(), 0
    if length and length.isdigit() and int(length) > largest:
        raise Failure(23, "the body is too large")
    try:
        while piece := response.read1(1 << 16):
            total += len(piece)
            now = time.monotonic()
            if total - mark >= 1024:
                since, mark = now, total
            if now - since > PATIENCE or now > END:
                raise Failure(22, "the body comes too slowly", again=2)
            if total > largest:
                raise Failure(23, "the body is too large")
            yield piece
    except (OSError, http.client.HTTPException):
        raise Failure(22, "the body breaks off", again=TRIES) from None
    if length and length.isdigit() and total != int(length):
        raise Failure(22, "the body is cut short", again=TRIES)


def retried(attempt):
    """Tries again what may pass: later each time, and never sooner than asked."""
    for number in range(1, TRIES + 1):
        try:
            return attempt()
        except Failure as failure:
            pause = max(failure.wait, 0.25 * 2**number)
            if number >= failure.again or time.monotonic() + pause > END:
                raise
            time.sleep(pause)


def get_json(url):
    """The JSON object of a response, and the Date of its head."""

    def attempt():
        with answer(url, True) as response:
            return json.loads(b"".join(body(response, 16 << 20))), response.headers.get("Date")

    try:
        found, date = retried(attempt)
    except ValueError:
        raise Failure(23, "the answer is not JSON") from None
    if not isinstance(found, dict):
        raise Failure(23, "the response is not a JSON object")
    return found, date


def segment(identity):
    """An id as one segment of a path."""
    if identity in ("", ".", ".."):
        raise Failure(23, "an id that no path can hold")
    return urllib.parse.quote(identity, safe="")


def safe_name(document_id, file_name):
    """A harmless name that no other document can have, since the id is in front."""
    plain = re.fullmatch(r"[a-z0-9_]{1,40}", document_id)
    mark = document_id if plain else hashlib.sha256(document_id.encode("utf-8", "replace")).hexdigest()[:16]
    name = unicodedata.normalize("NFC", file_name if isinstance(file_name, str) else "")
    name = "".join("_" if c in '/\\:*?"<>|' or unicodedata.category(c)[0] == "C" else c for c in name)
    stem, ending = os.path.splitext(name)
    ending = ending if len(ending.encode()) <= 12 else ""
    stem = stem.encode()[:150].decode("utf-8", "ignore")
    return f"{mark}-{stem or 'document'}{ending}".rstrip(". ")


def save(link, folder, document_id):
    """Follows a link: the whole file under its final name, or nothing."""
    path = os.path.join(folder, safe_name(document_id, link.get("file_name")))
    part = os.path.join(folder, f"download-{os.getpid()}.part")
    try:
        with answer(link["download_url"], False) as response, open(part, "xb") as file:
            kind = response.headers.get_content_type()
            if kind in ("text/html", "application/json") and kind != link.get("content_type"):
                raise Failure(23, "a page instead of the file")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Failure(23, "a content coding that was not asked for")
            for piece in body(response, LARGEST):
                file.write(piece)
            if not file.tell():
                raise Failure(23, "the file is empty")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # replaces nothing and follows no symlink
        except FileExistsError:
            if os.path.islink(path) or not filecmp.cmp(part, path, shallow=False):
                raise Failure(24, "another file has the document's name") from None
        return path
    finally:
        if os.path.lexists(part):
            os.unlink(part)


def is_over(link, date):
    """Whether a link had expired already when the server sent it, by the server's clock."""
    try:
        expiry = datetime.datetime.fromisoformat(link["expires_at"].replace("Z", "+00:00"))
        return expiry <= email.utils.parsedate_to_datetime(date)
    except (AttributeError, LookupError, TypeError, ValueError):
        return False


def document(documents, document_id, folder):
    """Link, then file; a dead link is replaced by a new one, a few times."""
    for number in range(1, LINKS + 1):
        link, date = get_json(f"{documents}/{segment(document_id)}/download")
        if link.get("document_id", document_id) != document_id:
            raise Failure(23, "the link is another document's")
        if not isinstance(link.get("download_url"), str):
            raise Failure(23, "the answer has no download_url")
        if number == 1 and is_over(link, date):
            continue
        try:
            return retried(lambda: save(link, folder, document_id))
        except Failure as failure:
            if failure.status not in (403, 404, 410) or number == LINKS:
                raise
            failure.status = failure.code = None


def check_base():
    if ORIGIN.scheme != "https" and not re.fullmatch(r"localhost|127(\.\d+){3}|::1", ORIGIN.hostname or ""):
        raise Failure(24, "BASE is not https, and the key must not travel in the open")


def person(crew_id, folder):
    """Saves every current document of a crew member; returns how many."""
    documents = f"{BASE}/api/v2/employers/me/crew/{segment(crew_id)}/documents"
    found, _ = get_json(documents)
    items = found.get("items")
    if found.get("crew_unique_id", crew_id) != crew_id or not isinstance(items, list):
        raise Failure(23, "this is not the crew member's list")
    ids = [item.get("document_id") if isinstance(item, dict) else None for item in items]
    if not all(isinstance(each, str) for each in ids):
        raise Failure(23, "an item has no document_id")
    saved, first, last = 0, None, None
    for document_id in dict.fromkeys(ids):
        try:
            print("saved", os.path.basename(document(documents, document_id, folder)))
            saved += 1
        except Failure as failure:
            first, last = first or failure, failure
            print(f"document {document_id[:80]!a}: {failure}", file=sys.stderr)
            if failure.status == 401 or failure.code in DENIED_FOR_ALL:
                break  # the error is about the key, not about this document
    if first:
        whole = Failure(10 if saved else first.exit_code, f"{saved} of {len(ids)} saved; first: {first}")
        whole.saved = saved
        if last.status == 401 or last.code in DENIED_FOR_ALL:
            whole.status, whole.code = last.status, last.code
        raise whole
    return saved


def main(crew_id, folder):
    check_base()
    os.makedirs(folder, exist_ok=True)
    person(crew_id, folder)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(24))
    if len(sys.argv) != 3:
        sys.exit("usage: crewpass_documents.py CREW_ID FOLDER")
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
    except (OSError, ValueError) as error:
        print(type(error).__name__, file=sys.stderr)
        sys.exit(24)
