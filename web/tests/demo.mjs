// An `outdial demo` of the browsers' commands: started, waited for, and ended as by Ctrl-C.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../target", import.meta.url));
const built = ["release", "debug"].map((kind) => `${target}/${kind}/outdial`).find(existsSync);

/** What `OUTDIAL` names, else what was built. */
export function binary() {
  const found = process.env.OUTDIAL ?? built;
  assert.ok(found, "no outdial is built: cargo build --release, or OUTDIAL=FILE");
  return found;
}

/** Starts it, and says where it is. */
export async function demo(...args) {
  const folder = mkdtempSync(`${tmpdir()}/outdial-`);
  const child = spawn(binary(), ["demo", ...args, "--data", `${folder}/demo`]);
  let said = "";
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (text) => (said += text));
  const ended = new Promise((done) => child.on("exit", done));
  const read = async (name) => {
    for (let tries = 0; ; tries += 1) {
      const file = `${folder}/demo/${name}`;
      if (existsSync(file) && readFileSync(file, "utf8").trim()) return readFileSync(file, "utf8").trim();
      assert.ok(tries < 300 && child.exitCode === null, said);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  };
  process.on("exit", () => child.kill("SIGKILL"));
  return {
    url: await read("api.url"),
    token: await read("api.token"),
    pid: child.pid,
    said: () => said,
    /** Ends it, and says with which status. */
    end: async () => {
      child.kill("SIGINT");
      const status = await ended;
      rmSync(folder, { recursive: true, force: true });
      return status;
    },
  };
}
