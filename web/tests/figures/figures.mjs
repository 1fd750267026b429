// The pages' figures, printed. Each starts a demo of its own and a Chromium:
//   node web/tests/figures/figures.mjs load      what a first look at the floor loads
//   node web/tests/figures/figures.mjs pop       from the bridge to the person on the agent's page
//   node web/tests/figures/figures.mjs desks     200 desks whose connection is cut, at once
// `cargo bench --bench pages` prints what a floor of 500 agents and 2,000 calls costs.

import { spawnSync } from "node:child_process";

import { demo } from "../demo.mjs";

const [what] = process.argv.slice(2);
if (what === "desks" && !globalThis.WebSocket) {
  // Node 20 has it behind a flag.
  const flags = ["--experimental-websocket", "--no-warnings", ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, flags, { stdio: "inherit" }).status ?? 1);
}
const figures = { desks: 200, load: 5, pop: 8 };
if (!(what in figures)) {
  console.error("say which: load, pop or desks");
  process.exit(2);
}
const server = await demo("--agents", String(figures[what]), "--calls", "20000");
process.env.OUTDIAL_URL = server.url;
process.env.OUTDIAL_TOKEN = server.token;
const { figure } = await import(`./${what}.mjs`);
let status = 1;
try {
  await figure();
  status = 0;
} catch (thrown) {
  console.error(thrown);
}
const ended = await server.end();
console.log(ended === 0 ? "the books fit what the carrier saw" : server.said());
process.exit(status || ended);
