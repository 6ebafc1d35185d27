// The page cuts masks as the server does: cases with the answers of `Postprocess`, written by
// `tests/api/mask_cases.rs`. No browser is needed here.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { cut } from "../../assets/mask.js";
import { encode } from "../../assets/rle.js";

const { height, width, maps, rules, cases } = JSON.parse(
  await readFile(new URL("mask-cases.json", import.meta.url)),
);

test("masks, areas and states are those of the server", () => {
  assert.ok(cases.length > 100);
  for (const { map, rules: name, threshold, presence, found } of cases) {
    const probabilities = Uint8Array.from(maps[map]);
    const frame = { answer: { threshold: null, presence }, probabilities, width, height };
    const { mask, area, state } = cut(frame, threshold, rules[name]);
    const words = `${map}, ${name}, threshold ${threshold}, presence ${presence}`;
    assert.deepEqual({ area, state, runs: encode(mask, width, height) }, found, words);
  }
});

test("at the server's own threshold the mask is the server's", () => {
  const answer = { threshold: 0.3, area_px: 3, state: "nerve", rle: { pixels: "2 2 10 1" } };
  const probabilities = new Uint8Array(width * height);
  const { mask, area, state } = cut({ answer, probabilities, width, height }, 0.3, rules.all);
  assert.deepEqual([area, state, encode(mask, width, height)], [3, "nerve", "2 2 10 1"]);
});
