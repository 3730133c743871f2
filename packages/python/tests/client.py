"""A small client, as a test of somebody else has one."""

import contextlib
import json
import socket
import urllib.error
import urllib.parse
import urllib.request


def get(url, key=None):
    """Returns the status and the body of an answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def documents(session, key=None):
    """Returns the status and the JSON of the list."""
    url = f"{session.base}/api/v2/employers/me/crew/{session.crew}/documents"
    status, body = get(url, key or session.key)
    return status, json.loads(body)


def link(session, document="doc_1", extra=""):
    """Returns the status and the JSON of a link."""
    path = f"/api/v2/employers/me/crew/{session.crew}/documents/{document}/download{extra}"
    status, body = get(session.base + path, session.key)
    return status, json.loads(body)


@contextlib.contextmanager
def stalled(session):
    """Asks for the list, and reads no answer until the block ends."""
    address = urllib.parse.urlsplit(session.base)
    path = f"/api/v2/employers/me/crew/{session.crew}/documents"
    head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(f"{head}Authorization: Bearer {session.key}\r\n\r\n".encode())
        yield
