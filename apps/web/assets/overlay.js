// Colours for masks and probabilities.

/** Amber: the nerve, here as in every picture this project makes. */
export const NERVE = [255, 176, 32];

// black over purple and red to light yellow: brightness rises evenly, so it reads without colours
const RAMP = [
  [0, 0, 4],
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
];

const HEAT = table(256, (value) => {
  const at = (value / 255) * (RAMP.length - 1);
  const i = Math.min(Math.floor(at), RAMP.length - 2);
  const colour = RAMP[i].map((low, c) => Math.round(low + (RAMP[i + 1][c] - low) * (at - i)));
  // what is surely nothing stays clear
  return [...colour, Math.min(255, value * 4)];
});

const FILL = table(2, (inside) => (inside ? [...NERVE, 255] : [0, 0, 0, 0]));

/** The mask in amber: RGBA bytes. */
export function fill(mask) {
  return paint(mask, FILL);
}

/** Probabilities as heat: RGBA bytes. */
export function heat(probabilities) {
  return paint(probabilities, HEAT);
}

/** A grey picture after brightness and contrast, both from -100 to 100: RGBA bytes. */
export function grey(pixels, brightness, contrast) {
  const slope = 2 ** (contrast / 40);
  const shift = 128 + brightness * 1.28;
  const level = (value) => Math.max(0, Math.min(255, Math.round((value - 128) * slope + shift)));
  return paint(pixels, table(256, (value) => [...Array(3).fill(level(value)), 255]));
}

/** Colours of the values up to `count`, four bytes in one number. */
function table(count, colour) {
  const bytes = Uint8ClampedArray.from(Array.from({ length: count }, (_, v) => colour(v)).flat());
  return new Uint32Array(bytes.buffer);
}

function paint(values, colours) {
  const pixels = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) pixels[i] = colours[values[i]];
  return new Uint8ClampedArray(pixels.buffer);
}

/** The picture with a layer of RGBA laid over it at an opacity: RGB bytes. */
export function blend(picture, layer, opacity) {
  const rgb = new Uint8Array((picture.length / 4) * 3);
  for (let i = 0, o = 0; i < picture.length; i += 4) {
    const share = (layer[i + 3] / 255) * opacity;
    for (let c = 0; c < 3; c++) {
      rgb[o++] = Math.round(picture[i + c] * (1 - share) + layer[i + c] * share);
    }
  }
  return rgb;
}
