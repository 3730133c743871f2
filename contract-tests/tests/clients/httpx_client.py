#!/usr/bin/env python3
"""Save every document of a crew member with httpx: two AsyncClients, a task for each of four workers, a time limit
around each download, and gzip wherever the server likes it. Not an example: it shows which habits of good clients the
gate must not call wrong.

    httpx_client.py CREW_ID OUT_DIR
"""

import asyncio
import email.utils
import hashlib
import os
import pathlib
import re
import ssl
import sys
import tempfile
import time
import urllib.parse

import httpx

BASE = httpx.URL(os.environ["BASE"].rstrip("/"))
HOSTS = {BASE.netloc.decode(), *os.environ.get("CPK_LINK_HOSTS", "").split(",")}
END = time.monotonic() + 0.7 * float(os.environ.get("CPK_DEADLINE_S") or 3600)
TRIES, LINKS, HOPS, WORKERS, LARGEST = 4, 3, 5, 4, 256 << 20


class Failure(Exception):
    """A step that failed. Its text holds neither the key nor a link."""

    def __init__(self, text, status=None, code=None, tries=1, wait=0.0):
        super().__init__(text)
        self.status, self.code, self.tries, self.wait = status, code, tries, wait


def client(**options):
    """Without the proxies and the login that the environment names; cookies are dropped."""
    verify = ssl.create_default_context(cafile=os.environ.get("CPK_CA_FILE"))
    found = httpx.AsyncClient(verify=verify, trust_env=False, timeout=4.0, **options)
    found.cookies.jar.set_policy(__import__("http.cookiejar").cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return found


def refused(answer):
    try:
        error = dict(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        error = {}
    code = error.get("code") if re.fullmatch("[a-z_]{1,64}", str(error.get("code"))) else None
    wait = error.get("retry_after_seconds")
    after = answer.headers.get("retry-after", "")
    if after.isdecimal():
        wait = float(after)
    elif date := email.utils.parsedate_tz(after):
        wait = email.utils.mktime_tz(date) - time.time()
    wait = wait if isinstance(wait, (int, float)) else 0.0
    status = answer.status_code
    return Failure(f"HTTP {status} {code}", status, code, TRIES if status in (429, 502, 503, 504) else 1, wait)


async def retried(attempt, *args):
    for number in range(1, TRIES + 1):
        try:
            async with asyncio.timeout(min(6.0, END - time.monotonic())):
                return await attempt(*args)
        except TimeoutError:
            raise Failure("too slow") from None
        except httpx.TimeoutException:
            failure = Failure("no answer in time", tries=2)
        except httpx.TransportError as error:
            failure = Failure(type(error).__name__, tries=TRIES)
        except Failure as found:
            failure = found
        pause = max(failure.wait, 0.25 * 2**number)
        if number >= failure.tries or time.monotonic() + pause > END:
            raise failure
        await asyncio.sleep(pause)


async def answered(api, path):
    answer = await api.get(str(BASE) + path)
    if answer.status_code != 200:
        raise refused(answer)
    try:
        found = answer.json()
    except ValueError:
        raise Failure("the answer is not JSON") from None
    if not isinstance(found, dict):
        raise Failure("the answer is not an object")
    return found


def checked(url):
    parts = urllib.parse.urlsplit(url)
    schemes = ("https",) if BASE.scheme == "https" else ("http", "https")
    if parts.scheme not in schemes or parts.netloc not in HOSTS:
        raise Failure("a link that is not on a CrewPass host")
    return url


def segment(identity):
    if identity in (".", ".."):
        raise Failure("an id that no path can hold")
    return urllib.parse.quote(identity, safe="")


def name_for(identity, given):
    mark = hashlib.sha256(identity.encode()).hexdigest()[:10]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in given or "document")
    return pathlib.Path(f"{mark}_{plain[-90:]}".rstrip("."))


async def save(files, url, target):
    for _ in range(HOPS + 1):
        async with files.stream("GET", checked(url)) as answer:
            if answer.has_redirect_location:
                url = urllib.parse.urljoin(url, answer.headers["location"])
                continue
            if answer.status_code != 200:
                await answer.aread()
                raise refused(answer)
            if answer.headers.get("content-type", "").startswith("text/html"):
                raise Failure("a page instead of the file")
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".incoming-", delete=False) as part:
                try:
                    async for piece in answer.aiter_bytes():
                        part.write(piece)
                        if part.tell() > LARGEST:
                            raise Failure("the file is too large")
                    if not part.tell():
                        raise Failure("the file is empty")
                except BaseException:
                    os.unlink(part.name)
                    raise
            os.replace(part.name, target)
            return
    raise Failure("too many redirects")


async def document(api, files, documents, identity, folder):
    for number in range(1, LINKS + 1):
        link = await retried(answered, api, f"{documents}/{segment(identity)}/download")
        if link.get("document_id", identity) != identity or not isinstance(link.get("download_url"), str):
            raise Failure("not a link of the document")
        target = folder / name_for(identity, link.get("file_name"))
        try:
            await retried(save, files, link["download_url"], target)
            return target
        except Failure as failure:
            if failure.status not in (403, 404, 410) or number == LINKS:
                raise


async def main(crew, folder):
    if BASE.scheme != "https" and not re.fullmatch(r"localhost|127[.\d]+|::1", BASE.host):
        raise Failure("the key goes over TLS only")
    headers = {"Authorization": f"Bearer {os.environ['CPK_KEY']}"}
    async with client(headers=headers) as api, client() as files:
        documents = f"/api/v2/employers/me/crew/{segment(crew)}/documents"
        found = await retried(answered, api, documents)
        if found.get("crew_unique_id", crew) != crew or not isinstance(found.get("items"), list):
            raise Failure("not the list of the crew member")
        waiting, failures = [item["document_id"] for item in found["items"]][::-1], []

        async def worker():
            while waiting:
                identity = waiting.pop()
                try:
                    target = await document(api, files, documents, identity, folder)
                    print(f"saved {target.name} ({target.stat().st_size} bytes)")
                except Failure as failure:
                    failures.append(failure)
                    print(f"document {identity!a}: {failure}", file=sys.stderr)
                    if failure.code in ("scope_not_granted", "scope_not_consented"):
                        waiting.clear()

        await asyncio.gather(*(worker() for _ in range(WORKERS)))
    if failures:
        raise Failure(f"{len(failures)} documents are missing")


try:
    asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2])))
except Failure as failure:
    sys.exit(str(failure))
