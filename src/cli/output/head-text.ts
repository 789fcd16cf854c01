// The lines before the first item.

import type { ByteString } from "../../base/index.ts";
import { formatCount } from "./numbers.ts";
import type { RunInfo } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";

/** The announcement of the file list: as the screen shows it, and what the log has of it. */
export interface ListHead {
  readonly screen: readonly ByteString[];
  readonly log: readonly ByteString[];
}

/** Returns the announcement of the file list. */
export function listHead(info: RunInfo, settings: ReportSettings): ListHead {
  const isPull = info.direction === "pull";
  const building = isPull ? "receiving file list" : "building file list";
  const log = [building];
  if (settings.head === "none") return { screen: [], log };
  if (settings.head === "incremental") {
    return { screen: [`${isPull ? "receiving" : "sending"} incremental file list`], log };
  }
  const { entries } = info;
  if (settings.info.flist < 2 || entries === undefined) {
    return { screen: [`${building} ... done`], log: [building, "done"] };
  }
  const total = `${entries} file${entries === 1 ? " " : "s "}to consider`;
  return { screen: [`${building} ... `, ` 0 files...\r${total}`], log: [building, total] };
}

/** Returns the lines about the target and the way of transfer; they go into the log too. */
export function targetHeadLines(info: RunInfo, settings: ReportSettings): ByteString[] {
  const lines: ByteString[] = [];
  const { created } = info;
  if (created !== undefined && (settings.info.name > 0 || settings.itemize > 0)) {
    lines.push(createdLine(created.path, created.madeByMkpath));
    // In a trial run rsync's --mkpath leaves the target to be made once more.
    const isTold = created.madeByMkpath > 0 && created.isTarget && settings.dryRun;
    if (isTold && settings.personality === "manifold-rsync") {
      lines.push(createdLine(created.path, 0));
    }
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
