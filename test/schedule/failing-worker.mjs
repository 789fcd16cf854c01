// Lets a worker thread read TypeScript, which Node passes on to workers from its newer versions only.

import { register } from "tsx/esm/api";

register();
await import("./failing-lane.ts");
