#!/usr/bin/env python3
"""Save every document of a crew member, the way that most clients with `requests` do: a Session, a temporary file and
a rename. Not an example: it shows which habits of good clients the gate must not call wrong.

    requests_client.py CREW_ID OUT_DIR [netrc] [dies] [patient] [heads] [me] [summary] [both]

`netrc` leaves `trust_env` on, as it is by default. `dies` ends with 255 on a failure, as PHP and Perl do. `patient` has
limits of its own instead of CPK_DEADLINE_S. `heads` sends a HEAD before each GET. `me` asks first who it is. `summary`
says at the end how much was saved, in several words. `both` sends the key in both headers, which is no good habit.
"""

import email.utils
import hashlib
import os
import re
import signal
import sys
import tempfile
import time
import urllib.parse

import requests

BASE = os.environ["BASE"].rstrip("/")
ORIGIN = urllib.parse.urlsplit(BASE)
HOSTS = {ORIGIN.netloc, *os.environ.get("CPK_LINK_HOSTS", "").split(",")}
CREW, OUT, HABITS = sys.argv[1], sys.argv[2], sys.argv[3:]
PATIENT = "patient" in HABITS
END = time.monotonic() + (3600 if PATIENT else 0.7 * float(os.environ.get("CPK_DEADLINE_S") or 3600))
TIMEOUT, TRIES, LINKS, HOPS = 4.0, 4, 3, 5
# The longest time for one file, and the longest wait that a server may ask for.
TOTAL, LONGEST_WAIT = (4, 3) if PATIENT else (3600, 3600)


class Failure(Exception):
    def __init__(self, text, status=None, code=None, again=False, wait=0.0):
        super().__init__(text)
        self.status, self.code, self.again, self.wait = status, code, again, wait


