// The report of a cast, a JSON object: for people and programs, and for the cast that makes good what failed.

import { type ByteString, fromText, ManifoldError, toText } from "../../base/index.ts";
import type { CastResult, CastTargetResult } from "./cast-result.ts";

/** Returns the report's text. */
export function formatCastReport(result: CastResult, elapsedMs: number): string {
  const { exit, stream, multicast, sent, received, targets } = result;
  const head = { type: "cast", version: 1, exit, elapsedMs: Math.round(elapsedMs) };
  const report = { ...head, stream, multicast, sent, received };
  return `${JSON.stringify({ ...report, targets: targets.map(rowOf) }, undefined, 1)}\n`;
}

function rowOf(target: CastTargetResult): Readonly<Record<string, unknown>> {
  const { name, comes, state, exit, reason, missingRate } = target;
  const { stream, datagrams, multicast, unicast, digest, elapsedMs } = target;
  return {
    ...{
      target: toText(name),
      ...(comes && { comes }),
      state,
      exit,
      reason: reason ?? null,
      stream,
    },
    ...{ multicastBytes: multicast, unicastBytes: unicast, datagrams },
    missingRate: Number(missingRate.toFixed(6)),
    ...{ digest, seconds: Math.round(elapsedMs) / 1000 },
  };
}

/** Returns the targets of a report that did not commit, and can be reached. Throws a usage error for what is no report. */
export function failedTargets(text: ByteString, path: ByteString): ByteString[] {
  let report: unknown;
  try {
    report = JSON.parse(toText(text));
  } catch {
    report = undefined;
  }
  const targets = fieldOf(report, "targets");
  if (fieldOf(report, "type") !== "cast" || !Array.isArray(targets)) {
    throw new ManifoldError("usage", `${toText(path)} is no report of a cast`);
  }
  return targets
    .filter((row) => fieldOf(row, "state") !== "committed" && fieldOf(row, "comes") !== true)
    .map((row) => {
      const name = fieldOf(row, "target");
      if (typeof name === "string") return fromText(name);
      throw new ManifoldError("usage", `${toText(path)} has a target without a name`);
    });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
