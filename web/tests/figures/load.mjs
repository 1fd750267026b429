// What a browser that was never here loads before it shows the floor.

import { enter, invite, launch, openContext } from "../browser.mjs";

export async function figure() {
  const browser = await launch();
  const before = await openContext(browser);
  const page = await before.newPage();
  await enter(page, await invite("root", "administrator"));
  await page.getByRole("heading", { name: "demo" }).waitFor();
  const signedIn = await before.storageState();

  const fresh = await (await openContext(browser, { storageState: signedIn })).newPage();
  const network = await fresh.context().newCDPSession(fresh);
  const asked = new Map();
  await network.send("Network.enable");
  network.on("Network.responseReceived", ({ requestId, response }) => {
    const encoding = response.headers["content-encoding"] ?? response.headers["Content-Encoding"];
    asked.set(requestId, { path: new URL(response.url).pathname, encoding, bytes: 0 });
  });
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const one = asked.get(requestId);
    if (one) one.bytes = encodedDataLength;
  });
  const began = Date.now();
  await fresh.goto(new URL("/floor", page.url()).href);
  await fresh.getByRole("heading", { name: "demo" }).waitFor();
  const took = Date.now() - began;
  await fresh.waitForTimeout(2_000);
  let all = 0;
  for (const { path, encoding, bytes } of asked.values()) {
    all += bytes;
    console.log(`${String(bytes).padStart(8)} bytes  ${encoding ?? "as it is"}  ${path}`);
  }
  console.log(`first load: ${(all / 1_000).toFixed(0)} kB as sent, headers too; shown after ${took} ms`);
  await browser.close();
}
