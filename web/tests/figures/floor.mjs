// What the floor's page takes of a processor: run by `cargo bench --bench pages`, whose server it looks at.

import { readdirSync, readFileSync } from "node:fs";

import { api, enter, invite, launch, openContext } from "../browser.mjs";

const SERVER = Number(process.env.OUTDIAL_PID);
const SECONDS = 40;
/** Of the kernel's clock, a second. */
const TICKS = 100;

const sleep = (seconds) => new Promise((done) => setTimeout(done, 1_000 * seconds));

const stat = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
};

/** Seconds of processor time of each process of the browser, which all come from this one. */
const browserTime = () => {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const stats = new Map(all.map((pid) => [Number(pid), stat(pid)]));
  const isOurs = (pid) => {
    for (let at = stats.get(pid)?.parent; at; at = stats.get(at)?.parent) if (at === process.pid) return true;
    return false;
  };
  let ticks = 0;
  for (const [pid, one] of stats) if (one && isOurs(pid)) ticks += one.ticks;
  return ticks / TICKS;
};
const serverTime = () => stat(SERVER).ticks / TICKS;

/** Percent of a core over that time, of the browser and of the server. */
async function share(seconds) {
  const [browser, server, began] = [browserTime(), serverTime(), process.hrtime.bigint()];
  await sleep(seconds);
  const took = Number(process.hrtime.bigint() - began) / 1e9;
  const percent = (spent) => (100 * spent) / took;
  return { browser: percent(browserTime() - browser), server: percent(serverTime() - server) };
}

const browser = await launch();
const page = await (await openContext(browser)).newPage();
await enter(page, await invite("root", "administrator"));
await page.getByRole("heading", { name: "demo" }).waitFor();
await page.goto("about:blank");
const { campaigns, agents } = await api("/v1/floor");
console.log(`${agents.length} agents, ${campaigns[0].calls.ringing} calls`);
const rest = [await share(SECONDS)];

let frames = 0;
let bytes = 0;
page.on("websocket", (socket) =>
  socket.on("framereceived", ({ payload }) => {
    frames += 1;
    bytes += payload.length;
  }),
);
await page.goto(new URL("/floor", process.env.OUTDIAL_URL).href);
await page.getByText("Agent 1001").waitFor();
await sleep(5);
[frames, bytes] = [0, 0];
const open = await share(SECONDS);
console.log(
  `the page was told ${(frames / SECONDS).toFixed(1)} times a second, ` +
    `${(bytes / SECONDS / 1_000).toFixed(0)} kB a second`,
);
await page.goto("about:blank");
await sleep(2);
rest.push(await share(SECONDS));
const mean = (what) => (rest[0][what] + rest[1][what]) / 2;
const line = (name, what) =>
  console.log(
    `${name}: ${open[what].toFixed(1)} % of a core with the page, ${rest[0][what].toFixed(1)} and ` +
      `${rest[1][what].toFixed(1)} % without it before and after: the page takes ` +
      `${(open[what] - mean(what)).toFixed(1)} %`,
  );
line("browser", "browser");
line("server", "server");
await browser.close();
