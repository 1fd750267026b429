// What carriers and callers write stays text: every line of the corpus' injection lists as the display name and
// the user of From, as the phrase of a response, and in Reason, Warning, Server, Contact and
// P-Asserted-Identity, against an `outdial serve` of this command's own.
//   cargo build; node web/tests/injection/sip.mjs [FOLDER]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { binary } from "../demo.mjs";
import { corpus, number, watch } from "./watch.mjs";

const payloads = corpus();
const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/outdial-`);

const carrier = await bound();
const [trunks, phones] = await Promise.all([freePort(), freePort()]);
mkdirSync(`${folder}/campaigns`);
copyFileSync(`${root}/campaigns/safe-harbour.wav`, `${folder}/campaigns/message.wav`);
const common = `country = "US"
caller_ids = ["+18005550199"]
trunks = ["carrier"]
rulebooks = ["test-carrier"]
message = "message.wav"
`;
writeFileSync(
  `${folder}/campaigns/spring.toml`,
  `${common}attempts_max = 1\n[pacing]\nmode = "broadcast"\ncalls_per_minute = 3000\nlines_max = 100\n`,
);
writeFileSync(`${folder}/campaigns/help.toml`, `${common}[pacing]\nmode = "inbound"\n`);
writeFileSync(
  `${folder}/outdial.toml`,
  `[data]
dir = "data"
[api]
listen = "127.0.0.1:0"
[sip]
trunk_bind = "127.0.0.1:${trunks}"
agent_bind = "127.0.0.1:${phones}"
[trunks.carrier]
address = "127.0.0.1:${carrier.address().port}"
[[inbound]]
number = "+12015550100"
campaign = "help"
`,
);
const server = spawn(binary(), ["serve", "--config", "outdial.toml"], { cwd: folder });
let said = "";
for (const pipe of [server.stdout, server.stderr]) pipe.on("data", (text) => (said += text));
process.on("exit", () => server.kill("SIGKILL"));
const read = async (name) => {
  for (let tries = 0; tries < 300 && server.exitCode === null; tries += 1) {
    const path = `${folder}/data/${name}`;
    if (existsSync(path) && readFileSync(path, "utf8").trim()) return readFileSync(path, "utf8").trim();
    await sleep(100);
  }
  throw new Error(said);
};
process.env.OUTDIAL_URL = await read("api.url");
process.env.OUTDIAL_TOKEN = await read("api.token");
const { api, enter, invite, launch, openContext, until } = await import("../browser.mjs");

/** In a quoted string of SIP (RFC 3261 §25.1), and in the rest of a line: without what ends it. */
const quoted = (text) => `"${text.replaceAll(/[\\"]/g, "\\$&").replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, " ")}"`;
const plain = (text) => text.replaceAll(/[\x00-\x1f\x7f]/g, " ");
const user = (text) => encodeURIComponent(text.slice(0, 60).toWellFormed()).replaceAll("'", "%27");

// The carrier turns every call away, with a payload wherever there is room for one.
let turned = 0;
let answered = 0;
carrier.on("message", (packet, from) => {
  const text = packet.toString();
  const line = payloads[turned % payloads.length];
  const say = (bytes) => carrier.send(Buffer.from(bytes), from.port, from.address);
  if (text.startsWith("INVITE ")) {
    turned += 1;
    say(response(text, `486 ${plain(line).slice(0, 200)}`, hostile(line)));
  } else if (text.startsWith("OPTIONS ") || text.startsWith("BYE ")) {
    say(response(text, "200 OK", []));
  } else if (text.startsWith("SIP/2.0 ")) {
    if (/^CSeq: *\d+ INVITE/m.test(text) && Number(text.slice(8, 11)) >= 180) answered += 1;
    if (/^CSeq: *\d+ INVITE/m.test(text) && Number(text.slice(8, 11)) >= 200) say(ack(text));
  }
});

const hostile = (line) => [
  `Reason: Q.850;cause=17;text=${quoted(line)}`,
  `Warning: 399 example.com ${quoted(line)}`,
  `Server: ${plain(line)}`,
  `Contact: ${quoted(line)} <sip:${user(line)}@127.0.0.1>`,
];

const leads = payloads.map((_, nth) => number(nth)).join("\n");
const took = await fetch(`${process.env.OUTDIAL_URL}/v1/campaigns/spring/leads`, {
  method: "POST",
  body: `phone\n${leads}\n`,
  headers: { Authorization: `Bearer ${process.env.OUTDIAL_TOKEN}`, "Content-Type": "text/csv" },
});
assert.equal(took.status, 200, await took.clone().text());
for (const name of ["help", "spring"]) await api(`/v1/campaigns/${name}/start`, { method: "POST" });

