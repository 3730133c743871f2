#!/usr/bin/env python3
"""The example receiver with one bug in its downloads: `broken_downloads.py BUG`. Each bug breaks one obligation."""

import http.client
import os
import pathlib
import sys
import urllib.error

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples" / "receivers" / "python"
sys.path.insert(0, str(EXAMPLES))
import crewpass_receiver as good  # noqa: E402

client = good.client
ORIGINAL = {name: getattr(client, name) for name in ("answer", "body", "checked", "get_json", "safe_name", "save")}


def key_on_link():
    """Sends the key with a link that is on its own origin."""

    def answer(url, with_key, hops=client.HOPS):
        return ORIGINAL["answer"](url, with_key or url.startswith(client.BASE), hops)

    client.answer = answer


def key_goes_along():
    """Follows a redirect with the key to any origin."""

    def checked(url, with_key):
        return url if with_key else ORIGINAL["checked"](url, with_key)

    client.checked = checked


def prints_link():
    """Prints each link."""

    def save(link, folder, document_id):
        print(link["download_url"], flush=True)
        return ORIGINAL["save"](link, folder, document_id)

    client.save = save


def key_in_url():
    """Sends the key in the query, too."""
    client.get_json = lambda url: ORIGINAL["get_json"](f"{url}?key={client.KEY}")


def saves_refusals():
    """Saves the body of any response."""

    def save(link, folder, document_id):
        try:
            response = client.OPENER.open(link["download_url"], timeout=client.PATIENCE)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            content = response.read()
        path = os.path.join(folder, client.safe_name(document_id, link.get("file_name")))
        with open(path, "wb") as file:
            file.write(content)
        return path

    client.save = save


def keeps_a_part():
    """Takes the end of a connection for the end of a file."""

    def body(response, largest):
        try:
            while piece := response.read1(1 << 16):
                yield piece
        except (OSError, http.client.HTTPException):
            return

    client.body = body


def strips_mark():
    """Takes a byte order mark away."""

    def body(response, largest):
        for piece in ORIGINAL["body"](response, largest):
            yield piece.removeprefix(b"\xef\xbb\xbf")

    client.body = body


def trusts_name():
    """Takes a name with a path as it is."""

    def safe_name(document_id, file_name):
        return file_name if "/" in str(file_name) else ORIGINAL["safe_name"](document_id, file_name)

    client.safe_name = safe_name


def name_alone():
    """Saves under the name alone, without the document's id."""
    client.safe_name = lambda document_id, file_name: ORIGINAL["safe_name"]("document", file_name)


BUGS = [
    key_on_link, key_goes_along, prints_link, key_in_url, saves_refusals, keeps_a_part, strips_mark, trusts_name,
    name_alone,
]

if __name__ == "__main__":
    {bug.__name__.replace("_", "-"): bug for bug in BUGS}[sys.argv[1]]()
    good.main()
