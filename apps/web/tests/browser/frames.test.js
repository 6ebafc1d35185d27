// A clip: strip, play, step, seek, the chart of areas.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { PHONE, accessible, close, fits, launch, open, openSample, slide } from "./browser.js";
import { ask, sample, start } from "./server.js";

const FRAMES = 9;

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openClip(options) {
  const page = await open(browser, server.url, options);
  await openSample(page, "phantom-clip.dcm");
  await allDone(page, FRAMES);
  return page;
}

/** Waits until so many frames have an answer. */
async function allDone(page, count) {
  await page.waitForFunction((count) => {
    const states = [...document.querySelectorAll("#filmstrip .state")];
    return states.length === count && states.every((it) => it.querySelector("svg"));
  }, count);
}

const curveOf = (page) => page.locator("#chart .curve").getAttribute("d");

const position = (page) => page.locator("#position").innerText();

test("every frame of the clip is fetched and has the server's own answer", async () => {
  const page = await openClip();
  assert.equal(await page.locator("#filmstrip li").count(), FRAMES);
  await page.locator("#filmstrip button").nth(4).click();
  const answer = await ask(server.url, sample("phantom-clip.dcm"), "?frame=4");
  assert.equal(await position(page), `5 of ${FRAMES}`);
  const area = (await page.locator("#area").innerText()).replace(/\D/g, "");
  assert.equal(Number(area), answer.area_px);
  await close(page);
});

test("the area is in mm² too, for the file says how large a pixel is", async () => {
  const page = await openClip();
  const answer = await ask(server.url, sample("phantom-clip.dcm"));
  assert.deepEqual(answer.spacing_mm, [0.1, 0.1]);
  assert.match(await page.locator("#area-mm2").innerText(), /mm²$/);
  await close(page);
});

test("step, seek and chart lead to the same frame", async () => {
  const page = await openClip();
  assert.equal(await position(page), `1 of ${FRAMES}`);
  assert.ok(await page.locator("#previous").isDisabled());
  await page.click("#next");
  await page.keyboard.press(".");
  assert.equal(await position(page), `3 of ${FRAMES}`);
  await page.keyboard.press(",");
  assert.equal(await position(page), `2 of ${FRAMES}`);
  await slide(page, "seek", 7);
  assert.equal(await position(page), `7 of ${FRAMES}`);
  const { width } = await page.locator("#chart").boundingBox();
  await page.click("#chart", { position: { x: width - 1, y: 20 } });
  assert.equal(await position(page), `${FRAMES} of ${FRAMES}`);
  assert.ok(await page.locator("#next").isDisabled());
  await close(page);
});

test("it plays, and pauses where it is", async () => {
  const page = await openClip();
  await page.click("#play");
  assert.equal(await page.locator("#play").getAttribute("aria-label"), "Pause");
  await page.waitForFunction(() => /^[3-9]/.test(document.getElementById("position").innerText));
  await page.click("#play");
  const stopped = await position(page);
  await page.waitForTimeout(400);
  assert.equal(await position(page), stopped);
  await close(page);
});

test("the chart follows the threshold and says it in words", async () => {
  const page = await open(browser, server.url);
  await page.setInputFiles("#file", ["neck.png", "phantom-empty.png", "neck.png"].map(sample));
  await allDone(page, 3);
  const words = page.locator("#chart-words");
  const [said, curve] = [await words.innerText(), await curveOf(page)];
  const { area_px: area } = await ask(server.url, sample("neck.png"));
  assert.equal(said.match(/^Largest ([\d\u202f]+) px in frame 1;/)[1].replace(/\D/g, ""), String(area));

  await slide(page, "threshold", 0.9);
  await page.waitForFunction((old) => document.getElementById("chart-words").innerText !== old, said);
  await page.click("#threshold-reset");
  await page.waitForFunction((old) => document.getElementById("chart-words").innerText === old, said);
  assert.equal(await curveOf(page), curve);
  await close(page);
});

test("the table has a row for every frame", async () => {
  const page = await openClip();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save-csv")]);
  assert.equal(download.suggestedFilename(), "phantom-clip-frames.csv");
  const [head, ...rows] = (await readFile(await download.path(), "utf8")).trim().split("\n");
  assert.equal(head, "file,frame,state,presence,threshold,area_px,area_mm2");
  assert.equal(rows.length, FRAMES);
  for (const [index, row] of rows.entries()) {
    const [name, frame, state] = row.split(",");
    assert.deepEqual([name, frame], ['"phantom-clip.dcm"', String(index)]);
    assert.match(state, /^(nerve|no_nerve|unsure)$/);
  }
  await close(page);
});

for (const [name, options] of Object.entries({ desktop: {}, phone: PHONE })) {
  test(`axe finds nothing on the clip: ${name}`, async () => {
    const page = await openClip(options);
    await accessible(page);
    await fits(page);
    await close(page);
  });
}
