// The moments of a run at which a test can interfere: system calls that it made on its target.

/** Calls that can change something on a target, or are between two that can. */
export const changingCalls =
  "openat,openat2,close,statx,getdents64,pwrite64,copy_file_range,ioctl,ftruncate,fallocate," +
  "mkdirat,symlinkat,mknodat,linkat,renameat,renameat2,unlinkat," +
  "fchmod,fchown,fchownat,utimensat,setxattr,lsetxattr,lremovexattr,fsync,syncfs";

/** One moment of a run: the nth call of a name in its thread. */
export interface Moment {
  readonly call: string;
  readonly count: number;
}

/**
 * Reads from a log which moments a run on `dst` has. Left out are those that the program's start has, too: each thread
 * counts for itself, and the first one to get there is meant.
 */
export function momentsOf(calls: readonly string[]): Moment[] {
  const counts = new Map<string, number>();
  const startCounts = new Map<string, number>();
  const moments: Moment[] = [];
  let first: string | undefined;
  let hasBegun = false;
  for (const line of calls) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    first ??= thread;
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, count);
    const isOnTarget = line.includes("/dst");
    hasBegun ||= isOnTarget;
    if (!hasBegun && thread === first) startCounts.set(call, count);
    if (isOnTarget) moments.push({ call, count });
  }
  return moments.filter(({ call, count }) => count > (startCounts.get(call) ?? 0));
}
