// Without JavaScript the form and the samples still give an answer.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { close, fits, launch, open, PHONE } from "./browser.js";
import { ask, sample, start } from "./server.js";

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const NO_SCRIPT = { javaScriptEnabled: false };

async function shows(page, answer) {
  const words = await page.locator(".result").innerText();
  assert.match(words, /Nerve found/);
  assert.match(words, new RegExp(`\\b${answer.area_px} px`));
  const picture = page.locator(".result img");
  assert.ok((await picture.getAttribute("src")).startsWith("data:image/png;base64,"));
  assert.equal(await picture.getAttribute("width"), String(answer.width));
}

test("the form is posted and the overlay comes back", async () => {
  const page = await open(browser, server.url, NO_SCRIPT);
  await page.setInputFiles("#file", sample("neck.png"));
  await page.click("text=Find the nerve");
  await shows(page, await ask(server.url, sample("neck.png")));
  assert.match(await page.locator(".result").innerText(), /neck\.png/);
  await close(page);
});

test("a sample is one click", async () => {
  const page = await open(browser, server.url, { ...NO_SCRIPT, ...PHONE });
  await page.click('.samples a[data-sample="neck.png"]');
  await shows(page, await ask(server.url, sample("neck.png")));
  await close(page);
});

test("nothing is offered that needs JavaScript", async () => {
  const page = await open(browser, server.url, NO_SCRIPT);
  assert.ok(await page.locator("#viewer").isHidden());
  assert.ok(await page.getByText("Drop an image here").isHidden());
  assert.ok(await page.locator("button:visible", { hasText: "Find the nerve" }).isEnabled());
  await close(page);
});

test("a file that is no image gets a page that says so", async () => {
  const page = await open(browser, server.url, { ...NO_SCRIPT, expected: ["4"] });
  const file = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };
  await page.setInputFiles("#file", file);
  await page.click("text=Find the nerve");
  assert.match(await page.locator(".lost .code").innerText(), /^4\d\d$/);
  await page.locator("text=Back to the start").waitFor();
  await close(page);
});
