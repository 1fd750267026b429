// The pages in a real browser, against a running `outdial demo`. Run by
// `cargo test --test wire the_pages`, which starts the demo; by hand:
//   OUTDIAL_URL=http://127.0.0.1:PORT OUTDIAL_TOKEN=... node --test web/tests
// SCREENSHOTS=DIR leaves pictures there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import * as shared from "./browser.mjs";
import { api, enter, invite, launch, openContext, openPage, URL_OF } from "./browser.mjs";

const PICTURES = process.env.SCREENSHOTS;

let browser;
let page;
const complaints = [];

before(async () => {
  browser = await launch();
  page = await openPage(await openContext(browser), complaints);
});

after(async () => {
  await browser?.close();
  assert.deepEqual(complaints, []);
});

const picture = async (name) => {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
};

const isAccessible = (name) => shared.isAccessible(page, name);
const signIn = (...of) => shared.signIn(page, ...of);
const tab = (name) => page.getByRole("tab", { name, exact: true }).click();

test("a link lets in once, and a wrong password not at all", async () => {
  const link = await invite("root", "administrator");
  await page.goto(link);
  await page.getByRole("textbox", { name: "New password" }).fill(shared.PASSWORD);
  await isAccessible("welcome");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "demo" }).waitFor();
  assert.ok(!page.url().includes("#"), "the secret is not in the address any more");
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).waitFor();
  await page.goto(`${URL_OF}/`);
  await enter(page, link);
  await page.getByText("the link was used").waitFor();
  await page.goto(`${URL_OF}/floor`);
  await signIn("root", "a wrong password");
  await page.getByText("The name or the password is wrong.").waitFor();
  await isAccessible("sign-in");
  await signIn("root");
  await page.getByRole("heading", { name: "demo" }).waitFor();
  complaints.splice(0);
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

test("ring time changes as the campaign runs, and a file is checked as it is written", async () => {
  await tab("Campaigns");
  const ring = page.getByLabel("Ring time, s: demo");
  await ring.fill("21");
  await ring.press("Enter");
  await page.waitForFunction(async () => {
    const answer = await fetch("/v1/campaigns/demo");
    return (await answer.json()).ring_s_max === 21;
  });
  await page.getByLabel("Settings, in TOML").fill('country = "US"\nring_s_max = 500\n');
  await page.getByRole("cell", { name: "ring_s_max is 500" }).waitFor();
  await picture("campaigns");
  await isAccessible("campaigns");
});

test("a file of leads with bad rows is looked at, mapped, and taken without them", async () => {
  await tab("Leads");
  const text = "Reach,Given\n+1 201 555 0177,Zoë\nnobody,Bo\n+1 201 555 0178,<b>x</b>\n";
  await page.locator("input[type=file]").setInputFiles({
    name: "spring.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(text),
  });
  await page.getByText("no column is known as the telephone number").waitFor();
  await page.getByLabel("Taken for: Reach").selectOption("phone");
  await page.getByLabel("Taken for: Given").selectOption("first_name");
  await page.getByText("3 rows: 2 would be taken, 1 are wrong").waitFor();
  await page.getByRole("cell", { name: "3", exact: true }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Take them" }).isDisabled());
  await picture("leads");
  await isAccessible("leads");
  await page.getByRole("button", { name: "Take the good rows" }).click();
  await page.getByText("3 rows: 2 were taken, 1 are wrong").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Rows that were not taken" }).click();
  const rejects = readFileSync(await (await download).path(), "utf8");
  assert.match(rejects, /nobody,Bo/);
  await page.getByLabel("Digits or a name").fill("zoë");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("cell", { name: "+12015550177", exact: true }).waitFor();
});

test("a rule says no with its source, and trunks, audit and the simulator show themselves", async () => {
  await tab("Rules");
  await page.getByRole("textbox", { name: "Number" }).fill("+12015550199");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText("+12015550199 may not be called.").waitFor();
  await picture("rules");
  await isAccessible("rules");
  await tab("Trunks");
  await page.getByRole("cell", { name: "test-carrier" }).waitFor();
  await isAccessible("trunks");
  await tab("Audit");
  await page.getByRole("cell", { name: "leads_imported" }).first().waitFor();
  await page.getByRole("cell", { name: "user root" }).first().waitFor();
  await picture("audit");
  await isAccessible("audit");
  await tab("Tune");
  // The books must know thirty people first.
  const curve = page.getByRole("img", { name: "Talk for abandonment" });
  const isDrawn = () => curve.waitFor({ timeout: 5_000 }).then(() => true, () => false);
  for (let tries = 0; tries < 20; tries += 1) {
    await page.getByRole("button", { name: "Try it out" }).click();
    if (await isDrawn()) break;
  }
  await curve.waitFor({ timeout: 1_000 });
  await picture("tune");
  await isAccessible("tune");
});

test("every language says the page's words", async () => {
  const said = { es: "Llamadas", bg: "Обаждания", "zh-TW": "通話", en: "Calls" };
  for (const [language, word] of Object.entries(said)) {
    await page.getByRole("combobox").first().selectOption(language);
    await page.getByRole("tab", { name: word, exact: true }).waitFor();
    assert.equal(await page.evaluate("document.documentElement.lang"), language);
  }
});

test("users are added with a link, and tokens shown once", async () => {
  await tab("Users");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ana");
  await page.getByLabel("Role", { exact: true }).selectOption("supervisor");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(/welcome#[0-9a-f]{64}:ana/).waitFor();
  await page.getByRole("cell", { name: "ana", exact: true }).waitFor();
  await page.getByLabel("What for").fill("wallboard");
  await page.getByRole("button", { name: "Make a token" }).click();
  await page.getByText(/outdial_[0-9a-f]{64}/).waitFor();
  await picture("users");
  await isAccessible("users");
  await tab("Account");
  await isAccessible("account");
});

test("who signs out is out, and an agent sees their own desk only", async () => {
  const link = await invite("bo", "agent", 1);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("textbox", { name: "Name", exact: true }).waitFor();
  await page.goto(`${URL_OF}/floor`);
  await enter(page, link);
  await page.getByRole("tab", { name: "Desk" }).waitFor();
  assert.equal(await page.getByRole("tab", { name: "Floor" }).count(), 0);
  const refused = await page.evaluate("fetch('/v1/floor').then(({ status }) => status)");
  assert.equal(refused, 403);
  complaints.splice(0);
});
