"""Save every current document of a crew member: list, then a link and a download for each.

    BASE=http://127.0.0.1:8787 CPK_KEY=cpk_test_… python3 examples/guide/loop.py [FOLDER]
"""

import os
import pathlib
import re
import sys
import urllib.parse

import httpx

base = os.environ["BASE"]
auth = {"Authorization": f"Bearer {os.environ['CPK_KEY']}"}
crew = urllib.parse.quote(os.environ.get("CREW_ID", "crew_001"), safe="")
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
documents = f"{base}/api/v2/employers/me/crew/{crew}/documents"

listed = httpx.get(documents, headers=auth)
listed.raise_for_status()

failed = 0
for item in listed.json()["items"]:
    document = item["document_id"]
    try:
        link = httpx.get(f"{documents}/{urllib.parse.quote(document, safe='')}/download", headers=auth)
        link.raise_for_status()
        # A separate request without the key: the link is the credential.
        file = httpx.get(link.json()["download_url"], follow_redirects=True)
        file.raise_for_status()
    except httpx.HTTPError as error:
        print(f"{document}: {error.__class__.__name__}", file=sys.stderr)
        failed += 1
        continue
    # `file_name` comes from the server. It may be null. Two documents may share it, so the id comes first.
    # It may hold any text, so only plain characters are kept.
    name = re.sub(r"[^\w.-]", "_", link.json().get("file_name") or "document")[-100:]
    target = folder / f"{urllib.parse.quote(document, safe='')}-{name}"
    target.write_bytes(file.content)
    print(f"saved {target} ({len(file.content)} bytes)")

sys.exit(1 if failed else 0)
