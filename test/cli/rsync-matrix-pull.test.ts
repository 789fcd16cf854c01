// The matrix of interoperation, one direction of it: pulls between our ends and rsync's.

import { testMatrix } from "./rsync-matrix.ts";

testMatrix("pull");
