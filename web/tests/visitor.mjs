// `outdial demo --web` as its visitor sees it: the link that it prints, the free seat, a person, an outcome.
//   cargo build; node web/tests/visitor.mjs

import assert from "node:assert/strict";

import { demo } from "./demo.mjs";

const server = await demo("--agents", "4", "--web");
process.env.OUTDIAL_URL = server.url;
process.env.OUTDIAL_TOKEN = server.token;
const { api, launch, openContext, openPage, PASSWORD, until } = await import("./browser.mjs");
const link = await until(() => /outdial demo: open (\S+)/.exec(server.said())?.[1]);
const complaints = [];
const browser = await launch();
const page = await openPage(await openContext(browser), complaints);
await page.goto(link);
await page.getByRole("textbox", { name: "Name", exact: true }).fill("visitor");
await page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
await page.getByRole("button", { name: "Begin" }).click();
await page.getByRole("heading", { name: "demo" }).waitFor();
await page.getByRole("tab", { name: "Desk" }).click();
await page.getByLabel("Who are you?").selectOption("5");
await page.getByRole("button", { name: "Log in: my phone rings" }).click();
const ready = page.getByRole("button", { name: "Ready", exact: true });
await ready.waitFor();
const began = Date.now();
await ready.click();
const person = page.locator("section[aria-label='What became of it?']");
await person.waitFor({ timeout: 120_000 });
const waited = Date.now() - began;
const said = await person.getByRole("note").innerText();
assert.match(said, /This is Free seat of Example Travel/);
const { call } = (await api("/v1/floor")).agents.find(({ id }) => id === 5);
await person.getByRole("button", { name: /Sale/ }).click();
await page.getByRole("button", { name: "Hang up", exact: true }).click();
const record = await until(
  async () => (await api(`/v1/calls?limit=500&after=${call - 1}`)).calls.find((one) => one.call === call),
);
console.log(`a person after ${waited} ms; ${record.agent_name} said ${record.disposition} of ${record.outcome}`);
assert.deepEqual([record.agent_name, record.disposition], ["Free seat", "sale"]);
assert.deepEqual(complaints, []);
await browser.close();
const ended = await server.end();
console.log(`the demo ends with status ${ended}`);
process.exit(ended);
