// From the bridge, as the books have it, to the person on the agent's page; one clock for both.

import { api, enter, invite, launch, openContext, until } from "../browser.mjs";

const DESKS = 4;
const WANTED = 150;

export async function figure() {
  const browser = await launch();
  const context = await openContext(browser);
  await context.addInitScript(() => {
    window.popped = [];
    let shown = null;
    const look = () => {
      const person = document.querySelector("section[aria-label='What became of it?']");
      const number = person?.querySelector(".number")?.textContent ?? null;
      if (number && number !== shown) window.popped.push([number, Date.now()]);
      shown = number;
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const first = await context.newPage();
  await enter(first, await invite("root", "administrator"));
  await first.getByRole("tab", { name: "Desk" }).waitFor();
  const pages = [];
  for (let agent = 1; agent <= DESKS; agent += 1) {
    const page = await context.newPage();
    await page.goto(new URL("/desk", first.url()).href);
    await page.getByLabel("Who are you?").selectOption(String(agent));
    await page.evaluate("void (window.popped = [])");
    pages.push(page);
  }
  const popped = async () =>
    (await Promise.all(pages.map((page) => page.evaluate("window.popped")))).map((of) => of.slice(1));
  await until(async () => (await popped()).flat().length >= WANTED, 600_000, 1_000);
  const seen = await popped();
  // A talk is in the books when it is over.
  await first.waitForTimeout(20_000);
  const waits = [];
  let unknown = 0;
  for (const [place, pops] of seen.entries()) {
    const calls = await ofAgent(place + 1);
    for (const [number, at] of pops) {
      const bridged = calls.get(number);
      if (bridged) waits.push(at - bridged);
      else unknown += 1;
    }
  }
  waits.sort((one, other) => one - other);
  const at = (share) => waits[Math.min(Math.floor(waits.length * share), waits.length - 1)];
  console.log(`${waits.length} screen pops at ${DESKS} desks, ms after the bridge:`);
  console.log(`median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(1)}, least ${at(0)}`);
  if (unknown) console.log(`${unknown} more whose talk is not in the books with a bridge`);
  await browser.close();
}

/** When each number was bridged to the agent, milliseconds. */
async function ofAgent(agent) {
  const bridged = new Map();
  let after = null;
  do {
    const page = await api(`/v1/calls?limit=500${after ? `&after=${after}` : ""}`);
    for (const call of page.calls) {
      if (call.agent === agent && call.bridged_at) bridged.set(call.number, Date.parse(call.bridged_at));
    }
    after = page.next;
  } while (after);
  return bridged;
}
