// Every import rule, derived from the table in rooms.mjs. Type-only imports count like any other.

import { doors, entries, floors, packages, rooms, strangers } from "./rooms.mjs";

const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
const inside = (names) => names.map((name) => `^src/${name}/`);
const exactly = (paths) => paths.map((path) => `^${path.replaceAll(".", "[.]")}$`);
const npm = [
  "npm",
  "npm-dev",
  "npm-optional",
  "npm-peer",
  "npm-bundled",
  "npm-no-pkg",
  "npm-unknown",
];

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, mayImport]) =>
      forbid(
        `room-${room}`,
        `src/${room} may import: ${mayImport.join(", ") || "nothing"}`,
        { path: `^src/${room}/` },
        { path: "^src/", pathNot: inside([room, ...mayImport]) },
      ),
    ),
    ...Object.entries(doors).map(([modules, owners]) =>
      forbid(
        `door-${modules}`,
        `only ${owners.join(", ")} may open node:${modules}`,
        { path: "^src/", pathNot: inside(owners) },
        { dependencyTypes: ["core"], path: `^(node:)?(${modules})$` },
      ),
    ),
    forbid(
      "door-unlisted",
      "rooms.mjs lists the built-in modules that may be used, and by whom",
      { path: "^src/" },
      { dependencyTypes: ["core"], pathNot: `^(node:)?(${Object.keys(doors).join("|")})$` },
    ),
    ...Object.entries(packages).map(([name, owners]) =>
      forbid(
        `package-${name}`,
        `only ${owners.join(", ")} may import the package ${name}`,
        { path: "^src/", pathNot: inside(owners) },
        { path: `(^|/)node_modules/${name}/` },
      ),
    ),
    forbid(
      "package-unlisted",
      "a third-party package needs a room that is its door (rooms.mjs) and a decision record",
      { path: "^src/" },
      {
        dependencyTypes: npm,
        pathNot: Object.keys(packages).map((name) => `node_modules/${name}/`),
      },
    ),
    forbid(
      "strangers",
      "the folders of this room do not know one another",
      { path: `^src/(${strangers.join("|")})/([^/]+)/` },
      { path: "^src/$1/[^/]+/", pathNot: "^src/$1/$2/" },
    ),
    ...Object.entries(floors).flatMap(([room, folders]) =>
      folders.map((folder, i) =>
        forbid(
          `floor-${room}-${folder}`,
          `src/${room}/${folder} may import the floors below it: ${folders.slice(0, i).join(", ") || "none"}`,
          { path: `^src/${room}/${folder}/` },
          {
            path: `^src/${room}/`,
            pathNot: inside(folders.slice(0, i + 1).map((f) => `${room}/${f}`)),
          },
        ),
      ),
    ),
    forbid(
      "front-door",
      "another room is entered through its index.ts",
      { path: "^src/([^/]+)/" },
      { path: "^src/[^/]+/.+", pathNot: ["^src/$1/", "^src/[^/]+/index[.]ts$"] },
    ),
    forbid(
      "tests-front-door",
      "a test enters rooms through their index.ts; only its own room's files may be imported singly",
      { path: "^(test|bench)/([^/]+)" },
      { path: "^src/[^/]+/.+", pathNot: ["^src/$2/", "^src/[^/]+/index[.]ts$"] },
    ),
    forbid(
      "listed",
      "every folder of src/ is a room of rooms.mjs",
      { path: "^src/", pathNot: inside(Object.keys(rooms)) },
      {},
    ),
    forbid("no-cycles", "no import cycles, not even inside a room", {}, { circular: true }),
    forbid(
      "no-orphans",
      "a file that nobody imports and that imports nothing is dead",
      { orphan: true, path: "^src/", pathNot: exactly(entries) },
      {},
    ),
    forbid("unresolved", "every import can be found", {}, { couldNotResolve: true }),
    forbid(
      "not-to-test",
      "the product does not import its tests and tools",
      { path: "^src/" },
      { path: "^(test|bench|tools)/" },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    // Sub-paths that a package exports for import only.
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
