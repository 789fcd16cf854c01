// Directory indexes of web servers, in HTML and JSON.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError, toBytes } from "../../src/base/index.ts";
import { HtmlIndexReader, isSafeName, JsonIndexReader, placeOf } from "../../src/catalog/index.ts";
import * as pages from "./pages.ts";
import { brief, readEntries } from "./read.ts";

const place = placeOf(new URL("http://Mirror.example:80/pub/"));

function html(text: string, step?: number): string[] {
  return readEntries(text, (sink) => new HtmlIndexReader(place, sink), step)
    .map(brief)
    .sort();
}

function json(text: string): string[] {
  return readEntries(text, (sink) => new JsonIndexReader(sink), 7)
    .map(brief)
    .sort();
}

test("nginx: names from links, exact sizes, minutes", () => {
  assert.deepEqual(html(pages.nginxPage), [
    " lead file 1 2026-11-27T13:28:00/60",
    "c d&e.bin file 1300000 2026-11-27T13:28:00/60",
    `${"n".repeat(60)}.dat file 1 2026-11-27T13:28:00/60`,
    'q"uo<te>%41#?.txt file 1 2026-11-27T13:28:00/60',
    "sub directory 2026-11-27T13:28:00/60",
    "\xe9\xff.txt file 5 2025-02-03T04:05:00/60",
  ]);
  assert.deepEqual(html(pages.nginxRoundedPage), [
    "b.bin file 1300 2026-11-27T13:28:00/60",
    "c.bin file 1048576±1097152 2026-11-27T13:28:00/60",
  ]);
});

test("Apache: tables, text and bare lists; headers and descriptions are scenery", () => {
  const table = html(pages.apacheTablePage);
  assert.deepEqual(table, [
    "a.txt file 5 2025-02-03T04:05:00/60",
    "c d&e.bin file 1258291±163149 2026-11-27T13:28:00/60",
    "plus+semi;colon:x file 1 2026-11-27T13:28:00/60",
    "sub directory 2026-11-27T13:28:00/60",
    "\xe9\xff.txt file 1 2026-11-27T13:28:00/60",
  ]);
  const text = html(pages.apacheTextPage);
  assert.deepEqual(text, [table[0], table[1], table[3]]);
  assert.deepEqual(html(pages.apachePlainPage), ["a.txt file", "it's file", "sub directory"]);
});

test("lighttpd, Python and Caddy", () => {
  assert.deepEqual(html(pages.lighttpdPage), [
    "a.txt file 102±105 2025-02-03T04:05:06/1",
    "c d&e.bin file 1258291±163149 2026-11-27T13:28:47/1",
    "sub directory 2026-11-27T13:28:47/1",
  ]);
  assert.deepEqual(html(pages.pythonPage), ["a.txt file", "link file", "sub directory"]);
  assert.deepEqual(html(pages.caddyPage), [
    "c d&e.bin file 1300000 2026-11-27T13:28:47/1Z",
    "sub directory 2026-11-27T13:28:47/1Z",
  ]);
});

test("JSON of nginx and Caddy: bytes of names are kept, unsafe ones are not taken", () => {
  assert.deepEqual(json(pages.nginxJson), [
    "back\\slash file 1 2026-11-27T13:28:47/1Z",
    "fifo other 2026-11-27T13:28:47/1Z",
    "sub directory 2026-11-27T13:28:47/1Z",
    "\xe9\xff.txt file 5 2025-02-03T04:05:06/1Z",
  ]);
  assert.deepEqual(json(pages.caddyJson), [
    "link file",
    "sub directory 2026-11-27T13:28:47/0Z",
    "\xe9.txt file 5 2025-02-03T04:05:06/0Z",
  ]);
  assert.deepEqual(json("null"), []);
  for (const bad of ["{}", "[", "<html>", ""]) {
    assert.throws(() => json(bad), { code: "protocol-data" });
  }
});

test("links that lead elsewhere are no entries", () => {
  const elsewhere = [
    "../",
    "..",
    "./",
    "",
    "/",
    "/pub",
    "/pub/",
    "/other/x",
    "a/b",
    "..%2f..%2fetc",
    "%2e%2e/",
    "%2e",
    "x%00y",
    "x%2fy",
    "x?download",
    "x#part",
    "//other.example/pub/x",
    "http://other.example/pub/x",
    "http://mirror.example.evil/pub/x",
    "http://mirror.example@evil/pub/x",
    "https://mirror.example/pub/x",
    "javascript:alert(1)",
    "mailto:someone@mirror.example",
    "a".repeat(256),
    ".manifold/",
    ".MANIFOLD",
  ];
  for (const href of elsewhere) assert.deepEqual(html(`<a href="${href}">x</a>`), [], href);
  const here = [
    "x",
    "./x",
    "/pub/x",
    "/%70ub/x",
    "//mirror.example/pub/x",
    "HTTP://MIRROR.example/pub/x",
    " x ",
  ];
  for (const href of here) assert.deepEqual(html(`<a href="${href}">x</a>`), ["x file"], href);
});

test("where a page is cut does not matter", () => {
  const whole = html(pages.apacheTablePage);
  for (const step of [1, 2, 3, 100]) assert.deepEqual(html(pages.apacheTablePage, step), whole);
});

test("a name stands once, with what is known of it", () => {
  const row = '<a href="x">x</a> 27-Nov-2026 13:28  7\n';
  assert.deepEqual(html(`<pre><a href="x">x</a>\n<hr>${row}<hr><a href="x">x</a>`), [
    "x file 7 2026-11-27T13:28:00/60",
  ]);
});

test("whatever comes, entries are safe names, and errors are ours", () => {
  const corpus = Object.values(pages).filter((page) => typeof page === "string");
  const damage = fc.tuple(
    fc.constantFrom(...corpus),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }),
  );
  fc.assert(
    fc.property(damage, ([page, edits]) => {
      const bytes = toBytes(page);
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      for (const open of [
        (sink: () => void) => new HtmlIndexReader(place, sink),
        (sink: () => void) => new JsonIndexReader(sink),
      ]) {
        const reader = open((entry?: { path: string }) =>
          assert.ok(entry && isSafeName(entry.path)),
        );
        try {
          reader.push(bytes);
          reader.end();
        } catch (error) {
          assert.ok(error instanceof ManifoldError, String(error));
        }
      }
    }),
    { numRuns: 300 },
  );
});
