// What the page says when the server refuses, is busy, or is gone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { accessible, answered, close, launch, open } from "./browser.js";
import { sample, start, startAt } from "./server.js";

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

/** A server of the test's own, stopped after it; the first argument may be an address. */
async function serve(context, ...flags) {
  const isAddress = flags[0]?.startsWith("http");
  const server = await (isAddress ? startAt : start)(...flags);
  context.after(server.stop);
  return server;
}

const NOTES = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };

test("a file that is no image is refused in the server's words, and the page goes on", async (context) => {
  const server = await serve(context);
  const page = await open(browser, server.url, { expected: ["415", "422"] });
  await page.setInputFiles("#file", NOTES);
  const problem = page.locator("#problem");
  await problem.waitFor();
  assert.ok((await problem.locator("p").innerText()).length > 20);
  assert.ok(await page.locator("#landing").isVisible());
  await accessible(page);
  await page.setInputFiles("#file", sample("neck.png"));
  await answered(page);
  assert.ok(await problem.isHidden());
  await close(page);
});

test("one bad file of several fails alone", async (context) => {
  const server = await serve(context);
  const page = await open(browser, server.url, { expected: ["415", "422"] });
  const good = { name: "good.png", buffer: await readFile(sample("neck.png")), mimeType: "" };
  await page.setInputFiles("#file", [good, NOTES]);
  await answered(page);
  const state = (index) => page.locator("#filmstrip .state").nth(index);
  await state(1).getByText("failed").waitFor();
  assert.equal(await state(0).innerText(), "nerve");
  await page.locator("#filmstrip button").nth(1).click();
  await page.locator("#problem").waitFor();
  await page.locator("#filmstrip button").nth(0).click();
  await page.locator("#problem").waitFor({ state: "hidden" });
  await close(page);
});

test("a busy server is waited for, and said to be busy meanwhile", async (context) => {
  const server = await serve(context, "--queue", "1");
  const page = await open(browser, server.url, { expected: ["503"] });
  const body = await readFile(sample("neck.png"));
  let isBusy = true;
  context.after(() => (isBusy = false));
  const flood = Array.from({ length: 12 }, async () => {
    while (isBusy) {
      const response = await fetch(`${server.url}/api/v1/segment`, { method: "POST", body });
      await response.arrayBuffer();
    }
  });
  const over = Promise.allSettled(flood);
  const problem = page.locator("#problem");
  let words = "";
  for (let tries = 0; tries < 20 && !words; tries++) {
    await page.setInputFiles("#file", sample("neck.png"));
    await page.locator("#problem:not([hidden]), #viewer.is-ready").first().waitFor();
    if (await problem.isVisible()) words = await problem.locator("p").innerText();
  }
  isBusy = false;
  await over;
  assert.match(words, /busy/i);
  await answered(page);
  assert.ok(await problem.isHidden());
  await close(page);
});

test("a client that asks too often is told when to go on", async (context) => {
  const server = await serve(context, "--rate-limit", "1");
  const page = await open(browser, server.url, { expected: ["429"] });
  await page.setInputFiles("#file", sample("neck.png"));
  await page.setInputFiles("#file", sample("collarbone.png"));
  const problem = page.locator("#problem");
  await problem.waitFor();
  assert.match(await problem.locator("p").innerText(), /Trying again in \d+ s/);
  await close(page);
});

test("a server that is gone is said to be gone, and found again", async (context) => {
  const server = await serve(context);
  const page = await open(browser, server.url, { expected: ["ERR_CONNECTION", "ERR_EMPTY"] });
  await server.stop();
  await page.setInputFiles("#file", sample("neck.png"));
  const problem = page.locator("#problem");
  await problem.getByText("The server cannot be reached").waitFor();

  await serve(context, server.url);
  await problem.getByRole("button", { name: "Try again" }).click();
  await answered(page);
  await close(page);
});
