// @ts-check
/**
 * Save every current document of everybody on the fleet.
 *
 *     BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… node crewpass-fleet.mjs FOLDER
 *
 * Needs Node 20 or later and crewpass-documents.mjs beside it, which lists and downloads for one person. Exits 0 if the
 * documents of everybody are saved. A person who did not consent or has left the fleet is named on standard error, and
 * changes nothing else. The other exit codes are those of crewpass-documents.mjs.
 */
import { Failure, ROOT, getJson, isForAll, person, printable, run } from "./crewpass-documents.mjs";

const FLEET = `${ROOT}/api/v2/employers/me/fleet`;
const LIMIT = "200"; // the most rows of a page that the API allows
const WALKS = 3; // a cursor may expire: then the walk begins again

/** The rows of each page; the cursor of a page goes back unchanged, encoded once. @returns {AsyncGenerator<unknown[]>} */
async function* pages() {
  const given = new Set();
  let query = new URLSearchParams({ limit: LIMIT });
  for (;;) {
    const { items, next_cursor: cursor } = await getJson(`${FLEET}?${query}`).catch((failure) => {
      const refused = failure instanceof Failure && [400, 404, 422].includes(failure.status ?? 0);
      throw refused && given.size > 0 ? new RefusedCursor(failure) : failure;
    });
    if (!Array.isArray(items) || !(cursor === undefined || cursor === null || typeof cursor === "string")) {
      throw new Failure(23, "this is not a page of the fleet");
    }
    yield items;
    if (!cursor) return; // only a missing cursor marks the last page; a page without rows may have others behind it
    if (given.has(cursor)) throw new Failure(23, "the pages of the fleet go in a circle");
    given.add(cursor);
    query = new URLSearchParams({ limit: LIMIT, cursor });
  }
}

/** A cursor that is not accepted any more. */
class RefusedCursor extends Failure {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.exitCode, failure.message, failure);
  }
}

/** The crew ids of the fleet, each once: a person has a row for each vessel. @returns {Promise<Set<string>>} */
async function everybody() {
  for (let walk = 1; ; walk++) {
    const ids = new Set();
    try {
      for await (const rows of pages()) {
        for (const row of rows) ids.add(/** @type {any} */ (row)?.crew_unique_id);
      }
    } catch (failure) {
      if (failure instanceof RefusedCursor && walk < WALKS) continue;
      throw failure;
    }
    if (![...ids].every((id) => typeof id === "string")) throw new Failure(23, "a row has no crew_unique_id");
    return ids;
  }
}

/** @param {string} folder */
async function main(folder) {
  let [saved, first] = [0, /** @type {Failure | undefined} */ (undefined)];
  for (const crewId of await everybody()) {
    try {
      saved += await person(crewId, folder);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      console.error(`crew member ${printable(crewId)}: ${failure.message}`);
      saved += failure.saved;
      const withheld = failure.status === 404 || failure.code === "scope_not_consented";
      if (withheld && !failure.saved) continue; // not our fault: the line above says whose documents are missing
      first ??= failure;
      if (isForAll(failure) && !withheld) break; // the error is about the key, not about this person
    }
  }
  if (first) throw new Failure(saved ? 10 : first.exitCode, `${saved} saved; first: ${first.message}`);
}

await run(process.env.OUT_DIR || process.argv[2], main);