def session():
    http = requests.Session()
    http.trust_env = "netrc" in HABITS
    http.verify = os.environ.get("CPK_CA_FILE") or True
    http.cookies.set_policy(__import__("http.cookiejar").cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return http


API, FILES = session(), session()
API.headers["Authorization"] = f"Bearer {os.environ['CPK_KEY']}"
if "both" in HABITS:
    API.headers["X-Partner-API-Key"] = os.environ["CPK_KEY"]


def get(http, url, hops=HOPS, **options):
    """One GET; redirects only where they may lead, and for files only."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", ORIGIN.scheme) or parts.netloc not in HOSTS or ORIGIN.scheme != parts.scheme:
        raise Failure("a link that is not on a CrewPass host")
    left = END - time.monotonic()
    if left <= 0:
        raise Failure("out of time")
    try:
        if "heads" in HABITS:
            head = http.head(url, timeout=min(TIMEOUT, left), allow_redirects=False)
            if head.status_code >= 400:
                raise refused(head)
        answer = http.get(url, timeout=min(TIMEOUT, left), allow_redirects=False, **options)
    except requests.exceptions.Timeout:
        raise Failure("no answer in time") from None
    except requests.exceptions.RequestException as error:
        raise Failure(f"no answer: {type(error).__name__}", again=True) from None
    if answer.status_code in (301, 302, 303, 307, 308) and http is FILES and "Location" in answer.headers and hops:
        return get(http, urllib.parse.urljoin(url, answer.headers["Location"]), hops - 1, **options)
    if answer.status_code != 200:
        raise refused(answer)
    return answer


def refused(answer):
    try:
        error = dict(answer.json()["error"])
    except (ValueError, LookupError, TypeError, requests.exceptions.RequestException):
        error = {}
    wait = error.get("retry_after_seconds")
    wait = float(wait) if isinstance(wait, (int, float)) else 0.0
    after = answer.headers.get("Retry-After", "")
    if after.isdigit():
        wait = float(after)
    elif date := email.utils.parsedate_tz(after):
        wait = email.utils.mktime_tz(date) - time.time()
    status = answer.status_code
    return Failure(f"HTTP {status} {error.get('code')}", status, error.get("code"), status in (429, 502, 503, 504), wait)


def retried(attempt):
    for number in range(1, TRIES + 1):
        try:
            return attempt()
        except Failure as failure:
            pause = max(min(failure.wait, LONGEST_WAIT), 0.25 * 2**number)
            if not failure.again or number == TRIES or time.monotonic() + pause > END:
                raise
            time.sleep(pause)


def json_of(path):
    def attempt():
        try:
            return get(API, BASE + path).json()
        except requests.exceptions.JSONDecodeError:
            raise Failure("the answer is not JSON") from None

    found = retried(attempt)
    if not isinstance(found, dict):
        raise Failure("the answer is not an object")
    return found


def segment(identity):
    if identity in (".", ".."):
        raise Failure("an id that no path can hold")
    return urllib.parse.quote(identity, safe="")


def name_of(document_id, file_name):
    mark = hashlib.sha256(document_id.encode()).hexdigest()[:12]
    stem, ending = os.path.splitext(re.sub(r"[^0-9A-Za-z. _-]", "_", file_name or "document"))
    return f"{stem.strip('. -_')[:80] or 'document'} ({mark}){ending[:8]}".rstrip(". ")


def save(link, document_id):
    """A temporary file in the folder, then a rename: what everybody recommends."""
    handle, part = tempfile.mkstemp(dir=OUT)
    # `requests` waits for a whole piece, however slowly it comes.
    signal.setitimer(signal.ITIMER_REAL, max(0.01, min(TOTAL, END - time.monotonic())))
    try:
        with os.fdopen(handle, "wb") as file, get(FILES, link["download_url"], stream=True) as answer:
            kind = answer.headers.get("Content-Type", "").split(";")[0]
            if kind == "text/html":
                raise Failure("a page instead of the file")
            begun = time.monotonic()
            try:
                for piece in answer.iter_content(1 << 16):
                    file.write(piece)
                    if time.monotonic() > END or (file.tell() > 256 << 20):
                        raise Failure("too slow, or too large")
            except requests.exceptions.ConnectionError:
                raise Failure("the body breaks off", again=time.monotonic() - begun < TIMEOUT) from None
            except requests.exceptions.RequestException:
                raise Failure("the body breaks off", again=True) from None
            length = answer.headers.get("Content-Length")
            if "Content-Encoding" not in answer.headers and length and int(length) != file.tell():
                raise Failure("the body is cut short", again=True)
            if not file.tell():
                raise Failure("the file is empty")
        name = name_of(document_id, link.get("file_name"))
        os.replace(part, os.path.join(OUT, name))
        print(f"saved {name} ({os.path.getsize(os.path.join(OUT, name))} bytes)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if os.path.lexists(part):
            os.unlink(part)


def out_of_time(*_):
    raise Failure("out of time")


def document(list_path, document_id):
    for number in range(1, LINKS + 1):
        link = json_of(f"{list_path}/{segment(document_id)}/download")
        if link.get("document_id", document_id) != document_id or not isinstance(link.get("download_url"), str):
            raise Failure("not a link of the document")
        try:
            return retried(lambda: save(link, document_id))
        except Failure as failure:
            if failure.status not in (403, 404, 410) or number == LINKS:
                raise


def main():
    list_path = f"/api/v2/employers/me/crew/{segment(CREW)}/documents"
    if "me" in HABITS:
        json_of("/api/v2/partners/me")
    found = json_of(list_path)
    if found.get("crew_unique_id", CREW) != CREW or not isinstance(found.get("items"), list):
        raise Failure("not the list of the crew member")
    failures = 0
    for item in found["items"]:
        try:
            document(list_path, item["document_id"])
        except Failure as failure:
            failures += 1
            print(f"document {item['document_id']!a}: {failure}", file=sys.stderr)
            if failure.code in ("scope_not_granted", "scope_not_consented"):
                break
    if "summary" in HABITS:
        saved = len(found["items"]) - failures
        print(f"Saved files: {saved}, failed: {failures}")
        print(f"Saved to {OUT}: {saved} of {len(found['items'])} documents")
        print(f"Saved: {saved} document(s); could not save: {failures}")
        print("saved everything" if not failures else f"saved only {saved} documents")
    if failures:
        raise Failure(f"{failures} documents are missing")


signal.signal(signal.SIGALRM, out_of_time)
try:
    main()
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(255 if "dies" in HABITS else 1)
