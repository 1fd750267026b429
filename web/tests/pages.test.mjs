// The pages in a real browser, against a running `outdial demo`. Run by
// `cargo test --test wire the_pages`, which starts the demo; by hand:
//   OUTDIAL_URL=http://127.0.0.1:PORT OUTDIAL_TOKEN=... node --test web/tests
// SCREENSHOTS=DIR leaves pictures there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

const URL_OF = process.env.OUTDIAL_URL;
const TOKEN = process.env.OUTDIAL_TOKEN;
const PICTURES = process.env.SCREENSHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let page;
/** What the page complained of: an error, or something that its policy forbids. */
const complaints = [];

before(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    bypassCSP: false,
  });
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // The no of a wrong token is logged by the browser itself.
    if (message.type() === "error" && !message.text().includes("401")) {
      complaints.push(message.text());
    }
  });
});

after(async () => {
  await browser?.close();
  assert.deepEqual(complaints, []);
});

const api = async (path, options = {}) => {
  const answer = await fetch(URL_OF + path, {
    ...options,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
  });
  return answer.status === 204 ? null : answer.json();
};

const picture = async (name) => {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
};

/** No serious violation of the accessibility rules (axe). */
const isAccessible = async (name) => {
  const { violations } = await page.evaluate(`${AXE}; axe.run()`);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const said = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  assert.deepEqual(said, [], name);
};

const tab = (name) => page.getByRole("tab", { name, exact: true }).click();

test("a wrong token is said to be wrong, and the right one opens the floor", async () => {
  await page.goto(`${URL_OF}/floor`);
  const field = page.getByLabel("API token");
  await field.fill("outdial_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The server does not know this token.").waitFor();
  await isAccessible("sign-in");
  await field.fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "demo" }).waitFor();
});

test("the floor moves by itself and says why it dials", async () => {
  const dialed = page.locator("section", { hasText: "demo" }).getByText("Dialed").locator("+ *");
  const first = Number(await dialed.innerText());
  await page.waitForFunction(
    ([selector, first]) => Number(document.evaluate(selector, document).iterateNext()?.textContent) > first,
    ["//*[text()='Dialed']/following-sibling::*", first],
  );
  await page.getByText(/dial (none|\d+)/).first().waitFor();
  await page.getByText("Agent 101").waitFor();
  await isAccessible("floor");
});

test("a paused campaign stops dialing within a second, and starts again", async () => {
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("paused", { exact: true }).first().waitFor();
  const paused = async () => (await api("/v1/campaigns/demo")).totals.dialed;
  await page.waitForTimeout(1_000);
  const before = await paused();
  await page.waitForTimeout(1_500);
  assert.equal(await paused(), before);
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("running", { exact: true }).first().waitFor();
});

test("every decision is listed with its reason", async () => {
  await picture("floor");
  await page.getByRole("button", { name: "Decisions" }).click();
  await page.getByRole("columnheader", { name: "Placed" }).waitFor();
  await page.getByRole("button", { name: "Decisions" }).click();
});

test("the desk shows the person on the line, and keeps them when the page is loaded again", async () => {
  await tab("Desk");
  await page.getByLabel("Who are you?").selectOption({ label: "Agent 101 (101)" });
  const outcome = page.locator("section", { hasText: "What became of it?" });
  await outcome.waitFor({ timeout: 60_000 });
  await picture("desk");
  await isAccessible("desk");
  // The demo's agents say what became of a call within seconds: several calls may be needed.
  for (let tries = 0; ; tries += 1) {
    await outcome.waitFor({ timeout: 60_000 });
    const call = (await api("/v1/floor")).agents.find(({ id }) => id === 1)?.call;
    await page.reload();
    await page.getByRole("status").first().waitFor();
    const seen = await outcome.waitFor({ timeout: 1_000 }).then(() => true, () => false);
    const still = (await api("/v1/floor")).agents.find(({ id }) => id === 1)?.call;
    if (call !== undefined && call === still) {
      assert.ok(seen, "the person is shown again");
      break;
    }
    assert.ok(tries < 20, "no call outlived a reload");
  }
});

test("a number is put on the list, and hostile text stays text", async () => {
  await tab("Do not call");
  await page.getByLabel("Number, with + and country").fill("+12015550199");
  await page.getByLabel("Reason").fill("<img src=x onerror=document.title='owned'>=1+1");
  await page.getByRole("button", { name: "Never call" }).click();
  await page.getByRole("cell", { name: "+12015550199" }).waitFor();
  assert.equal(await page.title(), "outdial");
  const { entries } = await api("/v1/do-not-call");
  assert.ok(entries.some(({ number }) => number === "+12015550199"));
  await isAccessible("do not call");
});

test("a number that is none is refused with the server's sentence", async () => {
  await page.getByLabel("Number, with + and country").fill("12");
  await page.getByRole("button", { name: "Never call" }).click();
  await page.getByRole("alert").waitFor();
  complaints.splice(0);
});

test("calls are listed", async () => {
  await tab("Calls");
  await page.getByRole("cell", { name: "demo" }).first().waitFor();
  await picture("calls");
  await isAccessible("calls");
});

test("every language says the page's words", async () => {
  const said = { es: "Llamadas", bg: "Обаждания", "zh-TW": "通話", en: "Calls" };
  for (const [language, word] of Object.entries(said)) {
    await page.getByRole("combobox").first().selectOption(language);
    await page.getByRole("tab", { name: word, exact: true }).waitFor();
    assert.equal(await page.evaluate("document.documentElement.lang"), language);
  }
});

test("who signs out is out", async () => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API token").waitFor();
  await page.reload();
  await page.getByLabel("API token").waitFor();
});
