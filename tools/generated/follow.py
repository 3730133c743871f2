"""Walks the fleet and downloads every document, with the client that was generated from the document."""

import os

import httpx
from crewpass_documents import AuthenticatedClient
from crewpass_documents.api.documents import get_download_link, list_documents
from crewpass_documents.api.partner import list_fleet
from crewpass_documents.models import DocumentList, DownloadLink, Error, Fleet

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["CPK_KEY"])

# Pages of two rows, so that there are several. A person has a row for each vessel.
people, cursor, pages = {}, None, 0
while pages == 0 or cursor:
    page = list_fleet.sync(client=client, limit=2, **({"cursor": cursor} if cursor else {}))
    assert isinstance(page, Fleet), page
    people |= {row.crew_unique_id: row.name for row in page.items}
    cursor, pages = page.next_cursor, pages + 1
assert pages > 1 and len(people) > 2, people

files, refusals = 0, set()
for crew_id, name in people.items():
    listed = list_documents.sync(crew_id, client=client)
    if isinstance(listed, Error):
        refusals.add(listed.error.code)  # one person on the fleet consented to nothing
        continue
    assert isinstance(listed, DocumentList), listed
    for document in listed.items:
        link = get_download_link.sync(crew_id, document.document_id, client=client)
        if isinstance(link, Error):
            refusals.add(link.error.code)  # and one consented to the list alone
            continue
        assert isinstance(link, DownloadLink) and link.document_id == document.document_id, link
        file = httpx.get(link.download_url, follow_redirects=True)
        assert file.status_code == 200 and file.content, file
        files += 1
assert files and refusals == {"scope_not_consented"}, refusals
print(f"python: {pages} pages, {len(people)} people, {files} files")

refused = list_documents.sync("crew_003", client=client)
assert isinstance(refused, Error) and refused.error.code == "not_found", refused
