// Walks the fleet and downloads every document, with the types that were generated from the document.
import assert from "node:assert";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const headers = { Authorization: `Bearer ${process.env.CPK_KEY}` };
const client = createClient<paths>({ baseUrl: process.env.BASE, headers });
const list = "/api/v2/employers/me/crew/{crew_unique_id}/documents";

// Pages of two rows, so that there are several. A person has a row for each vessel.
const people = new Set<string>();
let pages = 0;
let cursor: string | null | undefined;
do {
  const query = { limit: 2, ...(cursor ? { cursor } : {}) };
  const { data: page } = await client.GET("/api/v2/employers/me/fleet", { params: { query } });
  assert(page);
  page.items.forEach((row) => people.add(row.crew_unique_id));
  cursor = page.next_cursor;
  pages += 1;
} while (cursor);
assert(pages > 1 && people.size > 2);

let files = 0;
const refusals = new Set<string>();
for (const crew_unique_id of people) {
  const { data: listed, error } = await client.GET(list, { params: { path: { crew_unique_id } } });
  if (!listed) {
    refusals.add(error.error.code); // one person on the fleet consented to nothing
    continue;
  }
  for (const { document_id } of listed.items) {
    const path = { crew_unique_id, document_id };
    const { data: link, error } = await client.GET(`${list}/{document_id}/download`, { params: { path } });
    if (!link) {
      refusals.add(typeof error === "object" ? error.error.code : error); // and one consented to the list alone
      continue;
    }
    assert(link.document_id === document_id);
    const file = await fetch(link.download_url);
    assert(file.status === 200 && (await file.arrayBuffer()).byteLength > 0);
    files += 1;
  }
}
assert(files > 0);
assert.deepEqual([...refusals], ["scope_not_consented"]);
console.log(`typescript: ${pages} pages, ${people.size} people, ${files} files`);

const refused = await client.GET(list, { params: { path: { crew_unique_id: "crew_003" } } });
assert(refused.error?.error.code === "not_found");
