// Web servers of this machine, on the loopback, for one test file: each serves a folder of links to what tests want served. Nothing
// of the machine's own configuration is read.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";

/** A server that runs. */
export interface WebServer extends AsyncDisposable {
  /** Returns the URL under which a folder is served from now on. */
  serve(folder: string): string;
}

/** How a kind of server is started. */
export interface ServerKind {
  readonly program: string;
  /** Writes what it needs into the folder; `top` is what it is to serve. Returns its arguments. */
  configure(folder: string, top: string, port: number): readonly string[];
  /** What it prints when it listens. Its first group, where there is one, is the port. */
  readonly listening: RegExp;
  /** It gives its privileges away, and reads what others may. */
  readonly isUnprivileged?: boolean;
}

const portTaken = /Address already in use|could not bind|can't bind/i;
const triesMax = 5;
const isRoot = process.getuid?.() === 0;

/** nginx with these directives in its location. */
export function nginx(...directives: string[]): ServerKind {
  return {
    program: "nginx",
    configure: (folder, top, port) => {
      const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      writeFileSync(
        join(folder, "nginx.conf"),
        `daemon off; pid ${folder}/pid; error_log stderr notice; worker_processes 1; ${isRoot ? "user root;" : ""}
events {}
http {
  access_log off; default_type application/octet-stream;
  ${places.map((place) => `${place}_temp_path ${folder}/${place};`).join(" ")}
  server { listen 127.0.0.1:${port}; root ${top}; location / { ${directives.join(" ")} } }
}
`,
      );
      return ["-e", "stderr", "-c", join(folder, "nginx.conf")];
    },
    listening: /start worker process \d+/,
  };
}

/** Apache with these directives for its directory. */
export function apache(...directives: string[]): ServerKind {
  return {
    program: "apache2",
    configure: (folder, top, port) => {
      const modules = ["mpm_event", "authz_core", "autoindex", "dir", "mime"];
      writeFileSync(join(folder, "types"), "text/plain txt\n");
      writeFileSync(
        join(folder, "apache.conf"),
        `ServerRoot ${folder}
PidFile ${folder}/pid
ErrorLog "|/bin/cat"
LogLevel notice
ServerName localhost
Listen 127.0.0.1:${port}
${isRoot ? "User nobody\nGroup nogroup" : ""}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
TypesConfig ${folder}/types
StartServers 1
DocumentRoot ${top}
<Directory ${top}>
Options Indexes FollowSymLinks
AllowOverride None
Require all granted
${directives.join("\n")}
</Directory>
`,
      );
      return ["-DFOREGROUND", "-f", join(folder, "apache.conf")];
    },
    listening: /resuming normal operations/,
    isUnprivileged: isRoot,
  };
}

/** lighttpd; it tells times of files only where it knows their types. */
export function lighttpd(knowsTypes: boolean): ServerKind {
  return {
    program: "lighttpd",
    configure: (folder, top, port) => {
      writeFileSync(
        join(folder, "lighttpd.conf"),
        `server.document-root = "${top}"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ("mod_dirlisting")
dir-listing.activate = "enable"
dir-listing.hide-dotfiles = "disable"
${knowsTypes ? 'mimetype.assign = ("" => "application/octet-stream")' : ""}
`,
      );
      return ["-D", "-f", join(folder, "lighttpd.conf")];
    },
    listening: /server started/,
  };
}

/** Python's http.server. */
export const python: ServerKind = {
  program: "python3",
  configure: (_, top) => [
    "-u",
    "-m",
    "http.server",
    "--bind",
    "127.0.0.1",
    "--directory",
    top,
    "0",
  ],
  listening: /Serving HTTP on 127\.0\.0\.1 port (\d+)/,
};

/** Why there can be no such server here; false = there can. */
export function lacks({ program }: ServerKind): string | false {
  return findProgram(program) === undefined ? `no ${program} in PATH` : false;
}

/** Returns where a program is. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Starts one. */
export async function startWebServer(kind: ServerKind): Promise<WebServer> {
  for (let left = triesMax; ; left--) {
    const folder = temporaryFolder();
    const top = folder.at("top");
    mkdirSync(top);
    if (kind.isUnprivileged === true) execFileSync("chmod", ["-R", "a+rX", folder.path]);
    const port = await freePort();
    const argv = kind.configure(folder.path, top, port);
    const child = spawn(findProgram(kind.program) ?? "", argv, {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { found, said } = await firstWords(child, kind.listening);
    if (found !== null) return running(kind, child, folder, Number(found[1] ?? port));
    folder.remove();
    if (left === 0 || !portTaken.test(said)) throw new Error(`${kind.program}: ${said}`);
  }
}

function running(
  kind: ServerKind,
  child: ChildProcess,
  folder: TemporaryFolder,
  port: number,
): WebServer {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let count = 0;
  return {
    serve: (served) => {
      const name = `${count++}`;
      if (kind.isUnprivileged === true) execFileSync("chmod", ["-R", "a+rX", served]);
      symlinkSync(served, folder.at(join("top", name)));
      return `http://127.0.0.1:${port}/${name}/`;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
      folder.remove();
    },
  };
}

/** Resolves when the program has printed what is expected, or ended. */
function firstWords(
  child: ChildProcess,
  expected: RegExp,
): Promise<{ found: RegExpExecArray | null; said: string }> {
  return new Promise((resolve) => {
    let said = "";
    const hear = (bytes: Buffer): void => {
      said += bytes.toString("latin1");
      const found = expected.exec(said);
      if (found !== null) resolve({ found, said });
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", (error) => resolve({ found: null, said: error.message }));
    child.once("exit", () => resolve({ found: null, said }));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
