// The lines before the first item.

import type { ByteString } from "../../base/index.ts";
import { formatCount } from "./numbers.ts";
import type { RunInfo } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";

/** Returns the lines that announce the file list; they go to the screen only. */
export function listHeadLines(info: RunInfo, settings: ReportSettings): ByteString[] {
  const verb = info.direction === "pull" ? "receiving" : "sending";
  if (settings.head === "incremental") return [`${verb} incremental file list`];
  if (settings.head === "none") return [];
  const building = info.direction === "pull" ? "receiving file list ..." : "building file list ...";
  if (settings.info.flist < 2 || info.entries === undefined) return [`${building} done`];
  const { entries } = info;
  return [`${building} `, ` 0 files...\r${entries} file${entries === 1 ? " " : "s "}to consider`];
}

/** Returns the lines about the target and the way of transfer; they go into the log too. */
export function targetHeadLines(info: RunInfo, settings: ReportSettings): ByteString[] {
  const lines: ByteString[] = [];
  const { created } = info;
  if (created !== undefined && (settings.info.name > 0 || settings.itemize > 0)) {
    lines.push(createdLine(created.path, created.madeByMkpath));
  }
  if (settings.debug.flist > 0 && settings.personality === "manifold-rsync") {
    const how = info.wholeFile ? "disabled for local transfer or --whole-file" : "enabled";
    lines.push(`delta-transmission ${how}`);
  }
  return lines;
}

function createdLine(path: ByteString, madeByMkpath: number): ByteString {
  const shown = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  if (madeByMkpath === 0) return `created directory ${shown}`;
  const count = formatCount(madeByMkpath, 0);
  return `created ${count} ${madeByMkpath === 1 ? "directory" : "directories"} for ${shown}`;
}
