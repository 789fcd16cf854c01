// The program `manifold`: the entry of the bundle that ./manifold runs.

import { start } from "./start.ts";

void start("manifold");
