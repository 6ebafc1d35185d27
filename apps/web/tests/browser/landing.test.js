// The first page: what it weighs, what it offers, what it looks like.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PHONE, accessible, close, fits, launch, open, openSample } from "./browser.js";
import { start } from "./server.js";

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("page, style and scripts weigh at most 150 KB uncompressed", async () => {
  const page = await open(browser, server.url);
  await page.locator("#hero .outline").waitFor();
  const parts = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter(({ name }) => /\.(js|css)(\?|$)/.test(name))
      .map(({ name, decodedBodySize }) => ({ name, decodedBodySize })),
  );
  const html = await (await fetch(server.url)).text();
  const total = parts.reduce((sum, part) => sum + part.decodedBodySize, html.length);
  assert.ok(parts.length > 10, "style and scripts are counted");
  assert.ok(total <= 150_000, `${total} bytes`);
  await close(page);
});

test("it says what it is for and what not, with a way to the model card", async () => {
  const page = await open(browser, server.url);
  await page.getByText("Research use only, not for clinical use").first().waitFor();
  await page.click("nav >> text=Model card");
  assert.equal(await page.locator("h1").innerText(), "Model card");
  await close(page);
});

test("a sample is one click away and the way back is the browser's own", async () => {
  const page = await open(browser, server.url);
  const words = await openSample(page, "neck.png");
  assert.match(words, /^(Nerve found|No nerve found|Unsure: ask a human)$/);
  assert.equal(await page.locator("#file-name").innerText(), "neck.png");
  await page.goBack();
  await page.locator("#landing").waitFor();
  assert.ok(await page.locator("#viewer").isHidden());
  await close(page);
});

test("every sample gets an answer", async () => {
  const page = await open(browser, server.url);
  const names = await page.locator(".samples a[data-sample]").evaluateAll((links) =>
    links.map((link) => link.dataset.sample),
  );
  assert.ok(names.length >= 3);
  for (const name of names) {
    await openSample(page, name);
    assert.ok(await page.locator("#problem").isHidden(), name);
    await page.click("#back");
    await page.locator("#landing").waitFor();
  }
  await close(page);
});

for (const [name, options] of Object.entries({
  desktop: {},
  dark: { colorScheme: "dark" },
  phone: PHONE,
  "phone, dark": { ...PHONE, colorScheme: "dark" },
})) {
  test(`axe finds nothing on any page: ${name}`, async () => {
    for (const path of ["/", "/model", "/api", "/no-such-page"]) {
      const expected = ["404"];
      const page = await open(browser, server.url + path, { ...options, expected });
      await accessible(page);
      await fits(page);
      await close(page);
    }
  });
}

test("the dark page is dark", async () => {
  const brightness = async (colorScheme) => {
    const page = await open(browser, server.url, { colorScheme });
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await close(page);
    return Math.max(...colour.match(/\d+/g).map(Number));
  };
  assert.ok((await brightness("light")) > 200);
  assert.ok((await brightness("dark")) < 60);
});

test("a page that does not exist says so in the style of the others", async () => {
  const page = await open(browser, `${server.url}/no-such-page`, { expected: ["404"] });
  assert.equal(await page.locator(".lost .code").innerText(), "404");
  await page.click("text=Back to the start");
  await page.locator("#upload").waitFor();
  await close(page);
});

test("nothing moves for those who asked for less motion", async () => {
  const page = await open(browser, server.url, { reducedMotion: "reduce" });
  await openSample(page, "neck.png");
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
  await close(page);
});
