// The program `manifold-rsync`: the entry of the bundle that ./manifold-rsync runs.

import { start } from "./start.ts";

void start("manifold-rsync");
