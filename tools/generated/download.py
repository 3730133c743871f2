"""Saves a crew member's documents with the client that was generated from the document; `make foreign` has it judged.

It is what one writes who trusts a generated client: nothing of the gate's went into it.
"""

import os
import sys
from pathlib import Path

import httpx
from crewpass_documents import AuthenticatedClient
from crewpass_documents.api.documents import get_download_link, list_documents
from crewpass_documents.models import DocumentList, DownloadLink

crew_id, folder = sys.argv[1], Path(sys.argv[2])
client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["CPK_KEY"])
listed = list_documents.sync(crew_id, client=client)
if not isinstance(listed, DocumentList):
    sys.exit(f"no list: {listed}")
failed = 0
for document in listed.items:
    link = get_download_link.sync(crew_id, document.document_id, client=client)
    file = httpx.get(link.download_url, follow_redirects=True) if isinstance(link, DownloadLink) else None
    if file is None or file.status_code != 200:
        print(f"{document.document_id}: {file or link}", file=sys.stderr)
        failed += 1
        continue
    (folder / (link.file_name or document.document_id)).write_bytes(file.content)
sys.exit(1 if failed else 0)