// And calls come in, from people with such names.
for (const [nth, line] of payloads.entries()) {
  const call = `in-${nth}@test`;
  const invite = [
    "INVITE sip:+12015550100@127.0.0.1 SIP/2.0",
    `Via: SIP/2.0/UDP 127.0.0.1:${carrier.address().port};branch=z9hG4bK${nth};rport`,
    "Max-Forwards: 70",
    `From: ${quoted(line)} <sip:${nth % 2 ? user(line) : `+1310${2_000_000 + nth}`}@127.0.0.1>;tag=t${nth}`,
    "To: <sip:+12015550100@127.0.0.1>",
    `Call-ID: ${call}`,
    "CSeq: 1 INVITE",
    `P-Asserted-Identity: ${quoted(line)} <sip:+1310${2_000_000 + nth}@127.0.0.1>`,
    `Subject: ${plain(line)}`,
    `User-Agent: ${plain(line)}`,
    ...hostile(line).filter((header) => !header.startsWith("Server")),
    "Content-Length: 0",
  ];
  carrier.send(Buffer.from(`${invite.join("\r\n")}\r\n\r\n`), trunks, "127.0.0.1");
  await sleep(5);
  const cancel = [
    "CANCEL sip:+12015550100@127.0.0.1 SIP/2.0",
    ...invite.slice(1, 6),
    "CSeq: 1 CANCEL",
    ...hostile(line).slice(0, 1),
    "Content-Length: 0",
  ];
  await sleep(15);
  carrier.send(Buffer.from(`${cancel.join("\r\n")}\r\n\r\n`), trunks, "127.0.0.1");
}
await until(() => turned >= payloads.length || server.exitCode !== null, 240_000).catch(() => {});
await sleep(3_000);
assert.equal(server.exitCode, null, said);
console.log(`${turned} calls turned away; ${answered} answers to ${payloads.length} that came in`);

// What of it is told by the API, and what the pages make of it.
let calls = [];
for (let after = null; ; ) {
  const found = await api(`/v1/calls?limit=500${after ? `&after=${after}` : ""}`);
  calls = calls.concat(found.calls);
  after = found.next;
  if (!after) break;
}
const markup = calls.filter((call) => /<\w|javascript:/i.test(JSON.stringify({ ...call, sip_call_id: null })));
console.log(`${calls.length} calls in the books; with markup of the carrier's in them: ${markup.length}`);
const browser = await launch();
const page = await (await openContext(browser)).newPage();
const link = await invite("root", "administrator");
const ran = watch(page, new URL(link).origin);
await enter(page, link);
await page.getByRole("tab", { name: "Calls" }).waitFor();
let shown = 0;
for (const name of ["Floor", "Calls", "Leads", "Trunks", "Audit", "Do not call", "Campaigns"]) {
  await page.getByRole("tab", { name, exact: true }).click();
  await page.waitForTimeout(700);
  for (let pages = 0; name === "Calls" && pages < 50; pages += 1) {
    const more = page.getByRole("button", { name: "More" });
    if (!(await more.isVisible())) break;
    await more.click();
    await page.waitForTimeout(60);
  }
  shown += await page.locator("td").count();
}
await browser.close();
console.log(`${shown} cells shown; what ran, was asked for or forbidden: ${ran.length}`);
for (const line of [...ran, ...markup.map((call) => JSON.stringify(call))].slice(0, 10)) console.error(line);
const ended = new Promise((done) => server.on("exit", done));
server.kill("SIGTERM");
const status = await ended;
console.log(`the server ends with status ${status}`);
carrier.close();
if (status !== 0) console.error(said.slice(-4_000));
rmSync(folder, { recursive: true, force: true });
process.exit(ran.length + markup.length + status > 0 ? 1 : 0);

function sleep(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

async function bound() {
  const socket = createSocket("udp4");
  await new Promise((up) => socket.bind(0, "127.0.0.1", up));
  return socket;
}

async function freePort() {
  const socket = await bound();
  const { port } = socket.address();
  await new Promise((down) => socket.close(down));
  return port;
}

/** The headers that an answer copies (RFC 3261 §8.2.6.2). */
function response(request, status, besides) {
  const copied = request
    .split("\r\n")
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
    .map((line) => (/^To:/i.test(line) && !/;tag=/.test(line) ? `${line};tag=carrier` : line));
  return `${[`SIP/2.0 ${status}`, ...copied, ...besides, "Content-Length: 0"].join("\r\n")}\r\n\r\n`;
}

/** For a final answer that is a no (RFC 3261 §17.1.1.3). */
function ack(answer) {
  const header = (name) => answer.split("\r\n").find((line) => new RegExp(`^${name}:`, "i").test(line));
  const lines = ["Via", "From", "To", "Call-ID"].map(header);
  return `${["ACK sip:+12015550100@127.0.0.1 SIP/2.0", ...lines, "CSeq: 1 ACK", "Content-Length: 0"].join("\r\n")}\r\n\r\n`;
}
