// What both commands share: the corpus' lines, and a page in which nothing may run.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Of a list with more lines than this, as many are taken, evenly. */
const LINES_MAX = 420;
const LONGEST = 2_000;

/** Every line, once. Ends the command where the corpus is not there. */
export function corpus() {
  const folder =
    process.argv[2] ?? fileURLToPath(new URL("../../../../shared/corpus/dev/web-payloads", import.meta.url));
  if (!existsSync(folder)) {
    console.log(`skipped: ${folder} is not there`);
    process.exit(0);
  }
  const lists = readdirSync(folder).sort();
  const lines = (name) => {
    const all = readFileSync(`${folder}/${name}`, "utf8")
      .split(/\r?\n/)
      .filter((line) => line.trim() && line.length <= LONGEST);
    const apart = Math.max(1, Math.ceil(all.length / LINES_MAX));
    return all.filter((_, place) => place % apart === 0);
  };
  const payloads = [...new Set(lists.flatMap(lines))];
  console.log(`${payloads.length} lines of ${lists.length} lists`);
  return payloads;
}

/** What runs in the page, leads elsewhere, or is forbidden by its policy; filled as it happens. */
export function watch(page, home) {
  const ran = [];
  page.on("dialog", (dialog) => {
    ran.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => ran.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/.test(message.text())) ran.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== home && url.protocol !== "data:") ran.push(`request: ${request.url()}`);
  });
  page.on("popup", (popup) => ran.push(`popup: ${popup.url()}`));
  page.on("framenavigated", (frame) => {
    if (frame.parentFrame() || new URL(frame.url()).origin !== home) ran.push(`went to ${frame.url()}`);
  });
  return ran;
}

/** Area codes whose numbers 555-01XX are nobody's: the test carrier's rulebook lets no other be called. */
const AREAS =
  "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 219 224 225 228 229 231 234 239 240 248 251 " +
  "252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305";

/** The nth of them, 4,200 in all. */
export const number = (nth) =>
  `+1${AREAS.split(" ")[Math.floor(nth / 100)]}55501${String(nth % 100).padStart(2, "0")}`;
