// Directories that another machine sends, held against what it was asked for and against the filter rules of this
// end: a hostile source may send names that nobody wants (the class of CVE-2022-29154).

import { type ByteString, joinPath, ManifoldError, toText } from "../../base/index.ts";
import type { Hides } from "../../pipeline/index.ts";
import type { DirectoryRecord } from "../../session/index.ts";
import { dependsOnTree } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { type AskedPaths, asked, askedFor, isAskedWhole } from "../plan/asked-paths.ts";
import type { AskedFor } from "../plan/lane-settings.ts";

const leftOut = { why: "which the filter rules leave out" };

/** Throws a protocol-data error for what nobody asked for. */
export function checkAsked(lane: LaneContext, record: DirectoryRecord): void {
  const { asked: wanted, filterRules } = lane.settings;
  if (wanted === undefined) return;
  const { paths } = wanted;
  const isWhole = paths === undefined || isAskedWhole(paths, record.path);
  if (paths !== undefined) checkTop(record, wanted, isWhole);
  // Rules in the source's files, or about where it lies there, are known to nobody else.
  const knowsRules = filterRules !== undefined && !dependsOnTree(filterRules);
  const hides = knowsRules ? lane.filters?.hides(0, record.path, true) : undefined;
  if (isWhole && hides === undefined) return;
  if (record.path === "" && wanted.lastName !== undefined) {
    checkRenamed(record, wanted.lastName);
    return;
  }
  const unasked = isWhole ? undefined : paths;
  if (unasked !== undefined)
    for (const name of record.absent) checkName(unasked, record.path, name);
  checkRows(record, unasked, paths, hides);
}

/** The top's own attributes, and that what else the target has may be deleted, are only for who asked for all of it. */
function checkTop(record: DirectoryRecord, wanted: AskedFor, isWhole: boolean): void {
  if (record.isWhole && !isWhole) throw refused(record.path, "", { what: "all of " });
  const isSelfAsked = wanted.paths?.self === true || wanted.isLone;
  if (record.self !== undefined && !isSelfAsked)
    throw refused(record.path, "", { what: "attributes of " });
}

/** The one file has the name that the target gives. */
function checkRenamed({ path, listing }: DirectoryRecord, lastName: ByteString): void {
  const { columns } = listing;
  for (let i = 0; i < columns.count; i++) {
    if (columns.name(i) !== lastName || columns.isDirectory(i))
      throw refused(path, columns.name(i));
  }
}

function checkRows(
  { path, listing: { columns } }: DirectoryRecord,
  unasked: AskedPaths | undefined,
  paths: AskedPaths | undefined,
  hides: Hides | undefined,
): void {
  const { names, nameStart, nameLength } = columns;
  for (let i = 0; i < columns.count; i++) {
    if (unasked !== undefined) checkName(unasked, path, columns.name(i));
    const start = nameStart[i] as number;
    const end = start + (nameLength[i] as number);
    if (hides?.(names, start, end, columns.isDirectory(i)) !== true) continue;
    // What only leads to something that was asked for is not filtered.
    const isImplied =
      paths === undefined || (askedFor(paths, path, columns.name(i)) & asked.implied) !== 0;
    if (!isImplied) throw refused(path, columns.name(i), leftOut);
  }
}

function checkName(paths: AskedPaths, parent: ByteString, name: ByteString): void {
  if (askedFor(paths, parent, name) === 0) throw refused(parent, name);
}

function refused(
  parent: ByteString,
  name: ByteString,
  { what = "", why = "which nobody asked for" } = {},
): ManifoldError {
  const path = toText(name === "" ? parent || "." : joinPath(parent, name));
  const message = `The other end sent ${what}"${path}", ${why} (see --trust-sender)`;
  return new ManifoldError("protocol-data", message);
}
