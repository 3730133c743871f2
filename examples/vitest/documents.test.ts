// Tests of a client that saves documents. With crewpass and vitest installed, run `npx vitest run`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Session } from "crewpass";
import { test } from "crewpass/vitest";
import { expect } from "vitest";

const client = new URL("../clients/typescript/crewpass-documents.mjs", import.meta.url).pathname;
const folder = () => mkdtempSync(`${tmpdir()}/crewpass-`);
function save(fake: Session, place = folder()): string[] {
  const env = { ...process.env, ...fake.env };
  execFileSync(process.execPath, [client, fake.crew, `${place}/out`], { env });
  return [...readdirSync(place), ...readdirSync(`${place}/out`)].sort();
}
test("a dead link is replaced", async ({ crewpass }) => {
  await crewpass.faults.add({ step: "link", times: 1, expire: true });
  expect(save(crewpass)).toHaveLength(7);
  expect(await crewpass.journal({ step: "file", status: 404 })).toHaveLength(1);
});
test("503 twice is waited for", async ({ crewpass }) => {
  await crewpass.store.down({ at: "link", times: 2 });
  expect(save(crewpass)).toHaveLength(7);
});
test("only the new version is saved, under a name that stays in the folder", async ({ crewpass }) => {
  const id = await crewpass.upload("new", { supersedes: "doc_1", file_name: "../../evil.sh" });
  expect(save(crewpass).filter((name) => name.includes("evil") || name === "out")).toEqual([expect.stringContaining(id), "out"]);
});
