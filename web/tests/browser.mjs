// What the browsers' tests share: Chromium, a page that is listened to, the API, a user's link, axe.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

export const URL_OF = process.env.OUTDIAL_URL;
export const TOKEN = process.env.OUTDIAL_TOKEN;
export const PASSWORD = "correct horse battery";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = (...args) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", ...args],
  });

/** A window of its own, with its cookies. */
export const openContext = (browser, options = {}) =>
  browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });

/** A page, and what it complains of: an error, or something that its policy forbids. */
export async function openPage(context, complaints) {
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A no of the server is logged by the browser itself.
    if (message.type() === "error" && !/ 4(0[1349]|22) /.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return page;
}

export const api = async (path, options = {}) => {
  const answer = await fetch(URL_OF + path, {
    ...options,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
  });
  return answer.status === 204 ? null : answer.json();
};

/** A user's link, which lets in once. */
export const invite = async (name, role, agent = null) => {
  const body = JSON.stringify({ name, role, agent });
  return URL_OF + (await api("/v1/users", { method: "POST", body })).path;
};

/** Follows the link, and has a session. */
export const enter = async (page, link) => {
  await page.goto(link);
  await page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
};

export const signIn = async (page, name, password = PASSWORD) => {
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
};

/** No serious violation of the accessibility rules (axe). */
export const isAccessible = async (page, name) => {
  const { violations } = await page.evaluate(`${AXE}; axe.run()`);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const said = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  assert.deepEqual(said, [], name);
};

/** Asks again and again until the answer is a true one. */
export const until = async (ask, within = 30_000, every = 100) => {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < end, `not within ${within} ms: ${ask}`);
    await new Promise((done) => setTimeout(done, every));
  }
};
