// What strangers write stays text: every line of the corpus' injection lists through every field of the API and
// the pages. `sip.mjs` sends them by SIP.
//   cargo build; node web/tests/injection/fields.mjs [FOLDER]
// FOLDER is `web-payloads` of the corpus, ../shared/corpus/dev/web-payloads by default; skipped without it.

import assert from "node:assert/strict";

import { demo } from "../demo.mjs";
import { corpus, number, watch } from "./watch.mjs";

const payloads = corpus();
const server = await demo("--agents", "3", "--calls", "1", "--web");
process.env.OUTDIAL_URL = server.url;
process.env.OUTDIAL_TOKEN = server.token;
const { enter, invite, launch, openContext, until } = await import("../browser.mjs");

const statuses = new Map();
const broken = [];
async function ask(method, path, body) {
  const isText = typeof body === "string";
  const answer = await fetch(server.url + path, {
    method,
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
    headers: {
      Authorization: `Bearer ${server.token}`,
      "Content-Type": isText ? "text/csv" : "application/json",
    },
  });
  const text = await answer.text();
  const field = `${method} ${path.split("?")[0].replaceAll(/\d+|(?<=lists\/|users\/|tokens\/|campaign-files\/)(?!check$).+/g, "*")}`;
  const of = statuses.get(field) ?? new Map();
  statuses.set(field, of.set(answer.status, (of.get(answer.status) ?? 0) + 1));
  if (answer.status >= 500) broken.push(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
  return answer.headers.get("content-type")?.includes("json") && text ? JSON.parse(text) : text;
}

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
const query = (of) => new URLSearchParams(of);

// Leads by a file: each line as a name, a place and an attribute, and as a column's header.
const rows = payloads.map((line, nth) =>
  [number(nth), line, line, line.slice(0, 40), line.slice(0, 10), line].map(quoted).join(","),
);
const file = ["phone,first_name,last_name,state,zip,comment", ...rows].join("\n");
const report = await ask("POST", "/v1/campaigns/demo/leads?skip_bad=true", file);
console.log(`leads: ${report.landed} of ${report.rows} rows taken, ${report.bad} refused`);
for (const [nth, line] of payloads.entries()) {
  if (nth % 10 === 0) await ask("POST", "/v1/campaigns/demo/leads/check", `phone,${quoted(line)}\n+12015550133,x`);
  await ask("GET", `/v1/campaigns/demo/leads?${query({ find: line, limit: 5 })}`);
  await ask("PATCH", `/v1/campaigns/demo/leads/${(nth % 40) + 2}`, { first_name: line, last_name: line });
  await ask("POST", "/v1/do-not-call", { number: `+1212${String(2_000_000 + nth)}`, reason: line.slice(0, 200) });
  await ask("GET", `/v1/calls?${query({ campaign: line })}`);
  await ask("GET", `/v1/campaigns/demo/explain?${query({ number: line, state: line, zip: line })}`);
  await ask("POST", "/v1/campaign-files/check", { name: line, toml: `country = ${JSON.stringify(line)}\n${line}` });
  await ask("POST", "/v1/agents/1/disposition", { disposition: line, note: line });
  await ask("POST", "/v1/campaigns/demo/recycle", { dispositions: [line] });
  await ask("POST", "/v1/users", { name: line, role: "agent" });
  if (nth % 20 === 0) {
    await ask("PUT", `/v1/campaign-files/${encodeURIComponent(line)}`, { toml: line });
    await ask("GET", `/v1/campaign-files/${encodeURIComponent(line)}`);
    await ask("POST", "/v1/agents", { extension: String(2_000 + nth), name: line.slice(0, 64) });
    await ask("POST", "/v1/tokens", { label: line.slice(0, 64), role: "auditor" });
    await ask("POST", "/v1/agents/1/pause", { reason: line.slice(0, 64) });
    await ask("POST", "/v1/agents/1/ready");
    await ask("POST", "/v1/invitation", { secret: line, password: line, name: line });
    await ask("POST", "/v1/session", { name: line, password: line });
  }
}

// What came in goes out as it was.
let kept = 0;
for (let nth = 60; nth < payloads.length; nth += 7) {
  const [found] = await ask("GET", `/v1/campaigns/demo/leads?${query({ find: number(nth), limit: 1 })}`);
  if (!found) continue;
  assert.equal(found.first_name.trim(), payloads[nth].trim());
  kept += 1;
}
console.log(`${kept} names are read as they were written`);

// The pages: nothing runs, nothing leads elsewhere, the policy has nothing to forbid.
const browser = await launch();
const page = await (await openContext(browser)).newPage();
const link = await invite("root", "administrator");
const ran = watch(page, new URL(link).origin);
await enter(page, link);
const tab = (name) => page.getByRole("tab", { name, exact: true }).click();
await page.getByRole("heading", { name: "demo" }).waitFor();
let shown = 0;
const see = async () => {
  await page.waitForTimeout(300);
  const cells = await page.locator("td").allInnerTexts();
  shown += cells.filter((cell) => cell.trim()).length;
};

await tab("Leads");
await page.getByRole("button", { name: "Find" }).click();
for (let pages = 0; pages < 80; pages += 1) {
  const more = page.getByRole("button", { name: "More" });
  await page.getByRole("cell").first().waitFor();
  await page.waitForTimeout(50);
  if (!(await more.isVisible())) break;
  await more.click();
}
await see();
for (let nth = 0; nth < payloads.length; nth += 60) {
  await page.getByLabel("Digits or a name").fill(payloads[nth].slice(0, 64));
  await page.getByRole("button", { name: "Find" }).click();
  await page.waitForTimeout(30);
}
await page.locator("input[type=file]").setInputFiles({
  name: "<img src=x onerror=alert(1)>.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(file.split("\n").slice(0, 200).join("\n").replace("comment", quoted("<script>alert(1)</script>"))),
});
await page.getByText(/rows:/).waitFor();
await see();
await tab("Do not call");
await page.getByRole("cell").first().waitFor();
for (let pages = 0; pages < 40; pages += 1) {
  const more = page.getByRole("button", { name: "More" });
  if (!(await more.isVisible())) break;
  await more.click();
  await page.waitForTimeout(50);
}
await see();
for (const name of ["Users", "Audit", "Calls", "Campaigns", "Trunks", "Rules", "Floor"]) {
  await tab(name);
  await page.waitForTimeout(700);
  await see();
}
await tab("Campaigns");
for (let nth = 0; nth < payloads.length; nth += 60) {
  await page.getByLabel("Name of the campaign").fill(payloads[nth].slice(0, 64));
  await page.getByLabel("Settings, in TOML").fill(payloads[nth]);
  await page.waitForTimeout(500);
}
// People with such names are called, and shown to the agent.
await tab("Desk");
await page.getByLabel("Who are you?").selectOption("1");
const people = new Set();
await until(async () => {
  const title = await page.locator("section[aria-label='What became of it?'] h2").allInnerTexts();
  for (const name of title) people.add(name);
  return people.size >= 12;
}, 300_000, 200);
await see();
const marker = await page.evaluate("[document.title, typeof window.owned].join()");
assert.equal(marker, "outdial,undefined");
await browser.close();
console.log(`${shown} cells and ${people.size} screen pops shown; what ran, was asked for or forbidden: ${ran.length}`);

// A spreadsheet takes no cell of the export for a formula.
const csv = await (
  await fetch(`${server.url}/v1/calls`, {
    headers: { Authorization: `Bearer ${server.token}`, Accept: "text/csv" },
  })
).text();
const cells = [...csv.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,"\n]*))(?=,|\r?$)/gm)].map(([, one, other]) => one ?? other);
// Numbers of telephones begin with +, and are numbers.
const formulas = cells.filter((cell) => /^[=+\-@\t\r]/.test(cell) && !/^[+-]?[\d.]+$/.test(cell));
console.log(`${cells.length} cells of the calls' CSV; formulas: ${formulas.length}`);

for (const [field, of] of [...statuses].sort()) {
  console.log(`${field}: ${[...of].sort().map(([status, count]) => `${count} x ${status}`).join(", ")}`);
}
const ended = await server.end();
console.log(`answers above 499: ${broken.length}; the demo ends with status ${ended}`);
for (const line of [...ran, ...broken, ...formulas].slice(0, 20)) console.error(line);
process.exit(ran.length + broken.length + formulas.length + ended > 0 ? 1 : 0);
