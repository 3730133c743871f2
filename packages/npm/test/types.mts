// What the types allow and refuse. It is compiled and not run.
import { connectCrewPass, fault, NeedsLever, startCrewPass, type Entry } from "crewpass";
import { crewpassTest } from "crewpass/vitest";
import setup from "crewpass/vitest/setup";

export async function use(): Promise<Entry[]> {
  await using server = await startCrewPass({ tls: true });
  await using fake = await server.session({ clock: new Date(), faults: [{ step: "link", status: 503 }] });
  const now: Date = await fake.clock.advance("16m");
  await fake.store.down({ at: "link", times: 2 });
  await fake.faults.add({ cut: { after: 100 } }, fault({ latency: "1s" }));
  const id: string = await fake.upload(new Uint8Array(), { supersedes: "doc_1" });
  // @ts-expect-error: no such field
  await fake.upload("", { filename: id });
  // @ts-expect-error: no such step of the store
  await fake.store.down({ at: "list" });
  // @ts-expect-error: a session has no such option
  await server.session({ clok: now });
  // @ts-expect-error: no such field of a rule
  await fake.faults.add({ stp: "link", status: 503 });
  await fake.webhooks.add("http://127.0.0.1:9", "whsec_test", { events: ["crew.status.changed"] });
  await fake.webhooks.fire("crew.status.changed", { copies: 2, alter: { signature: "missing" } });
  // @ts-expect-error: no such signature
  await fake.webhooks.alter({ signature: "wrong" });
  const open: number = (await fake.journal()).open;
  await server.session({ journal: open });
  const error: Error = new NeedsLever("a lever", (await connectCrewPass("http://127.0.0.1")).base);
  const end: (() => Promise<void>) | undefined = await setup();
  await end?.();
  crewpassTest({ verifyFaults: true })(error.message, async ({ crewpass }) => void crewpass.base);
  return fake.journal({ step: "file", status: "4xx", wait: 500 });
}
