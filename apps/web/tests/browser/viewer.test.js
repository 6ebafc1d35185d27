// The result on the canvas: overlays, threshold, comparison, zoom, files to save.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { PHONE, accessible, area, choose, close, colour, fits } from "./browser.js";
import { launch, open, openSample, slide } from "./browser.js";
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

const isGrey = ([red, green, blue]) => Math.max(red, green, blue) - Math.min(red, green, blue) < 3;

/** The sample with a nerve, and a point in the middle of it, as a share of the canvas. */
async function openNerve(options) {
  const page = await open(browser, server.url, options);
  assert.equal(await openSample(page, "neck.png"), "Nerve found");
  const { width, height, bbox } = await ask(server.url, sample("neck.png"));
  const centre = [bbox.x + bbox.width / 2, bbox.y + bbox.height / 2];
  const canvas = await page.locator("#canvas").boundingBox();
  const scale = Math.min(canvas.width / width, canvas.height / height);
  const inside = [
    0.5 + ((centre[0] - width / 2) * scale) / canvas.width,
    0.5 + ((centre[1] - height / 2) * scale) / canvas.height,
  ];
  return { page, inside, canvas };
}

test("the nerve is amber, and the original is one key away", async () => {
  const { page, inside } = await openNerve();
  const [red, , blue] = await colour(page, ...inside);
  assert.ok(red > blue + 20, "amber over grey");
  await page.keyboard.down("o");
  assert.ok(isGrey(await colour(page, ...inside)), "grey while the key is down");
  await page.keyboard.up("o");
  assert.ok(!isGrey(await colour(page, ...inside)), "amber again");
  await close(page);
});

test("fill, contour, heat map and none differ as they should", async () => {
  const { page, inside } = await openNerve();
  const look = async (name) => {
    await choose(page, name);
    return colour(page, ...inside);
  };
  assert.ok(!isGrey(await look("fill")));
  assert.ok(isGrey(await look("contour")), "a contour leaves the inside as it is");
  assert.ok(!isGrey(await look("heat")));
  assert.ok(await page.locator("#heat-legend").isVisible());
  assert.ok(isGrey(await look("none")));
  await close(page);
});

test("opacity 0 shows the picture, opacity 100 the colour alone", async () => {
  const { page, inside } = await openNerve();
  await slide(page, "opacity", 0);
  assert.ok(isGrey(await colour(page, ...inside)));
  await slide(page, "opacity", 100);
  assert.deepEqual(await colour(page, ...inside), [255, 176, 32]);
  await close(page);
});

test("the threshold is cut in the browser as the server would, without asking it", async () => {
  const { page } = await openNerve();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const own = await area(page);
  const areas = [];
  for (const threshold of [0.2, 0.35, 0.8]) {
    await slide(page, "threshold", threshold);
    const { area_px: expected } = await ask(
      server.url,
      sample("neck.png"),
      `?threshold=${threshold}`,
    );
    const found = await area(page);
    // the browser has probabilities in steps of 1/255
    assert.ok(Math.abs(found - expected) <= 0.02 * expected + 5, `${found}, server ${expected}`);
    areas.push(found);
  }
  assert.ok(areas[0] > areas[1] && areas[1] > areas[2], `${areas}`);
  await page.click("#threshold-reset");
  assert.equal(await area(page), own);
  assert.deepEqual(requests, []);
  await close(page);
});

test("outline and run lengths of the browser are those of the server", async () => {
  const { page } = await openNerve();
  const answer = await ask(server.url, sample("neck.png"));
  const found = await page.evaluate(async ({ rle, width, height }) => {
    const { decode, encode } = await import("/assets/rle.js");
    const { outlines } = await import("/assets/outline.js");
    const mask = decode(rle.pixels, width, height);
    return { pixels: encode(mask, width, height), polygons: outlines(mask, width, height) };
  }, answer);
  assert.equal(found.pixels, answer.rle.pixels);
  assert.deepEqual(found.polygons, answer.polygons);
  await close(page);
});

