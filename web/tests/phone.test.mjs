// An agent whose phone is the browser, with a tone for a microphone. Run by
// `cargo test --test wire an_agent_talks`, which starts a dialer whose carrier answers as persons:
//   OUTDIAL_URL=.. OUTDIAL_TOKEN=.. MICROPHONE=tone.wav node --test web/tests/phone.test.mjs

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, enter, invite, isAccessible, launch, openContext, openPage } from "./browser.mjs";

/** What the microphone hears, Hz. */
const TONE = 1_000;

let browser;
let page;
const complaints = [];
/** The page's way to the server for what is pushed, and whether it is cut. */
const wires = new Set();
let isCut = false;

before(async () => {
  browser = await launch(
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${process.env.MICROPHONE}`,
    "--autoplay-policy=no-user-gesture-required",
  );
  const context = await openContext(browser, { permissions: ["microphone"] });
  // A tone is noise to what makes a voice clear; and what the page hears is looked at.
  await context.addInitScript(() => {
    if (!navigator.mediaDevices) return;
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = ({ audio }) =>
      ask({
        audio: { ...audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...args) {
        super(...args);
        this.addEventListener("track", ({ track }) => (window.heard = new MediaStream([track])));
      }
    };
  });
  page = await openPage(context, complaints);
  await page.routeWebSocket("**/v1/ws*", (wire) => {
    if (isCut) return void wire.close({ code: 1001 });
    const server = wire.connectToServer();
    wires.add(wire);
    server.onClose(() => {
      wires.delete(wire);
      void wire.close({ code: 1001 });
    });
  });
});

after(async () => {
  await browser?.close();
  assert.deepEqual(complaints, []);
});

/** What the page hears for so long: how loud it was at the loudest, and the share of a tone in it. */
const hear = (milliseconds, hertz = TONE) =>
  page.evaluate(
    async ([milliseconds, hertz]) => {
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 4_096;
      context.createMediaStreamSource(window.heard).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let [loudest, share] = [0, 0];
      const end = performance.now() + milliseconds;
      while (performance.now() < end) {
        await new Promise((done) => setTimeout(done, 80));
        analyser.getFloatTimeDomainData(samples);
        let [real, imaginary, energy] = [0, 0, 1e-9];
        samples.forEach((sample, at) => {
          const angle = (2 * Math.PI * hertz * at) / context.sampleRate;
          real += sample * Math.cos(angle);
          imaginary += sample * Math.sin(angle);
          energy += sample * sample;
        });
        const rms = Math.sqrt(energy / samples.length);
        loudest = Math.max(loudest, rms);
        const tone = (2 * (real * real + imaginary * imaginary)) / (samples.length * energy);
        if (rms > 0.01) share = Math.max(share, tone);
      }
      await context.close();
      return { loudest, share };
    },
    [milliseconds, hertz],
  );

const status = () => page.getByRole("status", { name: "Phone in this browser" });
const isUp = () => status().getByText("connected", { exact: true }).waitFor();
const talking = () => page.getByRole("status").getByText("talking", { exact: true });
const call = async () => (await api("/v1/floor")).agents.find(({ id }) => id === 1)?.call;

test("an agent signs in and chooses this browser, a microphone and a speaker", async () => {
  await enter(page, await invite("ana", "agent", 1));
  await page.getByRole("radiogroup", { name: "Your phone" }).getByText("This browser").click();
  await isUp();
  await page.getByLabel("Microphone", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Speaker", { exact: true }).waitFor();
  const level = page.getByRole("progressbar", { name: "Level of the microphone" });
  await page.waitForFunction(
    (bar) => Number(bar?.getAttribute("aria-valuenow")) > 40,
    await level.elementHandle(),
  );
  await isAccessible(page, "phone");
});

test("what is said in the echo test comes back, and is silent without it", async () => {
  const quiet = await hear(800);
  assert.ok(quiet.loudest < 0.005, JSON.stringify(quiet));
  await page.getByRole("button", { name: "Echo test" }).click();
  await page.waitForTimeout(1_500);
  const echo = await hear(1_500);
  assert.ok(echo.share > 0.8, JSON.stringify(echo));
  await page.getByRole("button", { name: "End the echo test" }).click();
});

let first;

test("a person is heard in the browser", async () => {
  await page.getByRole("button", { name: "Log in with this browser" }).click();
  await page.getByRole("button", { name: "Ready" }).click();
  await talking().waitFor({ timeout: 30_000 });
  first = await call();
  const { loudest } = await hear(8_000);
  assert.ok(loudest > 0.02, String(loudest));
  console.log(`# the person's voice: ${loudest.toFixed(3)} of full scale`);
});

test("a page that is loaded again has its call and its voice back", async () => {
  await page.reload();
  const began = Date.now();
  await isUp();
  console.log(`# connected again ${Date.now() - began} ms after the page was there`);
  await talking().waitFor();
  await page.locator("section", { hasText: "What became of it?" }).waitFor();
  assert.equal(await call(), first);
  const { loudest } = await hear(8_000);
  assert.ok(loudest > 0.02, String(loudest));
});

test("a socket that is cut for ten seconds changes nothing for the two who talk", async () => {
  isCut = true;
  for (const wire of wires) await wire.close({ code: 1001 });
  await page.getByText("Connection lost: trying again. Calls go on.").waitFor();
  const { loudest } = await hear(10_000);
  assert.ok(loudest > 0.02, String(loudest));
  isCut = false;
  await page.getByText("live", { exact: true }).waitFor({ timeout: 15_000 });
  await talking().waitFor();
  assert.equal(await call(), first);
  complaints.splice(0);
});

test("the call ends, and what became of it lands", async () => {
  await page.getByRole("button", { name: "Hang up", exact: true }).click();
  await page.getByRole("status").getByText("wrap-up", { exact: true }).waitFor();
  await page.keyboard.press("1");
  await page.waitForFunction(async (first) => {
    const answer = await fetch("/v1/agents/1");
    return (await answer.json()).call !== first;
  }, first);
  let found;
  for (let tries = 0; !found?.disposition && tries < 50; tries += 1) {
    await page.waitForTimeout(200);
    found = (await api("/v1/calls")).calls?.find((one) => one.call === first);
  }
  assert.ok(found?.disposition, JSON.stringify(found));
  console.log(`# disposition: ${found.disposition}`);
});

test("a browser that is gone for good leaves its person to somebody else, and the agent is out", async () => {
  const pause = page.getByRole("button", { name: "Ready" });
  if (await pause.isEnabled()) await pause.click();
  await talking().waitFor({ timeout: 30_000 });
  await page.goto("about:blank");
  const isOut = ({ id, state }) => id !== 1 || state === "logged_out";
  const out = async () => (await api("/v1/floor")).agents.every(isOut);
  let waited = 0;
  while (!(await out()) && waited < 30_000) {
    await new Promise((done) => setTimeout(done, 250));
    waited += 250;
  }
  console.log(`# logged out ${waited} ms after the page was gone`);
  assert.ok(waited < 30_000, `still there after ${waited} ms`);
});
