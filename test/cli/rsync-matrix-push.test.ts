// The matrix of interoperation, one direction of it: pushes between our ends and rsync's.

import { testMatrix } from "./rsync-matrix.ts";

testMatrix("push");
