// System calls that answer otherwise than the kernel does: what the Linux door makes of them.

import type { loadSystemCalls } from "../../src/native/index.ts";

/** The calls as a door takes them. */
export type Calls = NonNullable<ReturnType<typeof loadSystemCalls>>;

/** One of them. */
export type Call = (...values: number[]) => number;

/** The calls with some of them replaced by what `change` makes of the real ones. */
export function altered(
  real: Calls,
  change: (name: string, call: Call) => Call,
): Calls & { fails(number: number): -1 } {
  let pretended = 0;
  const call = Object.fromEntries(
    Object.entries(real.call).map(([name, found]) => [name, change(name, found as Call)]),
  );
  return {
    ...real,
    call: call as unknown as Calls["call"],
    errno: () => {
      const number = pretended;
      pretended = 0;
      return number === 0 ? real.errno() : number;
    },
    fails: (number) => {
      pretended = number;
      return -1;
    },
  };
}
