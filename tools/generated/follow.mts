// Lists, links and follows with the types that were generated from the document.
import assert from "node:assert";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const headers = { Authorization: `Bearer ${process.env.CPK_KEY}` };
const client = createClient<paths>({ baseUrl: process.env.BASE, headers });
const list = "/api/v2/employers/me/crew/{crew_unique_id}/documents";
const listed = await client.GET(list, { params: { path: { crew_unique_id: "crew_001" } } });
assert(listed.data && listed.data.items.length === 6);
for (const { document_id, verification_status } of listed.data.items) {
  const path = { crew_unique_id: "crew_001", document_id };
  const link = await client.GET(`${list}/{document_id}/download`, { params: { path } });
  assert(link.data && link.data.document_id === document_id);
  const file = await fetch(link.data.download_url);
  const bytes = await file.arrayBuffer();
  assert(file.status === 200 && bytes.byteLength > 0);
  console.log("typescript:", document_id, verification_status, link.data.file_name, bytes.byteLength, "bytes");
}
const refused = await client.GET(list, { params: { path: { crew_unique_id: "crew_003" } } });
assert(refused.error?.error.code === "not_found");
