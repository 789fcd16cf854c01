// A very small WebAssembly assembler: just the instructions that the rolling checksum needs.
//
// Why not a .wat file or a committed binary: a tool chain would be a dependency, a blob cannot be
// reviewed. Here an expression is a call that returns its bytes, operands first, so that a kernel
// reads almost like the function it computes. Opcodes: WebAssembly Core Specification 2.0, 5.4.

/** The bytes of one or more instructions. */
export type Code = readonly number[];

/** A value type: 32-bit integer or 128-bit vector. */
export const valueType = { i32: 0x7f, v128: 0x7b } as const;

/** A function: its parameter count (all i32; the one result is i32), locals by type, body, export. */
export interface WasmFunction {
  readonly name: string;
  readonly parameterCount: number;
  readonly i32Locals: number;
  readonly v128Locals: number;
  readonly body: Code;
}

function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

const unary =
  (...opcode: number[]) =>
  (operand: Code): Code => [...operand, ...opcode];

const binary =
  (...opcode: number[]) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode];

// A memory argument is the alignment's logarithm (a hint: 0 promises nothing) and an offset.
const loading =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];

const storing =
  (...opcode: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    0,
    ...unsigned(offset),
  ];

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** Joins instructions in order. */
export function sequence(...parts: readonly Code[]): Code {
  return parts.flat();
}

/** Local variables and parameters, by index. */
export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)],
  tee: (index: number, value: Code): Code => [...value, 0x22, ...unsigned(index)],
};

/** Control: blocks and loops without results; `branch(0)` leaves a block or repeats a loop. */
export const control = {
  block: (...body: readonly Code[]): Code => [0x02, 0x40, ...body.flat(), 0x0b],
  loop: (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0b],
  when: (condition: Code, ...body: readonly Code[]): Code => [
    ...condition,
    0x04,
    0x40,
    ...body.flat(),
    0x0b,
  ],
  branch: (depth: number): Code => [0x0c, ...unsigned(depth)],
  branchIf: (depth: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(depth)],
  give: (value: Code): Code => [...value, 0x0f],
};

/** 32-bit integer instructions. */
export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  isZero: unary(0x45),
  trailingZeros: unary(0x68),
  equal: binary(0x46),
  lessUnsigned: binary(0x49),
  atLeastUnsigned: binary(0x4f),
  add: binary(0x6a),
  subtract: binary(0x6b),
  multiply: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shiftLeft: binary(0x74),
  shiftRightUnsigned: binary(0x76),
  load: loading(0x28),
  loadSignedByte: loading(0x2c),
  loadByte: loading(0x2d),
  loadHalf: loading(0x2f),
  store: storing(0x36),
};

/** Vectors of eight 16-bit or four 32-bit lanes. Arithmetic is modulo the lane's width. */
export const vector = {
  constant16: (lanes: readonly number[]): Code => [
    ...simd(12),
    ...lanes.flatMap((lane) => [lane & 0xff, (lane >> 8) & 0xff]),
  ],
  constant8: (lanes: readonly number[]): Code => [...simd(12), ...lanes],
  constant32: (lane: number): Code => {
    const bytes = [lane & 0xff, (lane >> 8) & 0xff, (lane >> 16) & 0xff, (lane >> 24) & 0xff];
    return [...simd(12), ...bytes, ...bytes, ...bytes, ...bytes];
  },
  /** Picks 16 bytes of the 32 that `left` and `right` have together. */
  shuffle: (left: Code, right: Code, picks: readonly number[]): Code => [
    ...left,
    ...right,
    ...simd(13),
    ...picks,
  ],
  /** Picks a byte of `table` for each byte of `indexes` (0 for 16 and above). */
  swizzle: binary(...simd(14)),
  splat16: unary(...simd(16)),
  splat32: unary(...simd(17)),
  lane16: (operand: Code, lane: number): Code => [...operand, ...simd(25), lane],
  lane32: (operand: Code, lane: number): Code => [...operand, ...simd(27), lane],
  and: binary(...simd(78)),
  unequal16: binary(...simd(46)),
  /** The top bits of the eight 16-bit lanes, lane 0 lowest. */
  bitmask16: unary(...simd(132)),
  /** Replaces one byte of the vector by the byte at the address. */
  loadByteLane: (address: Code, into: Code, lane: number, offset = 0): Code => [
    ...address,
    ...into,
    ...simd(84),
    0,
    ...unsigned(offset),
    lane,
  ],
  /** Two vectors of 32-bit lanes as one of 16-bit lanes; values up to 65535. */
  narrow32: binary(...simd(134)),
  add16: binary(...simd(142)),
  subtract16: binary(...simd(145)),
  multiply16: binary(...simd(149)),
  shiftRight32: binary(...simd(173)),
  add32: binary(...simd(174)),
  multiply32: binary(...simd(181)),
  /** Products of signed 16-bit lanes, neighbours added: four 32-bit lanes. */
  dot16: binary(...simd(186)),
  /** Eight signed bytes widened to eight 16-bit lanes. */
  loadSignedBytes: loading(...simd(1)),
  store: storing(...simd(11)),
};

const vectorOf = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (value: string): Code => vectorOf([...value].map((char) => [char.charCodeAt(0)]));

function functionBytes(code: WasmFunction): Code {
  const locals = vectorOf([
    [...unsigned(code.i32Locals), valueType.i32],
    [...unsigned(code.v128Locals), valueType.v128],
  ]);
  const body = [...locals, ...code.body, 0x0b];
  return [...unsigned(body.length), ...body];
}

/** Returns the bytes of a module that imports its memory as "host"."memory". */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((code) => [
    0x60,
    ...vectorOf(Array.from({ length: code.parameterCount }, () => [valueType.i32])),
    ...vectorOf([[valueType.i32]]),
  ]);
  const memory = [...text("host"), ...text("memory"), 0x02, 0x00, 0x00];
  const exports = functions.map((code, index) => [...text(code.name), 0x00, ...unsigned(index)]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vectorOf(types)),
    ...section(2, vectorOf([memory])),
    ...section(3, vectorOf(functions.map((_, index) => unsigned(index)))),
    ...section(7, vectorOf(exports)),
    ...section(10, vectorOf(functions.map(functionBytes))),
  ]);
}
