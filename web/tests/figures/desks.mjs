// 200 desks of the page's own code, whose way to the server is cut for all of them in one instant.

import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";

import ts from "typescript";

import { until } from "../browser.mjs";

const DESKS = 200;

/** How long a cut lasts, ms. */
const CUTS = [0, 0, 2_000, 10_000];

export async function figure() {
  const way = await openWay(new URL(process.env.OUTDIAL_URL));
  const listen = pageListen(way.port);
  const desks = Array.from({ length: DESKS }, (_, place) => ({ agent: place + 1, pops: [] }));
  const ends = desks.map((desk) =>
    listen(
      desk.agent,
      (push) => {
        const pop = push.type === "screen_pop" ? push : push.pop;
        if (pop) desk.pops.push([pop.call, push.type, push.at]);
      },
      (is) => {
        desk.connected = is;
        if (is) desk.back = Date.now();
      },
    ),
  );
  const connected = () => desks.filter((desk) => desk.connected).length;
  await until(() => connected() === DESKS, 60_000);
  console.log(`${DESKS} desks are connected`);
  await sleep(10_000);
  for (const down of CUTS) {
    way.cut();
    await until(() => connected() === 0, 5_000, 1);
    await sleep(down);
    const again = Date.now();
    way.open();
    await until(() => connected() === DESKS, 60_000, 20);
    const waits = desks.map(({ back }) => back - again).sort((one, other) => one - other);
    const half = waits[DESKS / 2];
    console.log(`cut for ${down / 1_000} s: half were back after ${half} ms, the last after ${waits.at(-1)} ms`);
    await sleep(8_000);
  }
  for (const end of ends) end();
  const offered = new Map();
  for (const { agent, pops } of desks) {
    for (const [call, type, at] of pops) {
      offered.set(call, [...(offered.get(call) ?? []), { agent, type, at }]);
    }
  }
  const twice = [...offered].filter(([, told]) => new Set(told.map(({ agent }) => agent)).size > 1);
  console.log(`${offered.size} people were shown; at more than one desk: ${twice.length}`);
  for (const [call, told] of twice) console.log(`call ${call}`, told);
  way.close();
}

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The page's own `listen`, out of a browser: one browser opens one WebSocket after the other. */
function pageListen(port) {
  const source = readFileSync(new URL("../../src/live/socket.ts", import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  const plain = outputText.replace(/^import .*$/gm, "").replace(/^export /gm, "");
  const token = `outdial.token.${process.env.OUTDIAL_TOKEN}`;
  const Socket = class extends WebSocket {
    constructor(url, protocol) {
      super(url, [protocol, token]);
    }

    /** Node 20 tells of a connection that never was as an error alone. */
    set onclose(tell) {
      let isTold = false;
      const once = () => {
        if (!isTold) tell();
        isTold = true;
      };
      this.addEventListener("close", once);
      this.addEventListener("error", once);
    }
  };
  const page = new URL(`http://127.0.0.1:${port}/desk`);
  const make = new Function("WebSocket", "location", "window", "checkSession", `${plain}; return listen;`);
  return make(Socket, page, globalThis, async () => undefined);
}

/** A way to the server that can be cut: what is open ends, and what comes is turned away. */
async function openWay(to) {
  const open = new Set();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((up) => server.listen(0, "127.0.0.1", up));
  return {
    port: server.address().port,
    cut: () => {
      isCut = true;
      for (const one of open) one.destroy();
    },
    open: () => {
      isCut = false;
    },
    close: () => {
      for (const one of open) one.destroy();
      server.close();
    },
  };
}
