// A source of many, as people write it: a URL or path, and behind it what is wanted of it.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import type { MirrorPlace } from "../mirror-options.ts";
import { parseSize } from "./size.ts";

const roles = ["all", "data", "list"] as const;
const wordForm = /^(.*\S)\s+(max-conn|prio|limit|role|announced)=(\S+)$/s;
const connectionsMax = 64;
/** As in Metalink files. */
const priorityMax = 999_999;
/** Of everything else rsync's rule would make a host of that name. */
const schemes: ReadonlySet<string> = new Set("file http https manifold rsync s3 sftp".split(" "));

/** Reads one. Throws a usage error. */
export function parseMirrorPlace(written: ByteString): MirrorPlace {
  let url = written.trim();
  const words = new Map<string, string>();
  for (let match = wordForm.exec(url); match !== null; match = wordForm.exec(url)) {
    const [, rest = "", key = "", value = ""] = match;
    words.set(key, value);
    url = rest;
  }
  if (url === "") throw new ManifoldError("usage", "A mirror needs a URL or a path.");
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (scheme !== undefined && !schemes.has(scheme.toLowerCase()))
    throw new ManifoldError("usage", `${toText(url)}: there is no kind of source "${scheme}"`);
  const limit = words.get("limit");
  const rule = { option: "mirror limit", unit: "K", min: 512, zeroIsUnlimited: true } as const;
  const rateMax = limit === undefined ? 0 : parseSize(limit, rule);
  const role = roles.find((known) => known === (words.get("role") ?? "all"));
  if (role === undefined) {
    throw new ManifoldError("usage", `${toText(written)}: role= is all, data or list`);
  }
  const announced = words.get("announced") ?? "yes";
  if (announced !== "yes" && announced !== "no") {
    throw new ManifoldError("usage", `${toText(written)}: announced= is yes or no`);
  }
  return {
    url,
    role,
    adopts: announced === "yes",
    connectionsMax: numberOf(written, words.get("max-conn"), connectionsMax),
    priority: numberOf(written, words.get("prio"), priorityMax),
    rateMax: rateMax === 0 ? undefined : rateMax,
  };
}

function numberOf(
  written: ByteString,
  digits: string | undefined,
  most: number,
): number | undefined {
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (/^\d{1,6}$/.test(digits) && number >= 1 && number <= most) return number;
  const words = `${toText(written)}: ${digits} is not a number from 1 to ${most}`;
  throw new ManifoldError("usage", words);
}

/** Reads a file with one on each line. Throws a usage error. */
export function parseMirrorLines(content: ByteString): MirrorPlace[] {
  const lines = content.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !/^[#;]/.test(line)).map(parseMirrorPlace);
}
