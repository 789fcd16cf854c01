// The whole of a changeset in a file, verified before anything is written: this thread reads its records and
// checks the rules; where there is much of it a second one computes the digest of all bytes meanwhile.

import { type ChangesetRecord, ChangesetRules, trailerDigestBytes } from "../../changeset/index.ts";
import { sizeOfDescriptor } from "../../fs/index.ts";
import type { ChangesetInput } from "./changeset-input.ts";
import { digestOfFile, type PartResult } from "./part-lane.ts";
import type { PartLanes } from "./part-lanes.ts";
import { PartTable } from "./part-table.ts";
import { RecordPump } from "./record-pump.ts";

/** Below this nothing is gained by applying several stretches at once. */
const partBytesMin = 4 * 1024 * 1024;
/** Below this a thread takes more time to start, 60 ms and more, than computing the digest does. */
const threadBytesMin = 128 * 1024 * 1024;
const recordsPerPause = 64;

/**
 * Verifies everything and returns which stretches can be applied at once; undefined = it is to be applied record by
 * record. `lanes`: where another thread can help. Throws changeset-invalid.
 */
export async function verifyInput(
  { file, pieces }: ChangesetInput,
  lanes: PartLanes | undefined,
  pause: () => Promise<void> | undefined,
): Promise<PartTable | undefined> {
  if (file !== undefined && lanes !== undefined) {
    const bytes = sizeOfDescriptor(file.descriptor) - file.start;
    const pump = new RecordPump(file, { isVerified: true });
    const first = bytes < partBytesMin ? undefined : pump.next();
    if (first?.type === "header" && first.header.compression === "none") {
      const { digest } = first.header;
      const task = { kind: "digest", file, bytes: bytes - trailerDigestBytes, digest } as const;
      const own = bytes < threadBytesMin ? digestOfFile(task) : undefined;
      return await readAll(pump, own ?? lanes.ask(task), pause);
    }
  }
  const pump = new RecordPump(pieces());
  try {
    await readRules(pump, pause);
  } finally {
    pump.close();
  }
  return undefined;
}

/** Checks the rules of the whole tree, record by record. `each` gets the records, too. */
async function readRules(
  pump: RecordPump,
  pause: () => Promise<void> | undefined,
  each: (record: ChangesetRecord) => void = () => undefined,
): Promise<ChangesetRules> {
  const rules = new ChangesetRules();
  let records = 0;
  for (let record = pump.next(); record !== undefined; record = pump.next()) {
    rules.take(record);
    each(record);
    if (++records % recordsPerPause === 0) await pause();
  }
  return rules;
}

async function readAll(
  pump: RecordPump,
  digest: Uint8Array | Promise<PartResult>,
  pause: () => Promise<void> | undefined,
): Promise<PartTable> {
  // Whoever lost the lane has told why; here it only ends the waiting.
  if (digest instanceof Promise) digest.catch(() => undefined);
  const table = new PartTable();
  const rules = await readRules(pump, pause, (record) => table.take(record));
  const answer = await digest;
  if (answer instanceof Uint8Array) rules.checkDigest(answer);
  else if (answer.kind === "digest") rules.checkDigest(answer.digest);
  return table;
}
