// Names, times, modes, sizes and link targets that broke file tools before, or look as if they would.

import type { ByteString } from "./rooms.ts";

const utf8 = (text: string): ByteString => Buffer.from(text, "utf8").toString("latin1");

/** Legal names, all different also when case is ignored. */
export const oddNames: readonly ByteString[] = [
  ".hidden",
  "...",
  "..a",
  "-rf",
  "--",
  "-",
  "--delete",
  " ",
  " leading",
  "trailing ",
  "in the middle",
  "new\nline",
  "\n",
  "car\rriage",
  "tab\tbed",
  "bell\x07",
  "\x1b[31mred\x1b[0m",
  "\x7f",
  "\x80\xff not utf-8",
  "\xff",
  "\xc3",
  "\xed\xa0\x80 surrogate",
  utf8("é composed"),
  utf8("e\u0301 decomposed"),
  utf8("日本語"),
  utf8("😀"),
  utf8("\u202egpj.exe"),
  utf8("ß"),
  "__proto__",
  "constructor",
  "toString",
  "~",
  "~root",
  "$(touch x)",
  "`id`",
  "'",
  '"',
  "it's",
  "a;b",
  "a|b",
  "a&b",
  "a>b",
  "*",
  "?",
  "[a]",
  "[",
  "[!x]",
  "**",
  "\\",
  "a\\b",
  "a\\",
  "\\*",
  "#hash",
  "#1",
  "\\#012",
  "%41%00",
  "a:b",
  "host:path",
  ":",
  "@",
  "!bang",
  "+ plus",
  "- minus",
  "con",
  "nul.txt",
  "x.",
  "0",
  "1e5",
  "undefined",
  "a=b",
  "{a,b}",
  "n".repeat(255),
  `${"\xfe".repeat(127)}${"v".repeat(128)}`,
];

const second = 1_000_000_000n;

/**
 * Times in nanoseconds that every usual file system can hold (from -2^31 to 2446). No second is there both whole and with
 * a fraction: a file of the same size with either is the same one to a quick check.
 */
export const oddTimes: readonly bigint[] = [
  0n,
  second + 1n,
  -1n,
  2n * second - 1n,
  -2n * second,
  -2n * second - 500_000_000n,
  -2_147_483_648n * second,
  -315_619_200n * second + 123_456_789n,
  2_147_483_647n * second + 999_999_999n,
  2_147_483_648n * second,
  4_294_967_295n * second + 1n,
  4_294_967_296n * second,
  9_999_999_999n * second,
  15_032_385_535n * second,
  1_599_999_999n * second,
  1_600_000_000n * second + 1n,
  1_600_000_000n * second + 999_999_999n,
  1_600_000_000n * second + 500_000_000n,
  1_600_000_000n * second + 1_000n,
  1_600_000_000n * second + 1_000_000n,
];

/** File modes; the second list is for owners without root's rights, who could not read the others. */
export const oddModes: readonly number[] = [
  0o000, 0o111, 0o200, 0o400, 0o444, 0o600, 0o640, 0o755, 0o777, 0o1644, 0o2644, 0o2755, 0o4755,
  0o6755, 0o7777,
];
/** Modes of files that their owner can read and write. */
export const plainModes: readonly number[] = [
  0o600, 0o640, 0o644, 0o664, 0o666, 0o700, 0o755, 0o777,
];
/** Directory modes. */
export const oddDirectoryModes: readonly number[] = [
  0o000, 0o111, 0o500, 0o555, 0o700, 0o711, 0o750, 0o755, 0o777, 0o1777, 0o2755, 0o3777,
];
/** Modes of directories in which their owner can do everything. */
export const plainDirectoryModes: readonly number[] = [
  0o700, 0o711, 0o750, 0o755, 0o775, 0o777, 0o1777,
];

/** Sizes at the edges of blocks, pages and buffers. */
export const oddSizes: readonly number[] = [
  0, 1, 2, 511, 512, 513, 699, 700, 701, 1400, 4095, 4096, 4097, 8192, 12_345, 32_767, 32_768,
  32_769, 65_536, 65_537,
];

/** Owners and groups, small, usual and largest. */
export const oddOwners: readonly number[] = [0, 0, 1, 1000, 65_534, 100_000, 0xfffffffe];

/** Link targets that lead nowhere, everywhere and round. */
export const oddTargets: readonly ByteString[] = [
  "nowhere",
  ".",
  "..",
  "../..",
  "../../../../../../etc/passwd",
  "/",
  "/etc/passwd",
  "/nonexistent/dir/",
  "./a/../b",
  "a//b",
  "dir/",
  "-rf",
  " ",
  "\n",
  "\x80\xff",
  "new\nline -> x",
  utf8("é"),
  `/rsyncd-munged/etc/passwd`,
  "t".repeat(255),
  `${"long/".repeat(200)}end`,
];
