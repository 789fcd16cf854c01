// Trees on real web servers: the conformance suite on each that is installed.

import { after, describe, test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { HttpSource } from "../../../src/source/index.ts";
import { sourceSuite } from "../conformance/source-suite.ts";
import {
  apache,
  lacks,
  lighttpd,
  nginx,
  python,
  type ServerKind,
  startWebServer,
  type WebServer,
} from "./web-servers.ts";

interface Case {
  readonly name: string;
  readonly kind: ServerKind;
  /** Files whose names begin with a dot are listed. */
  readonly dotFiles: boolean;
  /** One more form of what another case tries already: with MANIFOLD_LONG=1 only. */
  readonly isVariant?: boolean;
}

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";

const cases: readonly Case[] = [
  { name: "nginx, HTML", kind: nginx("autoindex on;"), dotFiles: false, isVariant: true },
  { name: "nginx, JSON", kind: nginx("autoindex on; autoindex_format json;"), dotFiles: false },
  {
    name: "nginx, rounded",
    kind: nginx("autoindex on; autoindex_exact_size off;"),
    dotFiles: false,
    isVariant: true,
  },
  {
    name: "Apache, fancy",
    kind: apache("IndexOptions FancyIndexing HTMLTable", "IndexIgnoreReset On"),
    dotFiles: true,
  },
  { name: "Apache, plain", kind: apache(), dotFiles: true, isVariant: true },
  { name: "lighttpd", kind: lighttpd(true), dotFiles: true },
  { name: "lighttpd, no times", kind: lighttpd(false), dotFiles: true, isVariant: true },
  { name: "Python's http.server", kind: python, dotFiles: true },
];

for (const { name, kind, dotFiles, isVariant } of cases) {
  if (isVariant === true && !isLong) continue;
  const reason = lacks(kind);
  if (reason !== false) {
    test(`source ${name}`, { skip: reason }, () => undefined);
    continue;
  }
  describe(name, () => {
    let server: Promise<WebServer> | undefined;
    after(async () => (await server)?.[Symbol.asyncDispose]());
    sourceSuite(name, async (folder) => {
      server ??= startWebServer(kind);
      const url = (await server).serve(folder);
      return { source: new HttpSource({ url, clock: systemClock, environment: {} }), dotFiles };
    });
  });
}
