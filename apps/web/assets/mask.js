// From probabilities to a mask and an answer, by the same steps as the server: threshold, presence
// gate, small regions, largest region, state.

import { decode } from "./rle.js";

/** `{mask, area, state}` of a frame at `threshold`. At the server's own they are the server's. */
export function cut({ answer, probabilities, width, height }, threshold, rules) {
  if (threshold === answer.threshold) {
    const mask = decode(answer.rle.pixels, width, height);
    return { mask, area: answer.area_px, state: answer.state };
  }
  const isOpen = answer.presence >= rules.presence_threshold;
  // probabilities are stored as round(255 p)
  const level = isOpen ? threshold * 255 : Infinity;
  const mask = probabilities.map((value) => (value >= level ? 1 : 0));
  const kept = keep(mask, width, height, rules);
  return { ...kept, state: stateOf(answer.presence, kept.area === 0, rules) };
}

function stateOf(presence, isEmpty, { presence_threshold: gate, presence_sure: sure }) {
  const isSure = presence >= Math.max(gate, sure);
  // presence says yes and no pixel agrees
  if (isSure && isEmpty && sure > 0) return "unsure";
  if (isEmpty) return "no_nerve";
  return isSure ? "nerve" : "unsure";
}

function keep(mask, width, height, rules) {
  const { labels, areas } = regions(mask, width, height);
  const least = rules.min_area_fraction * mask.length;
  const largest = areas.reduce((best, area, label) => (area > areas[best] ? label : best), 0);
  const stays = areas.map(
    (area, label) => area >= least && (!rules.keep_largest_component || label === largest),
  );
  let area = 0;
  for (let i = 0; i < mask.length; i++) {
    mask[i] = labels[i] && stays[labels[i] - 1] ? 1 : 0;
    area += mask[i];
  }
  return { mask, area };
}

/** Regions of pixels that touch at a side or corner: a label (from 1) a pixel, an area a label. */
function regions(mask, width, height) {
  const labels = new Uint32Array(mask.length);
  const areas = [];
  const stack = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start]) continue;
    areas.push(0);
    labels[start] = areas.length;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop();
      areas[areas.length - 1]++;
      const x = at % width;
      const y = (at - x) / width;
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const next = ny * width + nx;
          if (mask[next] && !labels[next]) {
            labels[next] = areas.length;
            stack.push(next);
          }
        }
      }
    }
  }
  return { labels, areas };
}
