// A listing or changeset as lines for people: a listing as --list-only has it, a changeset as
// --itemize-changes has it, so that fingers and eyes need to learn nothing.

import type { ByteString } from "../../base/index.ts";
import type { Shown } from "../../sync/index.ts";
import { formatItem, isSymlink } from "../../tree/index.ts";
import { listLine } from "./list-line.ts";
import { formatCount, formatNumber } from "./numbers.ts";

/** Returns the lines for one thing, without newlines; `numbers` is the level of number formatting. */
export function shownLines(shown: Shown, numbers: number): ByteString[] {
  switch (shown.type) {
    case "header": {
      const { kind, hasData, digest, compression } = shown.header;
      const data = kind === "listing" ? "" : hasData ? " with data" : " without data";
      const packed = compression === "none" ? "" : `, compressed by ${compression}`;
      return [`${kind}${data}, ${digest}${packed}`, ""];
    }
    case "entry": {
      const { path, state } = shown;
      return [listLine({ path, ...state }, { atimes: false, crtimes: false, numbers })];
    }
    case "order":
      return [orderLine(shown)];
    case "directory": {
      const { path, entries, add, change, move, link, meta, del, ...sums } = shown.directory;
      const { bytes, movedBytes } = sums;
      const moved = movedBytes > 0 ? `, ${formatNumber(movedBytes, numbers)} of them moved` : "";
      const counts = Object.entries({ entries, add, change, move, link, meta, del })
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${name} ${formatCount(count, numbers)}`);
      return [
        `${path === "" ? "." : path}/  ${counts.join(", ")}, ${bytesText(bytes, numbers)}${moved}`,
      ];
    }
    case "problem": {
      const { path, operation, errno, message } = shown.problem;
      return [
        `problem: ${path}: ${operation}${message === undefined ? ` (${errno})` : `: ${message}`}`,
      ];
    }
    case "trailer":
      return trailerLines(shown, numbers);
  }
}

function orderLine(shown: Shown & { readonly type: "order" }): ByteString {
  const { order, path, changes, before, after, from } = shown;
  const slash = ((after ?? before)?.mode ?? 0) >>> 12 === 0o4 && path !== "." ? "/" : "";
  const name = path === "." ? "./" : path + slash;
  if (order === "DEL") return `*deleting   ${name}`;
  const mode = after?.mode ?? 0;
  const arrow = isSymlink(mode)
    ? ` -> ${after?.linkTarget ?? ""}`
    : after?.link === undefined
      ? ""
      : ` => ${after.link}`;
  const moved = order === "MOVE" && from !== undefined ? `${from} -> ` : "";
  return `${formatItem(changes, mode)} ${moved}${name}${arrow}`;
}

function trailerLines(
  { trailer }: Shown & { readonly type: "trailer" },
  numbers: number,
): ByteString[] {
  const { totals, complete, exit } = trailer;
  const { entries, bytes, literal, problems } = totals;
  const kinds = (["add", "change", "move", "link", "meta", "del"] as const)
    .filter((name) => totals[name] > 0)
    .map((name) => `${name} ${formatCount(totals[name], numbers)}`);
  const parts = [
    kinds.length > 0 ? kinds.join(", ") : `${formatCount(entries, numbers)} entries`,
    bytesText(bytes, numbers),
  ];
  if (literal > 0) parts.push(`${formatNumber(literal, numbers)} of them here`);
  if (problems > 0) parts.push(`${formatCount(problems, numbers)} problems`);
  const lines = ["", parts.join(", ")];
  if (!complete) lines.push("not complete: whoever wrote it was stopped");
  if (exit !== 0) lines.push(`exit status so far: ${exit}`);
  return lines;
}

function bytesText(bytes: number, numbers: number): string {
  return `${formatNumber(bytes, numbers)} bytes`;
}
