// A listing or changeset as JSON values, one for a line.

import type { Shown, ShownState } from "../../sync/index.ts";
import { jsonName } from "./json-name.ts";

/** Returns the value for one thing. */
export function shownJson(shown: Shown): Record<string, unknown> {
  switch (shown.type) {
    case "header": {
      const { options, filters, ...rest } = shown.header;
      return {
        type: "header",
        ...rest,
        options: Object.fromEntries(options),
        filters: filters.map((rule) => jsonName("rule", "ruleBase64", rule)),
      };
    }
    case "entry":
      return {
        type: "entry",
        ...jsonName("path", "pathBase64", shown.path),
        ...stateJson(shown.state),
      };
    case "order": {
      const { order, path, before, after, from } = shown;
      return {
        type: "order",
        order,
        ...jsonName("path", "pathBase64", path),
        ...(from !== undefined && jsonName("from", "fromBase64", from)),
        before: before === undefined ? null : stateJson(before),
        after: after === undefined ? null : stateJson(after),
      };
    }
    case "directory": {
      const { path, ...counts } = shown.directory;
      return { type: "directory", ...jsonName("path", "pathBase64", path), ...counts };
    }
    case "problem": {
      const { path, message, role, operation, errno, exit } = shown.problem;
      const said = message === undefined ? {} : jsonName("message", "messageBase64", message);
      return {
        type: "problem",
        ...jsonName("path", "pathBase64", path),
        role,
        operation,
        errno,
        exit,
        ...said,
      };
    }
    case "trailer": {
      const { totals, complete, exit } = shown.trailer;
      return { type: "summary", version: 1, exit, complete, totals };
    }
  }
}

function stateJson(state: ShownState): Record<string, unknown> {
  const { linkTarget, digest, link, mode, ...numbers } = state;
  return {
    mode: mode.toString(8),
    ...numbers,
    ...(linkTarget !== undefined && jsonName("linkTarget", "linkTargetBase64", linkTarget)),
    ...(digest !== undefined && { digest: Buffer.from(digest).toString("hex") }),
    ...(link !== undefined && jsonName("link", "linkBase64", link)),
  };
}