test("side by side shows the original on the left, swipe on the left of the divider", async () => {
  const { page, inside, canvas } = await openNerve();
  await choose(page, "side");
  const [{ width, height }] = [canvas];
  const amber = async (from, to) => {
    let count = 0;
    for (let x = from; x < to; x += 0.01) {
      for (let y = 0.1; y < 0.6; y += 0.05) {
        if (!isGrey(await colour(page, x, y))) count++;
      }
    }
    return count;
  };
  assert.ok(width > height, "the panes stand side by side");
  assert.equal(await amber(0.02, 0.48), 0);
  assert.ok((await amber(0.52, 0.98)) > 0);

  await choose(page, "swipe");
  await slide(page, "swipe", 100);
  assert.ok(isGrey(await colour(page, ...inside)));
  await slide(page, "swipe", 0);
  assert.ok(!isGrey(await colour(page, ...inside)));
  // the page has scrolled to the slider
  const now = await page.locator("#canvas").boundingBox();
  const y = now.y + now.height * 0.8;
  await page.mouse.move(now.x + 2, y);
  await page.mouse.down();
  await page.mouse.move(now.x + now.width * 0.75, y, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.locator("#swipe-value").innerText(), "75 %");
  await close(page);
});

test("brightness and contrast change the picture and nothing else", async () => {
  const { page } = await openNerve();
  const before = await area(page);
  await page.click("summary");
  const [dark] = await colour(page, 0.5, 0.85);
  await slide(page, "brightness", 60);
  const [bright] = await colour(page, 0.5, 0.85);
  assert.ok(bright > dark + 40, `${dark} and ${bright}`);
  await page.click("#levels-reset");
  assert.equal((await colour(page, 0.5, 0.85))[0], dark);
  assert.equal(await area(page), before);
  await close(page);
});

test("the picture zooms with buttons, double click and Ctrl and wheel, and moves", async () => {
  const { page, canvas } = await openNerve();
  const zoom = async () => parseInt(await page.locator("#zoom").innerText(), 10);
  const fitted = await zoom();
  await page.click("#zoom-in");
  assert.ok((await zoom()) > fitted);
  await page.click("#fit");
  assert.equal(await zoom(), fitted);
  const [x, y] = [canvas.x + canvas.width / 2, canvas.y + canvas.height / 3];
  await page.mouse.dblclick(x, y);
  assert.ok(Math.abs((await zoom()) - 2 * fitted) <= 2);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -200);
  await page.keyboard.up("Control");
  await page.waitForFunction(
    (least) => parseInt(document.getElementById("zoom").innerText, 10) > least,
    2 * fitted + 2,
  );
  const readout = () => page.locator("#readout").innerText();
  await page.mouse.move(x, y);
  const before = await readout();
  await page.mouse.down();
  await page.mouse.move(x + 90, y, { steps: 3 });
  await page.mouse.up();
  await page.mouse.move(x, y);
  assert.notEqual(await readout(), before);
  await close(page);
});

test("the read-out says place, grey value and probability", async () => {
  const { page, inside, canvas } = await openNerve();
  await page.mouse.move(canvas.x + inside[0] * canvas.width, canvas.y + inside[1] * canvas.height);
  const words = await page.locator("#readout").innerText();
  const [, probability] = words.match(/^x \d+, y \d+ · grey \d+ · probability ([\d.]+)$/);
  assert.ok(Number(probability) > 0.5, words);
  await close(page);
});

/** Moves the threshold well away from the model's own, and gives it. */
async function moveThreshold(page) {
  const own = Number(await page.locator("#threshold-value").innerText());
  const threshold = own < 0.5 ? 0.7 : 0.3;
  await slide(page, "threshold", threshold);
  return threshold;
}

/** Clicks a button and gives the file that comes of it. */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Size and colour type of a PNG. */
const png = (bytes) => ({
  width: bytes.readUInt32BE(16),
  height: bytes.readUInt32BE(20),
  colour: bytes[25],
});

/** What a text chunk says: keyword, five zeros, text. */
const text = (bytes, keyword) => {
  const at = bytes.indexOf(`iTXt${keyword}\0\0\0\0\0`);
  assert.ok(at > 0, `there is no text "${keyword}"`);
  const from = at + 4 + keyword.length + 5;
  return bytes.subarray(from, at + 4 + bytes.readUInt32BE(at - 4)).toString();
};

