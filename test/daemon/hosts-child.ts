// Adds twenty hosts with one key to a file of known hosts: `hosts-child PREFIX FILE KEY`.

import { checkHost } from "../../src/daemon/index.ts";

const [prefix = "", file = "", key = ""] = process.argv.slice(2);
for (let i = 0; i < 20; i++) await checkHost(file, `${prefix}:${i}`, key, "pin");
