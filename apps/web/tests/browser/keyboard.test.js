// Without a mouse: from the first Tab to a saved mask.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answered, area, close, launch, open, openSample } from "./browser.js";
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

/** Presses Tab until something is focused, and checks on the way that the focus can be seen. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const [isThere, isSeen, what] = await page.evaluate((selector) => {
      const element = document.activeElement;
      // the drop zone and the segmented buttons draw the outline around an invisible input
      const around = [element, element.closest(".drop"), element.nextElementSibling];
      const isOutlined = (it) => it && getComputedStyle(it).outlineStyle !== "none";
      return [element.matches(selector), around.some(isOutlined), element.outerHTML.slice(0, 120)];
    }, selector);
    assert.ok(isSeen, `focus cannot be seen on ${what}`);
    if (isThere) return;
  }
  assert.fail(`Tab does not lead to ${selector}`);
}

test("a sample is opened, changed and saved with keys alone", async () => {
  const page = await open(browser, server.url);
  await tabTo(page, '.samples a[data-sample="neck.png"]');
  await page.keyboard.press("Enter");
  assert.equal(await answered(page), "Nerve found");
  assert.equal(await page.evaluate(() => document.activeElement.id), "canvas");

  await tabTo(page, "#threshold");
  const before = await area(page);
  for (let presses = 0; presses < 20; presses++) await page.keyboard.press("ArrowLeft");
  assert.ok((await area(page)) > before);

  await tabTo(page, '[name="overlay"]');
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.locator('[value="contour"]').isChecked());

  await tabTo(page, "#save-mask");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.keyboard.press("Enter"),
  ]);
  assert.equal(download.suggestedFilename(), "neck-mask.png");
  await close(page);
});

test("the drop zone opens the file chooser with a key", async () => {
  const page = await open(browser, server.url);
  // asked for early, so that the browser hands choosers over before there is one
  const chooser = page.waitForEvent("filechooser");
  await tabTo(page, "#file");
  await page.keyboard.press("Enter");
  assert.ok((await chooser).isMultiple());
  await close(page);
});

test("single keys change the view, and can be switched off", async () => {
  const page = await open(browser, server.url);
  await openSample(page, "neck.png");
  const isChecked = (value) => page.locator(`[value="${value}"]`).isChecked();
  await page.keyboard.press("3");
  assert.ok(await isChecked("heat"));
  await page.keyboard.press("s");
  assert.ok(await isChecked("side"));
  await page.keyboard.press("w");
  assert.ok(await isChecked("swipe"));
  await page.keyboard.press("w");
  assert.ok(await isChecked("single"));
  await page.keyboard.press("]");
  assert.match(await page.locator("#live").innerText(), /^Threshold .*, area \d+ pixels$/);

  await page.keyboard.press("?");
  await page.locator("#keys").waitFor();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("1");
  assert.ok(await isChecked("heat"), "keys are off");
  await close(page);
});

test("arrows move the cursor and the read-out is spoken", async () => {
  const page = await open(browser, server.url);
  await openSample(page, "neck.png");
  const said = async () => (await page.locator("#live").innerText()).match(/x (\d+), y (\d+)/);
  await page.keyboard.press("ArrowRight");
  const [, x, y] = (await said()).map(Number);
  await page.keyboard.press("Shift+ArrowDown");
  assert.deepEqual((await said()).slice(1).map(Number), [x, y + 10]);
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await page.keyboard.press("ArrowLeft");
  assert.deepEqual((await said()).slice(1).map(Number), [x - 1, y + 10]);
  await close(page);
});

test("the answer is announced", async () => {
  const page = await open(browser, server.url);
  await openSample(page, "neck.png");
  await page.waitForFunction(() =>
    /^neck\.png: Nerve found\. Presence .* Area \d+ pixels\.$/.test(
      document.getElementById("live").textContent,
    ),
  );
  await close(page);
});
