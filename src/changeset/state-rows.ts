// Single rows of states: emptied, copied. Scratch columns hold what was there before, so that every
// column that anybody looks at is written.

import type { States } from "./states.ts";

/** Makes row `i` say nothing (hot loop: unrolled). */
export function clearState({ columns }: States, i: number): void {
  columns.mode[i] = 0;
  columns.size[i] = 0;
  columns.mtime[i] = 0;
  columns.mtimeNanos[i] = 0;
  columns.uid[i] = 0;
  columns.gid[i] = 0;
  columns.rdevMajor[i] = 0;
  columns.rdevMinor[i] = 0;
  columns.atime[i] = 0;
  columns.atimeNanos[i] = 0;
  columns.crtime[i] = 0;
  columns.crtimeNanos[i] = 0;
  columns.ctime[i] = 0;
  columns.ctimeNanos[i] = 0;
  columns.blocks[i] = 0;
  columns.nlink[i] = 1;
  columns.devMajor[i] = 0;
  columns.devMinor[i] = 0;
  columns.inoHigh[i] = 0;
  columns.inoLow[i] = 0;
  columns.verdict[i] = 0;
  columns.problem[i] = 0;
  columns.origin[i] = 0;
}

/** Makes the first `count` rows say nothing. */
export function clearStates({ columns }: States, count: number): void {
  for (const column of [
    columns.size,
    columns.mtime,
    columns.ctime,
    columns.atime,
    columns.blocks,
    columns.crtime,
    columns.mode,
    columns.mtimeNanos,
    columns.ctimeNanos,
    columns.atimeNanos,
    columns.crtimeNanos,
    columns.uid,
    columns.gid,
    columns.devMajor,
    columns.devMinor,
    columns.inoHigh,
    columns.inoLow,
    columns.rdevMajor,
    columns.rdevMinor,
    columns.origin,
    columns.verdict,
    columns.problem,
  ]) {
    column.fill(0, 0, count);
  }
  columns.nlink.fill(1, 0, count);
}
