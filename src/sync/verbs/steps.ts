// Work that can be left for a while: long stages yield between directories and between pieces of a file, so that
// whoever runs one beside a connection can let that have its turns.

/** Work that may be left at each step; a promise has to be waited for. */
export type Steps<T = void> = Generator<void | Promise<void>, T, void>;

/** Does all of it at once; it must wait for nothing. */
export function doSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
