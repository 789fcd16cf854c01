// Many waits on one signal: Node takes more than ten listeners of a signal for a leak, and a run has hundreds of reads
// that all end with it.

/** What waits on each signal that somebody waits on. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back once when the signal is aborted; returns a function that cancels. The signal is not aborted yet. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = waiting.get(signal);
  if (callbacks === undefined) {
    callbacks = new Set();
    waiting.set(signal, callbacks);
    const all = callbacks;
    signal.addEventListener("abort", () => {
      for (const each of all) each();
      all.clear();
    });
  }
  const own = callbacks;
  // The same function may wait twice.
  const entry = (): void => callback();
  own.add(entry);
  return () => own.delete(entry);
}
