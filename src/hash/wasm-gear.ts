// The gear hash's search for a boundary as a WebAssembly function: eight bytes a turn, each a shift, an addition and a
// look at some bits.

import { type Code, control, i32, local, sequence, type WasmFunction } from "./wasm-assembler.ts";

/** Where in the kernel's memory find() leaves the hash: one 32-bit word. */
export const HASH_OFFSET = 0;
/** Where in the kernel's memory the gear's 256 words are. */
export const GEAR_OFFSET = 1024;

const { constant } = i32;
const turnBytes = 8;
// Parameters and locals of find(), by index.
const [at, end, hash, mask] = [0, 1, 2, 3];

/** Takes the byte at `at` + `offset` into the hash; gives the position behind it if that ends a chunk. */
function take(offset: number): Code {
  const word = i32.shiftLeft(i32.loadByte(local.get(at), offset), constant(2));
  return sequence(
    local.set(
      hash,
      i32.add(i32.shiftLeft(local.get(hash), constant(1)), i32.load(word, GEAR_OFFSET)),
    ),
    control.when(
      i32.isZero(i32.and(local.get(hash), local.get(mask))),
      control.give(i32.add(local.get(at), constant(offset + 1))),
    ),
  );
}

/** find(at, end, hash, mask): the position behind the first byte in memory[at, end) after which the hash has none of the mask's bits, 0 = there is none. */
export function findFunction(): WasmFunction {
  const left = i32.subtract(local.get(end), local.get(at));
  const loopWhile = (bytes: number): Code =>
    control.block(
      control.loop(
        control.branchIf(1, i32.lessUnsigned(left, constant(bytes))),
        ...Array.from({ length: bytes }, (_, offset) => take(offset)),
        local.set(at, i32.add(local.get(at), constant(bytes))),
        control.branch(0),
      ),
    );
  return {
    name: "find",
    parameterCount: 4,
    i32Locals: 0,
    v128Locals: 0,
    body: sequence(
      loopWhile(turnBytes),
      loopWhile(1),
      i32.store(constant(HASH_OFFSET), local.get(hash)),
      constant(0),
    ),
  };
}
