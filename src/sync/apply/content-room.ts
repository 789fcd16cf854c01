// Memory in which a lane puts together what it sends of a directory's files. It comes with the task and
// goes back with the answer: whoever sends it uses it again when it has left.

/** Memory that is filled from the front. */
export class ContentRoom {
  bytes: Uint8Array;
  used = 0;

  /** `bytes` is in shared memory, all of which is filled; when it is too small it is left behind. */
  constructor({ buffer }: Uint8Array) {
    this.bytes = new Uint8Array(buffer);
  }

  /** Makes sure that so many bytes can follow. */
  reserve(length: number): void {
    const wanted = this.used + length;
    if (wanted <= this.bytes.length) return;
    const least = Math.max(wanted, Math.min(this.bytes.length * 2, growthMax));
    // Of such a length that it can be used again.
    const bytes = least > growthMax ? least : 2 ** Math.ceil(Math.log2(least));
    const larger = new Uint8Array(new SharedArrayBuffer(bytes));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }

  /** What it is filled with. */
  get filled(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }
}

/** It is doubled up to here. Arbitrary. */
const growthMax = 16 * 1024 * 1024;