test("mask, overlay, probabilities and JSON can be saved", async () => {
  const { page } = await openNerve();
  const answer = await ask(server.url, sample("neck.png"));
  const { width, height } = answer;

  const mask = await saved(page, "#save-mask");
  assert.equal(mask.name, "neck-mask.png");
  assert.deepEqual(png(mask.bytes), { width, height, colour: 0 });
  const white = await page.evaluate(async (bytes) => {
    const { readGrey } = await import("/assets/png.js");
    const { pixels } = await readGrey(new Uint8Array(bytes));
    return pixels.filter((value) => value === 255).length;
  }, [...mask.bytes]);
  assert.equal(white, answer.area_px);

  const overlay = await saved(page, "#save-overlay");
  assert.equal(png(overlay.bytes).colour, 2);
  assert.equal(png(overlay.bytes).width, width);
  for (const { bytes } of [mask, overlay]) {
    assert.equal(text(bytes, "nerveseg state"), answer.state);
    assert.equal(text(bytes, "Disclaimer"), "research use only, not for clinical use");
    assert.match(text(bytes, "nerveseg model"), new RegExp(answer.model.sha256));
  }
  // below the frame there is a strip of words: black and white and nothing of the frame
  const strip = await page.evaluate(async ([bytes, top]) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, top, bitmap.width, bitmap.height - top);
    const levels = data.filter((_, i) => i % 4 === 0);
    const share = (holds) => levels.filter(holds).length / levels.length;
    return { black: share((it) => it < 8), white: share((it) => it > 200) };
  }, [[...overlay.bytes], height]);
  assert.ok(strip.black > 0.7 && strip.white > 0.01, JSON.stringify(strip));
  const probabilities = await saved(page, "#save-probabilities");
  assert.deepEqual(png(probabilities.bytes), { width, height, colour: 0 });

  const json = JSON.parse((await saved(page, "#save-json")).bytes);
  assert.deepEqual([json.rle, json.polygons], [answer.rle, answer.polygons]);
  const threshold = await moveThreshold(page);
  const moved = JSON.parse((await saved(page, "#save-json")).bytes);
  assert.equal(moved.threshold, threshold);
  assert.equal(moved.area_px, await area(page));
  const runs = moved.rle.pixels.split(" ").filter((_, i) => i % 2);
  assert.equal(runs.reduce((sum, length) => sum + Number(length), 0), moved.area_px);
  await close(page);
});

test("curl and Python code name the server, the file and what was set", async () => {
  const { page } = await openNerve({ permissions: ["clipboard-read", "clipboard-write"] });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const copied = (language) => page.locator(`#live:text("Copied as ${language}")`).waitFor();
  await page.click("#copy-curl");
  await copied("curl");
  assert.match(await clipboard(), /curl -F 'image=@neck.png' 'http.*\/api\/v1\/segment'$/);
  const threshold = await moveThreshold(page);
  await page.click("#copy-python");
  await copied("Python");
  const call = new RegExp(`requests\\.post\\(".*/api/v1/segment\\?threshold=${threshold}"`);
  assert.match(await clipboard(), call);
  await close(page);
});

test("the three states and the warning are said plainly", async () => {
  const { page } = await openNerve();
  const said = (changes) =>
    page.evaluate(async (changes) => {
      const { showAnswer, sentence } = await import("/assets/answer.js");
      const timings_ms = { decode: 1, queue: 0, network: 5, total: 7 };
      const model = { name: "test", version: "1" };
      const plain = { presence: 0.5, is_ultrasound: true, spacing_mm: null, timings_ms, model };
      const cut = { area: 0, state: changes.state };
      const frame = { name: "frame", cut, answer: { ...plain, ...changes } };
      showAnswer(frame);
      return [document.querySelector(".answer").innerText, sentence(frame)].join("\n");
    }, changes);
  assert.match(await said({ state: "no_nerve", presence: 0.001 }), /No nerve found[^]*score under 0\.01/);
  assert.match(await said({ state: "unsure" }), /Unsure: ask a human[^]*score 0\.50/);
  const warned = await said({ state: "nerve", is_ultrasound: false });
  assert.match(warned, /not like the neck scans that the model knows/);
  const known = await said({ state: "nerve", spacing_mm: [0.1, 0.2] });
  assert.doesNotMatch(known, /not like the neck scans/);
  assert.match(known, /0 mm²/);
  await close(page);
});

for (const [name, options] of Object.entries({
  desktop: {},
  dark: { colorScheme: "dark" },
  phone: PHONE,
})) {
  test(`axe finds nothing on the result: ${name}`, async () => {
    const page = await open(browser, server.url, options);
    await openSample(page, "neck.png");
    await page.click("summary");
    await page.click("#copy-curl");
    await choose(page, "swipe");
    await accessible(page);
    await fits(page);
    await page.click("#keys-open");
    await accessible(page);
    await close(page);
  });
}
