"""Lists, links and follows with the client that was generated from the document."""

import os

import httpx
from crewpass_documents import AuthenticatedClient
from crewpass_documents.api.documents import get_download_link, list_documents
from crewpass_documents.models import DocumentList, DownloadLink, Error

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["CPK_KEY"])
listed = list_documents.sync("crew_001", client=client)
assert isinstance(listed, DocumentList) and len(listed.items) == 6, listed
for document in listed.items:
    link = get_download_link.sync("crew_001", document.document_id, client=client)
    assert isinstance(link, DownloadLink) and link.document_id == document.document_id, link
    file = httpx.get(link.download_url, follow_redirects=True)
    assert file.status_code == 200 and file.content, file
    print("python:", document.document_id, document.verification_status, link.file_name, len(file.content), "bytes")
refused = list_documents.sync("crew_003", client=client)
assert isinstance(refused, Error) and refused.error.code == "not_found", refused
