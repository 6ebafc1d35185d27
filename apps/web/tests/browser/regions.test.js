// A screen with two views: which one was looked at, and the other one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { accessible, close, launch, open } from "./browser.js";
import { start } from "./server.js";

const [WIDTH, HEIGHT] = [200, 150];

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** An element of a DICOM in explicit little endian. */
function element(group, number, representation, value) {
  const isLong = ["OB", "SQ"].includes(representation);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(representation, 4);
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

const short = (group, number, value) => element(group, number, "US", Buffer.from([value, value >> 8]));

function long(number, value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return element(0x0018, number, "UL", bytes);
}

/** A 2D tissue region. */
function region(left) {
  const content = Buffer.concat([
    short(0x0018, 0x6012, 1),
    short(0x0018, 0x6014, 1),
    long(0x6018, left),
    long(0x601a, 0),
    long(0x601c, left + WIDTH - 1),
    long(0x601e, HEIGHT - 1),
  ]);
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** Two views beside each other. */
function dual() {
  const pixels = Buffer.from(
    Array.from({ length: 2 * WIDTH * HEIGHT }, (_, at) => 60 + ((at * 37) % 151)),
  );
  const buffer = Buffer.concat([
    element(0x0008, 0x0060, "CS", Buffer.from("US")),
    element(0x0018, 0x6011, "SQ", Buffer.concat([region(0), region(WIDTH)])),
    short(0x0028, 0x0002, 1),
    element(0x0028, 0x0004, "CS", Buffer.from("MONOCHROME2 ")),
    short(0x0028, 0x0010, HEIGHT),
    short(0x0028, 0x0011, 2 * WIDTH),
    short(0x0028, 0x0100, 8),
    short(0x0028, 0x0101, 8),
    short(0x0028, 0x0102, 7),
    element(0x7fe0, 0x0010, "OB", pixels),
  ]);
  return { name: "dual.dcm", mimeType: "application/dicom", buffer };
}

test("a screen with two views says which was looked at, and a button looks at the other", async () => {
  const page = await open(browser, server.url);
  await page.setInputFiles("#file", dual());
  const says = (words) => page.locator(`#region-words:visible:text-is("${words}")`).waitFor();

  await says("Region 1 of 2");
  const asked = page.waitForRequest((request) => request.url().includes("region=1"));
  await page.click("#next-region");
  await asked;
  await says("Region 2 of 2");
  await page.click("#copy-curl");
  await page.locator("#snippet:visible").waitFor();
  assert.match(await page.locator("#snippet").innerText(), /region=1/);
  await accessible(page);
  await page.click("#next-region");
  await says("Region 1 of 2");
  await close(page);
});

test("a picture with one view offers no other", async () => {
  const page = await open(browser, server.url, {});
  await page.click("a[data-sample]");
  await page.locator("#viewer.is-ready").waitFor();
  assert.equal(await page.locator("#next-region").isVisible(), false);
  await close(page);
});
