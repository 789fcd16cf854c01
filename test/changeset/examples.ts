// The examples of docs/design/changeset.md as values. `node --import tsx test/changeset/examples.ts`
// prints that part of the page.

import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { orderKind } from "../../src/changeset/index.ts";
import { bytesOf, headerOf, type SequenceValue } from "./sample.ts";

/** One example: what it shows, and its value. */
export interface Example {
  readonly title: string;
  readonly value: SequenceValue;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const sha256 = (content: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(content).digest());

const file = (size: number): { mode: number; size: number; mtime: number } => ({
  mode: 0o100644,
  size,
  mtime: 1_700_000_000,
});

/** In the order of the page. */
export const examples: readonly Example[] = [
  {
    title: "Nothing: a changeset without orders",
    value: { header: headerOf(), records: [] },
  },
  {
    title:
      'A new file `hello` with the content "hi\\n", in a changeset with data: ADD, its data, the trailer',
    value: {
      header: headerOf({ hasData: true, preserves: ["mode", "mtime"] }),
      records: [
        {
          type: "directory",
          path: "",
          orders: [{ kind: orderKind.add, name: "hello", after: file(3) }],
        },
        {
          type: "data",
          index: 0,
          tokens: [{ kind: "literal", bytes: text("hi\n") }],
          digest: sha256("hi\n"),
        },
      ],
    },
  },
  {
    title: "A rename: `d/new` gets what `old` had; `old`, which says so, is deleted at the end",
    value: {
      header: headerOf(),
      records: [
        {
          type: "directory",
          path: "d",
          orders: [
            {
              kind: orderKind.move,
              name: "new",
              after: { ...file(3), digest: sha256("hi\n") },
              basis: { path: "old", size: 3, digest: sha256("hi\n") },
            },
          ],
        },
        {
          type: "closing",
          path: "",
          orders: [
            {
              kind: orderKind.del,
              name: "old",
              before: { ...file(3), digest: sha256("hi\n") },
              continues: "d/new",
            },
          ],
        },
      ],
    },
  },
  {
    title: "A listing: a file, a symlink `s` to `a`, a directory `b`",
    value: {
      header: headerOf({ kind: "listing", preserves: ["mode", "mtime"] }),
      records: [
        {
          type: "listing",
          path: "",
          entries: [
            { name: "a", ...file(70_000) },
            { name: "s", mode: 0o120777, size: 1, mtime: 1_700_000_000, linkTarget: "a" },
            { name: "b", mode: 0o040755, mtime: 1_700_000_000 },
          ],
        },
      ],
    },
  },
];

/** The part of the page between its marks. */
export function formatExamples(): string {
  return examples
    .map(({ title, value }, n) => {
      const hex = Buffer.from(bytesOf(value)).toString("hex");
      const lines = hex.match(/.{1,96}/g) ?? [];
      return `### ${n + 1}. ${title}\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n`;
    })
    .join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(formatExamples());
}
