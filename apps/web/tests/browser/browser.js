// A headless browser, with pages that fail the test when anything is wrong on them.

import assert from "node:assert/strict";

import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** Starts the browser. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/**
 * A page of its own, with what the console complained about. `expected` are complaints that belong
 * to the test, such as the 422 that it provokes.
 */
export async function open(browser, url, { expected = [], ...options } = {}) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.complaints = [];
  // the last one is about our looking at the canvas
  const own = [...expected, "willReadFrequently"];
  const complain = (words) => {
    if (!own.some((it) => words.includes(it))) page.complaints.push(words);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(message.text());
  });
  page.on("pageerror", (error) => complain(error.stack));
  page.on("request", (request) => {
    const isOurs = ["data:", "blob:", new URL(url).origin].some((it) => request.url().startsWith(it));
    if (!isOurs) complain(`a request left the server: ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

/** Ends a page and says what was wrong on it. */
export async function close(page) {
  await page.context().close();
  assert.deepEqual(page.complaints, []);
}

/** Waits for the answer about the frame on the screen. */
export async function answered(page) {
  await page.locator("#viewer.is-ready").waitFor();
  return page.locator("#answer-words").innerText();
}

/** Opens a sample with a click. */
export async function openSample(page, name) {
  await page.click(`.samples a[data-sample="${name}"]`);
  return answered(page);
}

/** The area on the screen, in pixels. */
export async function area(page) {
  return Number((await page.locator("#area").innerText()).replace(/\D/g, ""));
}

/** Moves a slider as a hand or a key would. */
export async function slide(page, id, value) {
  await page.locator(`#${id}`).fill(String(value));
}

/** Presses one of the segmented buttons: an overlay, or a way to compare. */
export async function choose(page, value) {
  await page.locator(`input[type="radio"][value="${value}"]`).check();
}

/** Colour of a point of the picture on the canvas: `[red, green, blue]`. */
export function colour(page, x, y) {
  return page.evaluate(
    async ([x, y]) => {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const canvas = document.getElementById("canvas");
      const at = [x * canvas.width, y * canvas.height].map(Math.round);
      return [...canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3)];
    },
    [x, y],
  );
}

/** No violation of WCAG 2.2 AA, nor of what axe calls best practice. */
export async function accessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const words = violations.map(({ id, nodes }) => `${id}: ${nodes.map((it) => it.html).join(" ")}`);
  assert.deepEqual(words, []);
}

/** Nothing sticks out to the right. */
export async function fits(page) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window}`);
}
