// The whole of a changeset in a file, verified before anything is written: this thread reads its records and
// checks the rules, a second one computes the digest of all bytes meanwhile.

import { ChangesetRules, trailerDigestBytes, verifyChangeset } from "../../changeset/index.ts";
import { sizeOfDescriptor } from "../../fs/index.ts";
import type { ChangesetInput } from "./changeset-input.ts";
import type { PartResult } from "./part-lane.ts";
import type { PartLanes } from "./part-lanes.ts";
import { PartTable } from "./part-table.ts";
import { RecordPump } from "./record-pump.ts";

/** Below this a thread takes longer to start than it helps. */
const threadBytesMin = 4 * 1024 * 1024;
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
    const first = bytes < threadBytesMin ? undefined : pump.next();
    if (first?.type === "header" && first.header.compression === "none") {
      const { digest } = first.header;
      const task = { kind: "digest", file, bytes: bytes - trailerDigestBytes, digest } as const;
      return await readAll(pump, lanes.ask(task), pause);
    }
  }
  verifyChangeset(pieces());
  return undefined;
}

async function readAll(
  pump: RecordPump,
  digest: Promise<PartResult>,
  pause: () => Promise<void> | undefined,
): Promise<PartTable> {
  // Whoever lost the lane has told why; here it only ends the waiting.
  digest.catch(() => undefined);
  const rules = new ChangesetRules();
  const table = new PartTable();
  let records = 0;
  for (let record = pump.next(); record !== undefined; record = pump.next()) {
    rules.take(record);
    table.take(record);
    if (++records % recordsPerPause === 0) await pause();
  }
  const answer = await digest;
  if (answer.kind === "digest") rules.checkDigest(answer.digest);
  return table;
}
