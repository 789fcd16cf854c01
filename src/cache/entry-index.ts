// Where the entry of an inode stands in a cache file: a hash table of numbers in shared memory, which all lanes read.
// It knows entries by 32 bits, so that what is found has to be looked at; of several entries
// of one inode it knows the last one.

import { mixed } from "./entry.ts";

/** Most entries that a cache file can have: its index then takes 256 MiB. */
export const entriesMax = 20_000_000;

const neighbourBits = 5;
const neighbourMask = 2 ** neighbourBits - 1;
/** With at most two of three slots taken, a look is at two slots on average. */
const slotsPerEntry = 1.5;

/** The table: two words a slot, the print of an inode and the number of the entry; number 0 = free. */
export class EntryIndex {
  readonly memory: SharedArrayBuffer;
  readonly #slots: Uint32Array;
  readonly #mask: number;
  #count = 0;

  /** An empty one for so many entries, or over the memory of another one. */
  constructor(made: number | SharedArrayBuffer) {
    this.memory = typeof made === "number" ? new SharedArrayBuffer(8 * slotsFor(made)) : made;
    this.#slots = new Uint32Array(this.memory);
    this.#mask = this.#slots.length / 2 - 1;
  }

  /** Inodes that were added. */
  get count(): number {
    return this.#count;
  }

  /** Remembers the entry of the inode with that print; its number is not 0. */
  add(print: number, number: number): void {
    const slots = this.#slots;
    let slot = this.#firstSlot(print);
    for (; slots[2 * slot + 1] !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[2 * slot] !== print) continue;
      slots[2 * slot + 1] = number;
      return;
    }
    slots[2 * slot] = print;
    slots[2 * slot + 1] = number;
    this.#count++;
  }

  /** Returns the number of the entry that may be the one of the inode with that print, 0 = there is none. */
  find(print: number): number {
    const slots = this.#slots;
    let slot = this.#firstSlot(print);
    for (; slots[2 * slot + 1] !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[2 * slot] === print) return slots[2 * slot + 1] as number;
    }
    return 0;
  }

  /** Neighbours stay neighbours: files of one directory have numbers near one another, and so a share of one cache line. */
  #firstSlot(print: number): number {
    return (
      ((mixed(print >>> neighbourBits) << neighbourBits) | (print & neighbourMask)) & this.#mask
    );
  }
}

function slotsFor(entries: number): number {
  let slots = 64;
  while (slots < entries * slotsPerEntry) slots *= 2;
  return slots;
}
