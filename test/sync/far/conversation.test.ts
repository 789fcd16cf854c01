// Pins the conversation of docs/design/session.md: it is, byte for byte, what this build says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { converse, formatConversation } from "./conversation.ts";

const page = readFileSync(new URL("../../../docs/design/session.md", import.meta.url), "utf8");
const [, part] = /<!-- conversation -->\n\n([\s\S]*?)\n<!-- \/conversation -->/.exec(page) ?? [];

test("the page has the conversation as this build holds it", async () => {
  const umask = process.umask(0);
  try {
    const told = formatConversation(await converse());
    assert.equal(part, told, "npx tsx test/sync/far/conversation.ts prints it");
  } finally {
    process.umask(umask);
  }
});
