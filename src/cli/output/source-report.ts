// What `manifold sources` has found, for people and for programs.

import { toText } from "../../base/index.ts";
import type { ProbedSource } from "../../sync/index.ts";
import type { JsonEvent } from "./json-events.ts";
import { fixed } from "./numbers.ts";
import { sizeText } from "./stats-text.ts";

const labelColumns = 10;
const minute = 60;
const hour = 3600;
const day = 86_400;

/** Returns the lines about one source. `newest`: the URL of the one that others are behind. */
export function sourceReport(source: ProbedSource, newest: string | undefined): string[] {
  const { url, trouble, abilities, measured } = source;
  if (trouble !== undefined || abilities === undefined) return [url, row("trouble", trouble ?? "")];
  const rows = [
    row("answers", measured === undefined ? "" : `after ${milliseconds(measured.latency)} ms`),
    row("rate", rateText(source)),
    row("lists", listsText(source)),
    row("can", abilityText(source)),
    row("state", stateText(source, newest)),
  ];
  return [url, ...rows.filter((line) => line !== "")];
}

/** The same as an event. */
export function probeEvent(source: ProbedSource): JsonEvent {
  const { url, trouble, abilities, isListed, measured, state, behind } = source;
  return {
    type: "probe",
    url,
    ok: trouble === undefined,
    trouble: trouble ?? null,
    roundTripMs: measured === undefined ? null : Number(milliseconds(measured.latency)),
    bytesPerSecond: measured?.rate === undefined ? null : Math.round(measured.rate),
    connections: measured?.connections ?? null,
    listing: isListed ? (abilities?.listing ?? "directories") : null,
    ranges: abilities?.ranges ?? null,
    digests: abilities?.digests ?? null,
    connectionsMax: abilities?.connectionsMax ?? null,
    timeStep: abilities?.timeStep ?? null,
    tells: abilities?.tells ?? null,
    generation: abilities?.generation ?? null,
    state: state === undefined ? null : { from: toText(state.from), time: state.time ?? null },
    behindSeconds: behind ?? null,
  };
}

function row(label: string, text: string): string {
  return text === "" ? "" : `  ${label.padEnd(labelColumns)}${text}`;
}

function milliseconds(seconds: number): string {
  return fixed(seconds * 1000, 1);
}

function rateText({ measured }: ProbedSource): string {
  if (measured === undefined) return "unknown: there is no file near the top";
  const { rate, connections } = measured;
  if (rate === undefined) return "unknown: there is too little near the top";
  return `${sizeText(rate)}/s over ${connections} connection${connections === 1 ? "" : "s"}`;
}

function listsText({ abilities, isListed }: ProbedSource): string {
  if (abilities === undefined || !isListed) return "nothing: it can lend content, and not be SRC";
  const { listing = "directories", tells, timeStep } = abilities;
  const times =
    timeStep === undefined
      ? "no times"
      : timeStep === 0
        ? "times"
        : `times to ${timeStep === 1 ? "the second" : `${timeStep} s`}`;
  const also = [
    tells.modes ? "modes" : "",
    tells.owners ? "owners" : "",
    tells.symlinks ? "symbolic links" : "",
    tells.hardLinks ? "hard links" : "",
  ].filter((word) => word !== "");
  return `${listing}: ${["sizes", times, ...also].join(", ")}`;
}

function abilityText({ abilities }: ProbedSource): string {
  if (abilities === undefined) return "";
  const { ranges, digests, connectionsMax } = abilities;
  const parts = [
    ranges ? "parts of files" : "whole files only",
    digests ? "digests" : "",
    `${connectionsMax} connection${connectionsMax === 1 ? "" : "s"} at most`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function stateText({ url, state, behind }: ProbedSource, newest: string | undefined): string {
  if (state === undefined) return "unknown";
  if (state.time === undefined) return `unknown (${toText(state.from)})`;
  const time = new Date(state.time * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
  const when = `${time} (${toText(state.from)})`;
  if (behind === undefined) return when;
  if (behind === 0) return `${when}, ${newest === url ? "the newest" : "as new as the newest"}`;
  return `${when}, ${ageText(behind)} behind ${newest}`;
}

function ageText(seconds: number): string {
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < 2 * day) {
    return `${Math.floor(seconds / hour)} h ${Math.floor((seconds % hour) / minute)} min`;
  }
  return `${Math.floor(seconds / day)} days`;
}
