// What a saved picture says of itself: it is passed on without the page around it.

import { stateWords } from "./answer.js";

/** Text chunks of a PNG, as the server writes them: keywords and texts. */
export function texts({ answer, cut: { state } }) {
  const { presence, model, intended_use, objection } = answer;
  return {
    "nerveseg state": state,
    "nerveseg presence": presence.toFixed(4),
    "nerveseg model": `${model.name} ${model.version} sha256:${model.sha256}`,
    Disclaimer: intended_use,
    ...(objection && { Warning: objection }),
  };
}

/** The picture above a strip with caveat, state and objection: RGB bytes and their height. */
export function captioned(rgb, width, height, frame) {
  const strip = paint(lines(frame), width);
  const whole = new Uint8Array(rgb.length + strip.height * width * 3);
  whole.set(rgb);
  for (let i = 0, o = rgb.length; i < strip.data.length; i += 4, o += 3) {
    whole.set(strip.data.subarray(i, i + 3), o);
  }
  return { rgb: whole, height: height + strip.height };
}

function lines({ answer: { intended_use, objection }, cut: { state } }) {
  const caveat = intended_use[0].toUpperCase() + intended_use.slice(1);
  const doubt = objection ? [`Objection: ${objection}`] : [];
  return [caveat, `Model: ${stateWords(state)}`, ...doubt];
}

/** White on black, as many rows as the words need. */
function paint(words, width) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const size = Math.max(11, Math.round(width / 40));
  const font = `${size}px sans-serif`;
  context.font = font;
  const rows = words.flatMap((line) => wrap(context, line, width - size));
  const spacing = Math.round(size * 1.4);
  canvas.width = width;
  canvas.height = rows.length * spacing + Math.round(size / 2);
  // a new size resets everything
  context.font = font;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "white";
  rows.forEach((row, i) => context.fillText(row, size / 2, (i + 1) * spacing - size / 4));
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function wrap(context, line, width) {
  const rows = [];
  for (const word of line.split(" ")) {
    const longer = rows.length ? `${rows.at(-1)} ${word}` : word;
    if (rows.length && context.measureText(longer).width <= width) rows[rows.length - 1] = longer;
    else rows.push(word);
  }
  return rows;
}
