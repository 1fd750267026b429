// The desk by the keyboard alone, each of its cards looked at by axe. Run by
// `cargo test --test wire by_keyboard_alone`, which starts a dialer whose carrier answers as persons:
//   OUTDIAL_URL=.. OUTDIAL_TOKEN=.. node --test web/tests/keys.test.mjs

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, invite, isAccessible, launch, openContext, openPage, PASSWORD, until } from "./browser.mjs";

let browser;
let page;
const complaints = [];

before(async () => {
  browser = await launch();
  page = await openPage(await openContext(browser), complaints);
  // A click, from wherever, is a failure.
  await page.addInitScript(() => {
    addEventListener("pointerdown", () => console.error("a pointer was used"), true);
  });
});

after(async () => {
  await browser?.close();
  assert.deepEqual(complaints, []);
});

/** Goes from one to the next by Tab until it is there. */
const tabTo = async (what, key = "Tab") => {
  const target = what.first();
  await target.waitFor();
  for (let tries = 0; tries < 120; tries += 1) {
    if (await target.evaluate((it) => it === document.activeElement || it.contains(document.activeElement))) return;
    await page.keyboard.press(key);
  }
  assert.fail(`no way to ${what} by Tab`);
};
const press = async (what) => {
  await tabTo(what);
  await page.keyboard.press("Enter");
};
const button = (name) => page.getByRole("button", { name, exact: true });
const textbox = (name) => page.getByRole("textbox", { name });
const state = (name) => page.getByRole("status").getByText(name, { exact: true }).waitFor({ timeout: 30_000 });
const hand = () => page.locator("section[aria-label='Hand on']");
const present = async () => (await api("/v1/floor")).agents.find(({ id }) => id === 1)?.call;

test("the link, a password, a session", async () => {
  await page.goto(await invite("ana", "agent", 1));
  await tabTo(textbox("New password"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Desk" }).waitFor();
});

test("log in, ready, and a person is there", async () => {
  await isAccessible(page, "logged out");
  await press(button("Log in: my phone rings"));
  await state("paused");
  await isAccessible(page, "paused");
  await page.keyboard.press("Alt+r");
  await state("talking");
  await page.locator("section[aria-label='What became of it?']").waitFor();
  await isAccessible(page, "talking");
});

test("mute, hold, keys", async () => {
  const chosen = (name) => page.getByRole("radio", { name, checked: true }).waitFor({ state: "attached" });
  await page.keyboard.press("Alt+m");
  await chosen("Mute (Alt+M)");
  await page.keyboard.press("Alt+m");
  await page.keyboard.press("Alt+o");
  await chosen("Hold (Alt+O)");
  await page.keyboard.press("Alt+o");
  await tabTo(page.getByRole("textbox", { name: /^Keys/ }));
  await page.keyboard.type("12#");
  await page.keyboard.press("Enter");
  await until(async () => (await page.getByRole("textbox", { name: /^Keys/ }).inputValue()) === "");
});

test("an outside number is asked, all three talk, and the person is back", async () => {
  await tabTo(hand().getByRole("textbox", { name: "Outside number" }));
  await page.keyboard.type("+12015550142");
  await isAccessible(page, "hand on");
  await page.keyboard.press("Alt+c");
  await hand().getByText(/the person hears music/).waitFor();
  await isAccessible(page, "asked first");
  await page.waitForTimeout(1_500);
  await page.keyboard.press("Alt+j");
  await hand().getByText(/All three talk:/).waitFor();
  await isAccessible(page, "all three");
  await page.keyboard.press("Alt+b");
  await hand().getByRole("textbox", { name: "Outside number" }).waitFor();
  await state("talking");
});

test("what cannot be done is said", async () => {
  await tabTo(hand().getByRole("textbox", { name: "Outside number" }));
  await page.keyboard.type("12");
  await page.keyboard.press("Alt+t");
  await page.getByRole("alert").waitFor();
  await isAccessible(page, "refused");
  await press(page.getByRole("alert").getByRole("button"));
  await press(button("Leave the message"));
  await page.getByText(/no message for machines/).waitFor();
  await press(page.getByRole("alert").getByRole("button"));
  await state("talking");
});

test("a call is parked and taken up again", async () => {
  const call = await present();
  await page.keyboard.press("Alt+k");
  await state("wrap-up");
  const parked = page.getByRole("button", { name: new RegExp(`Take call ${call} up`) });
  await parked.waitFor();
  await isAccessible(page, "parked");
  await press(parked);
  await state("talking");
  assert.equal(await present(), call);
});

test("the call ends, a note is written, and a key says what became of it", async () => {
  const call = await present();
  await page.keyboard.press("Alt+h");
  await state("wrap-up");
  await button("Call again").waitFor();
  await isAccessible(page, "wrap-up");
  await tabTo(textbox("Note"));
  await page.keyboard.type("wants the brochure, 1 copy");
  await page.keyboard.press("Tab");
  await tabTo(page.locator("section[aria-label='What became of it?']").getByRole("button"));
  await page.keyboard.press("2");
  const record = await until(async () =>
    (await api("/v1/calls")).calls.find((one) => one.call === call && one.disposition),
  );
  assert.equal(record.note, "wants the brochure, 1 copy");
});

test("pause and log out", async () => {
  await page.keyboard.press("Alt+p");
  await page.waitForTimeout(500);
  if (await present()) {
    await page.keyboard.press("Alt+h");
    await state("wrap-up");
    await page.keyboard.press("1");
  }
  await state("paused");
  await press(button("Log out"));
  await state("logged out");
});
