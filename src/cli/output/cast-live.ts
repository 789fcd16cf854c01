// A cast while it goes on, for a terminal: a line for the session, and one for each target in trouble.

import { formatCount } from "./numbers.ts";
import { sizeText } from "./stats-text.ts";
import { durationText } from "./time-text.ts";

/** A target as it is shown. */
export interface CastLiveTarget {
  readonly name: string;
  readonly phase: "awaited" | "receiving" | "pulling" | "staged" | "done" | "lost";
  readonly reason: string | undefined;
}

/** What is shown. */
export interface CastLive {
  readonly elapsedMs: number;
  readonly recorded: number;
  readonly isWhole: boolean;
  readonly sent: number;
  readonly rate: number;
  readonly repeated: number;
  readonly isRepairing: boolean;
  readonly targets: readonly CastLiveTarget[];
}

/** Targets that have a row; the others are counted. */
const rowsMax = 8;
const words = {
  awaited: "awaited",
  receiving: "receiving",
  pulling: "by connection",
  staged: "verified",
  done: "done",
  lost: "lost",
} as const;

/** Returns the lines, none wider than a terminal of so many columns less one. `bytesPerSecond`: of the stream, lately. */
export function castLive(view: CastLive, bytesPerSecond: number, columns: number): string[] {
  const room = Math.max(0, columns - 1);
  const variants = sessionVariants(view, bytesPerSecond);
  const line =
    variants.find((variant) => variant.length <= room) ?? (variants.at(-1) ?? "").slice(0, room);
  const troubled = view.targets.filter(isTroubled);
  // The most urgent ones first: those that are lost for good are told of at the end, too.
  const rank = ({ phase }: CastLiveTarget): number => (phase === "lost" ? 1 : 0);
  const sorted = [...troubled].sort((a, b) => rank(a) - rank(b));
  const shown = sorted.slice(0, sorted.length > rowsMax ? rowsMax - 1 : rowsMax);
  const rows = shown.map(({ name, phase, reason }) => {
    const why = reason === undefined ? "" : `: ${reason}`;
    return plain(`  ${words[phase]}  ${name}${why}`).slice(0, room);
  });
  const more = sorted.length - shown.length;
  if (more > 0) rows.push(`  and ${formatCount(more, 1)} more in trouble`.slice(0, room));
  return [line, ...rows];
}

/** A column a character, and nothing that moves the cursor. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function isTroubled({ phase, reason }: CastLiveTarget): boolean {
  return phase === "lost" || (phase === "pulling" && reason !== undefined);
}

function sessionVariants(view: CastLive, bytesPerSecond: number): string[] {
  const { sent, recorded, isWhole, repeated, isRepairing, elapsedMs, targets } = view;
  const states = countsText(targets);
  if (recorded === 0) return [`${states}  ${durationText(elapsedMs)}`, states];
  const left =
    isWhole && bytesPerSecond > 0 ? ((recorded - sent) * 1000) / bytesPerSecond : undefined;
  const eta = left === undefined || isRepairing ? "" : `  ETA ${durationText(left)}`;
  const of = isWhole ? sizeText(recorded) : `at least ${sizeText(recorded)}`;
  const percent = isWhole ? `${String(Math.floor((100 * sent) / recorded)).padStart(3)}%  ` : "";
  const again = repeated === 0 ? "" : `  ${(100 * repeated).toFixed(1)} % again`;
  const pass = isRepairing ? "  repairing" : "";
  const rate = `${sizeText(bytesPerSecond)}/s`;
  return [
    `${percent}${sizeText(sent)} of ${of}  ${rate}${again}${pass}${eta}  ${states}`,
    `${percent}${rate}${again}${pass}${eta}  ${states}`,
    `${percent}${rate}${eta}  ${states}`,
    `${percent}${states}`,
    `${percent}${rate}`,
  ];
}

function countsText(targets: readonly CastLiveTarget[]): string {
  const counts = (Object.keys(words) as CastLiveTarget["phase"][])
    .map((phase) => ({ phase, count: targets.filter((target) => target.phase === phase).length }))
    .filter(({ count }) => count > 0)
    .map(({ phase, count }) => `${formatCount(count, 1)} ${words[phase]}`);
  return counts.join(", ");
}
