// Files to take away: what is on the screen, at the threshold on the screen.

import { squareMillimetres } from "./answer.js";
import { captioned, texts } from "./caption.js";
import { blend, fill, grey, heat } from "./overlay.js";
import { outlines } from "./outline.js";
import { writePng } from "./png.js";
import { encode } from "./rle.js";

/** The mask: white on black. */
export async function saveMask(frame) {
  const pixels = frame.cut.mask.map((inside) => inside * 255);
  save(await writePng(pixels, frame.width, frame.height, 1, texts(frame)), frame, "mask.png");
}

/**
 * The picture with the overlay on the screen, and below it what was found and what it is not for; a
 * contour is saved as the border of the mask.
 */
export async function saveOverlay(frame, settings) {
  const { width, height, image, probabilities } = frame;
  const { mask } = frame.cut;
  const { overlay, opacity, brightness, contrast } = settings;
  const layer = {
    fill: () => fill(mask),
    heat: () => heat(probabilities),
    contour: () => fill(border(mask, width)),
    none: () => fill(new Uint8Array(mask.length)),
  }[overlay]();
  const rgb = blend(grey(image, brightness, contrast), layer, opacity[overlay] ?? 0);
  const whole = captioned(rgb, width, height, frame);
  save(await writePng(whole.rgb, width, whole.height, 3, texts(frame)), frame, "overlay.png");
}

/** The probabilities as the server sent them: 255 is certain. */
export function saveProbabilities(frame) {
  save(frame.probabilitiesFile, frame, "probabilities.png");
}

/** The answer in the server's own form, for the threshold on the screen. */
export function saveJson(frame) {
  const { answer, width, height } = frame;
  const { mask, area, state, threshold } = frame.cut;
  const own = {
    state,
    threshold,
    area_px: area,
    area_mm2: squareMillimetres(answer, area),
    bbox: box(mask, width, height),
    polygons: outlines(mask, width, height),
    rle: { ...answer.rle, pixels: encode(mask, width, height) },
  };
  const isServers = threshold === answer.threshold;
  const text = JSON.stringify(isServers ? answer : { ...answer, ...own }, null, 2);
  save(new Blob([text], { type: "application/json" }), frame, "nerve.json");
}

/** One row a frame. */
export function saveTable(list) {
  const quote = (words) => `"${words.replaceAll('"', '""')}"`;
  const rows = list
    .filter(({ cut }) => cut)
    .map(({ answer, name, index, cut: { area, state, threshold } }) => {
      const real = squareMillimetres(answer, area) ?? "";
      return [quote(name), index, state, answer.presence, threshold, area, real].join(",");
    });
  const text = ["file,frame,state,presence,threshold,area_px,area_mm2", ...rows, ""].join("\n");
  save(new Blob([text], { type: "text/csv" }), list[0], "frames.csv");
}

function save(blob, { name, answer, index }, ending) {
  const link = document.createElement("a");
  const frame = answer.frames > 1 && ending !== "frames.csv" ? `-${index + 1}` : "";
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.[^.]*$/, "")}${frame}-${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Pixels of the mask that touch its outside. */
function border(mask, width) {
  return mask.map((inside, i) => {
    const column = i % width;
    const around = [column && mask[i - 1], column < width - 1 && mask[i + 1]];
    return inside && [...around, mask[i - width], mask[i + width]].some((it) => !it) ? 1 : 0;
  });
}

function box(mask, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  mask.forEach((inside, i) => {
    if (!inside) return;
    const column = i % width;
    const row = (i - column) / width;
    [left, right] = [Math.min(left, column), Math.max(right, column)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
  });
  if (right < 0) return null;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
