// Ways in: choose, drop, paste, several at once.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { answered, area, close, launch, open } from "./browser.js";
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

/** A file of the page's own, as drop and paste have it. */
async function transfer(page, name) {
  const bytes = (await readFile(sample(name))).toString("base64");
  return page.evaluateHandle(
    ([name, base64]) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name));
      return data;
    },
    [name, bytes],
  );
}

test("a chosen file shows the area that the API says", async () => {
  const page = await open(browser, server.url);
  await page.setInputFiles("#file", sample("neck.png"));
  await answered(page);
  const { area_px: expected } = await ask(server.url, sample("neck.png"));
  assert.equal(await area(page), expected);
  await close(page);
});

test("a file dropped anywhere on the page is taken", async () => {
  const page = await open(browser, server.url);
  const dataTransfer = await transfer(page, "collarbone.png");
  await page.dispatchEvent("footer", "dragover", { dataTransfer });
  assert.ok(await page.evaluate(() => document.documentElement.matches(".dragging")));
  await page.dispatchEvent("footer", "drop", { dataTransfer });
  await answered(page);
  assert.equal(await page.locator("#file-name").innerText(), "collarbone.png");
  await close(page);
});

test("a pasted picture is taken", async () => {
  const page = await open(browser, server.url);
  const clipboardData = await transfer(page, "armpit.png");
  await page.evaluate((clipboardData) => {
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, clipboardData);
  await answered(page);
  assert.equal(await page.locator("#file-name").innerText(), "armpit.png");
  await close(page);
});

test("several files become a strip, and another file replaces them", async () => {
  const page = await open(browser, server.url);
  await page.setInputFiles("#file", ["neck.png", "collarbone.png", "armpit.png"].map(sample));
  await answered(page);
  assert.equal(await page.locator("#filmstrip li").count(), 3);
  await page.locator("#filmstrip button").nth(2).click();
  await answered(page);
  assert.equal(await page.locator("#file-name").innerText(), "armpit.png");
  await page.setInputFiles("#file", sample("neck.png"));
  await page.locator("#sequence").waitFor({ state: "hidden" });
  await answered(page);
  assert.equal(await page.locator("#file-name").innerText(), "neck.png");
  await close(page);
});
