// What is under the cursor: place, grey value, probability.

import { announce, at, decimal } from "./page.js";

/** Shows the read-out of a pixel, and says it when a key moved the cursor. */
export function showReadout(frame, point, by) {
  if (!point || !frame?.image) {
    at("readout").textContent = "";
    return;
  }
  const [x, y] = point;
  const pixel = y * frame.width + x;
  const grey = frame.image[pixel];
  const probability = decimal(frame.probabilities[pixel] / 255, 2);
  const spacing = frame.answer.spacing_mm;
  const place = spacing
    ? ` (${decimal(x * spacing[1], 1)}, ${decimal(y * spacing[0], 1)} mm)`
    : "";
  at("readout").textContent = `x ${x}, y ${y}${place} · grey ${grey} · probability ${probability}`;
  if (by === "keys") announce(`x ${x}, y ${y}, grey ${grey}, probability ${probability}`);
}
